"""Which machine is this, and how do competitors share it fairly?"""

from __future__ import annotations

import os
import platform
import resource
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
OUTPUT = ROOT / ".benchmarks"
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
INSTALL = {"jax": "jax[cpu]", "nest": "nest-simulator==3.10.0"}


def use_one_thread() -> None:
    """Libraries that are loaded from now on, here and in the processes we start, work on one thread."""
    os.environ.update(dict.fromkeys(THREAD_LIMITS, "1"))


@contextmanager
def one_core(turn: int) -> Iterator[None]:
    """Everything inside, and every process it starts, runs on one core; another core every turn."""
    if not CORES:
        yield
        return
    os.sched_setaffinity(0, {CORES[turn % len(CORES)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, CORES)


def seconds_of_children() -> float:
    """Processor time of all processes that we started and that ended; waiting for a busy machine is not part of it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def lacks(module: str) -> str:
    """Why a competitor is left out, or "" if it is installed."""
    return "" if find_spec(module) else f"not installed: pip install '{INSTALL.get(module, module)}'"


def description() -> dict[str, str]:
    """The machine class: what a number depends on, and nothing that names the machine itself."""
    found = {
        "cpu": _cpu(),
        "cores": str(len(CORES) or os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "compiler": _first_line([*shlex.split(os.environ.get("CXX", "g++")), "--version"]),
        "python": platform.python_version(),
        "blas of numpy": _blas(),
    }
    for package in ("neuroam", "numpy", "brian2", "jax", "nest-simulator", "scipy-openblas32"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    found["commit"] = _first_line(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"])
    return found


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {key.strip(): value.strip() for key, value in facts.items()}
    widest = next((name for name in ("avx512f", "avx2", "avx") if name in facts.get("flags", "").split()), "no avx")
    family = f"family {facts.get('cpu family', '?')} model {facts.get('model', '?')}"
    caches = sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"))
    sizes = " ".join(f"L{(at / 'level').read_text().strip()} {(at / 'size').read_text().strip()}" for at in caches)
    return f"{facts.get('model name', platform.machine())} ({family}, {widest}; {sizes})"


def _first_line(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "none"
    return next(iter(done.stdout.splitlines()), "none")


def _blas() -> str:
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))
    found = [f"{pool['internal_api']} {pool['version']} for {pool.get('architecture', '?')}, "
             f"{pool['num_threads']} thread" for pool in threadpool_info() if pool["user_api"] == "blas"]  # fmt: skip
    return "; ".join(dict.fromkeys(found)) or "unknown"
