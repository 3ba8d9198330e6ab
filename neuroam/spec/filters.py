"""Synapse files that filter -> checked equation text with dimensions."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from neuroam.circuit import Filter
from neuroam.errors import Problem
from neuroam.formula import FormulaError, dimension, name_problem, offset_in_ode, split_ode, substitute
from neuroam.spec.components import RESERVED_NAMES, inside
from neuroam.spec.model import SynapseSpec
from neuroam.spec.yaml import Document
from neuroam.units import SECOND, Dimension, Quantity, in_words

FORM = "write 'tau*ds/dt = -s' for spikes, 'tau*ds/dt = inflow - s' for graded signals"


def build_filter(
    document: Document, spec: SynapseSpec, kind: str, settings: Mapping[str, Quantity], slot: Dimension
) -> tuple[Filter | None, list[Problem]]:
    """The post-side filter of a projection.

    Parameters
    ----------
    document : Document
        The synapse file.
    spec : SynapseSpec
        What it says.
    kind : str
        Its name.
    settings : mapping
        Parameters that the projection gives.
    slot : Dimension
        Of the input that it feeds.

    Returns
    -------
    Filter or None, list
        The filter, and what is wrong in the file.
    """
    if len(spec.equations) != 1:
        what = "a filter has exactly one equation"
        return None, [Problem(document.where(("equations",), key=True), "equations", what, FORM)]
    params = dict(spec.params) | dict(settings)
    known = dict(RESERVED_NAMES) | {key: value.dimension for key, value in params.items()}
    line = spec.equations[0]

    def problem(what: str, fix: str, offset: int = 0) -> Problem:
        return Problem(inside(document, ("equations", 0), offset), "equations[0]", what, fix)

    try:
        variable, rate, right = split_ode(line)
    except FormulaError as error:
        return None, [problem(error.what, error.fix, error.offset)]
    wrong = name_problem(variable) or (f"'{variable}' is used twice" if variable in {*known, "inflow"} else "")
    if wrong:
        return None, [problem(wrong, "choose another name")]
    try:
        found = dimension(rate, known | {variable: slot, "inflow": slot})
    except FormulaError as error:
        return None, [problem(error.what, _fix(error, [*known, variable, "inflow"]), offset_in_ode(line, error.offset))]
    if found != slot / SECOND:
        right_side = "a condition" if found is None else in_words(found)
        what = f"d{variable}/dt is {in_words(slot / SECOND)} but the right side is {right_side}"
        fix = f"divide by a time constant: 'tau*d{variable}/dt = ...'" if found == slot else FORM
        return None, [problem(what, fix, right)]
    values = {key: value.value for key, value in params.items()}
    text = rate if variable == "s" else substitute(rate, {variable: "s"})
    return Filter(kind, text, values, {key: value.dimension for key, value in params.items()}), []


def _fix(error: FormulaError, known: list[str]) -> str:
    if not error.what.startswith("unknown name"):
        return error.fix
    close = difflib.get_close_matches(error.what.split("'")[1], known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"known names: {', '.join(known)}"
