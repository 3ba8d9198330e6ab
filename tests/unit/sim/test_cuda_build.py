"""From a written source to a program: what is merged, what is made equal, what a failure says."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from neuroam.errors import BuildError
from neuroam.sim import build, cuda, cuda_tools
from neuroam.sim.cuda_source import settle
from neuroam.sim.cuda_tools import Curand, Gpu
from neuroam.sim.structure import Blueprint, Plan, Wanted

CODE = """#include "objects.h"
namespace {
  double twice(double x) { return 2*x; }
}
__global__ void _run_kernel_@NAME@(int _N)
{
    using namespace brian;
    twice(1);
}
void _run_@NAME@()
{
    using namespace brian;
}
"""
MAKEFILE = "SRCS = a.cu\nmain: $(SRCS)\n\t@test -e link/libcurand.so && cat $(SRCS) > main && echo $(CXX) >> main\n"


@pytest.fixture
def source(tmp_path):
    (tmp_path / "code_objects").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / "code_objects" / f"{name}.cu").write_text(CODE.replace("@NAME@", name))
    for name in ("main", "network", "objects", "rand", "run"):
        (tmp_path / f"{name}.cu").write_text("using namespace brian;\nnamespace {\n}\n")
    (tmp_path / "makefile").write_text(MAKEFILE)
    return tmp_path


def test_every_source_is_in_one_unit(source):
    written = [(source / name).read_text().split() for name in cuda.merge(source)]
    included = [word.strip('"') for words in written for word in words[1::2]]
    assert sorted(included) == sorted(
        str(path.relative_to(source)) for path in source.rglob("*.cu") if "unit" not in path.name
    )
    # what rand.cu declares to be in use must not hold for another file
    assert written[-1][-1] == '"rand.cu"'


def test_private_functions_of_code_objects_stay_private(source):
    cuda.merge(source)
    texts = [(source / "code_objects" / f"{name}.cu").read_text() for name in ("a", "b", "c")]
    for number, text in enumerate(texts):
        assert f"namespace private_{number} {{" in text
        assert text.count(f"using namespace brian; using namespace private_{number};") == 2
    assert (source / "main.cu").read_text() == "using namespace brian;\nnamespace {\n}\n"


def test_only_lines_in_no_order_are_sorted(tmp_path):
    lines = [
        "first();",
        "    _array_b_clock_timestep[0] = 0;",
        "    _array_a_clock_t[0] = 0.0;",
        "    network.add(&b_clock, _run_random_number_buffer);",
        "    network.add(&a_clock, _run_random_number_buffer);",
        "    network.add(&a_clock, _run_z);",
        "    network.add(&a_clock, _run_y);",
        "    _array_c[0] = 2;",
        "    _array_c[0] = 1;",
    ]
    path = tmp_path / "main.cu"
    path.write_text("\n".join(lines))
    settle(path)
    assert path.read_text().splitlines() == [lines[place] for place in (0, 2, 1, 4, 3, 5, 6, 7, 8)]


@pytest.fixture
def with_nvcc(monkeypatch, source):
    library = source / "libcurand.so.10"
    library.touch()
    monkeypatch.setattr(cuda_tools, "lacking", lambda need: [])
    monkeypatch.setattr(cuda_tools, "curand", lambda: Curand(source, library, known=False))
    monkeypatch.setenv("CXX", "my-g++ -v")
    return source


def test_the_makefile_gets_the_units_the_compiler_and_the_library(with_nvcc):
    cuda.compile_source(with_nvcc)
    text = (with_nvcc / "main").read_text()
    assert text.splitlines()[-1] == "my-g++"
    assert text.count("#include") == 8
    assert (with_nvcc / "link" / "libcurand.so").resolve() == with_nvcc / "libcurand.so.10"
    cuda.compile_source(with_nvcc)  # a second time over the first


@pytest.mark.parametrize("makefile", ["main:\n\t@echo no such word; exit 1\n", "main:\n\t@echo no such word\n"])
def test_a_failure_says_what_the_compiler_said(with_nvcc, makefile):
    (with_nvcc / "makefile").write_text(makefile)
    with pytest.raises(BuildError, match="compiling the CUDA program failed:\nno such word"):
        cuda.compile_source(with_nvcc)


@pytest.mark.parametrize(("card", "capability"), [(Gpu("card", 9.0), 9.0), ("no driver", 8.0)])
def test_a_program_is_for_the_gpu_that_is_there(monkeypatch, card, capability):
    monkeypatch.setattr(cuda_tools, "gpu", lambda: card)
    monkeypatch.setattr(cuda_tools, "nvcc", lambda: None)
    assert cuda._capability() == capability


def test_the_key_is_of_the_blueprint_compilers_and_architecture(monkeypatch):
    plan = Plan("t", {}, [], {}, {}, {}, [], 10, 1e-4, {})
    one = Blueprint(plan, 2, Wanted())
    monkeypatch.setattr(cuda_tools, "nvcc", lambda: "/bin/sh")
    monkeypatch.setattr(cuda_tools, "curand", lambda: None)
    monkeypatch.setattr(cuda_tools, "ask", lambda name, option: f"{name} 12")
    arrays = {"w": np.zeros(3)}
    keys = [cuda.key_of(one, arrays, 8.0), cuda.key_of(one, arrays, 9.0), cuda.key_of(one, {"w": np.zeros(4)}, 8.0)]
    keys += [cuda.key_of(replace(one, batch=3), arrays, 8.0), build.key_of(one, arrays)]
    keys.append(cuda.key_of(replace(one, precision="single"), arrays, 8.0))
    monkeypatch.setattr(cuda, "NVCC_FLAGS", ["-fast"])
    keys.append(cuda.key_of(one, arrays, 8.0))
    monkeypatch.setattr(cuda_tools, "ask", lambda name, option: f"{name} 99")
    keys.append(cuda.key_of(one, arrays, 8.0))
    assert len(set(keys)) == 8
    assert cuda.key_of(one, {"w": np.ones(3)}, 8.0) == keys[-1], "numbers are not compiled"


def test_the_key_needs_no_brian2():
    text = (
        "import sys, numpy as np; from neuroam.sim import cuda; from neuroam.sim.structure import *;"
        "cuda.key_of(Blueprint(Plan('t', {}, [], {}, {}, {}, [], 1, 1.0, {}), 1, Wanted()), {'w': np.zeros(1)}, 8.0);"
        "print('brian2' in sys.modules or 'brian2cuda' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
