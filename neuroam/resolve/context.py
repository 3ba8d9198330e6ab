"""What the parts of this room share: the files, the seeds, and the problems found so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Learned, PatternSet, Sources, Weights
from neuroam.errors import FunctionError, Problem, SpecError
from neuroam.leaves import Call
from neuroam.registry import Registry
from neuroam.rules import rule
from neuroam.seeds import Seeds
from neuroam.spec.nouns import Spec
from neuroam.spec.yaml import Document, dotted
from neuroam.units import Dimension

MAX_ENTRIES = 400_000_000
Path_ = tuple[str | int, ...]


@dataclass
class Context:
    """One network of one protocol."""

    spec: Spec
    seeds: Seeds
    learned: Learned = field(default_factory=dict)
    adjusted: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)  # factors of rows, by path of the model
    problems: list[Problem] = field(default_factory=list)
    patterns: dict[str, PatternSet] = field(default_factory=dict)
    attribute_units: dict[tuple[str, str], Dimension] = field(default_factory=dict)  # of those that the protocol gives
    codes: dict[str, str] = field(default_factory=dict)
    matrices: dict[str, Weights] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def model(self) -> Document:
        return self.spec.model.document

    @property
    def protocol(self) -> Document:
        return self.spec.protocol.document

    def refuse(self, document: Document, path: Path_, what: str, fix: str = "") -> None:
        self.problems.append(Problem(document.where(path), dotted(path), what, fix))

    def stop_if_wrong(self) -> None:
        """Raise what was found so far: the next part needs this one's numbers."""
        if self.problems:
            raise SpecError(self.problems)


def sources_of(context: Context) -> Sources:
    """What rules and value functions may look at by now."""
    calls = context.spec.model.spec.matrices
    made = {name: (call.name, call.settings(rule[call.name].shorthand)) for name, call in calls.items()}
    return Sources(context.patterns, context.codes, context.matrices, context.learned, made)


def apply(
    context: Context, registry: Registry, call: Call, document: Document, path: Path_, offers: Mapping[str, Any]
) -> Any:
    """Call a registered function with what the room offers and YAML sets; None after a problem."""
    entry = registry[call.name]
    settings = entry.schema.model_validate(call.settings(entry.shorthand))
    given = {name: offers[name] for name in entry.offers}
    try:
        return entry.function(**given, **{name: getattr(settings, name) for name in type(settings).model_fields})
    except FunctionError as error:
        context.refuse(document, path, error.what, error.fix or f"check the settings of '{call.name}'")
    except MemoryError:
        context.refuse(document, path, "this needs more memory than the machine has", "make it smaller")
    return None


def is_too_large(context: Context, document: Document, path: Path_, *shape: int) -> bool:
    """Refuse, before it is made, an array that no machine should be asked for."""
    if not too_large(shape):
        return False
    size = " x ".join(str(n) for n in shape)
    context.refuse(document, path, f"{size} numbers are more than {MAX_ENTRIES}", "make it smaller")
    return True


def folder(document: Document) -> Path:
    """Where the files that a document names are looked for."""
    return document.folder or Path()


def too_large(shape: tuple[int, ...]) -> bool:
    """Whether a matrix of this shape would not fit in memory."""
    return bool(np.prod([float(n) for n in shape]) > MAX_ENTRIES)


def step_of(context: Context) -> float:
    """The step of time of the model, in seconds."""
    return context.spec.model.spec.time.step
