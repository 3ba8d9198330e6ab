"""``neuroam report``: one file that tells all of a run or a sweep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from neuroam import report
from neuroam.errors import Problem, SpecError, Where

FORMATS = (".html", ".htm")


def reported(folder: Path, output: Path | None, say: Callable[[str], None]) -> Path:
    """Where the report is.  ``say`` is as of `neuroam.api.reopen`.

    Raises
    ------
    StoreError, SpecError
        If the folder is not a run, or the file cannot be written; if its name is that of another kind of file.
    """
    if output is not None and output.suffix not in FORMATS:
        what = f"a report is HTML, not '{output.suffix}'"
        raise SpecError([Problem(Where(str(output)), "", what, "end the name in .html")])
    return report.write(folder, output, say)
