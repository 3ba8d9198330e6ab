"""What a cell sees of another group: a variable of the cell that an array of the run names, in the same trial."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.sim.cuda_kernels import on_device
from neuroam.sim.kernels_numpy import Arrays
from neuroam.sim.structure import Lookup

_CPP = """
static inline %REAL% %NAME%_of(const int32_t i, const %REAL%* __restrict__ x) {
  return x[(size_t)(i/%CELLS%)*%SIZE% + _namespaceat_%NAME%[i % %CELLS%]];
}
#define %CALL%(i) %NAME%_of(i, %POINTER%)
"""


def brian_function(
    look: Lookup, group: str, cells: int, read: Callable[[], NDArray[Any]], pointer: str, arrays: Arrays, real: str,
    unit: Any,
) -> Any:  # fmt: skip
    """The Brian2 function of the cell."""
    from brian2 import Function

    name = f"{look.name}_{group}"
    at = arrays[f"at_{name}"]

    def find(i: Any) -> NDArray[Any]:
        trial, cell = np.divmod(np.asarray(i), cells)
        return read()[trial * look.size + at[cell]]

    marks = {"%NAME%": name, "%CALL%": look.name, "%REAL%": real, "%CELLS%": cells, "%SIZE%": look.size}
    text = _CPP.replace("%POINTER%", pointer)
    for mark, value in marks.items():
        text = text.replace(mark, str(value))
    function = Function(
        find, arg_units=[1], return_unit=unit, stateless=True, arg_types=["integer"], return_type="float"
    )
    function.implementations.add_implementation("numpy", find)
    for target, written in {"cpp": text, "cuda": on_device(text)}.items():
        function.implementations.add_implementation(
            target, written, namespace={f"at_{name}": at}, compiler_kwds={"headers": ["<cstdint>"]}, name=look.name
        )
    return function
