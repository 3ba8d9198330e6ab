"""Does this machine have what a run needs?"""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version

from neuroam.commands.cache import summary
from neuroam.errors import EnvironmentLacks
from neuroam.sim import cache, cuda_tools
from neuroam.sim.build import compiler

Row = tuple[bool, str, str]


def examine() -> list[Row]:
    """(found, what, details) for everything that a run can use."""
    packages = [_package(name) for name in ("brian2", "numpy")]
    return [_python(), *packages, _compiler(), _cache(), *_cuda()]


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


def _cuda() -> list[Row]:
    found, compiler, curand = cuda_tools.brian2cuda_version(), cuda_tools.nvcc(), cuda_tools.curand()
    version_ = f"{compiler}: release {cuda_tools.nvcc_version(compiler)}" if compiler else cuda_tools.NO_NVCC
    card = cuda_tools.gpu()
    return [
        (found is not None, "brian2cuda", found or cuda_tools.NO_BRIAN2CUDA),
        (compiler is not None, "nvcc", version_),
        (curand is not None, "curand", str(curand.library) if curand else cuda_tools.NO_CURAND),
        (not isinstance(card, str), "gpu", cuda_tools.described(card)),
    ]
