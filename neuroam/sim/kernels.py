"""Projections and reductions inside a Brian2 program: one weight array for all trials, one summation order.

A kernel is a pair of Brian2 functions used in one code object: ``NAME_step(...)`` is a scalar statement, which Brian2
runs once before its loop over cells and which fills a private buffer; ``NAME_get(i)`` reads the buffer per cell.  The
source variable is passed by a macro that picks up the pointer that the code generator declares.

Every sum runs over the source cells in ascending order, in C++ as in numpy and for any number of trials, so results
are the same to the last bit.  Weights are stored (pre, post): a spike adds one contiguous row.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.sim import cuda_kernels
from neuroam.sim.structure import Kernel

Arrays = MutableMapping[str, NDArray[Any]]

_SIZES = "const int B=%B%, N=%N%, K=%K%, D=%D%;\n"
_ROW = {
    "dense": "const double* __restrict__ w = W + (size_t)n*K; for (int k=0;k<K;k++) o[k] += %TERM%;",
    "sparse": "for (int e=P[n]; e<P[n+1]; e++) { const double w = W[e]; o[J[e]] += %SPARSE%; }",
    "ones": "total += %ONE%;",
}
# one spike list for all trials, ascending; row sums go to the buffer of the step at which they arrive
_SPIKES = """
double* o_all = buf + (size_t)((step + D - 1) % D)*B*K;
for (size_t k=0; k<(size_t)B*K; k++) o_all[k] = 0;
const int32_t count = x[(size_t)B*N];
for (int s=0; s<count; s++) {
  const int id = x[s], b = id/N, n = id - b*N;
  double* __restrict__ o = o_all + (size_t)b*K;
  %ROW%
}
"""
_SPIKES_ONES = """
double* o_all = buf + (size_t)((step + D - 1) % D)*B*K;
std::vector<double> totals(B, 0.0);
const int32_t count = x[(size_t)B*N];
for (int s=0; s<count; s++) totals[x[s]/N] += 1.0;
for (int b=0; b<B; b++) for (int k=0; k<K; k++) o_all[(size_t)b*K + k] = totals[b];
"""
_GRADED_DENSE = """
const int TB=4, TK=64;
for (int k0=0; k0<K; k0+=TK) {
  const int kn = (K-k0<TK) ? (K-k0) : TK;
  for (int b0=0; b0<B; b0+=TB) {
    const int bn = (B-b0<TB) ? (B-b0) : TB;
    double acc[TB][TK];
    for (int b=0; b<TB; b++) for (int k=0; k<TK; k++) acc[b][k] = 0;
    if (kn==TK && bn==TB) {
      for (int n=0; n<N; n++) {
        const double* __restrict__ w = W + (size_t)n*K + k0;
        const double x0=x[(size_t)b0*N+n], x1=x[(size_t)(b0+1)*N+n], x2=x[(size_t)(b0+2)*N+n], x3=x[(size_t)(b0+3)*N+n];
        for (int k=0; k<TK; k++) { acc[0][k]+=w[k]*x0; acc[1][k]+=w[k]*x1; acc[2][k]+=w[k]*x2; acc[3][k]+=w[k]*x3; }
      }
    } else {
      for (int n=0; n<N; n++) {
        const double* __restrict__ w = W + (size_t)n*K + k0;
        for (int b=0; b<bn; b++) {
          const double v = x[(size_t)(b0+b)*N+n];
          for (int k=0; k<kn; k++) acc[b][k] += w[k]*v;
        }
      }
    }
    for (int b=0; b<bn; b++) for (int k=0; k<kn; k++) buf[(size_t)(b0+b)*K+k0+k] = acc[b][k];
  }
}
"""
_GRADED_SPARSE = """
for (int b=0; b<B; b++) {
  double* __restrict__ o = buf + (size_t)b*K;
  for (int k=0; k<K; k++) o[k] = 0;
  for (int n=0; n<N; n++) { const double v = x[(size_t)b*N+n]; for (int e=P[n]; e<P[n+1]; e++) o[J[e]] += W[e]*v; }
}
"""
_TOTAL = """
for (int b=0; b<B; b++) {
  const double* __restrict__ v = x + (size_t)b*N;
  %REDUCE%
  for (int k=0; k<K; k++) buf[(size_t)b*K+k] = total;
}
"""
_REDUCE = {
    "sum": "double total = 0; for (int n=0; n<N; n++) total += v[n];",
    "mean": "double total = 0; for (int n=0; n<N; n++) total += v[n]; total /= N;",
    "max": "double total = v[0]; for (int n=1; n<N; n++) if (v[n] > total) total = v[n];",
    "min": "double total = v[0]; for (int n=1; n<N; n++) if (v[n] < total) total = v[n];",
    "argmax": "int best = 0; for (int n=1; n<N; n++) if (v[n] > v[best]) best = n; const double total = best;",
    "kth": """std::vector<double> c(v, v+N);
  std::nth_element(c.begin(), c.begin()+%RANK%, c.end(), std::greater<double>()); const double total = c[%RANK%];""",
}


def weight_arrays(name: str, kind: str) -> tuple[str, ...]:
    """Names of the arrays that hold the weights of a kernel."""
    if kind == "dense":
        return (f"w_{name}",)
    return (f"w_{name}", f"p_{name}", f"j_{name}") if kind == "sparse" else ()


def _cpp_step(kernel: Kernel) -> str:
    if kernel.spikes:
        if kernel.kind == "ones":
            return _SPIKES_ONES
        row = _ROW[kernel.kind].replace("%TERM%", "w[k]").replace("%SPARSE%", "w")
        return _SPIKES.replace("%ROW%", row)
    if kernel.kind == "dense":
        return _GRADED_DENSE
    if kernel.kind == "sparse":
        return _GRADED_SPARSE
    kind, rank = _rank(kernel)
    body = _REDUCE["sum" if kernel.kind == "ones" else kind]
    return _TOTAL.replace("%REDUCE%", body.replace("%RANK%", str(rank)))


def _rank(kernel: Kernel) -> tuple[str, int]:
    if not kernel.kind.startswith("kth"):
        return kernel.kind, 0
    return "kth", min(max(int(kernel.kind[3:]) - 1, 0), kernel.size_in - 1)


def cpp_text(kernel: Kernel, batch: int, pointer: str) -> tuple[str, str, str]:
    """C++ of the buffer, of the step and of the get function."""
    depth = kernel.delay_steps + 1
    sizes = {
        "%B%": batch,
        "%N%": kernel.size_in,
        "%K%": kernel.size_out,
        "%D%": depth,
        "%NAME%": kernel.name,
        "%X%": pointer,
    }
    kind = "int32_t" if kernel.spikes else "double"
    arrays = ""
    if kernel.kind in ("dense", "sparse"):
        arrays = f"const double* __restrict__ W = _namespacew_{kernel.name};\n"
    if kernel.kind == "sparse":
        arrays += f"const int32_t* P = _namespacep_{kernel.name}; const int32_t* J = _namespacej_{kernel.name};\n"
    buffer = """
static double* buf_%NAME%() { static std::vector<double> b((size_t)%B%*%K%*%D%, 0.0); return b.data(); }
static size_t& place_%NAME%() { static size_t p = 0; return p; }
"""
    step = f"""static inline int %NAME%_step_of(const int64_t step, const {kind}* __restrict__ x) {{
double* buf = buf_%NAME%();
{_SIZES}{arrays}{_cpp_step(kernel)}
place_%NAME%() = (size_t)(step % D)*B*K;
return 0;
}}
#define %NAME%_step(t) %NAME%_step_of(t, %X%)
"""
    get = "static inline double %NAME%_get(const int32_t i) { return buf_%NAME%()[place_%NAME%() + i]; }\n"

    def fill(text: str) -> str:
        for mark, value in sizes.items():
            text = text.replace(mark, str(value))
        return text

    return fill(buffer), fill(step), fill(get)


def numpy_step(
    kernel: Kernel, batch: int, read: Callable[[], NDArray[Any]], arrays: Arrays
) -> Callable[[int], NDArray[Any]]:
    """The same in numpy: a function of the step number that gives the (batch * size_out,) sums."""
    size_in, size_out, depth = kernel.size_in, kernel.size_out, kernel.delay_steps + 1
    if not kernel.spikes:
        return lambda _: _graded(kernel, read().reshape(batch, size_in), arrays)
    ring = np.zeros((depth, batch, size_out))

    def step(number: int) -> NDArray[Any]:
        events = read()
        fired = np.asarray(events[: events[-1]], dtype=np.int64)
        slot = ring[(number + depth - 1) % depth]
        slot[:] = 0.0
        trial = fired // size_in
        for b in np.unique(trial):
            slot[b] = _row_sum(kernel, fired[trial == b] - b * size_in, arrays)
        return ring[number % depth].ravel()

    return step


def _row_sum(kernel: Kernel, fired: NDArray[Any], arrays: Arrays) -> NDArray[Any] | float:
    if kernel.kind == "ones":
        return float(fired.size)
    weights = arrays[f"w_{kernel.name}"]
    if kernel.kind == "dense":
        return _sum_rows(weights.reshape(kernel.size_in, kernel.size_out)[fired])
    start = arrays[f"p_{kernel.name}"]
    edges = np.concatenate([np.arange(start[n], start[n + 1]) for n in fired])
    return np.bincount(arrays[f"j_{kernel.name}"][edges], weights[edges], minlength=kernel.size_out)


def _sum_rows(rows: NDArray[Any]) -> NDArray[Any]:
    """Row after row: numpy adds along the first axis in order, but pairwise when there is a single column."""
    return rows.sum(axis=0) if rows.shape[1] > 1 else np.cumsum(rows, axis=0)[-1]


def _graded(kernel: Kernel, x: NDArray[Any], arrays: Arrays) -> NDArray[Any]:
    if kernel.kind == "dense":
        weights = arrays[f"w_{kernel.name}"].reshape(kernel.size_in, kernel.size_out)
        return np.concatenate([_sum_rows(weights * row[:, None]) for row in x])
    if kernel.kind == "sparse":
        start, post = arrays[f"p_{kernel.name}"], arrays[f"j_{kernel.name}"]
        pre = np.repeat(np.arange(kernel.size_in), np.diff(start))
        weights = arrays[f"w_{kernel.name}"]
        return np.concatenate([np.bincount(post, weights * row[pre], minlength=kernel.size_out) for row in x])
    return np.repeat(_reduced(kernel, x), kernel.size_out)


def _reduced(kernel: Kernel, x: NDArray[Any]) -> NDArray[Any]:
    kind, rank = _rank(kernel)
    if kind in ("sum", "ones"):
        return np.cumsum(x, axis=1)[:, -1]
    if kind == "mean":
        return np.cumsum(x, axis=1)[:, -1] / x.shape[1]
    if kind == "argmax":
        return np.argmax(x, axis=1).astype(float)
    if kind == "kth":
        return -np.partition(-x, rank, axis=1)[:, rank]
    found: NDArray[Any] = x.max(axis=1) if kind == "max" else x.min(axis=1)
    return found


def brian_functions(kernel: Kernel, batch: int, variable: Any, pointer: str, arrays: Arrays) -> dict[str, Any]:
    """The Brian2 functions ``NAME_step`` and ``NAME_get``."""
    from brian2 import Function

    run = numpy_step(kernel, batch, variable.get_value, arrays)
    state: dict[str, NDArray[Any]] = {}

    def step_numpy(t: Any) -> float:
        state["sums"] = run(int(t))
        return 0.0

    def get_numpy(i: Any) -> NDArray[Any]:
        return state["sums"][i]

    buffer_cpp, step_cpp, get_cpp = cpp_text(kernel, batch, pointer)
    headers = {"headers": ["<vector>", "<algorithm>", "<functional>", "<cstdint>"]}
    # Brian2 emits a dependency once per code object, before the functions that need it
    buffer = Function(lambda: 0.0, arg_units=[], return_unit=1)
    buffer.implementations.add_implementation("cpp", buffer_cpp, name=f"{kernel.name}_buffer", compiler_kwds=headers)
    parts = {
        "step": (step_numpy, step_cpp, weight_arrays(kernel.name, kernel.kind)),
        "get": (get_numpy, get_cpp, ()),
    }
    functions = {}
    for suffix, (python, text, held) in parts.items():
        name = f"{kernel.name}_{suffix}"
        function = Function(
            python, arg_units=[1], return_unit=1, stateless=False, arg_types=["integer"], return_type="float"
        )
        function.implementations.add_implementation("numpy", python, name=name)
        function.implementations.add_implementation(
            "cpp",
            text,
            namespace={key: arrays[key] for key in held},
            dependencies={f"{kernel.name}_buffer": buffer},
            compiler_kwds=headers,
            name=name,
        )
        functions[name] = function
    cuda_kernels.implement(functions[f"{kernel.name}_step"], functions[f"{kernel.name}_get"], kernel, pointer, arrays)
    return functions
