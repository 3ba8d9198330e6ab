"""Random numbers of all cells of a step, computed in one loop of their own, which compilers vectorise.

``NAME_fill(step)`` is a scalar statement, which Brian2 runs once before its loop over cells; ``NAME_ready(step, i)``
reads what it left.  On a GPU the first does nothing, and every thread draws its number.  The numbers are those of
`noise.brian_function`, which draws one at a time.

Where statements run for a list of cells only, so are the numbers: ``NAME_ready`` reads by the place on the list.
"""

from __future__ import annotations

from string import Template
from typing import Any

from neuroam.sim import noise

_CPP = """
alignas(64) static double buf_$NAME[$SIZE];
static inline int ${NAME}_fill(const int64_t step) {
  const uint64_t key = (uint64_t)_namespace${NAME}_key[0] | ((uint64_t)_namespace${NAME}_key[1] << 32);
  for (uint32_t b=0; b<$BATCH; b++) {
    double* __restrict__ out = buf_$NAME + (size_t)b*$CELLS;
    const uint32_t trial = (uint32_t)_namespace${NAME}_trial[b];
    for (uint32_t n=0; n<$CELLS; n++) out[n] = neuroam_$KIND(key, ${STREAM}u, trial, (uint32_t)step, n);
  }
  return 0;
}
"""
_LISTED_CPP = """
alignas(64) static double buf_$NAME[$SIZE];
static inline int ${NAME}_fill_of(const int64_t step, const int32_t* __restrict__ list) {
  const uint64_t key = (uint64_t)_namespace${NAME}_key[0] | ((uint64_t)_namespace${NAME}_key[1] << 32);
  const int32_t count = list[$SIZE];
  for (int32_t from=0, to=0; from<count; from=to) {
    const uint32_t b = (uint32_t)list[from]/$CELLS, first = b*$CELLS;
    const uint32_t trial = (uint32_t)_namespace${NAME}_trial[b];
    while (to < count && (uint32_t)list[to] < first + $CELLS) to++;
    for (int32_t s=from; s<to; s++)
      buf_$NAME[s] = neuroam_$KIND(key, ${STREAM}u, trial, (uint32_t)step, (uint32_t)list[s] - first);
  }
  return 0;
}
#define ${NAME}_fill(step) ${NAME}_fill_of(step, $LIST)
"""
_LISTED_READY = "#define ${NAME}_ready(step, i) buf_$NAME[_at]\n"  # _at: see templates/listed.cpp
_READY = "#define ${NAME}_ready(step, i) buf_$NAME[_idx]\n"  # _idx is i, but known to the compiler: see `kernels_cpp`
_NOTHING = "__host__ __device__ static inline int ${NAME}_fill(const int64_t step) { return 0; }\n"
_HEADERS = {"headers": noise.CPP_HEADERS}


def brian_functions(
    one_by_one: Any, name: str, draw: str, kind: str, stream: int, batch: int, cells: int, listed: str = ""
) -> dict[str, Any]:
    """The Brian2 functions ``DRAW_fill`` and ``DRAW_ready``; ``one_by_one`` is the function that they stand for.

    ``listed`` is what a program calls the list of cells, if the numbers are for those only.
    """
    from brian2 import Function

    direct = one_by_one.implementations["cpp"]
    marks = {
        "NAME": name,
        "KIND": kind,
        "STREAM": stream,
        "BATCH": batch,
        "CELLS": cells,
        "SIZE": batch * cells,
        "LIST": listed,
    }
    fill = Function(lambda _: 0.0, arg_units=[1], return_unit=1, arg_types=["integer"], return_type="float")
    fill.implementations.add_implementation("numpy", lambda _: 0.0)
    fill.implementations.add_implementation(
        "cpp",
        Template(_LISTED_CPP if listed else _CPP).substitute(marks),
        direct.get_namespace(None),
        {"neuroam_noise": noise.brian_support()},
        name=f"{name}_fill",
        compiler_kwds=_HEADERS,
    )
    fill.implementations.add_implementation("cuda", Template(_NOTHING).substitute(marks), name=f"{name}_fill")
    ready = Function(one_by_one.pyfunc, arg_units=[1, 1], return_unit=1, stateless=True)
    ready.implementations.add_implementation("numpy", one_by_one.pyfunc)
    ready.implementations.add_implementation(
        "cpp", Template(_LISTED_READY if listed else _READY).substitute(marks), name=f"{name}_ready"
    )
    alone = one_by_one.implementations["cuda"]
    ready.implementations.add_implementation(
        "cuda",
        alone.get_code(None).replace(f"double {name}(", f"double {name}_ready("),
        alone.get_namespace(None),
        {"neuroam_noise": noise.brian_support()},
        name=f"{name}_ready",
        compiler_kwds=_HEADERS,
    )
    return {f"{draw}_fill": fill, f"{draw}_ready": ready}
