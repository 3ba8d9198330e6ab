"""The functions of a CUDA program, compiled as C++ (without its words for the GPU), give the bits of numpy.

The text is what Brian2CUDA gets: the implementations that the Brian2 functions carry.  Cells are visited in a shuffled
order, for threads have none.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from neuroam import formula
from neuroam.sim import cuda_kernels, cuda_tools, noise, pick, signals
from neuroam.sim.cuda_source import NVCC_FLAGS
from neuroam.sim.kernels import numpy_step
from neuroam.sim.structure import Kernel, Table
from neuroam.units import ONE

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed")
B, N, STEP = 3, 37, 4_000_000_000
KEY = 0x0123_4567_89AB_CDEF
REDUCTIONS = ["sum", "mean", "max", "min", "argmax", "kth1", "kth3", "kth37", "kth99"]


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

C_TYPE = {"float64": "double", "int32": "int32_t", "int64": "int64_t"}
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


# ---- kernels ----------------------------------------------------------------------------------------------------


def spread(draw: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of all sizes and some zeros: their sum depends on the order."""
    numbers = draw.standard_normal(shape) * 10.0 ** draw.integers(-8, 8, shape)
    return np.where(draw.random(shape) < 0.2, 0.0, numbers)


def weights(draw: np.random.Generator, name: str, kind: str, size_out: int) -> dict[str, np.ndarray]:
    if kind not in ("dense", "sparse"):
        return {}
    full = spread(draw, (N, size_out))
    if kind == "dense":
        return {f"w_{name}": full.ravel()}
    full[draw.random(full.shape) < 0.7] = 0.0
    if size_out > 1:
        full[:, 0] = 0.0  # a cell that nothing reaches
    rows = sparse.csr_array(full)
    return {
        f"w_{name}": rows.data,
        f"p_{name}": rows.indptr.astype(np.int32),
        f"j_{name}": rows.indices.astype(np.int32),
    }


def kernel_case(name: str, kind: str, spikes: bool, size_out: int) -> Case:
    draw = np.random.default_rng(sum(name.encode()))
    kernel = Kernel(name, kind, spikes, ("p", "x"), N, size_out)
    arrays = weights(draw, name, kind, size_out)
    if spikes:
        now = draw.random(B * N) < 0.3
        now[:N] = False  # a trial in which no cell fires
        listed = np.flatnonzero(now)
        read = np.concatenate([listed, np.full(B * N - listed.size, -1), [listed.size]])
        source = np.where(now, 7, draw.integers(-1, 7, B * N)).astype(np.int32)
    else:
        read = source = spread(draw, (B * N,))
    expected = numpy_step(kernel, B, lambda: read, arrays)(7)
    if kind == "sparse":
        arrays |= cuda_kernels.gathered(kernel, arrays)
    held = {key: arrays[key] for key in cuda_kernels.array_names(kernel)}
    text = cuda_kernels.cuda_text(kernel, "source") + cuda_kernels.step_text(kernel)
    call = f"{name}_get(i) + {name}_step(t_in_timesteps)"
    return Case(name, text, call, held, B * size_out, expected, step=7, source=source)


def kernel_cases() -> list[Case]:
    shapes = [
        (kind, spikes, size) for kind in ("dense", "sparse", "ones") for spikes in (False, True) for size in (1, 5, 64)
    ]
    sums = [kernel_case(f"{kind}_{'spikes' if s else 'graded'}_{size}", kind, s, size) for kind, s, size in shapes]
    return [*sums, *(kernel_case(f"red_{kind}", kind, False, N) for kind in REDUCTIONS)]


# ---- noise, signals and powers ----------------------------------------------------------------------------------


def noise_cases() -> list[Case]:
    trials, cells = [7, 0, 4_000_000_000], 500
    address = np.repeat(trials, cells), STEP, np.tile(np.arange(cells), 3)
    lam = np.resize([0.0, 0.5, 8.0, 31.9, 32.0, 700.0, np.nan, -1.0], 3 * cells)
    made = []
    for kind, stream in (("uniform", 1), ("gaussian", 65_535), ("poisson", 9)):
        text, arrays = registered(noise.brian_function(kind, kind, stream, trials, cells, KEY))
        more = (lam,) if kind == "poisson" else ()
        call = f"{kind}(t_in_timesteps, i{', source[i]' if more else ''})"
        expected = getattr(noise, kind)(KEY, stream, *address, *more)
        made.append(Case(kind, text, call, arrays, 3 * cells, expected, source=lam))
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
    for table in (Table("stim_x", ONE, 2), Table("ctl_c", ONE, 2, per_trial=True), Table("hold_s", ONE, 2, hold=True)):
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


def power_case() -> Case:
    from neuroam.sim import emit

    text, _ = registered(emit._int_power())
    base = np.random.default_rng(4).standard_normal(999)
    expected = formula.int_power(base, 7.0)
    return Case("power", text, "int_power(source[i], 7)", {}, 999, expected, source=base)


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    every = [*kernel_cases(), *noise_cases(), pick_case(), *signal_cases(), power_case()]
    return {case.name: case for case in every}


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
        found = called(library, case)
        assert np.array_equal(found, case.expected, equal_nan=True), name


def test_the_cases_can_fail(cases: dict[str, Case]) -> None:
    """Sums of these numbers depend on their order, and trials differ."""
    draw = np.random.default_rng(5)
    numbers = spread(draw, (50, N))
    assert np.mean(np.cumsum(numbers, axis=1)[:, -1] != np.cumsum(numbers[:, ::-1], axis=1)[:, -1]) > 0.5
    for name, case in cases.items():
        if name.startswith(("dense", "sparse", "red")):
            trials = case.expected.reshape(B, -1)
            assert not np.array_equal(trials[1], trials[2]), name


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


@pytest.mark.skipif(not cuda_tools.has_nvcc(), reason="nvcc is not installed")
def test_nvcc_takes_every_function_and_fuses_nothing(cases: dict[str, Case], tmp_path: Path) -> None:
    head = "".join(f"#include <{name}>\n" for name in ("cmath", "cstdint", "cstring"))
    (tmp_path / "all.cu").write_text(head + "\n".join(map(kernel_part, cases.values())))
    command = [str(cuda_tools.nvcc()), *NVCC_FLAGS, "-ptx", "all.cu", "-o", "all.ptx"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    text = (tmp_path / "all.ptx").read_text()
    assert text.count(".visible .entry") == len(cases)
    assert re.search(r"\bfma\.|\.approx|\.ftz", text) is None


# ---- the text itself --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "spikes"),
    [
        *((kind, spikes) for kind in ("dense", "sparse", "ones") for spikes in (False, True)),
        *((r, False) for r in REDUCTIONS),
    ],
)
def test_the_text_is_whole_and_has_nothing_of_the_host(kind: str, spikes: bool) -> None:
    kernel = Kernel("k", kind, spikes, ("p", "x"), N, 5)
    text = cuda_kernels.cuda_text(kernel, "_ptr", "now")
    assert "%" not in text
    assert not any(word in text for word in ("std::vector", "nth_element", "static std", "new ", "malloc"))
    assert "#define k_get(i) k_sum(i, _ptr, now)" in text
    assert text.count("static inline") == text.count("__host__ __device__ static inline") > 0


def test_an_empty_sparse_matrix_gathers_nothing() -> None:
    kernel = Kernel("k", "sparse", False, ("p", "x"), 4, 3)
    arrays = {"w_k": np.zeros(1), "p_k": np.zeros(5, np.int32), "j_k": np.zeros(1, np.int32)}
    made = cuda_kernels.gathered(kernel, arrays)
    assert made["pt_k"].tolist() == [0, 0, 0, 0]
    assert (made["jt_k"].size, made["wt_k"].size) == (1, 1)


def test_sources_are_gathered_in_ascending_order() -> None:
    draw = np.random.default_rng(6)
    full = np.where(draw.random((30, 20)) < 0.2, draw.standard_normal((30, 20)), 0.0)
    rows = sparse.csr_array(full)
    arrays = {"w_k": rows.data, "p_k": rows.indptr.astype(np.int32), "j_k": rows.indices.astype(np.int32)}
    made = cuda_kernels.gathered(Kernel("k", "sparse", False, ("p", "x"), 30, 20), arrays)
    columns = sparse.csc_array(full)
    assert made["pt_k"].tolist() == columns.indptr.tolist()
    assert made["jt_k"].tolist() == columns.indices.tolist()
    assert made["wt_k"].tolist() == columns.data.tolist()
    assert (made["pt_k"].dtype, made["jt_k"].dtype, made["wt_k"].dtype) == (np.int32, np.int32, np.float64)
