"""Does this machine have what a run needs?"""

from __future__ import annotations

import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version

from neuroam.commands.cache import summary
from neuroam.errors import EnvironmentLacks
from neuroam.sim import cache
from neuroam.sim.build import compiler

Row = tuple[bool, str, str]


def examine() -> list[Row]:
    """(found, what, details) for everything that a run can use."""
    return [_python(), *(_package(name) for name in ("brian2", "numpy")), _compiler(), _cache(), _gpu()]


def _python() -> Row:
    known = platform.python_version_tuple()[:2] in (("3", "12"), ("3", "13"))
    return known, "python", platform.python_version() + ("" if known else ": 3.12 or 3.13 is needed")


def _package(name: str) -> Row:
    try:
        return True, name, version(name)
    except PackageNotFoundError:
        return False, name, f"not installed: pip install {name}"


def _compiler() -> Row:
    path = compiler()
    if path is None:
        return False, "compiler", "no C++ compiler: runs use numpy, which is slower; install g++ or set CXX"
    first = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout.splitlines()
    return True, "compiler", f"{path}: {first[0] if first else 'unknown version'}"


def _cache() -> Row:
    try:
        return True, "cache", summary(cache.entries())
    except EnvironmentLacks as error:
        return False, "cache", str(error)


def _gpu() -> Row:
    found = shutil.which("nvidia-smi") is not None and shutil.which("nvcc") is not None
    text = "nvcc and a driver are there" if found else "no GPU with nvcc"
    return found, "cuda", text + "; the cuda device is not part of this version"
