"""``%%neuroam``: a cell of a notebook that is a protocol."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

from neuroam import api
from neuroam.errors import Problem, SpecError, Where
from neuroam.spec.find import document_of
from neuroam.spec.kinds import kind_by_keys
from neuroam.spec.load import load_documents
from neuroam.spec.nouns import Spec
from neuroam.spec.yaml import Document, parse

LINE = re.compile(r"---\s*(#.*)?")
VARIABLE = "_neuroam"  # holds the last result


def load_ipython_extension(ipython: Any) -> None:
    """What ``%load_ext neuroam`` calls: make ``%%neuroam`` known."""

    def neuroam(line: str, cell: str) -> Any:
        return run_cell(ipython, line, cell)

    neuroam.__doc__ = _parser().format_help()
    ipython.register_magic_function(neuroam, "cell", "neuroam")


def _parser() -> Any:
    from IPython.core.magic_arguments import MagicArgumentParser

    new: Any = MagicArgumentParser  # it has no types
    parser = new(
        prog="%%neuroam",
        description="Run the protocol in this cell, or the model and the protocol with a line of --- between them. "
        "Files that they name lie in the working directory. The result is shown, and kept in _neuroam.",
    )
    parser.add_argument("model", nargs="?", help="a model, if not the protocol's own")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="set a value; may be repeated")
    parser.add_argument("--device", default="auto", choices=("auto", "numpy", "cpp", "cuda"), help="where to run")
    parser.add_argument("-o", dest="name", help="a variable that gets the result, too")
    return parser


def run_cell(ipython: Any, line: str, cell: str) -> Any:
    """Run what a cell holds.

    Parameters
    ----------
    ipython : InteractiveShell
        Whose variables get the result.
    line, cell : str
        What stands behind ``%%neuroam``, and below it.

    Returns
    -------
    Result
        Which IPython shows.

    Raises
    ------
    SpecError, BuildError, RunError, EnvironmentLacks
        As of `neuroam.run`; the file of a problem is the cell, its lines are counted from ``%%neuroam``.
    """
    try:
        given = _parser().parse_args(shlex.split(line))
    except ValueError as error:  # a quote that is not closed
        raise SpecError([Problem(Where(f"%%neuroam {line}"), "", str(error), "close every quote")]) from None
    if given.name is not None and not given.name.isidentifier():
        what, fix = f"'{given.name}' cannot be the name of a variable", "write for instance -o result"
        raise SpecError([Problem(Where("%%neuroam -o"), "", what, fix)])
    spec = spec_of(cell, f"cell_{ipython.execution_count}", given.model, given.set)
    result = api.run(spec, device=given.device)
    ipython.user_ns.update({name: result for name in (VARIABLE, given.name) if name})
    return result


def spec_of(cell: str, name: str, model: str | None, settings: list[str]) -> Spec:
    """The protocol of a cell with its model, checked.

    Parameters
    ----------
    cell : str
        YAML, one document or two.
    name : str
        Stands for the file in messages.
    model : str, optional
        A path or the name of a shipped one.
    settings : list of str
        ``PATH=VALUE``.

    Raises
    ------
    SpecError
        With every problem.
    """
    parts = _parts(cell)
    kinds = [kind_by_keys(parse(text, name)) for text in parts]
    if len(parts) > 2 or (len(parts) == 2 and set(kinds) != {"model", "protocol"}):
        what = f"the cell holds {len(parts)} files ({', '.join(kind or 'of unknown kind' for kind in kinds)})"
        raise SpecError(
            [Problem(Where(name), "", what, "write a protocol, or a model and a protocol, with --- between")]
        )
    place = kinds.index("protocol") if len(parts) == 2 else 0
    protocol = document_of("protocols", parts[place], name, Path.cwd())
    own: Document | None = None
    if len(parts) == 2:
        if model is not None:
            what = f"there is a model in the cell, and '{model}' is named beside it"
            raise SpecError([Problem(Where(name), "", what, "take one of them away")])
        own = document_of("models", parts[1 - place], name, Path.cwd())
    return load_documents(protocol, own if own is not None else model, settings)


def _parts(cell: str) -> list[str]:
    """The documents of a cell, each with as many empty lines before it as there are lines above it in the cell."""
    lines = cell.splitlines()
    cuts = [-1, *(number for number, line in enumerate(lines) if LINE.fullmatch(line.rstrip())), len(lines)]
    parts = []
    for start, stop in pairwise(cuts):
        own = lines[start + 1 : stop]
        if any(line.strip() and not line.lstrip().startswith("#") for line in own) or len(cuts) == 2:
            # the first line is that of %%neuroam
            parts.append("\n" * (start + 2) + "\n".join(own) + "\n")
    return parts or [cell]
