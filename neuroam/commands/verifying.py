"""``neuroam verify``: do the devices compute what the equations say?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from neuroam.sim import devices
from neuroam.spec.nouns import Spec
from neuroam.verifying import TOLERANCE, Checked, Deviation, verify

HEADER = ("", "part", "device", "against", "numbers", "deviation", "where", "wanted", "found")


def verified(
    spec: Spec, chosen: Sequence[str], trials: int, steps: int | None, say: Callable[[str], None]
) -> list[Checked]:
    """Every comparison; without ``chosen`` devices, of numpy and of what ``auto`` stands for.

    Raises
    ------
    SpecError, BuildError, RunError, EnvironmentLacks
        As of `neuroam.verifying.verify`.
    """
    names = [devices.choose(name)[0] for name in chosen or ("numpy", "auto")]
    return list(verify(spec, list(dict.fromkeys(names)), trials, steps, say))


def table(found: Sequence[Checked]) -> str:
    """One row per comparison with its largest deviation; all that is beyond the tolerance; a verdict."""
    rows: list[tuple[str, ...]] = [HEADER]
    for checked in found:
        shown = [d for d in checked.deviations if not d.fine] or [checked.largest]
        rows += [_row(checked, deviation) for deviation in shown]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADER))]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", verdict(found)])


def _row(checked: Checked, deviation: Deviation) -> tuple[str, ...]:
    numbers = sum(d.compared for d in checked.deviations)
    where = "" if deviation.trial < 0 else f"{deviation.name}, {_place(checked, deviation)}"
    values = ("", "") if deviation.trial < 0 else (f"{deviation.wanted:.10g}", f"{deviation.found:.10g}")
    mark = "ok" if deviation.fine else "DIFFERS"
    return (
        mark, checked.part, checked.device, checked.against, str(numbers), f"{deviation.share:.1e}", where, *values
    )  # fmt: skip


def _place(checked: Checked, deviation: Deviation) -> str:
    if deviation.step < 0:
        return f"trial {deviation.trial}, edge {deviation.cell}"
    return f"trial {deviation.trial}, {deviation.step * checked.dt * 1e3:g} ms, cell {deviation.cell}"


def verdict(found: Sequence[Checked]) -> str:
    """One sentence on all of it."""
    wrong = list(dict.fromkeys(f"{c.device} from {c.against} ({c.part})" for c in found if not c.fine))
    if wrong:
        return f"not the same within {TOLERANCE:g} of the largest value: {'; '.join(wrong)}"
    names = ", ".join(dict.fromkeys(checked.device for checked in found))
    return f"{names}: all spikes are the same, and every number within {TOLERANCE:g} of the largest one of its kind"


def as_json(found: Sequence[Checked]) -> list[dict[str, Any]]:
    """The same for programs: every deviation, in the unit of its variable (SI) and with its step."""
    return [
        {"part": c.part, "device": c.device, "against": c.against, "fine": c.fine, "deviations": list(_all(c))}
        for c in found
    ]


def _all(checked: Checked) -> Iterator[dict[str, Any]]:
    for d in checked.deviations:
        row: dict[str, Any] = {"name": d.name, "share": d.share, "fine": d.fine, "compared": d.compared}
        if d.trial >= 0:
            row |= {"trial": d.trial, "step": d.step, "cell": d.cell, "wanted": d.wanted, "found": d.found}
        yield row
