"""Does what enters a cell excite or inhibit it?  A conductance is never negative: its reversal potential decides."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from neuroam.circuit import Cell
from neuroam.formula import FormulaError, evaluate, names


def effect(cell: Cell, slot: str, params: Mapping[str, float]) -> int:
    """Which way the states of a resting cell move when something positive enters a slot.

    Parameters
    ----------
    cell : Cell
        Whose slot it is.
    slot : str
        An input, or the name of pulses.
    params : mapping
        Numbers of the cell's parameters.

    Returns
    -------
    int
        1 or -1; 0 if no equation of the cell reads it, as only rules of plasticity do.
    """
    entered = cell.pulses.get(slot, slot)
    rates = [ode.rate for ode in cell.odes if ode.variable != entered and entered in names(ode.rate)]
    found = [way for way in (_change(cell, rate, entered, params) for rate in rates) if way]
    if found:
        return found[0]
    return 1 if rates or entered in cell.states or _read(cell, entered) else 0


def _change(cell: Cell, rate: str, entered: str, params: Mapping[str, float]) -> int:
    """The sign of what a rate changes by; 0 where it cannot be told."""
    try:
        with np.errstate(all="ignore"):
            # numbers of numpy, which may be divided by zero
            known = {name: np.float64(params.get(name, 0.0)) for name in {*names(rate), *params}}
            known |= {state: np.float64(evaluate(text, known)) for state, text in cell.start.items()}
            more, less = (evaluate(rate, known | {entered: np.float64(amount)}) for amount in (1.0, 0.0))
            return int(np.sign(np.nan_to_num(more - less)))
    except (FormulaError, LookupError, NameError, TypeError, ValueError):  # a start that is drawn, a whole population
        return 0


def _read(cell: Cell, name: str) -> bool:
    """Does anything but the equations of states read it?"""
    texts = [text for _, text in (*cell.updates, *cell.outputs)] + [part.argument for part in cell.reductions]
    if cell.event is not None:
        texts.append(cell.event.when)
    return any(name in names(text, reductions=True) for text in texts)
