"""Registered functions: the signature is the schema.

A function room makes a `Registry` and every function in it registers itself under the name that YAML uses.
Parameters before the ``*`` are what the room offers; parameters after it are what YAML may set.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model


class Settings(BaseModel):
    """Base of the schemas made from signatures: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, strict=True)


@dataclass(frozen=True)
class Entry:
    """One registered function.

    ``offers`` are the names before the ``*``.  ``refers`` maps settings that name something else in the YAML (a port
    or a matrix) to what they name.  ``shorthand`` is the setting meant by ``{name: value}``.
    """

    name: str
    function: Callable[..., Any]
    offers: tuple[str, ...]
    schema: type[BaseModel]
    refers: dict[str, str]
    shorthand: str
    options: dict[str, Any]

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.function) or "").split("\n")[0]


class Ref(str):
    """Annotation marker: ``Annotated[str, Ref("port")]`` names a port, ``Ref("matrix")`` a matrix, and so on.

    A readout that compares with what is stored names a ``port with patterns``.
    """


class Registry:
    """Functions of one room by their YAML names; the room's modules are imported at the first look-up."""

    def __init__(self, kind: str, package: str, offers: tuple[str, ...]) -> None:
        self.kind = kind
        self.package = package
        self.offers = offers
        self._entries: dict[str, Entry] = {}
        self._complete = False

    def __call__(self, name: str, *, shorthand: str = "", **options: Any) -> Callable[[Callable[..., Any]], Any]:
        """Decorator that registers a function under ``name``."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            if name in self._entries:
                raise ValueError(f"{self.kind} '{name}' is registered twice")
            self._entries[name] = _entry(name, function, self.offers, shorthand, options)
            return function

        return register

    def _load(self) -> None:
        if self._complete:
            return
        self._complete = True
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self.package}.{module.name}")
        for point in entry_points(group=f"neuroam.{self.package.rsplit('.', 1)[-1]}"):
            point.load()

    def get(self, name: str) -> Entry | None:
        self._load()
        return self._entries.get(name)

    def __getitem__(self, name: str) -> Entry:
        self._load()
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        self._load()
        return iter(sorted(self._entries))

    def __contains__(self, name: object) -> bool:
        self._load()
        return name in self._entries


def _marks(hint: Any) -> list[Ref]:
    """What an annotation refers to, also inside ``... | None`` and ``list[...]``."""
    own = [mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Ref)]
    return own + [mark for part in typing.get_args(hint) for mark in _marks(part)]


def _entry(
    name: str, function: Callable[..., Any], offers: tuple[str, ...], shorthand: str, options: dict[str, Any]
) -> Entry:
    signature = inspect.signature(function)
    hints = typing.get_type_hints(function, include_extras=True)
    before, fields, refers = [], {}, {}
    for parameter in signature.parameters.values():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            if parameter.name not in offers:
                raise TypeError(f"{function.__name__}: the room does not offer '{parameter.name}', only {offers}")
            before.append(parameter.name)
            continue
        hint = hints[parameter.name]
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[parameter.name] = (hint, default)
        for mark in _marks(hint):
            refers[parameter.name] = str(mark)
    model: type[BaseModel] = create_model(f"{name}_settings", __base__=Settings, **fields)  # type: ignore[call-overload]
    if not shorthand and len(fields) == 1:
        shorthand = next(iter(fields))
    return Entry(name, function, tuple(before), model, refers, shorthand, options)
