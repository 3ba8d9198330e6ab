"""What of CUDA is on this machine: the compiler, cuRAND, Brian2CUDA, a GPU; and the sentence that says what lacks.

Generating code needs Brian2CUDA only, compiling also nvcc, cuRAND and make, running also a GPU.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from neuroam.errors import EnvironmentLacks

Need = Literal["generate", "compile", "run"]

NO_BRIAN2CUDA = "no Brian2CUDA found: pip install 'neuroam[cuda]'"
NO_NVCC = "no nvcc found: install the CUDA toolkit, and put its bin folder into PATH or its folder into CUDA_PATH"
NO_CURAND = "nvcc finds no cuRAND (curand.h, libcurand.so): install that part of CUDA, or pip install nvidia-curand"
NO_MAKE = "no make found: install it"
NO_GPU = "no NVIDIA GPU found: {why}"
TOOLKITS = ("/usr/local/cuda", "/opt/cuda")
CAPABILITY = 75, 76  # cuDeviceGetAttribute: major, minor


@dataclass(frozen=True)
class Gpu:
    """The first visible GPU; ``capability`` 9.0 stands for sm_90."""

    name: str
    capability: float


@dataclass(frozen=True)
class Curand:
    """Folder of ``curand.h`` and the library, and whether nvcc looks there by itself."""

    headers: Path
    library: Path
    known: bool


def nvcc() -> str | None:
    """The compiler: of ``CUDA_PATH`` if that is set, else of ``PATH``, else of the usual folders."""
    own = os.environ.get("CUDA_PATH", "")
    places = [Path(folder) / "bin" / "nvcc" for folder in ([own] if own else TOOLKITS)]
    found = next((str(path) for path in places if os.access(path, os.X_OK)), None)
    return found if own else shutil.which("nvcc") or found


def has_nvcc() -> bool:
    """Whether CUDA can be compiled, apart from cuRAND."""
    return nvcc() is not None


def ask(compiler: str, *options: str) -> str:
    """What a compiler says of itself; nothing if it does not run."""
    try:
        done = subprocess.run([compiler, *options], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout + done.stderr


def nvcc_version(compiler: str) -> float:
    """13.0 for release 13.0; 0 if it does not say."""
    found = re.search(r"release (\d+\.\d+)", ask(compiler, "--version"))
    return float(found[1]) if found else 0.0


def architecture(compiler: str, capability: float) -> float:
    """The newest architecture that nvcc knows and a GPU of this capability runs.

    Raises
    ------
    EnvironmentLacks
        If this nvcc makes no code for so old a GPU.
    """
    numbers = re.findall(r"compute_(\d+)\b", ask(compiler, "--list-gpu-arch"))
    known = sorted(int(number) / 10 for number in numbers)
    fitting = [one for one in known if one <= capability]
    if known and not fitting:
        what = f"this nvcc ({nvcc_version(compiler)}) compiles for GPUs of capability {known[0]} and above"
        raise EnvironmentLacks(f"{what}, the GPU has {capability}: install an older CUDA toolkit, or use --device cpp")
    return fitting[-1] if fitting else capability


def curand() -> Curand | None:
    """Where cuRAND is: in a folder where nvcc looks, or in the Python environment."""
    compiler = nvcc()
    said = ask(compiler, "--dryrun", "-c", "nothing.cu") if compiler else ""
    folders = {key: _folders(said, key) for key in ("INCLUDES", "LIBRARIES")}
    system = [Path("/usr/include")], [Path("/usr/lib"), *Path("/usr/lib").glob("*-linux-gnu")]
    found = _curand(folders["INCLUDES"] + system[0], folders["LIBRARIES"] + system[1], known=True)
    nvidia = find_spec("nvidia")
    for place in nvidia.submodule_search_locations or () if nvidia else ():
        for headers in sorted(Path(place).glob("*/include")):
            found = found or _curand([headers], [headers.parent / "lib"], known=False)
    return found


def _folders(said: str, key: str) -> list[Path]:
    line = re.search(rf"^#\$ {key}=(.*)$", said, re.MULTILINE)
    return [Path(folder) for folder in re.findall(r'"-[IL]([^"]+)"', line[1] if line else "")]


def _curand(headers: list[Path], libraries: list[Path], *, known: bool) -> Curand | None:
    header = next((folder for folder in headers if (folder / "curand.h").exists()), None)
    names = ("libcurand.so", "libcurand.so.10")
    files = (folder / name for folder in libraries if folder.name != "stubs" for name in names)
    library = next((file for file in files if file.exists()), None)
    return Curand(header, library, known) if header and library else None


def gpu() -> Gpu | str:
    """The first visible GPU as its driver describes it, or why there is none."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return "the driver's library libcuda.so.1 is missing"
    status, count = driver.cuInit(0), ctypes.c_int()
    if status or driver.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
        return f"the driver lists none (status {status}); CUDA_VISIBLE_DEVICES may hide it"
    device, name = ctypes.c_int(), ctypes.create_string_buffer(100)
    driver.cuDeviceGet(ctypes.byref(device), 0)
    driver.cuDeviceGetName(name, 100, device)
    numbers = [ctypes.c_int(), ctypes.c_int()]
    for number, attribute in zip(numbers, CAPABILITY, strict=True):
        driver.cuDeviceGetAttribute(ctypes.byref(number), attribute, device)
    return Gpu(name.value.decode(errors="replace"), numbers[0].value + numbers[1].value / 10)


def described(card: Gpu | str) -> str:
    """A GPU, or the lack of one, in words."""
    return NO_GPU.format(why=card) if isinstance(card, str) else f"{card.name}, compute capability {card.capability}"


def has_gpu() -> bool:
    """Whether a CUDA program can run here."""
    return isinstance(gpu(), Gpu)


def brian2cuda_version() -> str | None:
    """The version of Brian2CUDA, or None."""
    try:
        return version("brian2cuda")
    except PackageNotFoundError:
        return None


def lacking(need: Need) -> list[str]:
    """What is missing to generate, to compile as well, or to run as well: one sentence each."""
    found = [] if brian2cuda_version() else [NO_BRIAN2CUDA]
    if need == "generate":
        return found
    if nvcc() is None:
        found.append(NO_NVCC)
    elif curand() is None:
        found.append(NO_CURAND)
    if shutil.which("make") is None:
        found.append(NO_MAKE)
    card = gpu() if need == "run" else None
    return [*found, described(card)] if isinstance(card, str) else found


def require(need: Need) -> None:
    """Nothing, if everything is there.

    Raises
    ------
    EnvironmentLacks
        With a sentence for everything that is missing.
    """
    found = lacking(need)
    if found:
        other = "\n      fix: use --device cpp or numpy here" if need == "run" else ""
        raise EnvironmentLacks("\n".join(found) + other)
