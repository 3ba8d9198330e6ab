"""Values that change in time but not by the circuit: drives, holds and controls, looked up by step.

The table and the row of every step are arrays of the run, not of the program.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.sim.cuda_kernels import on_device
from neuroam.sim.kernels_numpy import Arrays
from neuroam.sim.structure import Table

_CPP = {
    "cell": """static inline double %NAME%(const int64_t step, const int32_t i) {
  const int32_t row = _namespacerow_%KEY%[step];
  return row < 0 ? 0.0 : _namespacetab_%KEY%[(size_t)row*%SIZE% + i];
}
""",
    "trial": """static inline double %NAME%(const int64_t step, const int32_t i) {
  const int32_t row = _namespacerow_%KEY%[step];
  return row < 0 ? 0.0 : _namespacetab_%KEY%[(size_t)row*%SIZE% + i/%CELLS%];
}
""",
    "hold": """static inline double %NAME%(const int64_t step, const int32_t i, const double now) {
  const int32_t row = _namespacerow_%KEY%[step];
  if (row < 0) return now;
  const double value = _namespacetab_%KEY%[(size_t)row*%SIZE% + i];
  return value != value ? now : value;
}
""",
}


def key(group: str, table: Table) -> str:
    """The name of a table's arrays: ``row_KEY`` and ``tab_KEY``."""
    return f"{group}_{table.name}"


def brian_function(group: str, table: Table, cells: int, batch: int, arrays: Arrays, unit: Any) -> Any:
    """A Brian2 function of (step, cell) that reads one signal."""
    from brian2 import Function

    name = key(group, table)
    size = batch if table.per_trial else batch * cells

    def look_up(step: Any, i: Any) -> NDArray[Any]:
        index = np.asarray(i) // cells if table.per_trial else np.asarray(i)
        row = int(arrays[f"row_{name}"][int(np.asarray(step).flat[0])])
        values = arrays[f"tab_{name}"].reshape(-1, size)
        return np.zeros(np.shape(index)) if row < 0 else values[row][index]

    def hold(step: Any, i: Any, now: Any) -> NDArray[Any]:
        row = int(arrays[f"row_{name}"][int(np.asarray(step).flat[0])])
        if row < 0:
            return np.asarray(now)
        held = arrays[f"tab_{name}"].reshape(-1, size)[row][np.asarray(i)]
        return np.where(np.isnan(held), np.asarray(now), held)

    arguments = [1, 1, unit] if table.hold else [1, 1]
    types = ["integer", "integer", "float"] if table.hold else ["integer", "integer"]
    function = Function(hold if table.hold else look_up, arg_units=arguments, return_unit=unit, arg_types=types,
                        return_type="float", stateless=True)  # fmt: skip
    text = _CPP["hold" if table.hold else "trial" if table.per_trial else "cell"]
    shown = f"{table.name}_{group}"
    for mark, value in {"%NAME%": shown, "%KEY%": name, "%SIZE%": size, "%CELLS%": cells}.items():
        text = text.replace(mark, str(value))
    function.implementations.add_implementation("numpy", hold if table.hold else look_up)
    for target, written in {"cpp": text, "cuda": on_device(text)}.items():
        function.implementations.add_dynamic_implementation(
            target,
            lambda _, written=written: {"support_code": written},
            namespace=lambda _: {f"{part}_{name}": arrays[f"{part}_{name}"] for part in ("row", "tab")},
            compiler_kwds={"headers": ["<cstdint>"]},
            name=shown,
        )
    return function
