"""``neuroam sweep``: a protocol at every point of a grid; the same command goes on where it was."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from math import isnan
from pathlib import Path

import numpy as np

from neuroam import store, sweeps
from neuroam.bar import shown
from neuroam.commands.running import stoppable
from neuroam.errors import RunError


def sweep_and_save(
    protocol: str, model: str | None, settings: Sequence[str], over: Sequence[str], device: str, output: Path | None,
    command: Sequence[str], quiet: bool, scheduler: str | None = None, jobs: int | None = None, overwrite: bool = False,
) -> tuple[sweeps.Swept, Path]:  # fmt: skip
    """The result, and its directory; ``command`` is what runs it again.

    Raises
    ------
    SpecError, StoreError, EnvironmentLacks
        As of `neuroam.sweeps`.
    RunError
        If it was interrupted: how to go on.
    """
    wanted = sweeps.asked(protocol, model, settings, over)
    folder = output or store.default_folder(wanted.base)
    again = shlex.join(["neuroam", *command, *(["-o", str(folder)] if output is None else [])])
    with stoppable(), shown(quiet) as (say, start):
        try:
            found = sweeps.sweep(
                wanted, folder, device, say, start, scheduler=scheduler, jobs=jobs, overwrite=overwrite
            )
            return found, folder
        except KeyboardInterrupt:
            raise RunError(f"interrupted: finished points are kept in {folder}, go on with: {again}") from None


def table(found: sweeps.Swept) -> str:
    """Means of all points, a line each, and what failed."""
    rows = sweeps.rows(found)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(word.rjust(width) for word, width in zip(row, widths, strict=True)) for row in rows]
    for name, array in found.lines.items():
        of = array.attrs.get("axis", array.attrs.get("measure"))
        lines.append(f"\ntheory, {name} ({of}): {_listed(array)}")
    for name, slopes in sweeps.slopes_of(found.measures, found.lines).items():
        how = sweeps.LAWS[found.measures[name].attrs["slope"]].replace("unit", found.measures[name].attrs["along"])
        parts = [f"theory, {key}: {_listed(array)}" if key else _listed(array) for key, array in slopes.items()]
        lines.append(f"\n{name} grows with {found.measures[name].attrs['along']} {how}:\n  " + "\n  ".join(parts))
    lines += [f"\nfailed: {point}: {reason}" for point, reason in found.failed.items()]
    return "\n".join(lines)


def _listed(array: object) -> str:
    import xarray as xr

    assert isinstance(array, xr.DataArray)
    for dim in map(str, array.dims):  # what is the same wherever something is said is said once
        if array.count(dim).max() > 1 and np.allclose(
            array.min(dim), array.max(dim), rtol=1e-9, atol=0, equal_nan=True
        ):
            array = array.max(dim)
    if not array.dims:
        return f"{float(array):.3g}"
    said = []
    for place in np.ndindex(*array.shape):
        point = array.isel(dict(zip(array.dims, place, strict=True)))
        at = [(name, coordinate.item()) for name, coordinate in point.coords.items()]
        names = [value if isinstance(value, str) else f"{name} {value:g}" for name, value in at]
        if not isnan(float(point)):
            said.append(f"{float(point):.3g} at {', '.join(names)}")
    return "; ".join(said)
