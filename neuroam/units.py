"""Quantities: text such as ``20 ms`` becomes an SI float with a dimension, and back."""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from fractions import Fraction

MAX_LENGTH = 200
BASE = ("metre", "kilogram", "second", "amp", "kelvin", "mole", "candela")
_PREFIX = {"": 1.0, "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "c": 1e-2, "k": 1e3, "M": 1e6, "G": 1e9}


@dataclass(frozen=True)
class Dimension:
    """Exponents of the seven SI base units, in the order of `BASE`."""

    powers: tuple[Fraction, ...] = (Fraction(0),) * 7

    def __mul__(self, other: Dimension) -> Dimension:
        return Dimension(tuple(a + b for a, b in zip(self.powers, other.powers, strict=True)))

    def __truediv__(self, other: Dimension) -> Dimension:
        return Dimension(tuple(a - b for a, b in zip(self.powers, other.powers, strict=True)))

    def __pow__(self, exponent: Fraction | int) -> Dimension:
        return Dimension(tuple(a * exponent for a in self.powers))

    def __str__(self) -> str:
        return _NAMED.get(self) or self.base_text()

    def base_text(self) -> str:
        """The dimension in base units, in a form that Brian2 reads: ``kilogram*metre**2``."""
        parts = [
            name if power == 1 else f"{name}**{_number(power)}"
            for name, power in zip(BASE, self.powers, strict=True)
            if power
        ]
        return "*".join(parts) or "1"


def _number(power: Fraction) -> str:
    return str(power.numerator) if power.denominator == 1 else f"({power.numerator}/{power.denominator})"


def _base(index: int) -> Dimension:
    return Dimension(tuple(Fraction(int(i == index)) for i in range(7)))


ONE = Dimension()
METRE, KILOGRAM, SECOND, AMPERE, KELVIN, MOLE, CANDELA = (_base(i) for i in range(7))
HERTZ = ONE / SECOND
JOULE = KILOGRAM * METRE**2 / SECOND**2
WATT = JOULE / SECOND
VOLT = WATT / AMPERE
SIEMENS = AMPERE / VOLT
OHM = VOLT / AMPERE
COULOMB = AMPERE * SECOND
FARAD = COULOMB / VOLT
MOLAR = MOLE / METRE**3

_NAMED = {
    ONE: "1", METRE: "m", KILOGRAM: "kg", SECOND: "s", AMPERE: "A", KELVIN: "K", MOLE: "mol", HERTZ: "Hz",
    VOLT: "V", SIEMENS: "S", OHM: "ohm", COULOMB: "C", FARAD: "F", JOULE: "J", WATT: "W",
}  # fmt: skip
_SCALABLE = {
    "m": (1.0, METRE), "g": (1e-3, KILOGRAM), "s": (1.0, SECOND), "A": (1.0, AMPERE), "K": (1.0, KELVIN),
    "mol": (1.0, MOLE), "Hz": (1.0, HERTZ), "V": (1.0, VOLT), "S": (1.0, SIEMENS), "ohm": (1.0, OHM),
    "C": (1.0, COULOMB), "F": (1.0, FARAD), "J": (1.0, JOULE), "W": (1.0, WATT), "M": (1e3, MOLAR),
}  # fmt: skip
_LONG = {"second": "s", "volt": "V", "amp": "A", "siemens": "S", "farad": "F", "hertz": "Hz", "metre": "m"}


def _table() -> dict[str, tuple[float, Dimension]]:
    units = {
        prefix + name: (scale * factor, dimension)
        for name, (factor, dimension) in _SCALABLE.items()
        for prefix, scale in _PREFIX.items()
    }
    units |= {long: units[short] for long, short in _LONG.items()}
    units["min"] = (60.0, SECOND)
    return units


UNITS = _table()


_MEANT = {
    "sec": "s", "secs": "s", "seconds": "s", "msec": "ms", "msecs": "ms", "usec": "us", "millisecond": "ms",
    "milliseconds": "ms", "minute": "min", "minutes": "min", "volts": "V", "mv": "mV", "millivolt": "mV",
    "millivolts": "mV", "mVolt": "mV", "mvolt": "mV", "hz": "Hz", "khz": "kHz", "Ohm": "ohm", "MOhm": "Mohm",
    "amps": "A", "ampere": "A",
}  # fmt: skip


class UnitError(ValueError):
    """Text that is not a quantity; the message says why, ``fix`` what to write."""

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.fix = fix


@dataclass(frozen=True)
class Quantity:
    """``value`` in SI units, and its dimension.  ``text`` is what the person wrote."""

    value: float
    dimension: Dimension = ONE
    text: str = ""

    def __str__(self) -> str:
        return self.text or si_text(self.value, self.dimension)


_QUANTITY = re.compile(
    r"\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(?P<unit>[A-Za-z1][\w*/^.() -]*)?\s*", re.ASCII
)
_FACTOR = re.compile(r"\s*(?P<name>[A-Za-z]+|1)\s*(?:(?:\*\*|\^)\s*(?P<power>\(?-?\d+(?:\.5)?\)?))?\s*", re.ASCII)


def unit(text: str) -> tuple[float, Dimension]:
    """Scale and dimension of unit text such as ``mV``, ``1/ms``, ``nS*mV`` or ``mV/ms``."""
    scale, dimension = 1.0, ONE
    operator, rest = "*", text.strip()
    while True:
        match = _FACTOR.match(rest)
        if not match:
            raise UnitError(f"cannot read the unit '{text[:40]}'", _FORM)
        name = match["name"]
        if name != "1" and name not in UNITS:
            raise UnitError(f"no unit named '{name}'", _closest(name))
        factor, base = (1.0, ONE) if name == "1" else UNITS[name]
        power = Fraction((match["power"] or "1").strip("()"))
        if abs(power) > 6:
            raise UnitError(f"the exponent in '{text[:40]}' is out of range (at most 6)", _FORM)
        if operator == "/":
            power = -power
        scale *= factor ** float(power)
        dimension = dimension * base**power
        rest = rest[match.end() :]
        if not rest:
            return scale, dimension
        operator, rest = rest[0], rest[1:]
        if operator not in "*/":
            raise UnitError(f"cannot read the unit '{text[:40]}'", _FORM)


_FORM = "write it as 'ms', '1/ms' or 'nS*mV'"


def _closest(name: str) -> str:
    close = _MEANT.get(name) or next(iter(difflib.get_close_matches(name, UNITS, n=1, cutoff=0.6)), None)
    return f"did you mean '{close}'?" if close else "for instance ms, mV, pA, nS, pF or Hz"


def quantity(raw: object) -> Quantity:
    """A YAML leaf (number, or text such as ``20 ms``) as a quantity.

    Raises
    ------
    UnitError
        If the leaf is neither, names an unknown unit, or is not finite.
    """
    if isinstance(raw, Quantity):
        return raw
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise UnitError(f"expected a number with a unit, such as '20 ms', not {_kind(raw)}", "write for instance 20 ms")
    if not isinstance(raw, str):
        try:
            value, dimension, text = float(raw), ONE, str(raw)
        except OverflowError:
            raise UnitError("the number is out of range", "write a number below 1e300") from None
    else:
        match = _QUANTITY.fullmatch(raw) if len(raw) <= MAX_LENGTH else None
        if not match:
            fix = percent_fix(raw) or "write a number, a space, and a unit"
            raise UnitError(f"cannot read '{raw[:40]}' as a number with a unit, such as '20 ms'", fix)
        scale, dimension = unit(match["unit"]) if match["unit"] else (1.0, ONE)
        value, text = float(match["number"]) * scale, raw
        # 0.1 * 0.001 is not 0.0001 in floating point: read '0.1 ms' as the nearest float to 1e-4
        value = float(f"{value:.15g}") if math.isfinite(value) else value
    if not math.isfinite(value):
        raise UnitError("the number must be finite", "write a number below 1e300")
    return Quantity(value, dimension, text)


def percent_fix(raw: object) -> str:
    """What to write instead of ``20 %``; empty for anything else."""
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*%\s*", raw, re.ASCII) if isinstance(raw, str) else None
    return f"write {float(match[1]) / 100:g}" if match else ""


def _kind(raw: object) -> str:
    names = {dict: "a mapping", list: "a list", bool: "true or false", type(None): "nothing"}
    return names.get(type(raw), type(raw).__name__)


_NICE = {SECOND: (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)), VOLT: (("V", 1.0), ("mV", 1e-3), ("uV", 1e-6)),
         AMPERE: (("A", 1.0), ("mA", 1e-3), ("uA", 1e-6), ("nA", 1e-9), ("pA", 1e-12)), HERTZ: (("Hz", 1.0),),
         SIEMENS: (("S", 1.0), ("mS", 1e-3), ("uS", 1e-6), ("nS", 1e-9), ("pS", 1e-12)),
         FARAD: (("F", 1.0), ("uF", 1e-6), ("nF", 1e-9), ("pF", 1e-12))}  # fmt: skip


def in_words(dimension: Dimension) -> str:
    """What a quantity of this dimension is: ``in V``, or ``a plain number``."""
    return "a plain number" if dimension == ONE else f"in {dimension}"


def unit_fix(dimension: Dimension, of: str = "it") -> str:
    """What to write where a quantity of this dimension is wanted."""
    if dimension == ONE:
        return "write a plain number, without a unit"
    return f"give {of} a unit such as {_USUAL.get(dimension) or dimension}"


_USUAL = {SECOND: "ms", VOLT: "mV", AMPERE: "pA", SIEMENS: "nS", FARAD: "pF"}


def si_text(value: float, dimension: Dimension) -> str:
    """An SI number for people: 0.02 with dimension second becomes ``20 ms``."""
    if dimension == ONE:
        return f"{value:.6g}"
    if dimension not in _NICE:
        return f"{value:.6g} {dimension}"
    steps = _NICE[dimension]
    name, scale = steps[-1]
    for candidate, size in steps:
        if abs(value) >= size * 0.999999:
            name, scale = candidate, size
            break
    if value == 0:
        name, scale = steps[min(1, len(steps) - 1)]
    return f"{value / scale:.6g} {name}"
