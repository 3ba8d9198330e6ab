"""Does a network know how sure it may be?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuroam.circuit import Array, Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.activity import WINDOW, Window
from neuroam.readouts.states import shares
from neuroam.recording import Recording
from neuroam.registry import Ref

Port = Annotated[str, Ref("port with patterns")]
Bins = Annotated[int, Field(ge=1, le=1000)]
EpochName = Annotated[str, Ref("epoch")]


@readout("calibration")
def calibration(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Port,
    window: Window = WINDOW,
    epoch: EpochName | None = None,
    bins: Bins = 10,
) -> Any:
    """Share of wrong bits among those that the network expects to be wrong with about the same probability.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Where the bits are read.  A cell that is active for a share p of the time says that its bit is 1 with
        probability p: it expects to be wrong with probability min(p, 1 - p).  Of spiking cells, p is the rate over the
        largest one of the trial.
    window, epoch
        As of `bit_error`.
    bins : int
        Equal spans of the expected error, from 0 to 1/2.

    Returns
    -------
    DataArray
        (bin), the share of wrong bits, NaN where there are none; coordinates ``expected`` (their mean expected error)
        and ``count``.  Of all trials together.

    References
    ----------
    Reliability diagrams: DeGroot & Fienberg (1983) Statistician 32:12.
    """
    import xarray as xr

    expected, wrong = _expected_and_wrong(recording, circuit, trials, port, window, epoch)
    where = _bin_of(expected, bins)
    count = np.bincount(where, minlength=bins).astype(float)
    some = np.where(count > 0, count, np.nan)
    coords = {
        "bin": (np.arange(bins) + 0.5) * 0.5 / bins,
        "expected": ("bin", np.bincount(where, expected.ravel(), minlength=bins) / some),
        "count": ("bin", count),
    }
    values = np.bincount(where, wrong.ravel(), minlength=bins) / some
    return xr.DataArray(values, dims=("bin",), coords=coords, attrs={"units": "1"})


@readout("calibration_error")
def calibration_error(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Port,
    window: Window = WINDOW,
    epoch: EpochName | None = None,
    bins: Bins = 10,
) -> Any:
    """How far expected and actual share of wrong bits are apart, in the mean over bits.

    Parameters
    ----------
    recording, circuit, trials, port, window, epoch, bins
        As of `calibration`.

    Returns
    -------
    DataArray
        (trial), the expected calibration error, from 0 to 1.

    References
    ----------
    Naeini, Cooper & Hauskrecht (2015) AAAI 29:2901.
    """
    import xarray as xr

    expected, wrong = _expected_and_wrong(recording, circuit, trials, port, window, epoch)
    where = _bin_of(expected, bins)
    gaps = [
        np.abs(np.bincount(place, says - fails, minlength=bins)).sum() / max(place.size, 1)
        for place, says, fails in zip(where.reshape(wrong.shape), expected, wrong, strict=True)
    ]
    coords = {"trial": trials.index}
    return xr.DataArray(np.array(gaps, dtype=float), dims=("trial",), coords=coords, attrs={"units": "1"})


def _expected_and_wrong(
    recording: Recording, circuit: Circuit, trials: Trials, port: str, window: Window, epoch: str | None
) -> tuple[Array, Array]:
    """Expected error and whether the bit is wrong, both (trials, units)."""
    active = shares(recording, circuit, trials, port, window, epoch)
    wrong = (active > 0.5) != circuit.patterns[port].values[trials.cued].astype(bool)
    return np.minimum(active, 1.0 - active), wrong.astype(float)


def _bin_of(expected: Array, bins: int) -> NDArray[np.int64]:
    """Bin of every bit of every trial, flat; 1/2 itself belongs to the last one."""
    return np.minimum((2.0 * expected * bins).astype(np.int64), bins - 1).ravel()
