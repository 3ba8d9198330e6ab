"""Plan -> compiled program, once: the cache is keyed by the generated source, the compiler, its flags and the CPU."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam import formula
from neuroam.errors import BuildError, EnvironmentLacks
from neuroam.sim import cache, pulse
from neuroam.sim.execute import Program
from neuroam.sim.prelude import prelude
from neuroam.sim.structure import Blueprint

# Strict floating point: the same sums in the same order as numpy, and NaN stays visible.
FLAGS = ("-w", "-O3", "-ffp-contract=off", "-std=c++17")
# Our random numbers look into tables; g++ leaves such loops alone on Intel processors unless it is told otherwise.
GATHER = "-mtune-ctrl=use_gather"
# These read and write files, at the start and at the end: optimising them takes most of a build and saves nothing.
BOOKKEEPING = ("main.cpp", "objects.cpp", "run.cpp")


@dataclass(frozen=True)
class Target:
    """The machine that a program is for: its processor as the compiler calls it, or any of its kind if that is empty.

    A ``static`` program has all libraries in it, if the compiler can do that.
    """

    march: str = "native"
    static: bool = False


HERE = Target()


@lru_cache
def flags(command: str, march: str = HERE.march) -> tuple[str, ...]:
    """Options for a compiler, given as ``$CXX`` names it: those that it knows."""
    found: tuple[str, ...] = FLAGS
    for wanted in ([f"-march={march}"] if march else []) + [GATHER]:
        ask = [*shlex.split(command), *found, wanted, "-E", "-x", "c++", os.devnull]
        with suppress(OSError):
            if subprocess.run(ask, capture_output=True, check=False).returncode == 0:
                found = (*found, wanted)
    return found


def _command() -> str:
    return os.environ.get("CXX", "g++")


def compiler() -> str | None:
    """The C++ compiler, or None."""
    name = shlex.split(_command())
    return shutil.which(name[0]) if name else None


def build(blueprint: Blueprint, arrays: Mapping[str, NDArray[Any]], target: Target = HERE) -> tuple[Program, bool]:
    """The program of a blueprint, and whether it was in the cache; Brian2 is imported only if it was not.

    Of ``arrays`` only names, types and shapes are looked at.

    Raises
    ------
    EnvironmentLacks
        If there is no C++ compiler.
    BuildError
        If Brian2 refuses the circuit or the compiler fails.
    """
    _require_compiler()

    def make(staged: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="neuroam-build-") as name:
            source = Path(name)
            manifest = generate(blueprint, arrays, source)
            common = prelude(_command(), flags(_command(), target.march), (compiler_version(), processor()))
            compile_source(source, common, target)
            stage(source, staged, manifest)

    entry, hit = cache.obtain(key_of(blueprint, arrays, target), make, title(blueprint))
    return program_in(entry), hit


def write_program(blueprint: Blueprint, arrays: Mapping[str, NDArray[Any]], folder: Path, *, compiled: bool) -> None:
    """Leave the source of a program and its manifest in a folder, and the program ``main`` if asked.

    Raises
    ------
    EnvironmentLacks, BuildError
        As of `build`.
    """
    if compiled:
        _require_compiler()
    folder.mkdir(parents=True, exist_ok=True)
    manifest = generate(blueprint, arrays, folder)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    if compiled:
        compile_source(folder)


def _require_compiler() -> None:
    if compiler() is None:
        raise EnvironmentLacks("no C++ compiler found: install g++, set CXX, or use --device numpy")


def title(blueprint: Blueprint) -> str:
    """What a program is for, in a line."""
    cells = sum(group.size for group in blueprint.plan.groups.values() if group.of[0] == "population")
    return f"{blueprint.plan.name}: {blueprint.batch} x {cells} cells, {blueprint.plan.n_steps} steps"


def generate(blueprint: Blueprint, arrays: Mapping[str, NDArray[Any]], folder: Path) -> dict[str, Any]:
    """Let Brian2 write the source; the manifest says which files a run reads and writes."""
    import brian2

    from neuroam.sim.emit import duration, emit

    device = _fresh_device(brian2)
    try:
        emitted = emit(blueprint, dict(arrays))
        pulse.add_to_cpp(emitted, blueprint, arrays)
        emitted.network.run(duration(blueprint.plan), namespace={})
        device.build(directory=str(folder), compile=False, run=False, with_output=False)
        return manifest_of(device, emitted, blueprint, arrays)
    except BuildError:
        raise
    except Exception as error:
        raise BuildError(f"the code generator refused the circuit: {error.__cause__ or error}") from error
    finally:
        device.reinit()
        brian2.set_device("runtime")


def _fresh_device(brian2: Any) -> Any:
    brian2.BrianLogger.log_level_error()
    brian2.set_device("cpp_standalone", build_on_run=False)
    brian2.prefs.core.stop_on_keyboard_interrupt = False  # else an interrupted program ends as if it were done
    device = brian2.get_device()
    device.reinit()
    device.activate(build_on_run=False)
    brian2.prefs.codegen.cpp.extra_compile_args_gcc = list(flags(_command()))
    return device


def manifest_of(device: Any, emitted: Any, blueprint: Blueprint, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """Which files a run reads and writes."""
    plan = blueprint.plan

    def file(variable: Any) -> str:
        return Path(device.get_array_filename(variable)).name

    variables: dict[str, tuple[str, int]] = {}
    states: dict[str, str] = {}
    for name, group in emitted.groups.items():
        for variable in plan.groups[name].variables:
            found = group.variables[variable.name]
            variables[f"{group.name}.{variable.name}"] = (np.dtype(found.dtype).name, int(found.size))
            if variable.kind == "cell" and plan.groups[name].of[0] != "parts":
                states[f"{name} {variable.name}"] = file(found)
    used = set(device.static_arrays)
    return {
        "arrays": {key: (array.dtype.name, int(array.size)) for key, array in arrays.items() if key in used},
        "variables": variables,
        "spikes": {k: (file(m.variables["i"]), file(m.variables["t"])) for k, m in emitted.spikes.items()},
        "traces": {" ".join(k): file(m.variables[k[1]]) for k, m in emitted.traces.items()},
        "states": states,
        "cells": {name: group.size * blueprint.batch for name, group in plan.groups.items()},
        "dt": plan.dt,
        "real": np.dtype("float32" if blueprint.precision == "single" else "float64").name,
    }


def key_of(blueprint: Blueprint, arrays: Mapping[str, NDArray[Any]], target: Target = HERE) -> str:
    """Everything that the program follows from: the blueprint, our own text, Brian2, the compiler and the processor."""
    return digest_of(blueprint, arrays, *maker(target), processor())


def maker(target: Target = HERE) -> tuple[str, ...]:
    """What makes programs: Brian2, the compiler and its options."""
    options = " ".join(flags(_command(), target.march))
    return version("brian2"), compiler_version(), options, "static" if target.static else ""


def digest_of(blueprint: Blueprint, arrays: Mapping[str, NDArray[Any]], *words: str) -> str:
    """A key of what programs of all devices follow from, and of ``words``; needs no Brian2."""
    shapes = [(name, array.dtype.name, array.size) for name, array in sorted(arrays.items())]
    parts = (repr(blueprint), repr(shapes), own_text(), *words)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


@lru_cache
def own_text() -> str:
    """A digest of the code that writes programs."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in [*sorted(here.glob("*.py")), *sorted(here.glob("templates/*")), Path(formula.__file__)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def compiler_version() -> str:
    """What the compiler says of itself."""
    path = compiler()
    return f"{os.environ.get('CXX', '')} {_version_of(path) if path else 'no compiler'}"


def compiled_with() -> dict[str, str]:
    """The compiler of C++ programs, by the first line of its version, and its flags."""
    path = compiler()
    first = next(iter(_version_of(path).splitlines()), path) if path else ""
    return {"compiler": first, "flags": " ".join(flags(_command()))} if path else {}


@lru_cache
def _version_of(path: str) -> str:
    return subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout


def processor() -> str:
    """Model and features: ``-march=native`` makes a program specific to them."""
    try:
        first = Path("/proc/cpuinfo").read_text().split("\n\n")[0]
    except OSError:
        return platform.processor() + platform.machine()
    return "\n".join(line for line in first.splitlines() if line.startswith(("model name", "flags", "Features")))


_UNOPTIMISED = '#pragma GCC optimize ("O0")\n'
_ANONYMOUS = re.compile(r"^namespace\s*\{", re.MULTILINE)
_FUNCTION = re.compile(r"^void (_\w+)\(\)\s*\{", re.MULTILINE)


def compile_source(folder: Path, common: Sequence[str] = (), target: Target = HERE) -> None:
    """Compile all sources as two files: most of the time of a build goes into reading the same headers again.

    ``common`` are options that bring precompiled headers, if there are any: see `neuroam.sim.prelude`.

    The anonymous namespace of every source gets a name of its own, so that their private functions stay private.
    """
    sources = sorted(p for p in folder.rglob("*.cpp"))
    for number, path in enumerate(sources):
        text = path.read_text()
        if _ANONYMOUS.search(text):
            text = _ANONYMOUS.sub(f"namespace private_{number} {{", text)
            text = _FUNCTION.sub(rf"void \1() {{ using namespace private_{number};", text)
            path.write_text(text)
    units = [[p for p in sources if p.name not in BOOKKEEPING], [p for p in sources if p.name in BOOKKEEPING]]
    compilers, objects, running = shlex.split(_command()), [], []
    given = [*flags(_command(), target.march), *common]
    plain = given if common else [*given, "-O0"]  # precompiled headers are for the very options they were made with
    for number, (unit, options, head) in enumerate(zip(units, (given, plain), ("", _UNOPTIMISED), strict=True)):
        lines = [head, *(f'#include "{path.relative_to(folder)}"\n' for path in unit)]
        (folder / f"unit_{number}.cc").write_text("".join(lines))
        command = [*compilers, "-c", *options, "-I.", f"unit_{number}.cc", "-o", f"unit_{number}.o"]
        running.append(
            subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        )
        objects.append(f"unit_{number}.o")
    outputs = [process.communicate()[0] for process in running]
    if not any(process.returncode for process in running):
        outputs = []
        for way in (["-static", "-s"], []) if target.static else ([],):
            # what both units hold is taken from the first, which is optimised
            link = [*compilers, *way, *objects, "-o", "main", "-lm"]
            done = subprocess.run(link, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return
            outputs = [done.stderr]
    raise BuildError("compiling the program failed:\n" + "\n".join(outputs)[-3000:])


def stage(source: Path, staged: Path, manifest: dict[str, Any]) -> None:
    """What a run needs of a build: the program, the arrays that belong to the structure, the manifest."""
    shutil.copy2(source / "main", staged / "main")
    (staged / "fixed").mkdir()
    for file in (source / "static_arrays").iterdir():
        if file.name not in manifest["arrays"]:
            shutil.copy2(file, staged / "fixed" / file.name)
    (staged / "manifest.json").write_text(json.dumps(manifest))


def program_in(entry: Path) -> Program:
    """The program of an entry of the cache."""
    manifest = json.loads((entry / "manifest.json").read_text())

    def pair(text: str) -> tuple[str, str]:
        name, variable = text.rsplit(" ", 1)
        return name, variable

    return Program(
        main=entry / "main",
        fixed=entry / "fixed",
        arrays={key: (dtype, size) for key, (dtype, size) in manifest["arrays"].items()},
        variables={key: (dtype, size) for key, (dtype, size) in manifest["variables"].items()},
        spikes={key: (index, time) for key, (index, time) in manifest["spikes"].items()},
        traces={pair(key): name for key, name in manifest["traces"].items()},
        states={pair(key): name for key, name in manifest["states"].items()},
        cells=manifest["cells"],
        dt=manifest["dt"],
        real=manifest["real"],
    )
