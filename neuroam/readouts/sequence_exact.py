"""Is a whole sequence recalled without a single wrong bit?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.frames_exact import frames_exact
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("sequence_exact")
def sequence_exact(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    every: Annotated[int, Field(ge=1)] = 1,
) -> Any:
    """1 if all steps of all trials lead to exactly the pattern that is due, else 0.

    Parameters
    ----------
    recording, circuit, trials
        A run; with one trial per pattern and one step, all transitions of the sequence.
    port, every
        As of `frames_exact`.

    Returns
    -------
    DataArray
        A number, 0 or 1; the draws are networks.

    Raises
    ------
    FunctionError
        As of `frames_exact`.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, sec. 2.1: the sequence capacity P_S.
    """
    import xarray as xr

    exact = frames_exact(recording, circuit, trials, port=port, every=every).to_numpy()
    return xr.DataArray(float(np.all(exact == 1.0)), attrs={"units": "1", "interval": "wilson"})
