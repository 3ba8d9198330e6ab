"""Plan -> compiled CUDA program, once: generated anywhere, compiled where nvcc is, run where a GPU is.

A program is run like one of C++ (`neuroam.sim.execute`): it reads the same arrays and leaves the same files.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from neuroam.errors import BuildError
from neuroam.sim import build as cpp
from neuroam.sim import cache
from neuroam.sim import cuda_tools as tools
from neuroam.sim.cuda_plan import arrays_for_gpu, for_gpu, unsupported
from neuroam.sim.cuda_source import COMMON, HOST_FLAGS, NVCC_FLAGS, generate
from neuroam.sim.execute import Program
from neuroam.sim.structure import Blueprint

Arrays = Mapping[str, NDArray[Any]]

UNITS = 2  # reading the headers takes nvcc longer than all else: more files cost more than they share out
_ANONYMOUS = re.compile(r"^namespace\s*\{", re.MULTILINE)


def prepare(blueprint: Blueprint) -> Blueprint:
    """The blueprint of a program for a GPU.

    Raises
    ------
    BuildError
        With every reason why there is none.
    """
    reasons = unsupported(blueprint)
    if reasons:
        listed = "\n".join(f"  {reason}" for reason in reasons)
        raise BuildError(f"the cuda device cannot run this circuit:\n{listed}\n      fix: use --device cpp")
    return replace(blueprint, plan=for_gpu(blueprint.plan))


def write_program(blueprint: Blueprint, arrays: Arrays, folder: Path, *, compiled: bool) -> None:
    """Leave the source of a program and its manifest in a folder, and the program ``main`` if asked; needs no GPU.

    Raises
    ------
    EnvironmentLacks, BuildError
        If something is missing, or the circuit cannot run on a GPU.
    """
    tools.require("compile" if compiled else "generate")
    prepared = prepare(blueprint)
    folder.mkdir(parents=True, exist_ok=True)
    manifest = generate(prepared, arrays_for_gpu(prepared.plan, arrays), folder, _capability())
    (folder / "manifest.json").write_text(json.dumps(manifest))
    if compiled:
        compile_source(folder)


def build(blueprint: Blueprint, arrays: Arrays) -> tuple[Program, bool]:
    """The program of a blueprint, and whether it was in the cache; Brian2 is imported only if it was not.

    Of ``arrays``, those of C++, only names, types and sizes are looked at.

    Raises
    ------
    EnvironmentLacks, BuildError
        As of `write_program`.
    """
    prepared = prepare(blueprint)
    held = arrays_for_gpu(prepared.plan, arrays)
    capability = _capability()

    def make(staged: Path) -> None:
        tools.require("compile")
        with tempfile.TemporaryDirectory(prefix="neuroam-cuda-") as name:
            source = Path(name)
            manifest = generate(prepared, held, source, capability)
            compile_source(source)
            cpp.stage(source, staged, manifest)

    entry, hit = cache.obtain(key_of(prepared, held, capability), make, f"{cpp.title(blueprint)}, CUDA")
    return cpp.program_in(entry), hit


def _capability() -> float:
    """Of the GPU here, as far as nvcc knows it; a common one if there is none."""
    card, compiler = tools.gpu(), tools.nvcc()
    wanted = card.capability if isinstance(card, tools.Gpu) else COMMON
    return tools.architecture(compiler, wanted) if compiler else wanted


def _host_compiler() -> str:
    return shlex.split(os.environ.get("CXX", "g++"))[0]


def key_of(prepared: Blueprint, arrays: Arrays, capability: float) -> str:
    """Everything that the program follows from: what C++ does, both compilers and their flags, cuRAND, the GPU."""
    said = [tools.ask(name, "--version") for name in (tools.nvcc(), _host_compiler()) if name and shutil.which(name)]
    words = ["cuda", version("brian2"), str(tools.brian2cuda_version()), *said, str(tools.curand()), str(capability)]
    return cpp.digest_of(prepared, arrays, *words, *NVCC_FLAGS, *HOST_FLAGS)


def compiled_with() -> dict[str, str]:
    """The two compilers of programs for a GPU, by the last and the first line of their versions, and their flags."""
    own, host = tools.nvcc(), _host_compiler()
    said = {
        "compiler": tools.ask(own, "--version").strip().splitlines()[-1:] if own else [],
        "host_compiler": tools.ask(host, "--version").splitlines()[:1] if shutil.which(host) else [],
    }
    found = {name: lines[0] for name, lines in said.items() if lines}
    return {**found, "flags": " ".join(NVCC_FLAGS), "host_flags": " ".join(HOST_FLAGS)}


def compile_source(folder: Path) -> None:
    """Compile and link what `generate` wrote, by its makefile.

    Raises
    ------
    EnvironmentLacks
        If nvcc, cuRAND or make is missing.
    BuildError
        If nvcc fails.
    """
    tools.require("compile")
    found = tools.curand()
    assert found is not None
    (folder / "link").mkdir(exist_ok=True)
    link = folder / "link" / "libcurand.so"
    link.unlink(missing_ok=True)
    link.symlink_to(found.library.resolve())
    units = merge(folder)
    jobs = min(UNITS, len(os.sched_getaffinity(0)))
    command = ["make", "--no-print-directory", f"-j{jobs}", f"CXX={_host_compiler()}", f"SRCS={' '.join(units)}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode or not (folder / "main").exists():
        raise BuildError("compiling the CUDA program failed:\n" + (done.stdout + done.stderr)[-3000:])


def merge(folder: Path) -> list[str]:
    """Join all sources to a few files, and name these: most of the time of a build goes into reading the same headers.

    The anonymous namespace of every code object gets a name of its own, so that its private functions stay private.
    """
    within = "using namespace brian;"
    for number, path in enumerate(sorted(folder.glob("code_objects/*.cu"))):
        text = path.read_text()
        if _ANONYMOUS.search(text):
            text = _ANONYMOUS.sub(f"namespace private_{number} {{", text)
            path.write_text(text.replace(within, f"{within} using namespace private_{number};"))
    sources = sorted(path for path in folder.rglob("*.cu") if path.name != "rand.cu")
    # what rand.cu declares to be in use would hold for all that follows it
    parts = [*(sources[unit::UNITS] for unit in range(UNITS - 1)), [*sources[UNITS - 1 :: UNITS], folder / "rand.cu"]]
    names = [f"unit_{unit}.cu" for unit in range(UNITS)]
    for name, part in zip(names, parts, strict=True):
        (folder / name).write_text("".join(f'#include "{path.relative_to(folder)}"\n' for path in part))
    return names
