"""The parts of a report, and the page that holds them.  It loads nothing: its own policy forbids it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from neuroam.markup import Html, escaped, joined, picture, table, tag

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1f1f1f; max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; border-bottom: 1px solid #d4d4d4; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: 0.15rem 1rem 0.15rem 0; vertical-align: top; font-weight: normal; }
tr:first-child th { color: #666; }
td, dd { overflow-wrap: anywhere; }
figure { margin: 1rem 0; }
figcaption { color: #666; }
img { width: 100%; height: auto; }
pre { background: #f5f5f2; padding: 0.6rem; overflow-x: auto; font-size: 0.85rem; }
summary { cursor: pointer; padding: 0.2rem 0; }
.quiet { color: #666; }
"""
UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def page(title: str, subtitle: str, sections: Iterable[Html]) -> str:
    """The whole file."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{escaped(POLICY)}">'
        f"<title>{escaped(title)}</title><style>{STYLE}</style>"
    )
    body = joined([tag("h1", title), tag("p", subtitle, class_="quiet"), *sections])
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def section(title: str, *parts: Any) -> Html:
    """A heading with what belongs to it; nothing without it."""
    inside = joined(parts)
    return joined([tag("h2", title), inside]) if inside else Html("")


def wide(heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Html:
    """A table that can be moved sideways where the page is narrow."""
    made = table(heads, rows)
    return tag("div", made, class_="wide") if made else made


def figure(drawn: Any, caption: str) -> Html:
    """A picture with words below."""
    return tag("figure", picture(drawn, caption, dots=120.0), tag("figcaption", caption))


def file(name: str, text: str, opened: bool = False) -> Html:
    """A text file that can be read, and saved."""
    data = b64encode(text.encode()).decode()
    save = Html(f'<a download="{escaped(Path(name).name)}" href="data:text/plain;base64,{data}">save</a>')
    state = {"open": "open"} if opened else {}
    return tag("details", tag("summary", name, " ", save), tag("pre", text), **state)


def sizes(folder: Path) -> Html:
    """What lies in a folder, and how large it is."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".html")
    there = sorted(path for path in files if ".partial" not in path.name)  # what is being written
    return wide(("file", "size"), [(str(path.relative_to(folder)), size(path.stat().st_size)) for path in there])


def size(count: int) -> str:
    """Bytes in words."""
    return next((f"{count / factor:.3g} {name}" for factor, name in UNITS if count >= factor), f"{count} bytes")


def facts(found: Mapping[str, Any]) -> Html:
    """Names and what they stand for; mappings are written out, nothing is left out but what is empty."""
    return wide(("", ""), [(name, _words(value)) for name, value in found.items() if value not in ("", None, {}, [])])


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_words(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)
