"""The kernels of a CUDA program: every thread makes the sum of one target cell in one trial.

``NAME_step`` does nothing, for there is no buffer; ``NAME_get(i)`` is the whole kernel.  Threads visit the source cells
in ascending order, as the loops of C++ do, and multiply and add in two roundings (``-fmad=false``): the same bits.

The list of spikes is in no order on a GPU.  So a kernel of spikes reads, for every source cell, the step at which it
last fired and compares it with the present one.  Dense weights are (pre, post): neighbouring threads read neighbouring
numbers.  Sparse ones are gathered by target: ``pt_NAME``, ``jt_NAME``, ``wt_NAME`` (`gathered`).

The text stands in the support code of a code object, where Brian2CUDA declares a device pointer ``_namespaceX`` for
every array X of a function's namespace and sets it at the start of the kernel.  Nothing here calls a library, and C++
compiles it too when it is given empty words for ``__host__`` and ``__device__``.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.sim.structure import Kernel

_HEAD = """
__host__ __device__ static inline double %NAME%_sum(
    const int32_t i, const %TYPE%* __restrict__ all, const int64_t step) {
  const int32_t b = i/%K%, N = %N%;
  const %TYPE%* __restrict__ x = all + (size_t)b*N;
"""
_TAIL = """
  return total;
}
#define %NAME%_get(i) %NAME%_sum(i, %X%, %STEP%)
"""
_DENSE = """
  const double* __restrict__ w = _namespacew_%NAME% + (i - b*%K%);
  double total = 0;
  #pragma unroll 8
  for (int32_t n=0; n<N; n++) { %IF% total += w[(size_t)n*%K%]%TIMES%; }
"""
_SPARSE = """
  const double* __restrict__ w = _namespacewt_%NAME%;
  const int32_t* __restrict__ from = _namespacejt_%NAME%;
  const int32_t first = _namespacept_%NAME%[i - b*%K%], last = _namespacept_%NAME%[i - b*%K% + 1];
  double total = 0;
  for (int32_t e=first; e<last; e++) { const int32_t n = from[e]; %IF% total += w[e]%TIMES%; }
"""
# weights are finite: skipping an input of zero changes no bit of a sum that began at zero
_GRADED = ("const double now = x[n]; if (now != 0)", "*now")
_SPIKES = ("if (x[n] == step)", "")
_TOTALS = {
    "count": "double total = 0; for (int32_t n=0; n<N; n++) if (x[n] == step) total += 1.0;",
    "sum": "double total = 0; for (int32_t n=0; n<N; n++) total += x[n];",
    "mean": "double total = 0; for (int32_t n=0; n<N; n++) total += x[n]; total /= N;",
    "max": "double total = x[0]; for (int32_t n=1; n<N; n++) if (x[n] > total) total = x[n];",
    "min": "double total = x[0]; for (int32_t n=1; n<N; n++) if (x[n] < total) total = x[n];",
    "argmax": "int32_t best = 0; for (int32_t n=1; n<N; n++) if (x[n] > x[best]) best = n; const double total = best;",
    # threads have no memory to sort in: the number is found bit by bit, by counting how many are not below it
    "kth": """uint64_t found = 0;
  for (int bit=63; bit>=0; bit--) {
    const uint64_t tried = found | ((uint64_t)1 << bit);
    int32_t count = 0;
    for (int32_t n=0; n<N; n++) count += %NAME%_ordered(x[n]) >= tried;
    if (count > %RANK%) found = tried;
  }
  found = (found >> 63) ? found ^ ((uint64_t)1 << 63) : ~found;
  double total; std::memcpy(&total, &found, sizeof total);""",
}
_ORDERED = """
__host__ __device__ static inline uint64_t %NAME%_ordered(const double x) {
  uint64_t u; std::memcpy(&u, &x, sizeof u);
  return (u >> 63) ? ~u : u | ((uint64_t)1 << 63);
}
"""


def on_device(text: str) -> str:
    """C++ functions as functions of both the host and the GPU."""
    return text.replace("static inline", "__host__ __device__ static inline")


def cuda_text(kernel: Kernel, pointer: str, step: str = "t_in_timesteps") -> str:
    """CUDA of ``NAME_get(i)``.

    Parameters
    ----------
    kernel : Kernel
        Its kind, its sizes and its name count.
    pointer : str
        Where the code object finds the source: ``double``, or the ``int32_t`` steps at which cells last fired.
    step : str
        What holds the number of the present step where ``NAME_get`` is called.
    """
    body = _body(kernel)
    text = (_ORDERED if "_ordered(" in body else "") + _HEAD + body + _TAIL
    marks = {
        "%NAME%": kernel.name,
        "%TYPE%": "int32_t" if kernel.spikes else "double",
        "%N%": kernel.size_in,
        "%K%": kernel.size_out,
        "%X%": pointer,
        "%STEP%": step,
    }
    for mark, value in marks.items():
        text = text.replace(mark, str(value))
    return f"// {kernel.name}, {kernel.kind}: {kernel.size_in} to {kernel.size_out} cells in every trial{text}"


def step_text(kernel: Kernel) -> str:
    """CUDA of ``NAME_step``, which has nothing to do."""
    return f"__host__ __device__ static inline int {kernel.name}_step(const int64_t step) {{ return 0; }}\n"


def _body(kernel: Kernel) -> str:
    if kernel.kind in ("dense", "sparse"):
        condition, factor = _SPIKES if kernel.spikes else _GRADED
        loop = _DENSE if kernel.kind == "dense" else _SPARSE
        return loop.replace("%IF%", condition).replace("%TIMES%", factor)
    if kernel.kind == "ones":
        return "  " + _TOTALS["count" if kernel.spikes else "sum"]
    if kernel.kind.startswith("kth"):
        rank = min(max(int(kernel.kind[3:]) - 1, 0), kernel.size_in - 1)
        return "  " + _TOTALS["kth"].replace("%RANK%", str(rank))
    return "  " + _TOTALS[kernel.kind]


def has_form(kernel: Kernel) -> bool:
    """Whether a kernel of this kind can be written in CUDA."""
    return kernel.kind in ("dense", "sparse", "ones", *_TOTALS) or kernel.kind.startswith("kth")


def array_names(kernel: Kernel) -> tuple[str, ...]:
    """Names of the arrays that a kernel reads on the GPU."""
    if kernel.kind == "dense":
        return (f"w_{kernel.name}",)
    return tuple(f"{part}_{kernel.name}" for part in ("pt", "jt", "wt")) if kernel.kind == "sparse" else ()


def gathered(kernel: Kernel, arrays: MutableMapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The weights of a sparse kernel by target, the sources of each in ascending order."""
    start, post = arrays[f"p_{kernel.name}"], arrays[f"j_{kernel.name}"]
    count = int(start[-1])  # an empty matrix is kept as one unused entry
    pre = np.repeat(np.arange(kernel.size_in), np.diff(start))
    order = np.argsort(post[:count], kind="stable")
    by_target = np.concatenate([[0], np.cumsum(np.bincount(post[:count], minlength=kernel.size_out))])
    return {
        f"pt_{kernel.name}": by_target.astype(np.int32),
        f"jt_{kernel.name}": (pre[order] if count else np.zeros(1)).astype(np.int32),
        f"wt_{kernel.name}": arrays[f"w_{kernel.name}"][order] if count else np.zeros(1),
    }


def implement(step: Any, get: Any, kernel: Kernel, pointer: str, arrays: MutableMapping[str, NDArray[Any]]) -> None:
    """Give the two Brian2 functions of a kernel their CUDA text."""
    step.implementations.add_implementation("cuda", step_text(kernel), name=f"{kernel.name}_step")
    get.implementations.add_dynamic_implementation(
        "cuda",
        lambda _: cuda_text(kernel, pointer),
        namespace=lambda _: {key: arrays[key] for key in array_names(kernel)},
        compiler_kwds={"headers": ["<cstring>", "<cstdint>"]},
        name=f"{kernel.name}_get",
    )
