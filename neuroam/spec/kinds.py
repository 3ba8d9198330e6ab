"""Which kind of file is this?  By the keys that only one kind has."""

from __future__ import annotations

from pydantic import BaseModel

from neuroam.spec.model import CellSpec, ModelSpec, SynapseSpec
from neuroam.spec.protocol import ProtocolSpec
from neuroam.spec.yaml import Document

SCHEMAS: dict[str, type[BaseModel]] = {
    "model": ModelSpec,
    "protocol": ProtocolSpec,
    "cell": CellSpec,
    "synapse": SynapseSpec,
}
KEYS = {
    kind: frozenset(info.alias or name for name, info in schema.model_fields.items())
    for kind, schema in SCHEMAS.items()
}
OWN_KEYS = {
    kind: keys - {key for other, more in KEYS.items() if other != kind for key in more} for kind, keys in KEYS.items()
}


def kind_of(document: Document) -> str:
    """One of "model", "protocol", "cell" and "synapse": by its keys, else by its folder."""
    found = kind_by_keys(document)
    if found is None and document.folder is not None and document.folder.name in ("cells", "synapses"):
        return document.folder.name[:-1]
    return found or ("synapse" if "equations" in document.data else "model")


def kind_by_keys(document: Document) -> str | None:
    """The kind of which a file has most keys that no other kind has; None if it has none of any."""
    count = {kind: len(keys & document.data.keys()) for kind, keys in OWN_KEYS.items()}
    best = max(count, key=count.__getitem__)
    return best if count[best] else None


def elsewhere(schema: type[BaseModel]) -> dict[str, str]:
    """Keys that only another kind of file has, with that kind."""
    return {key: kind for kind, keys in OWN_KEYS.items() if SCHEMAS[kind] is not schema for key in keys}
