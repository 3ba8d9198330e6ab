"""How much may something take?  Sizes out of the environment."""

from __future__ import annotations

import os
import re
from decimal import Decimal

from neuroam.errors import EnvironmentLacks, printable

UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_SIZE = re.compile(rf"([0-9]{{1,12}}(?:\.[0-9]{{1,12}})?) *({'|'.join(UNITS)})", re.IGNORECASE)


def limit_of(variable: str, default: int) -> int:
    """The bytes that an environment variable allows, such as "500 MB".

    Raises
    ------
    EnvironmentLacks
        If the variable does not hold a size.
    """
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    found = _SIZE.fullmatch(text)
    if found is None:
        what = f"{variable} is '{printable(text)[:40]}', which is not a size"
        raise EnvironmentLacks(f"{what}: write a number and a unit, such as '500 MB' or '2 GB'")
    return int(Decimal(found[1]) * UNITS[found[2].lower()])


def size_text(size: float) -> str:
    """A number of bytes in words: the largest unit that makes it at least 1, "12 MB"."""
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{max(size, 1e3) / 1e3:.0f} kB"
