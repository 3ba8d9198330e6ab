"""Plan -> compiled CUDA program, once: generated anywhere, compiled where nvcc is, run where a GPU is.

A program is run like one of C++ (`neuroam.sim.execute`): it reads the same arrays and leaves the same files.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from neuroam.errors import BuildError
from neuroam.sim import build as cpp
from neuroam.sim import cuda_tools as tools
from neuroam.sim.cuda_plan import for_gpu, unsupported, values_for_gpu
from neuroam.sim.cuda_source import COMMON, HOST_FLAGS, NVCC_FLAGS, generate
from neuroam.sim.execute import Program
from neuroam.sim.structure import Plan, Wanted
from neuroam.sim.values import Values

SOURCES = (".cu", ".h")
UNITS = 2  # reading the headers takes nvcc longer than all else: more files cost more than they share out
_ANONYMOUS = re.compile(r"^namespace\s*\{", re.MULTILINE)


def prepare(plan: Plan) -> Plan:
    """The plan as it runs on a GPU.

    Raises
    ------
    BuildError
        With every reason why it cannot.
    """
    reasons = unsupported(plan)
    if reasons:
        listed = "\n".join(f"  {reason}" for reason in reasons)
        raise BuildError(f"the cuda device cannot run this circuit:\n{listed}\n      fix: use --device cpp")
    return for_gpu(plan)


def write_program(plan: Plan, batch: int, values: Values, recorded: Wanted, folder: Path, *, compiled: bool) -> None:
    """Write the program of a plan into a folder, its manifest beside it, and compile it if asked; runs nothing.

    Raises
    ------
    EnvironmentLacks, BuildError
        If something is missing, or the circuit cannot run on a GPU.
    """
    tools.require("compile" if compiled else "generate")
    prepared = prepare(plan)
    arrays = dict(values_for_gpu(prepared, values).arrays)
    manifest = generate(prepared, batch, arrays, recorded, folder, _capability())
    (folder / "manifest.json").write_text(json.dumps(manifest))
    if compiled:
        compile_source(folder)


def build(prepared: Plan, batch: int, values: Values, recorded: Wanted) -> tuple[Program, bool]:
    """The program of a plan, and whether it was in the cache; ``values`` are those of `values_for_gpu`.

    Raises
    ------
    EnvironmentLacks, BuildError
        See `compile_source`.
    """
    with tempfile.TemporaryDirectory(prefix="neuroam-cuda-") as name:
        source = Path(name)
        capability = _capability()
        manifest = generate(prepared, batch, dict(values.arrays), recorded, source, capability)
        entry = cpp.cache_folder() / _key(source, manifest, capability)
        hit = (entry / "manifest.json").exists()
        if not hit:
            with cpp._lock(entry.with_suffix(".lock")):
                hit = (entry / "manifest.json").exists()
                if not hit:
                    compile_source(source)
                    cpp._publish(source, entry, manifest)
    return cpp._program(entry), hit


def _capability() -> float:
    """Of the GPU here, as far as nvcc knows it; a common one if there is none."""
    card, compiler = tools.gpu(), tools.nvcc()
    wanted = card.capability if isinstance(card, tools.Gpu) else COMMON
    return tools.architecture(compiler, wanted) if compiler else wanted


def _host_compiler() -> str:
    return shlex.split(os.environ.get("CXX", "g++"))[0]


def _key(source: Path, manifest: dict[str, Any], capability: float) -> str:
    """Of everything that the program depends on: source, compilers, options, architecture."""
    said = [tools.ask(name, "--version") for name in (tools.nvcc(), _host_compiler()) if name and shutil.which(name)]
    words = [*said, str(capability), *NVCC_FLAGS, *HOST_FLAGS, json.dumps(manifest, sort_keys=True)]
    digest = hashlib.sha256("\0".join(words).encode())
    for path in sorted(source.rglob("*")):
        if path.suffix in SOURCES:
            digest.update(str(path.relative_to(source)).encode() + path.read_bytes())
    return "cuda-" + digest.hexdigest()[:32]


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
    command = ["make", f"-j{jobs}", f"CXX={_host_compiler()}", f"SRCS={' '.join(units)}"]
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
