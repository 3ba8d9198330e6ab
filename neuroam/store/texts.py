"""Text files that appear when they are whole."""

from __future__ import annotations

from pathlib import Path

from neuroam.store.folders import whole_file


def write_text(path: Path, text: str) -> None:
    """Write a text; the file appears when it is whole.

    Raises
    ------
    StoreError
        If the disk refuses.
    """
    with whole_file(path) as half:
        half.write_text(text, encoding="utf-8")
