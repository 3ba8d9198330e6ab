"""Problems with a place, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_SNIPPET = 160


@dataclass(frozen=True, order=True)
class Where:
    """A place in a file that a person wrote; line and column count from 1.

    ``text`` is the whole line, for the snippet under the message.  An empty ``file`` means that there is no
    file to point at (a value made in Python).
    """

    file: str = ""
    line: int = 0
    column: int = 0
    text: str = ""

    def __str__(self) -> str:
        file = printable(self.file)
        return f"{file}:{self.line}:{self.column}" if file and self.line else file


NOWHERE = Where()


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the input: where, what, and how to fix it."""

    where: Where
    path: str
    what: str
    fix: str = ""

    def __str__(self) -> str:
        head = ": ".join(part for part in (str(self.where), printable(self.path), printable(self.what)) if part)
        lines = [head]
        if self.where.text.strip():
            lines += _snippet(self.where)
        if self.fix:
            lines.append(f"      fix: {printable(self.fix)}")
        return "\n".join(lines)


def printable(text: str) -> str:
    """The text with line ends, terminal codes and invisible letters written out: a file's words stay words."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _snippet(where: Where) -> list[str]:
    """The line itself and a caret; a long line is cut to a window around the column."""
    start = max(0, where.column - 1 - MAX_SNIPPET // 2) if len(where.text) > MAX_SNIPPET else 0
    text = "".join(char if char.isprintable() else " " for char in where.text[start : start + MAX_SNIPPET])
    caret = " " * (where.column - 1 - start) + "^"
    return [f"{where.line:5d} | {text}", f"      | {caret}"]


class NeuroamError(Exception):
    """Base of every error that this package raises on purpose."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """What IPython and Jupyter print in place of a traceback."""
        return str(self).splitlines()


class SpecError(NeuroamError):
    """The input is wrong.  ``problems`` holds all of them, in file order."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        unique = dict.fromkeys(problems)
        self.problems: Sequence[Problem] = sorted(unique, key=lambda p: (p.where.file, p.where.line, p.where.column))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class FunctionError(NeuroamError):
    """A registered function cannot work with the values it was given; the caller adds the place."""

    exit_code = 2

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(str(Problem(NOWHERE, "", what, fix)))
        self.what = what
        self.fix = fix


class BuildError(NeuroamError):
    """The program could not be generated or compiled."""

    exit_code = 1


class RunError(NeuroamError):
    """The compiled program failed, or its results cannot be trusted (NaN, infinity, interrupted)."""

    exit_code = 1


class EnvironmentLacks(NeuroamError):
    """Something that the machine should offer is missing: a compiler, a GPU, an optional package."""

    exit_code = 3


class StoreError(NeuroamError):
    """A run directory cannot be written or is not a whole run."""

    exit_code = 2
