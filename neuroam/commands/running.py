"""``neuroam run``: simulate, and leave a run directory, or parts with which the same command goes on."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from neuroam import api, parts, store
from neuroam.errors import RunError
from neuroam.spec.nouns import Spec


def run_and_save(
    spec: Spec,
    device: str,
    batch: int | None,
    precision: str,
    output: Path,
    overwrite: bool,
    command: str,
    quiet: bool,
) -> tuple[api.Result, Path]:
    """The result, and its run directory; ``command`` is what runs it again."""
    store.refuse_occupied(output, overwrite)
    store.refuse_unwritable(output)
    kept = parts.beside(output, command)
    with stoppable(), _resumable(kept):
        result = api.run(spec, device=device, batch=batch, precision=precision, quiet=quiet, parts=kept)
        return result, result.save(output, overwrite)


@contextmanager
def _resumable(kept: parts.Parts) -> Iterator[None]:
    """Tell how to go on after an interrupt or a failure, if there is something to go on with."""
    try:
        yield
    except KeyboardInterrupt:
        if kept.begun:
            raise RunError(f"interrupted: {kept.told}") from None
        raise
    except RunError as error:
        if kept.begun:
            raise RunError(f"{error}\n{kept.told}") from error
        raise


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM stops a run as Ctrl-C does, and neither goes unheard.

    Python drops an exception where there is nobody to catch it, as in the clean-up of an object; so it is raised again.
    """
    handler, hook = signal.signal(signal.SIGTERM, _interrupt), sys.unraisablehook

    def again(dropped: Any) -> None:
        if dropped.exc_type is KeyboardInterrupt:
            main = threading.main_thread().ident or 0
            threading.Timer(0.02, signal.pthread_kill, [main, signal.SIGTERM]).start()
        else:
            hook(dropped)

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGTERM, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
