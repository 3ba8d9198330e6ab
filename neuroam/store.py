"""What stays on disk?  Run directories: written whole or not at all, and read back.

While a run is not finished, `neuroam.parts` keeps its finished batches in another directory beside it.

A run directory holds

* ``measures.nc``: every measure, labelled (netCDF-4),
* ``raster.png``: the first trial,
* ``recording.h5``: spikes and traces of every network,
* ``model.yaml``, ``protocol.yaml``, ``cells/``, ``synapses/``: what was run, with all settings in place,
* ``stages/NAME/`` the same of its stages, and ``learned.npz``: the weights that they ended with; ``adjusted.npz``:
  the factors of pattern rows in the last round of ``repeat``,
* ``provenance.json``: versions, seeds by role, device, timings, hashes, and the two files as they were written.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from neuroam import parts, shipped
from neuroam.circuit import Learned, Sparse
from neuroam.data_files import copy_data
from neuroam.errors import StoreError
from neuroam.recording import EdgeWeights, Recording, Spikes, Trace
from neuroam.seeds import Seeds
from neuroam.spec.nouns import Spec

WHOLE = "provenance.json"  # written last: a directory without it is not a whole run
NEEDED = {"protocol", "model", "device", "seconds", "cache"}
SPARSE = ("shape", "indptr", "indices", "data")  # how a sparse matrix is kept
PACKAGES = ("neuroam", "brian2", "numpy", "scipy", "xarray", "h5py")


@dataclass(frozen=True)
class Stored:
    """A run directory, read back."""

    folder: Path
    provenance: Mapping[str, Any]
    measures: Mapping[str, Any]
    recordings: tuple[Recording, ...]
    learned: Mapping[int, Learned]
    adjusted: Mapping[int, Mapping[str, Any]]


def default_folder(spec: Spec) -> Path:
    """``runs/<protocol>/<time>-<hash>``, with a number behind it if that is taken."""
    text = json.dumps([spec.protocol.document.data, spec.model.document.data], sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    stem = Path("runs") / spec.protocol.name / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{digest}"
    taken = (Path(f"{stem}-{number}") for number in count(2))
    return stem if not stem.exists() else next(path for path in taken if not path.exists())


def refuse_occupied(folder: Path, overwrite: bool) -> None:
    """Raise `StoreError` if another run, or anything that is not a run, is in the way."""
    try:
        if folder.is_file():
            raise StoreError(f"{folder} is a file: name a directory with -o")
        if not folder.exists() or not any(folder.iterdir()):
            return
    except (OSError, ValueError) as error:
        raise StoreError(f"cannot use {str(folder)[:200]}: {_reason(error)}: name another directory with -o") from None
    if not (folder / WHOLE).exists():
        raise StoreError(f"{folder} holds something that is not a run: name another directory with -o")
    if not overwrite:
        raise StoreError(f"{folder} holds another run: give --overwrite, or another directory with -o")


def refuse_filled(folder: Path) -> None:
    """Raise `StoreError` if anything is in the way."""
    try:
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return
    except (OSError, ValueError) as error:
        raise StoreError(f"cannot use {str(folder)[:200]}: {_reason(error)}: name another directory with -o") from None
    raise StoreError(f"{folder} is there and not an empty directory: name another one with -o")


def refuse_unwritable(folder: Path) -> None:
    """Raise `StoreError` if a run could not be written there: told before the run, not after it."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder.parent):
            pass
    except OSError as error:
        raise StoreError(f"cannot write to {folder.parent}: {_reason(error)}: name another directory with -o") from None


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def write(
    folder: Path, spec: Spec, recordings: tuple[Recording, ...], measures: Mapping[str, Any], facts: Mapping[str, Any],
    overwrite: bool = False, draw: Callable[[Path], None] | None = None, learned: Sequence[Learned] = (),
    adjusted: Sequence[Mapping[str, Any]] = (),
) -> Path:  # fmt: skip
    """Write a run directory; it appears under its name only when it is whole.

    ``draw`` gets the path of ``raster.png`` and makes it; ``learned`` is what the stages learned, and
    ``adjusted`` the factors of pattern rows in the last round, by network.

    Raises
    ------
    StoreError
        If the directory is occupied, or the disk refuses.
    """
    refuse_occupied(folder, overwrite)
    refuse_unwritable(folder)
    staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}.partial-", dir=folder.parent))
    try:
        _write_measures(staged / "measures.nc", measures)
        _write_recordings(staged / "recording.h5", recordings)
        _write_files(staged, spec)
        _write_learned(staged / "learned.npz", learned)
        _write_adjusted(staged / "adjusted.npz", adjusted)
        copy_data(spec, staged)
        if draw is not None:
            draw(staged / "raster.png")
        record = _provenance(spec, facts)
        (staged / WHOLE).write_text(json.dumps(record, indent=1, sort_keys=True))
        umask = os.umask(0)
        os.umask(umask)
        staged.chmod(0o777 & ~umask)
        if folder.exists():
            shutil.rmtree(folder)
        staged.rename(folder)
        parts.remove(folder)
    except OSError as error:
        raise StoreError(f"cannot write {folder}: {_reason(error)}") from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return folder


def read(folder: Path) -> Stored:
    """A run directory.

    Raises
    ------
    StoreError
        If it is not a whole run.
    """
    unfinished = parts.unfinished(folder)
    if unfinished is not None and not (folder / WHOLE).exists():
        raise StoreError(f"{folder} is not a whole run: it was interrupted, {unfinished.told}")
    if not folder.is_dir():
        raise StoreError(f"there is no directory {folder}: name one that 'neuroam run' has written")
    if not (folder / WHOLE).exists():
        raise StoreError(f"{folder} is not a whole run (no {WHOLE}): name another, or run it again")
    try:
        provenance = json.loads((folder / WHOLE).read_text(encoding="utf-8"))
        if not isinstance(provenance, dict) or not provenance.keys() >= NEEDED:
            raise ValueError(f"{WHOLE} lacks what a run has")
        return Stored(
            folder,
            provenance,
            read_measures(folder / "measures.nc"),
            _read_recordings(folder / "recording.h5"),
            _read_learned(folder / "learned.npz"),
            _read_adjusted(folder / "adjusted.npz"),
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise StoreError(f"{folder} is damaged ({error}): run it again") from None


def result_sha256(recordings: tuple[Recording, ...], measures: Mapping[str, Any]) -> str:
    """A hash of all data arrays: equal for equal results."""
    digest = hashlib.sha256()
    for name, array in _arrays(recordings, measures):
        digest.update(name.encode())
        digest.update(str(array.dtype).encode() + str(array.shape).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _arrays(recordings: tuple[Recording, ...], measures: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
    for name in sorted(measures):
        yield name, np.asarray(measures[name].values, dtype=np.float64)
    for number, recording in enumerate(recordings):
        for population in sorted(recording.spikes):
            for field in ("trial", "step", "cell"):
                yield f"{number}/{population}/{field}", getattr(recording.spikes[population], field)
        for key in sorted(recording.traces):
            yield f"{number}/{'.'.join(key)}", recording.traces[key].values
        for name in sorted(recording.weights):
            yield f"{number}/{name}/weights", recording.weights[name].values


def write_measures(path: Path, measures: Mapping[str, Any]) -> None:
    """Write labelled arrays by name; the file appears when it is whole.

    Raises
    ------
    StoreError
        If the disk refuses.
    """
    staged = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        _write_measures(staged, measures)
        staged.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {_reason(error)}") from None
    finally:
        staged.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text; the file appears when it is whole.

    Raises
    ------
    StoreError
        If the disk refuses.
    """
    staged = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        staged.write_text(text, encoding="utf-8")
        staged.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {_reason(error)}") from None
    finally:
        staged.unlink(missing_ok=True)


def _write_measures(path: Path, measures: Mapping[str, Any]) -> None:
    import xarray as xr
    from xarray.backends import H5NetCDFStore
    from xarray.backends.locks import HDF5_LOCK

    # measures may use one dimension with different coordinates (bins of time), so each is a group of its own;
    # with a lock given, xarray does not import dask.distributed to find one
    for number, (name, array) in enumerate(measures.items()):
        with H5NetCDFStore.open(str(path), mode="a" if number else "w", group=name, lock=HDF5_LOCK) as file:
            xr.Dataset({name: array}).dump_to_store(file)


def read_measures(path: Path) -> dict[str, Any]:
    """Labelled arrays by name; none if there is no such file."""
    import h5py
    import xarray as xr

    if not path.exists():
        return {}
    with h5py.File(path) as file:
        names = list(file)
    found = {}
    for name in names:
        with xr.open_dataset(path, group=name, engine="h5netcdf") as data:
            found[name] = data[name].load()
    return found


def _write_recordings(path: Path, recordings: tuple[Recording, ...]) -> None:
    import h5py

    pack = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
    with h5py.File(path, "w") as file:
        for number, recording in enumerate(recordings):
            group = file.create_group(f"network_{number}")
            group.attrs.update({"dt": recording.dt, "n_steps": recording.n_steps, "n_trials": recording.n_trials})
            for name, spikes in recording.spikes.items():
                part = group.create_group(f"spikes/{name}")
                part.create_dataset("trial", data=spikes.trial, **pack)
                part.create_dataset("step", data=spikes.step, **pack)
                part.create_dataset("timestamps", data=spikes.step * recording.dt, **pack).attrs["units"] = "s"
                part.create_dataset("node_ids", data=spikes.cell, **pack)
            for (name, variable), trace in recording.traces.items():
                part = group.create_group(f"traces/{name}/{variable}")
                part.create_dataset("step", data=trace.step)
                part.create_dataset("values", data=trace.values, **pack).attrs["dims"] = "trial, sample, cell"
            for name, edges in recording.weights.items():
                part = group.create_group(f"weights/{name}")
                part.create_dataset("pre", data=edges.pre, **pack)
                part.create_dataset("post", data=edges.post, **pack)
                part.create_dataset("values", data=edges.values, **pack).attrs["dims"] = "trial, edge"


def _read_recordings(path: Path) -> tuple[Recording, ...]:
    import h5py

    found = []
    with h5py.File(path) as file:
        for number in range(len(file)):
            group = file[f"network_{number}"]
            spikes = {
                name: Spikes(part["trial"][()], part["step"][()], part["node_ids"][()])
                for name, part in group.get("spikes", {}).items()
            }
            traces = {
                (name, variable): Trace(part["step"][()], part["values"][()])
                for name, variables in group.get("traces", {}).items()
                for variable, part in variables.items()
            }
            weights = {
                name: EdgeWeights(part["pre"][()], part["post"][()], part["values"][()])
                for name, part in group.get("weights", {}).items()
            }
            n_steps, n_trials = int(group.attrs["n_steps"]), int(group.attrs["n_trials"])
            found.append(Recording(float(group.attrs["dt"]), n_steps, n_trials, spikes, traces, weights))
    return tuple(found)


def _write_files(folder: Path, spec: Spec) -> None:
    """The effective files, and the components they use, so that the directory can be run again by itself."""
    from ruamel.yaml import YAML

    yaml = YAML(pure=True)
    yaml.default_flow_style = None
    yaml.width = 120
    for name, data in (("protocol.yaml", spec.protocol.document.data), ("model.yaml", spec.model.document.data)):
        kept = {key: item for key, item in data.items() if key not in ("based_on", "model")}
        if name == "protocol.yaml":
            kept["model"] = "model"
        with (folder / name).open("w", encoding="utf-8") as file:
            yaml.dump(kept, file)
    for name, stage in spec.stages.items():
        (folder / "stages" / name).mkdir(parents=True)
        _write_files(folder / "stages" / name, stage)
    for kind, names in components(spec).items():
        for name in names:
            source = shipped.component(kind, name, spec.model.document.folder)  # type: ignore[arg-type]
            if source is not None:
                (folder / kind).mkdir(exist_ok=True)
                shutil.copyfile(source, folder / kind / f"{name}.yaml")


def _write_learned(path: Path, networks: Sequence[Learned]) -> None:
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for number, stages in enumerate(networks):
        for stage, projections in stages.items():
            for name, weights in projections.items():
                parts_ = (np.array(weights.shape), weights.indptr, weights.indices, weights.data)
                arrays |= {f"{number}/{stage}/{name}/{key}": part for key, part in zip(SPARSE, parts_, strict=True)}
    if arrays:
        with path.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)


def _read_learned(path: Path) -> dict[int, dict[str, dict[str, Sparse]]]:
    """By network, stage and projection."""
    found: dict[int, dict[str, dict[str, Sparse]]] = {}
    if not path.exists():
        return found
    with np.load(path, allow_pickle=False) as arrays:
        for key in arrays.files:
            number, stage, rest = key.split("/", 2)
            name, _, part = rest.rpartition("/")
            if part == SPARSE[0]:
                shape, *parts_ = (arrays[f"{number}/{stage}/{name}/{part}"] for part in SPARSE)
                weights = Sparse((int(shape[0]), int(shape[1])), *parts_)
                found.setdefault(int(number), {}).setdefault(stage, {})[name] = weights
    return found


def _write_adjusted(path: Path, networks: Sequence[Mapping[str, Any]]) -> None:
    arrays = {f"{number}/{key}": values for number, found in enumerate(networks) for key, values in found.items()}
    if arrays:
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)


def _read_adjusted(path: Path) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    if path.exists():
        with np.load(path, allow_pickle=False) as arrays:
            for key in arrays.files:
                number, _, name = key.partition("/")
                found.setdefault(int(number), {})[name] = arrays[key]
    return found


def component_texts(spec: Spec) -> list[str]:
    """The cell and synapse files that a model uses."""
    files = [
        shipped.component(kind, name, spec.model.document.folder)  # type: ignore[arg-type]
        for kind, names in components(spec).items()
        for name in names
    ]
    return [file.read_text(encoding="utf-8") for file in files if file is not None]


def components(spec: Spec) -> dict[str, list[str]]:
    """Cell and synapse files that a model uses."""
    synapses = set()
    for projection in spec.model.spec.projections.values():
        synapses |= {call.name for call in (projection.synapse, projection.kernel, projection.plastic) if call}
    cells = {population.cell for population in spec.model.spec.populations.values()}
    return {"cells": sorted(cells), "synapses": sorted(synapses - {"box", "delay"})}


def _provenance(spec: Spec, facts: Mapping[str, Any]) -> dict[str, Any]:
    protocol = spec.protocol.spec
    given = {role: seed for role, seed in protocol.seeds.model_dump().items() if seed is not None}
    texts = {
        name: document.text for name, document in (("protocol", spec.protocol.document), ("model", spec.model.document))
    }
    return {
        **facts,
        "protocol": spec.protocol.name,
        "model": spec.model.name,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": versions(),
        "seed": protocol.seed,
        "seeds": vars(Seeds.derive(protocol.seed, given)),
        "files": texts,
        "sha256": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()},
        "folder": str(spec.protocol.document.folder or ""),
    }


def versions() -> dict[str, str]:
    """The versions of what results follow from."""
    return {name: version_of(name) for name in PACKAGES}


@cache
def version_of(package: str) -> str:
    """The version of an installed package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
