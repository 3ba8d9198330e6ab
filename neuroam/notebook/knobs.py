"""Which value does a name mean, and what can a slider of it do?"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neuroam.errors import Problem, SpecError, Where
from neuroam.markup import flow
from neuroam.planning import NUMBER, Asked, numbers
from neuroam.spec.kinds import KEYS
from neuroam.spec.nouns import Spec
from neuroam.spec.schema_errors import suggestion

STEPS = 50  # a slider has about as many places, or a few times more
RANGE = "write (LOW, HIGH) or (LOW, HIGH, STEP) for a slider, [V1, V2, ...] for choices"
TOP = {"seed": 0, "trials": 1, "networks": 1}  # numbers that a protocol has if it does not say them


@dataclass(frozen=True)
class Knob:
    """A value that is varied: ``choices``, or numbers from ``low`` to ``high`` followed by ``unit``."""

    name: str
    path: str
    start: Any
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0
    whole: bool = False
    choices: tuple[Any, ...] = ()

    def setting(self, value: Any) -> str:
        """``PATH=VALUE``."""
        if self.choices:
            return f"{self.path}={flow(value)}"
        return f"{self.path}={int(value) if self.whole else float(f'{value:.12g}')}{self.unit}"

    @property
    def samples(self) -> tuple[str, ...]:
        """Settings of both ends and of the start, or of all choices."""
        return tuple(dict.fromkeys(map(self.setting, self.choices or (self.start, self.low, self.high))))


def knobs(asked: Asked, wanted: Mapping[str, Any]) -> list[Knob]:
    """What is to be varied.

    Parameters
    ----------
    asked : Asked
        The protocol.
    wanted : mapping
        Names or dotted paths to ranges or choices; ``hidden__params__beta`` stands for ``hidden.params.beta``.

    Raises
    ------
    SpecError
        For every name that nothing or more than one thing has, and every range or value that cannot be.
    """
    spec = asked.spec()
    known = values(spec)
    found: list[Knob] = []
    problems: list[Problem] = []
    for name, given in wanted.items():
        try:
            found.append(_knob(asked, known, name, given))
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    return found


def values(spec: Spec) -> dict[str, Any]:
    """Every number of both files by its path, and those that stay at the defaults of a cell or of the protocol."""
    defaults = {
        f"populations.{name}.params.{key}": str(default)
        for name, params in spec.model.defaults.items()
        for key, default in params.items()
    }
    files = [*numbers(spec.protocol.document.data), *numbers(spec.model.document.data)]
    written = {path for path, _ in files}
    top = {key: value for key, value in TOP.items() if not any(path.split(".")[0] == key for path in written)}
    return {**top, **defaults, **dict(files)}


def path_of(name: str, known: Mapping[str, Any]) -> str:
    """The one path that ends with these words.

    Raises
    ------
    SpecError
        If there is none, or several.
    """
    words = name.replace("__", ".").split(".")
    text = ".".join(words)
    ends = [path for path in known if path.split(".")[-len(words) :] == words]
    if text in known or len(ends) == 1:
        return text if text in known else ends[0]
    if len(ends) > 1:
        what = f"'{name}' could be several values"
        raise _wrong(name, what, f"name one by more of its words: {', '.join(sorted(ends))}")
    if words[0] in KEYS["protocol"] | KEYS["model"]:
        return text  # not a number, or not in the file: what it is will be seen when it is set
    close = suggestion(words[-1], [path.split(".")[-1] for path in known])
    close = "" if close.startswith("use") else f"{close} "
    raise _wrong(name, f"no value named '{name}'", f"{close}there are: {', '.join(sorted(known))}")


def _wrong(name: str, what: str, fix: str) -> SpecError:
    return SpecError([Problem(Where("explore"), name, what, fix)])


def _knob(asked: Asked, known: Mapping[str, Any], name: str, given: Any) -> Knob:
    path = path_of(name, known)
    if isinstance(given, list):
        made = _choices(name, path, given, known.get(path))
    elif isinstance(given, tuple):
        made = _slider(asked, name, path, given, known.get(path))
    else:
        raise _wrong(name, f"expected a range or choices, not {given!r}", RANGE)
    for setting in made.samples:
        asked.spec(setting)  # whether it can be set at all
    return made


def _choices(name: str, path: str, given: Sequence[Any], now: Any) -> Knob:
    if not given:
        raise _wrong(name, "there is nothing to choose from", RANGE)
    start = next((value for value in given if flow(value) == flow(now)), given[0])
    return Knob(name, path, start, choices=tuple(given))


def _slider(asked: Asked, name: str, path: str, given: tuple[Any, ...], now: Any) -> Knob:
    read = [NUMBER.fullmatch(str(value)) for value in given]
    if len(read) not in (2, 3) or not all(read) or any(isinstance(value, bool) for value in given):
        raise _wrong(name, f"'{given}' is not a range", RANGE)
    low, high, *step = (float(match[1]) for match in read if match)
    units = {match[2].strip() for match in read if match} - {""}
    current = NUMBER.fullmatch(str(now))
    if not units and current and current[2].strip():
        units = {current[2].strip()}  # of the value that it takes the place of
    if len(units) > 1 or low >= high or (step and step[0] <= 0):
        what = "the range has two units" if len(units) > 1 else "the range is empty" if low >= high else "no step"
        raise _wrong(name, what, RANGE)
    unit = "".join(f" {one}" for one in units)
    whole = all(re.fullmatch(r"[-+]?\d+", match[1]) for match in read if match)
    whole = whole and _refused(asked, f"{path}={low + 0.5}{unit}")
    size = step[0] if step else max(1.0, _even((high - low) / STEPS)) if whole else _even((high - low) / STEPS)
    start = min(max(float(current[1]), low), high) if current and current[2].strip() in (*units, "") else low
    return Knob(name, path, round(start) if whole else start, unit, low, high, size, whole)


def _refused(asked: Asked, setting: str) -> bool:
    try:
        asked.spec(setting)
    except SpecError:
        return True
    return False


def _even(size: float) -> float:
    """The next smaller of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(factor * power for factor in (5.0, 2.0, 1.0) if factor * power <= size * (1 + 1e-9))
