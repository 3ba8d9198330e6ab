"""The kernels of a CUDA program: every thread makes the sum of one target cell in one trial.

``NAME_step`` does nothing, for there is no buffer; ``NAME_get(i)`` is the whole kernel.  Threads visit the source cells
in ascending order, as the loops of C++ do, and round as those do: the product of a full matrix with graded signals is
fused multiply-add, everything else multiplies and adds in two roundings (``-fmad=false``).

The list of spikes is in no order on a GPU.  So a kernel of spikes reads, for every source cell, the step at which it
last fired and compares it with the present one.  Dense weights are (pre, post): neighbouring threads read neighbouring
numbers.  What is stored by source is gathered by target: ``pt``, ``jt``, and ``wt`` or ``it`` (`gathered`).

The text stands in the support code of a code object, where Brian2CUDA declares a device pointer ``_namespaceX`` for
every array X of a function's namespace and sets it at the start of the kernel.  Nothing here calls a library, and C++
compiles it too when it is given empty words for ``__host__`` and ``__device__``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.sim.structure import BLOCK, Kernel

Arrays = Mapping[str, NDArray[Any]]

_HEAD = """
__host__ __device__ static inline %REAL% %NAME%_sum(const int32_t i, const int64_t step%PARAMETERS%) {
  typedef %REAL% real;
%PLACE%"""
_PLACE = """
  const int32_t b = i/%K%, k = i - b*%K%, n_in = _namespacelive_%NAME%[0];
  if (k >= _namespacelive_%NAME%[1]) return 0;
"""
_BLOCK_PLACE = """
  const int32_t b = i/%K%, c = i - b*%K%, k = c % %WIDTH%, start = c/%WIDTH%*%BLOCK%;
  if (k >= _namespacelive_%NAME%[1] || start >= _namespacelive_%NAME%[0]) return 0;
  const int32_t n_in = start + %BLOCK% < _namespacelive_%NAME%[0] ? start + %BLOCK% : _namespacelive_%NAME%[0];
"""
_SOURCE = "  const %TYPE%* __restrict__ x = all + (size_t)b*%N%;\n"
_FLAGGED = "  if (flag[i] == 0) return 0;\n"
_TAIL = """
  return total;
}
#define %NAME%_get(i) %NAME%_sum(i, %STEP%%GIVEN%)
"""
_DENSE = """
  const real* __restrict__ w = _namespacew_%NAME% + k;
  real total = 0;
  #pragma unroll 8
  for (int32_t n=%START%; n<n_in; n++) { %IF% %ADD% }
"""
_SPARSE = """
  const real* __restrict__ w = %WEIGHTS%;
  const int32_t* __restrict__ from = _namespacejt_%NAME%;
  const int32_t first = _namespacept_%NAME%[k], last = _namespacept_%NAME%[k + 1];
  real total = 0;
  for (int32_t e=first; e<last; e++) { const int32_t n = from[e]; %IF% %ADD% }
"""
# weights are finite: skipping an input of zero changes no bit of a sum that began at zero
_IF = {False: "const real now = x[n]; if (now != 0)", True: "if (x[n] == step)"}
# weights of masked kernels are stored by target
_MASKED = {
    "dense": """
  const real* __restrict__ w = _namespacew_%NAME% + (size_t)k*%STRIDE%;
  real total = 0;
  for (int32_t n=0; n<n_in; n++) total += w[n]*x[n];
""",
    "sparse": """
  const int32_t first = _namespacep_%NAME%[k], last = _namespacep_%NAME%[k + 1];
  real total = 0;
  for (int32_t e=first; e<last; e++) total += _namespacew_%NAME%[e]*x[_namespacej_%NAME%[e]];
""",
}
_EDGES = """
  const int32_t first = _namespacept_%NAME%[k], last = _namespacept_%NAME%[k + 1];
  real total = 0;
  for (int32_t e=first; e<last; e++) total += x[_namespacejt_%NAME%[e]];
"""
_LISTED = """
  const int32_t row = %ON%_namespacer_%LIST%[(size_t)step*%B% + b];
  real total = 0;
  if (row >= 0) for (int32_t a=_namespacea_%LIST%[row]; a<_namespacea_%LIST%[row + 1]; a++) {
    const int32_t n = _namespacec_%LIST%[a];
    const real v = _namespacev_%NAME%[a];
    if (v == 0) continue;
    %ADD%
  }
"""
_LISTED_ADD = {
    "own": "total += own[(size_t)b*%EDGES% + (size_t)n*_namespacelive_%NAME%[1] + k]*v;",
    "dense": "total += _namespacew_%NAME%[(size_t)n*%STRIDE% + k]*v;",
    "sparse": """for (int32_t e=_namespacep_%NAME%[n]; e<_namespacep_%NAME%[n + 1]; e++)
      if (_namespacej_%NAME%[e] == k) total += _namespacew_%NAME%[e]*v;""",
    "ones": "total += v;",
}
# every thread changes the weights of its own cell, and gives their scale
_TURNED = """
  if (x[k] != step || !_namespaceon_%NAME%[step]) return scale[i];
  const real least = sizeof(real) == 8 ? (real)1e-100 : (real)1e-20;
  const int32_t n_out = _namespacelive_%NAME%[1], row = _namespacer_%LIST%[(size_t)step*%B% + b];
  real* __restrict__ w = own + (size_t)b*%EDGES% + k;
  real total = scale[i]*keep[i];
  if (!(total > least)) {
    for (int32_t n=0; n<_namespacelive_%NAME%[2]; n++) w[(size_t)n*n_out] *= total;
    total = 1;
  }
  const real by = lift[i]/total;
  if (row >= 0) for (int32_t a=_namespacea_%LIST%[row]; a<_namespacea_%LIST%[row + 1]; a++)
    w[(size_t)_namespacec_%LIST%[a]*n_out] += by*_namespacev_%NAME%[a];
"""
_TOTALS = {
    "count": "real total = 0; for (int32_t n=%START%; n<n_in; n++) if (x[n] == step) total += 1;",
    "spread": "const real total = x[0];",
    "sum": "real total = 0; for (int32_t n=%START%; n<n_in; n++) total += %X%;",
    "mean": "real total = 0; for (int32_t n=0; n<n_in; n++) total += %X%; total /= %CELLS%;",
    "max": "real total = x[%START%]; for (int32_t n=%START%+1; n<n_in; n++) if (%X% > total) total = %X%;",
    "min": "real total = x[%START%]; for (int32_t n=%START%+1; n<n_in; n++) if (%X% < total) total = %X%;",
    "argmax": "int32_t best = 0; for (int32_t n=1; n<n_in; n++) if (x[n] > x[best]) best = n; const real total = best;",
    # threads have no memory to sort in: the number is found bit by bit, by counting how many are not below it
    "kth": """const int32_t rank = %RANK% < n_in ? %RANK% : n_in - 1;
  const %BITS% top = (%BITS%)1 << %TOP%;
  %BITS% found = 0;
  for (int bit=%TOP%; bit>=0; bit--) {
    const %BITS% tried = found | ((%BITS%)1 << bit);
    int32_t count = 0;
    for (int32_t n=0; n<n_in; n++) count += %NAME%_ordered(x[n]) >= tried;
    if (count > rank) found = tried;
  }
  found = (found & top) ? found ^ top : ~found;
  real total; std::memcpy(&total, &found, sizeof total);""",
}
_ORDERED = """
__host__ __device__ static inline %BITS% %NAME%_ordered(const %REAL% x) {
  %BITS% u; std::memcpy(&u, &x, sizeof u);
  return (u >> %TOP%) ? ~u : u | ((%BITS%)1 << %TOP%);
}
"""
_HEADERS = {"headers": ["<cmath>", "<cstring>", "<cstdint>"]}


def on_device(text: str) -> str:
    """C++ functions as functions of both the host and the GPU."""
    return text.replace("static inline", "__host__ __device__ static inline")


def cuda_text(
    kernel: Kernel, batch: int, pointers: Mapping[str, str], real: str = "double", step: str = "t_in_timesteps"
) -> str:
    """CUDA of ``NAME_get(i)``.

    Parameters
    ----------
    kernel : Kernel
        Its kind, its sizes and its name count.
    batch : int
        Trials that share the program.
    pointers : mapping
        What the code object calls the variables that the kernel reads: "x" (``real``, or the ``int32_t`` steps at
        which cells last fired), and "own" and "flag" if it has them.
    real : {"double", "float"}
        The type of all variables.
    step : str
        What holds the number of the present step where ``NAME_get`` is called.
    """
    names = {"x": "all"}
    written = {"own"} if kernel.kind == "turned" else set()
    parameters = "".join(
        f", {'' if key in written else 'const '}{'%TYPE%' if key == 'x' else '%REAL%'}* __restrict__"
        f" {names.get(key, key)}"
        for key in pointers
    )
    body = _body(kernel, real)
    text = (_ORDERED if "_ordered(" in body else "") + _HEAD + (_SOURCE if "x" in pointers else "")
    text += (_FLAGGED if kernel.only else "") + body + _TAIL
    blocks, totals = kernel.part == "blocks", kernel.part == "totals"
    marks = {
        "%PARAMETERS%": parameters,
        "%GIVEN%": "".join(f", {pointer}" for pointer in pointers.values()),
        "%PLACE%": _BLOCK_PLACE if blocks else _PLACE,
        "%START%": "start" if blocks else "0",
        "%X%": f"x[(size_t)n*{kernel.width} + k]" if totals else "x[n]",
        "%CELLS%": "_namespacecells_%NAME%[0]" if totals else "n_in",
        "%WIDTH%": kernel.width,
        "%BLOCK%": BLOCK,
        "%NAME%": kernel.name,
        "%TYPE%": "int32_t" if kernel.spikes else real,
        "%REAL%": real,
        "%BITS%": "uint32_t" if real == "float" else "uint64_t",
        "%TOP%": 31 if real == "float" else 63,
        "%B%": batch,
        "%N%": kernel.size_in,
        "%K%": kernel.size_out,
        "%STRIDE%": kernel.stride,
        "%EDGES%": kernel.edges,
        "%LIST%": kernel.listed,
        "%ON%": "!_namespaceon_%NAME%[step] ? -1 : ".replace("%NAME%", kernel.name) if kernel.learns else "",
        "%STEP%": step,
    }
    for mark, value in marks.items():
        text = text.replace(mark, str(value))
    return f"// {kernel.name}, {kernel.kind}: room for {kernel.size_in} to {kernel.size_out} in every trial{text}"


def step_text(kernel: Kernel) -> str:
    """CUDA of ``NAME_step``, which has nothing to do."""
    return f"__host__ __device__ static inline int {kernel.name}_step(const int64_t step) {{ return 0; }}\n"


def _body(kernel: Kernel, real: str) -> str:
    kind = kernel.kind
    if kernel.listed:
        return _TURNED if kind == "turned" else _LISTED.replace("%ADD%", _LISTED_ADD["own" if kernel.own else kind])
    if kernel.only:
        return _MASKED.get(kind, "  " + _TOTALS["sum"])
    if kind in ("dense", "sparse"):
        return _product(kernel, "fmaf" if real == "float" else "fma")
    if kind == "edges":
        return _EDGES
    if kind == "ones":
        return "  " + _TOTALS["count" if kernel.spikes else "sum"]
    if kind.startswith("kth"):
        return "  " + _TOTALS["kth"].replace("%RANK%", str(int(kind[3:]) - 1))
    return "  " + _TOTALS[kind]


def _product(kernel: Kernel, fused: str) -> str:
    if kernel.kind == "dense":
        weight = "w[(size_t)n*%STRIDE%]"
        add = f"total += {weight};" if kernel.spikes else f"total = {fused}({weight}, now, total);"
        text = _DENSE
    else:
        weight = f"w[_namespaceit_{kernel.name}[e]]" if kernel.own else "w[e]"
        add = f"total += {weight};" if kernel.spikes else f"total += {weight}*now;"
        text = _SPARSE.replace("%WEIGHTS%", f"own + (size_t)b*{kernel.edges}" if kernel.own else "_namespacewt_%NAME%")
    return text.replace("%IF%", _IF[kernel.spikes]).replace("%ADD%", add)


def has_form(kernel: Kernel) -> bool:
    """Whether a kernel of this kind can be written in CUDA."""
    known = ("dense", "sparse", "ones", "edges", "turned", *_TOTALS)
    return kernel.kind in known or kernel.kind.startswith("kth")


def array_names(kernel: Kernel) -> tuple[str, ...]:
    """Names of the arrays that a kernel reads on the GPU."""
    parts = {"dense": ["w"], "edges": ["pt", "jt"]}.get(kernel.kind, [])
    if kernel.kind == "sparse":
        parts = ["p", "j", "w"] if kernel.only else ["pt", "jt", "it" if kernel.own else "wt"]
    if kernel.part == "totals":
        parts = ["cells"]
    if kernel.listed:
        given = {"dense": ["w"], "sparse": ["p", "j", "w"]}.get(kernel.kind, []) if not kernel.own else []
        own = ("live", *given, "v", *(["on"] if kernel.learns else []))
        return (*(f"{part}_{kernel.name}" for part in own), *(f"{part}_{kernel.listed}" for part in "rac"))
    return tuple(f"{part}_{kernel.name}" for part in ("live", *parts))


def gathered(kernel: Kernel, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """What a kernel brings by source, by target: where the entries of a target begin, their sources in ascending order.

    Sources are cells, or for "edges" the edges themselves; with them come the weights, or which edges of their owner
    they are.  Behind the entries that there are, there is the same room as before.
    """
    name = kernel.name
    if kernel.only or kernel.listed or kernel.kind not in ("sparse", "edges"):
        return {}
    target = arrays[f"j_{name}"]
    if kernel.kind == "edges":
        source = np.arange(int(arrays[f"live_{name}"][0]))
    else:
        source = np.repeat(np.arange(kernel.size_in), np.diff(arrays[f"p_{name}"]))
    order = np.argsort(target[: source.size], kind="stable")
    per_target = np.bincount(target[: source.size], minlength=kernel.size_out)
    found = {"pt": np.concatenate([[0], np.cumsum(per_target)]), "jt": _room(source[order], target.size)}
    if kernel.kind == "sparse":
        part = "i" if kernel.own else "w"
        found[f"{part}t"] = _room(arrays[f"{part}_{name}"][order], target.size)
    return {f"{key}_{name}": array if key == "wt" else array.astype(np.int32) for key, array in found.items()}


def _room(values: NDArray[Any], size: int) -> NDArray[Any]:
    full = np.zeros(size, dtype=values.dtype)
    full[: values.size] = values
    return full


def implement(
    step: Any, get: Any, kernel: Kernel, batch: int, pointers: Mapping[str, str], arrays: Arrays, real: str
) -> None:
    """Give the two Brian2 functions of a kernel their CUDA text."""
    step.implementations.add_implementation("cuda", step_text(kernel), name=f"{kernel.name}_step")
    get.implementations.add_dynamic_implementation(
        "cuda",
        lambda _: cuda_text(kernel, batch, pointers, real),
        namespace=lambda _: {key: arrays[key] for key in array_names(kernel)},
        compiler_kwds=_HEADERS,
        name=f"{kernel.name}_get",
    )
