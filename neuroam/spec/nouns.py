"""What `load` gives: checked files, with the equations of every population in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from neuroam.circuit import Cell, Filter, Plasticity
from neuroam.order import Step
from neuroam.spec.model import ModelSpec
from neuroam.spec.protocol import ProtocolSpec
from neuroam.spec.yaml import Document
from neuroam.units import Quantity


@dataclass(frozen=True)
class End:
    """One end of a projection: a population, and the variable or input slot there."""

    population: str
    variable: str


@dataclass(frozen=True)
class Model:
    """A checked model file.

    ``cells`` and ``defaults`` are by population; ``ends``, ``filters`` and ``plastic`` by projection, the last with the
    names of the pattern attributes that some of its parameters take their values from.
    """

    name: str
    spec: ModelSpec
    document: Document
    cells: Mapping[str, Cell]
    defaults: Mapping[str, Mapping[str, Quantity]]
    ends: Mapping[str, tuple[End, End]]
    filters: Mapping[str, Filter]
    order: tuple[Step, ...]
    plastic: Mapping[str, tuple[Plasticity, Mapping[str, str]]] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        from neuroam.spec.page import of_model

        return of_model(self)


@dataclass(frozen=True)
class Protocol:
    """A checked protocol file."""

    name: str
    spec: ProtocolSpec
    document: Document

    def _repr_html_(self) -> str:
        from neuroam.spec.page import of_protocol

        return of_protocol(self)


@dataclass(frozen=True)
class Spec:
    """What is simulated: a model and the protocol that drives it; ``stages`` run before, by name.

    ``settings`` are those that were laid over the files, ``PATH=VALUE``.
    """

    model: Model
    protocol: Protocol
    stages: Mapping[str, Spec] = field(default_factory=dict)
    settings: Sequence[str] = ()

    def _repr_html_(self) -> str:
        from neuroam.spec.page import of_spec

        return of_spec(self)
