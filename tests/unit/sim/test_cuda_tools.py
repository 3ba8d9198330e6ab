"""Every lack has a sentence; what nvcc says of itself is understood."""

import stat
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from neuroam.errors import EnvironmentLacks
from neuroam.sim import cuda_tools
from neuroam.sim.cuda_tools import Curand, Gpu

CARD = Gpu("NVIDIA A100", 8.0)
CURAND = Curand(Path("include"), Path("libcurand.so"), known=True)
PRESENT = {"brian2cuda_version": "1.0b1", "nvcc": "/opt/nvcc", "curand": CURAND, "gpu": CARD}


@pytest.fixture
def machine(monkeypatch):
    """``machine(nvcc=None)``: a machine where everything is but what is named."""

    def make(**changed):
        for name, value in (PRESENT | changed).items():
            monkeypatch.setattr(cuda_tools, name, lambda value=value: value)
        monkeypatch.setattr(cuda_tools.shutil, "which", lambda name: f"/usr/bin/{name}")

    return make


@pytest.mark.parametrize(
    ("changed", "generate", "compiling", "run"),
    [
        ({}, 0, 0, 0),
        ({"brian2cuda_version": None}, 1, 1, 1),
        ({"nvcc": None}, 0, 1, 1),
        ({"curand": None}, 0, 1, 1),
        ({"nvcc": None, "curand": None}, 0, 1, 1),
        ({"gpu": "the driver lists none"}, 0, 0, 1),
        ({"nvcc": None, "gpu": "the driver lists none"}, 0, 1, 2),
    ],
)
def test_only_what_is_needed_is_asked_for(machine, changed, generate, compiling, run):
    machine(**changed)
    assert [len(cuda_tools.lacking(need)) for need in ("generate", "compile", "run")] == [generate, compiling, run]


def test_all_lacks_are_told_at_once(machine):
    machine(nvcc=None, gpu="the driver lists none")
    with pytest.raises(EnvironmentLacks) as caught:
        cuda_tools.require("run")
    first, second, fix = str(caught.value).splitlines()
    assert first.startswith("no nvcc found: install")
    assert second == "no NVIDIA GPU found: the driver lists none"
    assert fix == "      fix: use --device cpp or numpy here"
    assert caught.value.exit_code == 3


def test_no_make_is_a_lack(machine, monkeypatch):
    machine()
    monkeypatch.setattr(cuda_tools.shutil, "which", lambda name: None)
    assert cuda_tools.lacking("compile") == [cuda_tools.NO_MAKE]


def test_a_gpu_in_words():
    assert cuda_tools.described(CARD) == "NVIDIA A100, compute capability 8.0"
    assert cuda_tools.described("why") == "no NVIDIA GPU found: why"


# ---- a compiler that says what nvcc says ------------------------------------------------------------------------

SAYS = """#!/bin/sh
case "$1" in
--version) echo "Cuda compilation tools, release 12.4, V12.4.99";;
--list-gpu-arch) printf 'compute_75\\ncompute_80\\ncompute_90\\ncompute_100\\n';;
--dryrun) echo '#$ TOP=/t' >&2; echo '#$ INCLUDES="-I@ROOT@/include"  ' >&2; echo '#$ LIBRARIES=  "-L@ROOT@/lib/stubs" "-L@ROOT@/lib"' >&2;;
esac
"""


@pytest.fixture
def toolkit(monkeypatch, tmp_path):
    for folder in ("bin", "include", "lib/stubs"):
        (tmp_path / folder).mkdir(parents=True)
    nvcc = tmp_path / "bin" / "nvcc"
    nvcc.write_text(SAYS.replace("@ROOT@", str(tmp_path)))
    nvcc.chmod(nvcc.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CUDA_PATH", str(tmp_path))
    return tmp_path


def test_cuda_path_comes_first(toolkit, monkeypatch):
    assert cuda_tools.nvcc() == str(toolkit / "bin" / "nvcc")
    assert cuda_tools.has_nvcc()
    monkeypatch.setenv("CUDA_PATH", str(toolkit / "elsewhere"))
    assert cuda_tools.nvcc() is None


def test_a_compiler_that_does_not_run_says_nothing(tmp_path):
    assert cuda_tools.ask(str(tmp_path / "nvcc"), "--version") == ""
    assert cuda_tools.nvcc_version(str(tmp_path / "nvcc")) == 0.0


@pytest.mark.parametrize(("capability", "chosen"), [(7.5, 7.5), (8.6, 8.0), (9.0, 9.0), (12.0, 10.0)])
def test_the_architecture_is_one_that_nvcc_knows(toolkit, capability, chosen):
    assert cuda_tools.nvcc_version(cuda_tools.nvcc()) == 12.4
    assert cuda_tools.architecture(cuda_tools.nvcc(), capability) == chosen


def test_a_gpu_too_old_for_nvcc_is_refused(toolkit):
    with pytest.raises(
        EnvironmentLacks, match=r"this nvcc \(12.4\) compiles for GPUs of capability 7.5 and above, the GPU has 6.1"
    ):
        cuda_tools.architecture(cuda_tools.nvcc(), 6.1)


def test_curand_is_found_where_nvcc_looks(toolkit):
    (toolkit / "include" / "curand.h").touch()
    (toolkit / "lib" / "stubs" / "libcurand.so").touch()  # a stub links, but does not run
    assert cuda_tools.curand() != Curand(toolkit / "include", toolkit / "lib" / "stubs" / "libcurand.so", known=True)
    (toolkit / "lib" / "libcurand.so").touch()
    assert cuda_tools.curand() == Curand(toolkit / "include", toolkit / "lib" / "libcurand.so", known=True)


def test_curand_is_found_in_the_python_environment(monkeypatch, tmp_path):
    monkeypatch.setattr(cuda_tools, "nvcc", lambda: None)
    monkeypatch.setattr(cuda_tools, "_curand", lambda headers, libraries, known, own=cuda_tools._curand: (
        None if known else own(headers, libraries, known=known)
    ))  # fmt: skip
    folder = tmp_path / "nvidia" / "cu13"
    for file in ("include/curand.h", "lib/libcurand.so.10"):
        (folder / file).parent.mkdir(parents=True)
        (folder / file).touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "nvidia", raising=False)
    found = cuda_tools.curand()
    assert found == Curand(folder / "include", folder / "lib" / "libcurand.so.10", known=False)


# ---- a driver ---------------------------------------------------------------------------------------------------


def driver(status: int = 0, count: int = 1) -> SimpleNamespace:
    """The calls of libcuda that are made; every one fills in what it is given."""

    def fill(place, value):
        (place._obj if hasattr(place, "_obj") else place).value = value
        return 0

    return SimpleNamespace(
        cuInit=lambda flags: status,
        cuDeviceGetCount=lambda found: fill(found, count),
        cuDeviceGet=lambda device, number: 0,
        cuDeviceGetName=lambda name, size, device: fill(name, b"NVIDIA H100"),
        cuDeviceGetAttribute=lambda number, attribute, device: fill(number, {75: 9, 76: 0}[attribute]),
    )


def test_the_driver_describes_its_gpu(monkeypatch):
    monkeypatch.setattr(cuda_tools.ctypes, "CDLL", lambda name: driver())
    assert cuda_tools.gpu() == Gpu("NVIDIA H100", 9.0)
    assert cuda_tools.has_gpu()


@pytest.mark.parametrize(("status", "count"), [(100, 1), (0, 0)])
def test_a_driver_without_a_gpu_says_so(monkeypatch, status, count):
    monkeypatch.setattr(cuda_tools.ctypes, "CDLL", lambda name: driver(status, count))
    assert cuda_tools.gpu() == f"the driver lists none (status {status}); CUDA_VISIBLE_DEVICES may hide it"
    assert not cuda_tools.has_gpu()


def test_no_driver(monkeypatch):
    def missing(name):
        raise OSError(name)

    monkeypatch.setattr(cuda_tools.ctypes, "CDLL", missing)
    assert cuda_tools.gpu() == "the driver's library libcuda.so.1 is missing"
