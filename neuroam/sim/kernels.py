"""Projections and reductions inside a Brian2 program: one weight array for all trials, one summation order.

A kernel is a pair of Brian2 functions used in one code object: ``NAME_step(...)`` is a scalar statement, which Brian2
runs once before its loop over cells and which fills a private buffer; ``NAME_get(i)`` reads the buffer per cell.  The
variables that it reads are passed by a macro that picks up the pointers that the code generator declares.

Weights are stored (pre, post), so that a spike adds one contiguous row; those of masked kernels (post, pre).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from numpy.typing import NDArray

from neuroam.sim import cuda_kernels, kernels_cpp
from neuroam.sim.kernels_numpy import Arrays, stepper
from neuroam.sim.structure import Kernel


def array_names(kernel: Kernel) -> tuple[str, ...]:
    """Names of the arrays that a run brings for a kernel.

    ``live`` holds how many cells (or edges) there are before and after; ``w`` the weights; ``p`` and ``j`` where the
    entries of a row begin and which cell (or edge) each is; ``on`` in which steps the kernel works; ``i`` which edge of
    its owner each entry is.  Of a list, which is the same for several kernels, ``r`` says which row holds in a step,
    ``a`` where rows begin, ``c`` which lines are active; ``v`` is what they put into this kernel.
    """
    parts = ["live"]
    if kernel.kind in ("dense", "sparse") and not kernel.own:
        parts.append("w")
    if kernel.own and not kernel.listed:
        parts.append("i")
    parts += {"sparse": ["p", "j"], "touched": ["p", "j", "on"], "edges": ["j"], "halt": ["on"]}.get(kernel.kind, [])
    if kernel.listed:
        parts += ["v", "on"] if kernel.learns else ["v"]
    own = tuple(f"{part}_{kernel.name}" for part in parts)
    return own + (tuple(f"{part}_{kernel.listed}" for part in ("r", "a", "c")) if kernel.listed else ())


def variables_read(kernel: Kernel) -> dict[str, tuple[str, str]]:
    """(group, variable) of everything that a kernel reads or writes: "x", "own", "flag", "events", "scale", ..."""
    found = {} if kernel.listed else {"x": kernel.source}
    if kernel.kind == "turned":
        found = {"x": kernel.source}
        found |= {key: (kernel.target, getattr(kernel, key)) for key in ("scale", "keep", "lift")}
    if kernel.own:
        found["own"] = (kernel.own, "w")
    if kernel.only:
        found["flag"] = (kernel.target, kernel.only)
    if kernel.events:
        found["events"] = (
            kernel.target if kernel.kind == "touched" or kernel.only or kernel.opens else kernel.source[0],
            kernel.events,
        )
    return found


def brian_functions(
    kernel: Kernel, batch: int, read: Mapping[str, Callable[[], NDArray[Any]]], pointers: dict[str, str],
    arrays: Arrays, real: str,
) -> dict[str, Any]:  # fmt: skip
    """The Brian2 functions ``NAME_step`` and ``NAME_get``."""
    from brian2 import Function

    run = stepper(kernel, batch, read, arrays)
    state: dict[str, NDArray[Any]] = {}

    def step_numpy(t: Any) -> float:
        state["sums"] = run(int(t))
        return 0.0

    def get_numpy(i: Any) -> NDArray[Any]:
        return state["sums"][i]

    given = pointers
    pointers = {"x": "(const real*)0", **pointers}
    names = array_names(kernel)
    buffer_cpp, step_cpp, get_cpp = kernels_cpp.text(kernel, batch, pointers, names)
    product = kernels_cpp.is_product(kernel)
    headers = {"headers": [*kernels_cpp.HEADERS, *(kernels_cpp.DENSE_HEADERS if product else [])]}
    # Brian2 emits a dependency once per code object, before the functions that need it
    shared = Function(lambda: 0.0, arg_units=[], return_unit=1)
    shared.implementations.add_implementation(
        "cpp", kernels_cpp.support(real, product), name="neuroam_kernels", compiler_kwds=headers
    )
    buffer = Function(lambda: 0.0, arg_units=[], return_unit=1)
    buffer.implementations.add_implementation(
        "cpp", buffer_cpp, name=f"{kernel.name}_buffer", dependencies={"neuroam_kernels": shared}, compiler_kwds=headers
    )
    parts = {"step": (step_numpy, step_cpp, names), "get": (get_numpy, get_cpp, ())}
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
    both = functions[f"{kernel.name}_step"], functions[f"{kernel.name}_get"]
    cuda_kernels.implement(*both, kernel, batch, given, arrays, real)
    return functions
