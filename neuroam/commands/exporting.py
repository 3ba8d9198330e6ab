"""``neuroam export``: a stored run in a format of other tools."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from neuroam import api, sweeps
from neuroam.errors import StoreError
from neuroam.export import default_path


def export_run(folder: Path, to: str, output: Path | None, overwrite: bool, say: Callable[[str], None]) -> Path:
    """Write the run of a directory; into it, unless another place is named.  ``say`` is as of `api.reopen`.

    Raises
    ------
    StoreError, SpecError, EnvironmentLacks
        If the directory is not a run, something is in the way, or a package is missing.
    """
    if sweeps.is_sweep(folder):
        raise StoreError(f"{folder} is a sweep: xarray reads its measures.nc, and a run directory can be exported")
    result = api.reopen(folder, say)
    target = output if output is not None else default_path(folder, to, len(result.recordings))
    return result.export(to, target, overwrite)
