"""Biologically plausible associative-memory circuits from YAML, on Brian2.

``load`` checks a protocol and its model, ``plan`` says what a run would take, ``run`` simulates and measures it,
``sweep`` does so at many points, ``reopen`` reads a run directory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neuroam.api import Result, load, plan, reopen, run, sweep

__all__ = ["Result", "load", "plan", "reopen", "run", "sweep"]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    # imported on demand: `neuroam check` must not wait for what only a run needs
    if name in __all__:
        from neuroam import api

        return getattr(api, name)
    raise AttributeError(f"module 'neuroam' has no attribute '{name}'")
