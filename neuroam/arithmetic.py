"""What an equation can compute: its functions, in numpy and as text on a device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MAX_EXPONENT = 64


def _log_cosh(x: Array) -> Array:
    a = np.abs(x)
    return np.asarray(a + np.log1p(np.exp(-2.0 * a)) - np.log(2.0))


def int_power(x: Array, n: Array | float) -> Array:
    """``x`` multiplied by itself: the same product in the same order on every device.

    ``n`` is a whole number from 0 to `MAX_EXPONENT`; with another, the result is not a number.
    """
    count = float(np.asarray(n).flat[0])
    result = np.ones_like(np.asarray(x, dtype=float))
    if not 0 <= count <= MAX_EXPONENT:
        return result * np.nan
    for _ in range(int(count)):
        result = result * x
    return result


@dataclass(frozen=True)
class Function:
    """How a function treats dimensions, and how it is computed.

    ``rule``: "same" keeps the dimension of the arguments, "pure" wants and gives dimension 1, "root" halves it,
    "sign" takes any and gives 1, "product" multiplies nothing and gives 1.  ``device``: text on a device, {0} {1}.
    """

    n_args: int
    rule: str
    numpy: Callable[..., Array] | None
    device: str = ""


FUNCTIONS: dict[str, Function] = {
    **{
        name: Function(1, "pure", getattr(np, name))
        for name in ("exp", "log", "expm1", "log1p", "tanh", "sinh", "cosh", "sin", "cos", "arctan")
    },
    "sqrt": Function(1, "root", np.sqrt),
    "abs": Function(1, "same", np.abs),
    "sign": Function(1, "sign", np.sign),
    "floor": Function(1, "pure", np.floor),
    "ceil": Function(1, "pure", np.ceil),
    "clip": Function(3, "same", np.clip),
    "int": Function(1, "bool", lambda x: np.asarray(x, dtype=float)),
    # exactly zero below zero: a code generator may reorder the terms of x + abs(x)
    "rectified": Function(1, "same", lambda x: 0.5 * (x + np.abs(x)), "(0.5*(1 + sign({0}))*({0}))"),
    "log_cosh": Function(1, "pure", _log_cosh, "(abs({0}) + log1p(exp(-2.0*abs({0}))) - log(2.0))"),
    "int_power": Function(2, "pure", int_power),
    "rand": Function(0, "pure", None),
    "randn": Function(0, "pure", None),
}
REDUCTIONS = ("sum", "mean", "max", "min", "argmax", "kth")
