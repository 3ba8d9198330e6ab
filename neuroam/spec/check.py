"""What the cross-checks of one model share: the file, and what is known of its parts so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from neuroam.circuit import Cell, Filter, Plasticity
from neuroam.errors import Problem
from neuroam.leaves import Call
from neuroam.registry import Registry
from neuroam.spec.call_checks import Path, call_is_known
from neuroam.spec.model import ModelSpec
from neuroam.spec.nouns import End
from neuroam.spec.schema_errors import suggestion
from neuroam.spec.yaml import Document, dotted
from neuroam.units import Dimension, Quantity, in_words, unit_fix

SECTIONS = {"population": "populations", "matrix": "matrices", "port": "ports", "control": "controls"}


@dataclass
class Check:
    """``cells`` and ``defaults`` are by population, ``ends``, ``filters`` and ``plastic`` by projection."""

    name: str
    spec: ModelSpec
    document: Document
    cells: dict[str, Cell] = field(default_factory=dict)
    defaults: dict[str, dict[str, Quantity]] = field(default_factory=dict)
    ends: dict[str, tuple[End, End]] = field(default_factory=dict)
    filters: dict[str, Filter] = field(default_factory=dict)
    plastic: dict[str, tuple[Plasticity, dict[str, str]]] = field(default_factory=dict)
    used_controls: set[str] = field(default_factory=set)

    def problem(self, path: Path, what: str, fix: str = "", key: bool = False) -> Problem:
        """A problem with the place of a path (of its key)."""
        return Problem(self.document.where(path, key), dotted(path), what, fix)

    def call(self, path: Path, call: Call, registry: Registry) -> Iterator[Problem]:
        """The call is right, and names what there is."""
        known = {kind: self.document.names(section) for kind, section in SECTIONS.items()}
        return call_is_known(self.document, path, call, registry, known)

    def unknown(self, path: Path, kind: str, name: str, known: Iterable[str], key: bool = False) -> Iterator[Problem]:
        """Nothing of that kind has that name; silent about an entry that is there, but wrong in itself."""
        if kind not in SECTIONS or name not in self.document.names(SECTIONS[kind]):
            yield self.problem(path, f"no {kind} named '{name}'", suggestion(name, known), key)

    def wrong_unit(self, path: Path, found: Quantity, name: str, wanted: Dimension) -> Iterator[Problem]:
        """A quantity has another dimension than what it is given for."""
        if found.dimension != wanted:
            what = f"'{found}' is {in_words(found.dimension)} but '{name}' is {in_words(wanted)}"
            yield self.problem(path, what, unit_fix(wanted))

    @property
    def whole(self) -> bool:
        """Whether every population and projection of the file could be read."""
        populations, projections = self.document.names("populations"), self.document.names("projections")
        return set(populations) == set(self.cells) and set(projections) == set(self.spec.projections)
