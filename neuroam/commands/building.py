"""Make the program of a protocol without running it: into the cache, or with its source into a folder."""

from __future__ import annotations

from pathlib import Path

from neuroam.errors import StoreError
from neuroam.pipeline import resolved
from neuroam.planning import Asked
from neuroam.recorded import wanted
from neuroam.sim.batches import cores
from neuroam.sim.trial import compile_program, prepare, write_program
from neuroam.store import refuse_filled, refuse_unwritable


def built(asked: Asked, device: str, precision: str, folder: Path | None, *, compiled: bool) -> str:
    """Where the program is, in words.

    Raises
    ------
    SpecError, StoreError
        If the files are wrong, the folder is not empty, or there is nothing to do.
    BuildError, EnvironmentLacks
        If the program cannot be made here.
    """
    if folder is None and not compiled:
        raise StoreError("--no-compile leaves nothing in the cache: name a directory for the source with -o")
    if folder is not None:
        refuse_filled(folder)
        refuse_unwritable(folder)
    spec = asked.spec()
    circuit, trials = resolved(spec)
    prepared = prepare(circuit, trials, wanted(spec, circuit, trials), asked.batch, precision, at_once=cores(device))
    if folder is None:
        entry, hit = compile_program(prepared, device)
        return f"program: {entry / 'main'} ({'compiled before' if hit else 'compiled now'}, in the cache)"
    write_program(prepared, device, folder, compiled=compiled)
    return f"source: {folder}" + (f"\nprogram: {folder / 'main'}" if compiled else "")
