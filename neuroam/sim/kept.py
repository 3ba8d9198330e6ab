"""A batch as a part of an unfinished run: its name, and its arrays one by one."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.parts import Parts
from neuroam.sim.build import own_text
from neuroam.sim.collect import Raw
from neuroam.sim.structure import Blueprint
from neuroam.sim.values import Values
from neuroam.store import version_of


def name_of(device: str, blueprint: Blueprint, values: Values) -> str:
    """A hash of all that the result of a batch follows from."""
    versions = [version_of(package) for package in ("neuroam", "brian2", "numpy")]
    digest = hashlib.sha256(repr([device, blueprint, own_text(), versions]).encode())
    numbers = {f"{group}.{variable}": value for (group, variable), value in values.variables.items()}
    for key, value in sorted({**numbers, **values.arrays}.items()):
        array = np.ascontiguousarray(value)
        digest.update(repr([key, array.dtype.str, array.shape]).encode())
        digest.update(array.data)
    return digest.hexdigest()[:32]


def keep(parts: Parts, name: str, raw: Raw) -> None:
    """Keep a finished batch."""
    arrays: dict[str, NDArray[Any]] = {}
    for population, (cell, step) in raw.spikes.items():
        arrays |= {f"spikes/{population}/cell": cell, f"spikes/{population}/step": step}
    for kind, found in (("traces", raw.traces), ("final", raw.final)):
        arrays |= {f"{kind}/{population}/{variable}": array for (population, variable), array in found.items()}
    parts.keep(name, arrays)


def find(parts: Parts, name: str) -> Raw | None:
    """The batch of this name, if it is kept."""
    arrays = parts.find(name)
    if arrays is None:
        return None
    keys = [key.split("/") for key in arrays]

    def those(kind: str) -> list[tuple[str, str]]:
        return [(population, variable) for found, population, variable in keys if found == kind]

    return Raw(
        {
            name: (arrays[f"spikes/{name}/cell"], arrays[f"spikes/{name}/step"])
            for name, variable in those("spikes")
            if variable == "cell"
        },
        {key: arrays["/".join(("traces", *key))] for key in those("traces")},
        {key: arrays["/".join(("final", *key))] for key in those("final")},
    )
