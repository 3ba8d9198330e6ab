"""Text files that appear when they are whole."""

from __future__ import annotations

import os
from pathlib import Path

from neuroam.errors import StoreError
from neuroam.store.folders import reason


def write_text(path: Path, text: str) -> None:
    """Write a text; the file appears when it is whole.

    Raises
    ------
    StoreError
        If the disk refuses.
    """
    half = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        half.write_text(text, encoding="utf-8")
        half.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {reason(error)}") from None
    finally:
        half.unlink(missing_ok=True)
