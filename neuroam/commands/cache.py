"""What is in the cache of compiled programs, and what does clearing it free?"""

from __future__ import annotations

from typing import Any

from neuroam.errors import printable
from neuroam.sim import cache

DIGITS = 12  # of a key: enough to tell programs apart


def table() -> str:
    """One line per program, the one used last first, and what all take together."""
    found = cache.entries()
    rows = [("title", "size", "last used", "key")] if found else []
    rows += [
        (
            printable(entry.title) or "-",
            size_text(entry.size),
            f"{entry.last_use.astimezone():%Y-%m-%d %H:%M}",
            entry.key[:DIGITS],
        )
        for entry in found
    ]
    titles, sizes = (max((len(row[column]) for row in rows), default=0) for column in (0, 1))
    lines = [f"{title:{titles}}  {size:>{sizes}}  {used:16}  {key}" for title, size, used, key in rows]
    return "\n".join([*lines, "", summary(found)]).strip("\n")


def summary(found: list[cache.Entry]) -> str:
    """Where the programs are, how many, and how much of what they may take."""
    total = size_text(sum(entry.size for entry in found))
    return f"{cache.folder()}: {_programs(len(found))}, {total} of at most {size_text(cache.limit())}"


def as_json() -> dict[str, Any]:
    """What ``neuroam cache show --json`` prints."""
    found = cache.entries()
    return {
        "folder": str(cache.folder()),
        "limit": cache.limit(),
        "total": sum(entry.size for entry in found),
        "programs": [
            {
                "key": entry.key,
                "title": entry.title,
                "size": entry.size,
                "last_use": entry.last_use.isoformat(timespec="seconds"),
                "path": str(entry.path),
            }
            for entry in found
        ],
    }


def clear() -> str:
    """Clear the cache, and say what that freed."""
    removed, freed = cache.clear()
    kept = len(cache.entries())
    remark = f"; kept {_programs(kept)} in use" if kept else ""
    return f"removed {_programs(removed)}, freed {size_text(freed)}{remark}"


def size_text(size: int) -> str:
    """A number of bytes for people: ``14.2 MB``."""
    for name, unit in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= unit:
            return f"{size / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{size} byte{'s' * (size != 1)}"


def _programs(count: int) -> str:
    return f"{count} compiled program{'s' * (count != 1)}"
