"""Biologically plausible associative-memory circuits from YAML, on Brian2.

``load`` checks a protocol and its model, ``plan`` says what a run would take, ``run`` simulates and measures it,
``sweep`` does so at many points, ``reopen`` reads a run directory.  In Jupyter, ``explore`` shows sliders, and
``%load_ext neuroam`` makes a cell that begins with ``%%neuroam`` a protocol.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neuroam.api import Result, load, plan, reopen, run, sweep
    from neuroam.notebook import explore, load_ipython_extension

ROOMS = {
    "neuroam.api": ("Result", "load", "plan", "reopen", "run", "sweep"),
    "neuroam.notebook": ("explore", "load_ipython_extension"),
}
__all__ = ["Result", "explore", "load", "load_ipython_extension", "plan", "reopen", "run", "sweep"]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    # imported on demand: `neuroam check` must not wait for what only a run needs
    for room, names in ROOMS.items():
        if name in names:
            return getattr(import_module(room), name)
    raise AttributeError(f"module 'neuroam' has no attribute '{name}'")
