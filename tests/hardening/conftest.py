"""What the tests of files share: limits of sizes, a folder, and everything imported that a check imports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from neuroam.commands.checking import check

# Numbers are drawn up to these; 400 million of them would be right too, and take 3 GB.
SMALLER = {
    "neuroam.resolve.context.MAX_ENTRIES": 2_000_000,
    "neuroam.patterns.blocks.MAX_ENTRIES": 2_000_000,
    "neuroam.patterns.token_windows.MAX_ENTRIES": 2_000_000,
    "neuroam.resolve.structure.MAX_CELLS": 100_000,
    "neuroam.spec.protocol_checks.MAX_STEPS": 2_000_000,
    "neuroam.resolve.spans.MAX_STEPS": 2_000_000,
    "neuroam.resolve.projections.MAX_STEPS": 2_000_000,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where files are written that are checked with small limits."""
    for name in ("recall_digits", "word_codes", "odour_series", "recall_random", "capacity_exponential"):
        check(name, "cuda")  # what is read and imported once
    with pytest.MonkeyPatch.context() as patch:
        for name, size in SMALLER.items():
            patch.setattr(name, size)
        yield tmp_path_factory.mktemp("fuzz")
