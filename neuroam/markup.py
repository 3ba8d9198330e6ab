"""HTML from text.  What comes from a file or a person is escaped; only what is made here is not."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from neuroam.errors import printable

LEFT = "text-align:left"
CLASS = "neuroam"  # of the outermost element: what a style sheet of a page can select


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, *inside: Any, **attributes: Any) -> Html:
    """An element; what is inside is escaped unless it is `Html`.  ``class_`` stands for ``class``."""
    given = "".join(f' {key.rstrip("_")}="{escaped(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{given}>{joined(inside)}</{name}>")


def joined(parts: Iterable[Any]) -> Html:
    """Parts one after the other."""
    return Html("".join(part if isinstance(part, Html) else escaped(part) for part in parts))


def escaped(value: Any) -> Html:
    """Text with nothing in it that HTML reads as its own; letters that cannot be seen are written out."""
    lines = str(value).split("\n")
    return Html("\n".join(html.escape(printable(line)) for line in lines))


def table(heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Html:
    """A table whose first column names the row; without columns that are empty, and nothing if there is no row."""
    kept = list(rows)
    if not kept:
        return Html("")
    full = [number for number in range(len(heads)) if number == 0 or any(str(row[number]) for row in kept)]
    lines = (
        tag("tr", *(tag("th" if number == 0 or row is heads else "td", row[number], style=LEFT) for number in full))
        for row in (heads, *kept)
    )
    return tag("table", *lines)


def block(title: Any, *parts: Any) -> Html:
    """What a notebook shows of one thing: its title, and parts below."""
    return tag("div", tag("div", title, style="font-weight:bold;margin:0.4em 0"), *parts, class_=CLASS)


def picture(figure: Any, about: str, dots: float = 100.0) -> Html:
    """A matplotlib figure as a picture inside the page."""
    held = BytesIO()
    figure.savefig(held, format="png", dpi=dots)
    data = b64encode(held.getvalue()).decode()
    return Html(f'<img alt="{escaped(about)}" style="max-width:100%" src="data:image/png;base64,{data}">')


def flow(value: Any) -> str:
    """Values of a YAML file on one line, as they could stand there."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)
