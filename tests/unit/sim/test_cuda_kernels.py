"""The functions of a CUDA program, compiled as C++ (without its words for the GPU), give the bits of numpy.

The text is what Brian2CUDA gets: the implementations that the Brian2 functions carry.  Cells are visited in a shuffled
order, for threads have none.  Kernels are compared in `test_kernels`; here nvcc compiles them, too.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from neuroam import arithmetic
from neuroam.sim import cuda_kernels, cuda_tools, draws, lines, lookups, noise, pick, signals
from neuroam.sim.cuda_source import NVCC_FLAGS
from neuroam.sim.structure import Kernel, Line, Lookup, Table
from neuroam.sim.weights import stored_sparse
from neuroam.units import ONE

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed")
B, N, STEP = 3, 37, 4_000_000_000
KEY = 0x0123_4567_89AB_CDEF
REDUCTIONS = ["sum", "mean", "max", "min", "argmax", "kth3"]


@dataclass(frozen=True)
class Case:
    """Device text, the call that makes one number of cell ``i``, what the text reads, and what must come out."""

    name: str
    text: str
    call: str
    arrays: dict[str, np.ndarray]
    cells: int
    expected: np.ndarray
    step: int = STEP
    source: np.ndarray = field(default_factory=lambda: np.zeros(1))


# ---- one library of all functions -------------------------------------------------------------------------------

C_TYPE = {"float64": "double", "float32": "float", "int32": "int32_t", "int64": "int64_t"}
HEAD = """
#include <cmath>
#include <cstdint>
#include <cstring>
#define __host__
#define __device__
#define __CUDACC__
#define __CUDA_ARCH__ 900
"""
PART = """
namespace @NAME@ {
@POINTERS@
@TEXT@
extern "C" void run_@NAME@(const void** held, const void* from, int64_t t_in_timesteps, const int32_t* order, int32_t n, double* out) {
  const @TYPE@* source = (const @TYPE@*)from;
  @SET@
  for (int32_t c=0; c<n; c++) { const int32_t i = order[c]; out[i] = @CALL@; }
}
}
"""


def part(case: Case) -> str:
    types = {name: C_TYPE[array.dtype.name] for name, array in case.arrays.items()}
    filled = {
        "NAME": case.name,
        "POINTERS": "\n".join(f"static {kind}* _namespace{name};" for name, kind in types.items()),
        "SET": " ".join(
            f"_namespace{name} = ({kind}*)held[{place}];" for place, (name, kind) in enumerate(types.items())
        ),
        "TYPE": C_TYPE[case.source.dtype.name],
        "TEXT": case.text,
        "CALL": case.call,
    }
    text = PART
    for mark, value in filled.items():
        text = text.replace(f"@{mark}@", value)
    return text


def called(library: ctypes.CDLL, case: Case) -> np.ndarray:
    held = (ctypes.c_void_p * max(1, len(case.arrays)))(*(array.ctypes.data for array in case.arrays.values()))
    order = np.random.default_rng(1).permutation(case.cells).astype(np.int32)
    out = np.full(case.cells, np.nan)
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (case.source, order, out)]
    function = getattr(library, f"run_{case.name}")
    function(held, pointers[0], ctypes.c_int64(case.step), pointers[1], ctypes.c_int32(case.cells), pointers[2])
    return out


def registered(function: Any) -> tuple[str, dict[str, np.ndarray]]:
    """CUDA text of a Brian2 function, what it depends on first, and the arrays of its namespace."""
    implementation = function.implementations["cuda"]
    code = implementation.get_code(None)
    before = [registered(other)[0] for other in (implementation.dependencies or {}).values()]
    return "\n".join([*before, code if isinstance(code, str) else code["support_code"]]), dict(
        implementation.get_namespace(None) or {}
    )


# ---- noise, signals and powers ----------------------------------------------------------------------------------


def noise_cases() -> list[Case]:
    trials, cells = [7, 0, 4_000_000_000], 500
    address = np.repeat(trials, cells), STEP, np.tile(np.arange(cells), 3)
    lam = np.resize([0.0, 0.5, 8.0, 31.9, 32.0, 700.0, np.nan, -1.0], 3 * cells)
    made = []
    for kind, stream in (("uniform", 1), ("gaussian", 65_535), ("poisson", 9)):
        function = noise.brian_function(kind, kind, stream, trials, cells, KEY)
        text, arrays = registered(function)
        more = (lam,) if kind == "poisson" else ()
        call = f"{kind}(t_in_timesteps, i{', source[i]' if more else ''})"
        expected = getattr(noise, kind)(KEY, stream, *address, *more)
        made.append(Case(kind, text, call, arrays, 3 * cells, expected, source=lam))
        if kind != "poisson":
            pair = draws.brian_functions(function, kind, kind, kind, stream, 3, cells)
            text, arrays = registered(pair[f"{kind}_ready"])
            text = registered(pair[f"{kind}_fill"])[0] + text
            call = f"{kind}_fill(t_in_timesteps) + {kind}_ready(t_in_timesteps, i)"
            made.append(Case(f"{kind}_ready", text, call, arrays, 3 * cells, expected))
    flips = "double(neuroam_bernoulli(1234567890123ULL, 3u, 5u, (uint32_t)t_in_timesteps, (uint32_t)i, 0.3))"
    expected = noise.bernoulli(1234567890123, 3, 5, STEP, np.arange(999), 0.3).astype(float)
    return [*made, Case("bernoulli", registered(noise.brian_support())[0], flips, {}, 999, expected)]


def pick_case() -> Case:
    trials = np.array([5, 2, 9])
    text, arrays = registered(pick.brian_function("picked", trials, 20, noise.key_words(KEY)))
    expected = np.repeat(noise.uniform(KEY, pick.STREAM, trials, STEP, 0), 20)
    return Case("picked", text, "picked(t_in_timesteps, i)", arrays, 60, expected)


def signal_cases() -> list[Case]:
    draw, made = np.random.default_rng(3), []
    row = np.array([1, -1, 0], dtype=np.int32)
    now = draw.standard_normal(B * N)
    for table in (
        Table("stim_x", ("drive",), ONE, 2),
        Table("ctl_c", ("control",), ONE, 2, per_trial=True),
        Table("hold_s", ("hold",), ONE, 2, hold=True),
    ):
        size = B if table.per_trial else B * N
        values = draw.standard_normal((2, size))
        values[:, ::3] = np.nan if table.hold else 0.25
        arrays = {f"row_pop_{table.name}": row, f"tab_pop_{table.name}": values.ravel()}
        text, held = registered(signals.brian_function("pop", table, N, B, arrays, 1))
        for step in range(3):
            shown = values[row[step]] if row[step] >= 0 else np.zeros(size)
            if table.hold:
                shown = np.where(np.isnan(shown), now, shown) if row[step] >= 0 else now
            more = ", source[i]" if table.hold else ""
            name, call = f"{table.name}_{step}", f"{table.name}_pop(t_in_timesteps, i{more})"
            expected = np.repeat(shown, N) if table.per_trial else shown
            made.append(Case(name, text, call, held, B * N, expected, step=step, source=now))
    return made


def lookup_case() -> Case:
    draw = np.random.default_rng(8)
    x, at = draw.standard_normal(B * 11), draw.integers(0, 11, N).astype(np.int32)
    look = Lookup("look_pre_x", ("p", "x"), "pre", 11, ONE)
    made = lookups.brian_function(look, "edge_p", N, lambda: x, "source", {"at_look_pre_x_edge_p": at}, "double", 1)
    text, arrays = registered(made)
    return Case("seen", text, "look_pre_x(i)", arrays, B * N, x.reshape(B, 11)[:, at].ravel(), source=x)


def power_case() -> Case:
    from neuroam.sim import emit

    text, _ = registered(emit._int_power())
    base = np.random.default_rng(4).standard_normal(999)
    expected = arithmetic.int_power(base, 7.0)
    return Case("power", text, "int_power(source[i], 7)", {}, 999, expected, source=base)


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    every = [*noise_cases(), pick_case(), *signal_cases(), lookup_case(), power_case(), *line_cases().values()]
    return {case.name: case for case in every}


STEPS = (3, 1, 8, 8, 5)  # how far every cell of a line looks back; there is room for two more


def line_cases() -> dict[str, Case]:
    """Lines remember: what they give in each step is compared below, and the number that stands here is not."""
    made = {}
    for kind in ("delay", "box"):
        for real in ("double", "float"):
            name = f"{kind}_{real}"
            function = lines.brian_function(
                Line(name, kind, "p", 10),
                "pop",
                7,
                B,
                {f"steps_{name}_pop": np.resize(STEPS, 7).astype(np.int32)},
                real,
            )
            text, arrays = registered(function)
            call = f"{name}_pop(t_in_timesteps, i, source[i])"
            source = np.zeros(B * 7, np.float32 if real == "float" else np.float64)
            made[name] = Case(name, text, call, arrays, B * 7, np.zeros(B * 7), 0, source)
    return made


def look_back(kind: str, entered: np.ndarray) -> np.ndarray:
    """What a line gives after all these steps, by its definition."""
    steps = np.tile(np.resize(STEPS, 7), B)
    if kind == "delay":
        return np.array([x[-1 - n] if n < len(x) else 0.0 for x, n in zip(entered.T, steps, strict=True)])
    return np.array([x[-n:].sum() / n for x, n in zip(entered.T, steps, strict=True)])


@pytest.fixture(scope="module")
def library(cases: dict[str, Case], tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    folder = tmp_path_factory.mktemp("device")
    (folder / "all.cpp").write_text(HEAD + "\n".join(map(part, cases.values())))
    flags = ["-w", "-O2", "-march=native", "-ffp-contract=off", "-std=c++17", "-shared", "-fPIC"]
    subprocess.run(["g++", *flags, "all.cpp", "-o", "all.so"], cwd=folder, check=True)
    return ctypes.CDLL(str(folder / "all.so"))


@needs_compiler
def test_device_functions_give_the_bits_of_numpy(cases: dict[str, Case], library: ctypes.CDLL) -> None:
    for name, case in cases.items():
        if name not in line_cases():
            assert np.array_equal(called(library, case), case.expected, equal_nan=True), name


@needs_compiler
@pytest.mark.parametrize("real", ["double", "float"])
@pytest.mark.parametrize("kind", ["delay", "box"])
def test_lines_remember(kind: str, real: str, cases: dict[str, Case], library: ctypes.CDLL) -> None:
    case = cases[f"{kind}_{real}"]
    entered = np.random.default_rng(9).standard_normal((40, B * 7)).astype(case.source.dtype)
    for step, values in enumerate(entered):
        found = called(library, replace(case, step=step, source=values))
        expected = look_back(kind, entered[: step + 1])
        exact = kind == "delay"
        bound = 0.0 if exact else 40 * np.finfo(case.source.dtype).eps
        assert np.abs(found - expected).max() <= bound, step


# ---- nvcc: the same text as the kernels of a program, in the frame that Brian2CUDA gives it ----------------------

KERNEL = """
namespace in_@NAME@ {
@POINTERS@
@TEXT@
}
__global__ void run_@NAME@(const @TYPE@* source, int64_t t_in_timesteps, double* out@PARAMETERS@) {
  using namespace in_@NAME@;
  const int32_t i = blockIdx.x*blockDim.x + threadIdx.x;
  @SET@
  out[i] = @CALL@;
}
"""
POINTER = """
#if (defined(__CUDA_ARCH__) && (__CUDA_ARCH__ > 0))
static __device__ @TYPE@* _namespace@NAME@;
#else
static @TYPE@* _namespace@NAME@;
#endif
"""


def kernel_part(case: Case) -> str:
    types = {name: C_TYPE[array.dtype.name] for name, array in case.arrays.items()}
    filled = {
        "POINTERS": "".join(POINTER.replace("@TYPE@", kind).replace("@NAME@", name) for name, kind in types.items()),
        "PARAMETERS": "".join(f", {kind}* {name}" for name, kind in types.items()),
        "SET": " ".join(f"_namespace{name} = {name};" for name in types),
        "NAME": case.name,
        "TYPE": C_TYPE[case.source.dtype.name],
        "TEXT": case.text,
        "CALL": case.call,
    }
    text = KERNEL
    for mark, value in filled.items():
        text = text.replace(f"@{mark}@", value)
    return text


def kernel_case(kernel: Kernel, real: str) -> Case:
    """The text of a kernel; nothing is computed."""
    kernel = replace(kernel, name=f"{kernel.name}_{real}")
    number = np.zeros(1, np.float32 if real == "float" else np.float64)
    types = {name: number if name.split("_")[0] in ("w", "wt", "v") else np.zeros(1, np.int32) for name in
             cuda_kernels.array_names(kernel)}  # fmt: skip
    other = {"own": kernel.own, "flag": kernel.only}
    types |= {key: number for key, used in other.items() if used}
    given = {"x": "source"} | {key: key for key, used in other.items() if used}
    text = cuda_kernels.cuda_text(kernel, B, given, real) + cuda_kernels.step_text(kernel)
    call = f"{kernel.name}_get(i) + {kernel.name}_step(t_in_timesteps)"
    return Case(kernel.name, text, call, types, 1, number, source=np.zeros(1, np.int32) if kernel.spikes else number)


def kernels() -> list[Kernel]:
    def one(kind: str, spikes: bool = False, **more: Any) -> Kernel:
        words = [kind, "spikes" if spikes else "graded", *more]
        return Kernel("_".join(words), kind, spikes, ("p", "x"), "q", N, 5, stride=16, edges=99, **more)

    found = [one(kind, spikes) for kind in ("dense", "sparse", "ones") for spikes in (False, True)]
    found += [one("sparse", spikes, own="e") for spikes in (False, True)]
    found += [one(kind, only="f") for kind in ("dense", "sparse", "ones")]
    return [*found, *(one(kind) for kind in ("edges", "spread", *REDUCTIONS))]


@pytest.mark.skipif(not cuda_tools.has_nvcc(), reason="nvcc is not installed")
def test_nvcc_takes_every_function_and_fuses_what_cpp_fuses(cases: dict[str, Case], tmp_path: Path) -> None:
    head = "".join(f"#include <{name}>\n" for name in ("cmath", "cstdint", "cstring"))
    every = [*cases.values(), *(kernel_case(kernel, real) for kernel in kernels() for real in ("double", "float"))]
    (tmp_path / "all.cu").write_text(head + "\n".join(map(kernel_part, every)))
    command = [str(cuda_tools.nvcc()), *NVCC_FLAGS, "-ptx", "all.cu", "-o", "all.ptx"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    text = (tmp_path / "all.ptx").read_text()
    entries = text.split(".visible .entry")[1:]
    assert len(entries) == len(every)
    assert re.search(r"\.approx|\.ftz", text) is None
    fused = {re.search(r"run_(\w+?)P", entry)[1] for entry in entries if re.search(r"\bfma\.", entry)}
    assert fused == {"dense_graded_double", "dense_graded_float"}


# ---- the text itself --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kernel", kernels(), ids=lambda kernel: kernel.name)
def test_the_text_is_whole_and_has_nothing_of_the_host(kernel: Kernel) -> None:
    text = cuda_kernels.cuda_text(kernel, B, {"x": "_ptr"}, step="now")
    assert "%" not in text
    assert not any(word in text for word in ("std::vector", "nth_element", "static std", "new ", "malloc"))
    assert f"#define {kernel.name}_get(i) {kernel.name}_sum(i, now, _ptr)" in text
    assert text.count("static inline") == text.count("__host__ __device__ static inline") > 0


def test_an_empty_sparse_matrix_gathers_nothing() -> None:
    kernel = Kernel("k", "sparse", False, ("p", "x"), "q", 4, 3, edges=2)
    made = cuda_kernels.gathered(
        kernel, {"w_k": np.zeros(2), "p_k": np.zeros(5, np.int32), "j_k": np.zeros(2, np.int32)}
    )
    assert made["pt_k"].tolist() == [0, 0, 0, 0]
    assert (made["jt_k"].size, made["wt_k"].size) == (2, 2)


@pytest.mark.parametrize("own", ["", "e"])
def test_sources_are_gathered_in_ascending_order(own: str) -> None:
    draw = np.random.default_rng(6)
    full = np.where(draw.random((30, 20)) < 0.2, draw.standard_normal((30, 20)), 0.0).astype(np.float32)
    arrays = stored_sparse(sparse.csr_array(full), 32, 700)
    number = draw.permutation(700).astype(np.int32)
    given = {f"{part}_k": array for part, array in arrays.items()} | {"i_k": number}
    if own:
        del given["w_k"]
    made = cuda_kernels.gathered(Kernel("k", "sparse", False, ("p", "x"), "q", 32, 24, edges=700, own=own), given)
    columns = sparse.csc_array(full)
    count = columns.nnz
    assert made["pt_k"].tolist() == [*columns.indptr.tolist(), *[count] * 4]
    assert made["jt_k"][:count].tolist() == columns.indices.tolist()
    if own:
        at = {edge: arrays["w"][place] for place, edge in enumerate(number)}
        assert [at[edge] for edge in made["it_k"][:count]] == columns.data.tolist()
    else:
        assert made["wt_k"][:count].tolist() == columns.data.tolist()
    assert (made["pt_k"].dtype, made["jt_k"].dtype, made["jt_k"].size) == (np.int32, np.int32, 700)


def test_edges_are_gathered_at_their_targets() -> None:
    arrays = {"live_k": np.array([4, 3], np.int32), "j_k": np.array([2, 0, 2, 0, 0, 0], np.int32)}
    made = cuda_kernels.gathered(Kernel("k", "edges", False, ("e", "carried"), "q", 6, 3), arrays)
    assert made["pt_k"].tolist() == [0, 2, 2, 4]
    assert made["jt_k"][:4].tolist() == [1, 3, 0, 2]
