"""Which format is written how, and where to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from neuroam.errors import Problem, SpecError, Where
from neuroam.export import neo, nwb, sonata, tables
from neuroam.export.source import Source
from neuroam.export.target import SUFFIX, refuse_taken


@dataclass(frozen=True)
class Format:
    """``write(source, path)`` makes a file that ends in ``suffix``, or a folder if that is empty."""

    write: Callable[[Source, Path], None]
    suffix: str = ""


FORMATS = {
    "nwb": Format(nwb.write, SUFFIX["nwb"]),
    "neo": Format(neo.write, SUFFIX["neo"]),
    "sonata": Format(sonata.write),
    "csv": Format(tables.write_csv),
    "parquet": Format(tables.write_parquet),
}


def default_path(folder: Path, to: str, networks: int) -> Path:
    """In a run directory: ``run.nwb``, ``run.pkl``, or a folder of the name of the format."""
    return folder / (to if _is_folder(to, networks) else f"run{FORMATS[to].suffix}")


def export(source: Source, to: str, path: Path, overwrite: bool = False) -> Path:
    """Write a run in one of `FORMATS`; it appears when it is whole.

    Raises
    ------
    SpecError
        If there is no such format, or the name of the file has another ending.
    StoreError
        If something is in the way, or the disk refuses.
    EnvironmentLacks
        If a package is missing: which, and how to install it.
    """
    if to not in FORMATS:
        known = ", ".join(FORMATS)
        raise SpecError([Problem(Where(), "", f"no format named '{to}'", f"use one of: {known}")])
    folder, suffix = _is_folder(to, len(source.networks)), FORMATS[to].suffix
    if not folder and path.suffix != suffix:
        what = f"a file of the format '{to}' is named {suffix}, not '{path.suffix}'"
        raise SpecError([Problem(Where(str(path)), "", what, f"write {path.with_suffix(suffix).name}")])
    refuse_taken(path, folder, overwrite)
    FORMATS[to].write(source, path)
    return path


def _is_folder(to: str, networks: int) -> bool:
    """Several networks are several files."""
    return not FORMATS[to].suffix or networks > 1
