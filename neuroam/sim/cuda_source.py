"""Plan -> the source of a CUDA program, written by Brian2CUDA; needs no toolkit and no GPU."""

from __future__ import annotations

import gc
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from neuroam.errors import BuildError
from neuroam.sim import build as cpp
from neuroam.sim import cuda_tools as tools
from neuroam.sim.cuda_plan import FIRED
from neuroam.sim.structure import Blueprint

# Strict floating point: no fused multiply-add, no fast division.  CUDA 13 wants C++17 from nvcc and from the host
# compiler; Brian2CUDA asks for C++11 first, and the last word counts.
NVCC_FLAGS = ["-w", "-fmad=false", "-std=c++17"]
HOST_FLAGS = ["-w", "-O2", "-ffp-contract=off", "-std=c++17"]
COMMON = 8.0  # the architecture if no GPU says which: newer GPUs translate it as they start

_FREE_ORDER = re.compile(r"\s*(_array_\w+)\[0\] = [^;]+;|\s*(network\.add\(&\w+, _run_random_number_buffer\));")


def generate(
    blueprint: Blueprint, arrays: Mapping[str, NDArray[Any]], folder: Path, capability: float = COMMON
) -> dict[str, Any]:
    """Write the source of a program.

    Parameters
    ----------
    blueprint, arrays
        As of `neuroam.sim.cuda.prepare` and `arrays_for_gpu`.
    folder : Path
        Where the source goes.
    capability : float
        Of the GPU that it is for.

    Returns
    -------
    dict
        The manifest: which files a run reads and writes.

    Raises
    ------
    BuildError
        If Brian2 or Brian2CUDA refuses the circuit.
    """
    import brian2

    from neuroam.sim.emit import duration, emit

    with _device(brian2, capability) as device:
        try:
            emitted = emit(blueprint, dict(arrays))
            for group in emitted.groups.values():
                if FIRED in group.variables:
                    _remember_spikes(group)
            emitted.network.run(duration(blueprint.plan), namespace={})
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)  # it leaves closing its files to Python
                device.build(directory=str(folder), compile=False, run=False, with_output=False)
            settle(folder / "main.cu")
            return cpp.manifest_of(device, emitted, blueprint, arrays)
        except BuildError:
            raise
        except Exception as error:
            raise BuildError(f"the code generator refused the circuit: {error.__cause__ or error}") from error


def _remember_spikes(group: Any) -> None:
    """Keep the step of every spike before anything reads it: the slot of resets comes after the one of synapses."""
    from brian2.groups.group import CodeRunner

    group.variables[FIRED].set_value(-1)
    spikes = "_spikespace"
    runner = CodeRunner(
        group,
        "reset",
        code=f"{FIRED} = t_in_timesteps",
        clock=group.clock,
        when="thresholds",
        order=1,
        name=f"remember_{group.name}",
        needed_variables=[spikes],
        template_kwds={"eventspace_variable": group.variables[spikes]},
    )
    group.contained_objects.append(runner)


def settle(path: Path) -> None:
    """Sort the lines that Brian2CUDA leaves in no order (it walks a set of clocks): equal circuits, equal sources."""

    def free(line: str) -> bool:
        return _FREE_ORDER.fullmatch(line) is not None

    def target(line: str) -> str:
        return line.partition(" = ")[0].strip()

    lines: list[str] = []
    for is_free, run in groupby(path.read_text().splitlines(), free):
        block = list(run)
        lines += sorted(block, key=target) if is_free else block
    path.write_text("\n".join(lines) + "\n")


@contextmanager
def _device(brian2: Any, capability: float) -> Iterator[Any]:
    """Brian2CUDA with our preferences; Brian2 as it was, afterwards."""
    import brian2cuda  # noqa: F401
    from brian2cuda.utils import gputools

    gc.collect()  # the names of objects that are still there would be given another ending, and the program another key
    brian2.BrianLogger.log_level_error()
    changed = _preferences(capability)
    before = {name: brian2.prefs[name] for name in changed}
    gputools.reset_cuda_installation()
    gputools.reset_gpu_selection()
    for name, value in changed.items():
        brian2.prefs[name] = value
    brian2.set_device("cuda_standalone", build_on_run=False)
    device = brian2.get_device()
    device.reinit()
    device.activate(build_on_run=False)
    try:
        yield device
    finally:
        device.reinit()
        brian2.set_device("runtime")
        for name, value in before.items():
            brian2.prefs[name] = value


def _preferences(capability: float) -> dict[str, Any]:
    """Brian2CUDA looks for nothing by itself; it changes the list of nvcc's options: a new one every time."""
    compiler, found = tools.nvcc(), tools.curand()
    backend = "devices.cuda_standalone.cuda_backend"
    own = found if found and not found.known else None
    return {
        f"{backend}.detect_gpus": False,
        f"{backend}.gpu_id": 0,
        f"{backend}.compute_capability": capability,
        f"{backend}.detect_cuda": False,
        f"{backend}.cuda_path": str(Path(compiler).parent.parent) if compiler else tools.TOOLKITS[0],
        f"{backend}.cuda_runtime_version": (tools.nvcc_version(compiler) if compiler else 0.0) or 13.0,
        f"{backend}.extra_compile_args_nvcc": [*NVCC_FLAGS, *([f"-I{own.headers}"] if own else [])],
        "codegen.cpp.extra_compile_args_gcc": list(HOST_FLAGS),
        # `cuda.compile_source` makes the folder: the library of a Python environment has a number in its name
        "codegen.cpp.extra_link_args": ["-Llink", "-Xlinker", f"-rpath={own.library.parent}"] if own else [],
        **{f"codegen.cpp.{kind}": [] for kind in ("include_dirs", "library_dirs", "runtime_library_dirs")},
    }
