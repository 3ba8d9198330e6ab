"""What does a reader need of a run?  One HTML file: figures, measures, where they come from, how to get them again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from neuroam import store, sweeps
from neuroam.api import warn
from neuroam.report.of_run import of_run
from neuroam.report.of_sweep import of_sweep

__all__ = ["write"]


def write(folder: Path, target: Path | None = None, say: Callable[[str], None] = warn) -> Path:
    """Write the report of a run or of a sweep; it appears when it is whole.

    Parameters
    ----------
    folder : Path
        A run directory, or that of a sweep.
    target : Path, optional
        The file; ``report.html`` in the folder unless given.
    say : callable, optional
        As of `neuroam.api.reopen`.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    StoreError
        If the folder is neither, or the disk refuses.
    """
    page = of_sweep(folder) if sweeps.is_sweep(folder) else of_run(folder, say)
    file = target if target is not None else folder / "report.html"
    store.refuse_unwritable(file)
    store.write_text(file, page)
    return file
