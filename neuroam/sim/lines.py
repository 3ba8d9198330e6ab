"""Signals that arrive later, or as their mean over some time: a ring of the last values of every cell.

``NAME(step, i, value)`` stores the value of this step and gives what entered as many steps ago as the array of the run
says (per cell), or the mean of the last so many values.  Before there are so many, those that are missing are zero.

The mean has no rounding errors that add up: it is the sum of the newest block, added value by value, plus the sum of
the rest of the block before, which is summed once when a block is full.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.sim.kernels_numpy import Arrays
from neuroam.sim.structure import Line

_DELAY = """
static inline %REAL% %NAME%(const int64_t step, const int32_t i, const %REAL% value) {
  static std::vector<%REAL%> ring((size_t)%DEPTH%*%SIZE%, 0);
  ring[(size_t)(step % %DEPTH%)*%SIZE% + i] = value;
  const int64_t from = step - _namespacesteps_%NAME%[i % %CELLS%];
  return from < 0 ? 0 : ring[(size_t)(from % %DEPTH%)*%SIZE% + i];
}
"""
_BOX = """
static inline %REAL% %NAME%(const int64_t step, const int32_t i, const %REAL% value) {
  static std::vector<%REAL%> ring((size_t)%DEPTH%*%SIZE%, 0), sums(%SIZE%, 0);
  const int32_t n = _namespacesteps_%NAME%[i % %CELLS%], at = (int32_t)(step % n);
  %REAL%* v = &ring[i];
  sums[i] = at ? sums[i] + value : value;
  const %REAL% older = at + 1 < n ? v[(size_t)(at + 1)*%SIZE%] : 0;
  v[(size_t)at*%SIZE%] = value;
  if (at + 1 == n) for (int32_t k=n-2; k>=0; k--) v[(size_t)k*%SIZE%] += v[(size_t)(k + 1)*%SIZE%];
  return (sums[i] + older)/n;
}
"""

# the same on a GPU, where every thread has its cell
_CUDA = {
    "delay": """
static __device__ %REAL% ring_%NAME%[(size_t)%DEPTH%*%SIZE%];
__device__ static inline %REAL% %NAME%(const int64_t step, const int32_t i, const %REAL% value) {
  ring_%NAME%[(size_t)(step % %DEPTH%)*%SIZE% + i] = value;
  const int64_t from = step - _namespacesteps_%NAME%[i % %CELLS%];
  return from < 0 ? 0 : ring_%NAME%[(size_t)(from % %DEPTH%)*%SIZE% + i];
}
""",
    "box": """
static __device__ %REAL% ring_%NAME%[(size_t)%DEPTH%*%SIZE%], sums_%NAME%[%SIZE%];
__device__ static inline %REAL% %NAME%(const int64_t step, const int32_t i, const %REAL% value) {
  const int32_t n = _namespacesteps_%NAME%[i % %CELLS%], at = (int32_t)(step % n);
  %REAL%* v = ring_%NAME% + i;
  const %REAL% sum = at ? sums_%NAME%[i] + value : value;
  sums_%NAME%[i] = sum;
  const %REAL% older = at + 1 < n ? v[(size_t)(at + 1)*%SIZE%] : 0;
  v[(size_t)at*%SIZE%] = value;
  if (at + 1 == n) for (int32_t k=n-2; k>=0; k--) v[(size_t)k*%SIZE%] += v[(size_t)(k + 1)*%SIZE%];
  return (sum + older)/n;
}
""",
}


def brian_function(line: Line, group: str, cells: int, batch: int, arrays: Arrays, real: str) -> Any:
    """The Brian2 function of (step, cell, value)."""
    from brian2 import Function

    name = f"{line.name}_{group}"
    steps = np.tile(arrays[f"steps_{name}"], batch)
    python = _delay(line.depth, steps) if line.kind == "delay" else _box(line.depth, steps)
    texts = {"cpp": _DELAY if line.kind == "delay" else _BOX, "cuda": _CUDA[line.kind]}
    marks = {"%NAME%": name, "%REAL%": real, "%DEPTH%": line.depth, "%SIZE%": batch * cells, "%CELLS%": cells}
    function = Function(
        python, arg_units=[1, 1, 1], return_unit=1, stateless=False, arg_types=["integer", "integer", "float"],
        return_type="float",
    )  # fmt: skip
    function.implementations.add_implementation("numpy", python)
    for target, text in texts.items():
        function.implementations.add_implementation(
            target,
            _filled(text, marks),
            namespace={f"steps_{name}": arrays[f"steps_{name}"]},
            compiler_kwds={"headers": ["<vector>", "<cstdint>"]},
            name=name,
        )
    return function


def _filled(text: str, marks: Mapping[str, object]) -> str:
    for mark, value in marks.items():
        text = text.replace(mark, str(value))
    return text


def _delay(depth: int, steps: NDArray[Any]) -> Any:
    ring = np.zeros((depth, steps.size))
    cell = np.arange(steps.size)

    def look(step: Any, _: Any, value: Any) -> NDArray[Any]:
        now = int(np.asarray(step).flat[0])
        ring[now % depth] = value
        back = now - steps
        return np.where(back < 0, 0.0, ring[back % depth, cell])

    return look


def _box(depth: int, steps: NDArray[Any]) -> Any:
    ring, sums = np.zeros((depth + 1, steps.size)), np.zeros(steps.size)
    cell = np.arange(steps.size)

    def look(step: Any, _: Any, value: Any) -> NDArray[Any]:
        now = int(np.asarray(step).flat[0])
        at = now % steps
        given = np.broadcast_to(value, steps.shape)
        sums[:] = np.where(at, sums + given, given)
        older = np.where(at + 1 < steps, ring[np.minimum(at + 1, steps - 1), cell], 0.0)
        ring[at, cell] = given
        for i_full in np.flatnonzero(at + 1 == steps):
            ring[: steps[i_full], i_full] = np.cumsum(ring[: steps[i_full], i_full][::-1])[::-1]
        return (sums + older) / steps

    return look
