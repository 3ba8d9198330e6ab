"""Where a result comes from: versions, seeds, the two files and the components that they use."""

from __future__ import annotations

import hashlib
import platform
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from neuroam import shipped
from neuroam.seeds import Seeds
from neuroam.spec.nouns import Spec

PACKAGES = ("neuroam", "brian2", "numpy", "scipy", "xarray", "h5netcdf", "h5py")


def provenance(spec: Spec, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What ``provenance.json`` holds: ``facts`` of the run, and what follows from its files and this machine."""
    protocol = spec.protocol.spec
    given = {role: seed for role, seed in protocol.seeds.model_dump().items() if seed is not None}
    documents = {"protocol": spec.protocol.document, "model": spec.model.document}
    texts = {name: document.text for name, document in documents.items()}
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
        "settings": list(spec.settings),
        "files": texts,
        "based_on": {name: dict(document.bases) for name, document in documents.items() if document.bases},
        "sha256": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()},
    }


def write_files(folder: Path, spec: Spec) -> None:
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
        write_files(folder / "stages" / name, stage)
    for kind, names in components(spec).items():
        for name in names:
            source = shipped.component(kind, name, spec.model.document.folder)  # type: ignore[arg-type]
            if source is not None:
                (folder / kind).mkdir(exist_ok=True)
                shutil.copyfile(source, folder / kind / f"{name}.yaml")


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
