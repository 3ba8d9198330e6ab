"""Whatever stands in a file: it is right, or `check` says what is wrong; it never breaks, takes long or takes all memory."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from neuroam.commands.checking import check
from neuroam.spec.load import check_file
from tests.hardening import strategies
from tests.hardening.limits import limited, needs_linux
from tests.hardening.strategies import CELLS, PROTOCOLS, SYNAPSES, Files, bundle, file_of

pytestmark = needs_linux
RELAXED = settings(
    deadline=None, database=None, phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck)
)
UNCHANGED = {file_of(data) for data in (*CELLS.values(), *SYNAPSES.values())}


def written(folder: Path, files: Files) -> list[str]:
    """The paths of the files, which are all that lies in the folder."""
    shutil.rmtree(folder)
    paths = [folder / f"{name}.yaml" for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    return [str(path) for path in paths]


def depth(folder: Path, files: Files) -> str:
    """How far the first file came; the others are only looked at."""
    paths = written(folder, files)
    for path, text in zip(paths, files.values(), strict=True):
        if text in UNCHANGED:
            continue
        with limited():
            problems = check(path, "cuda").problems
        for problem in problems:
            assert str(problem)
            assert problem.fix, str(problem)
            assert "more memory than the machine has" not in problem.what, str(problem)
        if path == paths[0]:
            found = problems
    if not found:
        return "planned"
    return "refused as text" if check_file(paths[0])[1] else "refused by its numbers"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PROTOCOLS))
def test_what_the_changes_start_from_is_right(folder, name):
    files = {name: file_of(data) for name, data in bundle(name).items()}
    assert depth(folder, files) == "planned"


def test_changed_files(folder):
    """Every run of this test draws the same files."""
    came: Counter[str] = Counter()

    @given(strategies.files())
    @settings(RELAXED, max_examples=300, derandomize=True)
    def holds(files: Files) -> None:
        came[depth(folder, files)] += 1

    holds()
    print(dict(came))
    assert came["planned"] >= 30  # else the changes are too coarse to find anything behind the schemas


@given(st.binary(max_size=200))
@settings(RELAXED, max_examples=100, derandomize=True)
def test_bytes(folder, data):
    path = folder / "bytes.yaml"
    path.write_bytes(data)
    with limited():
        problems = check(str(path)).problems
    assert problems
    assert all(problem.fix for problem in problems)


@pytest.mark.slow
def test_ten_thousand_changed_files(folder):
    number = random.SystemRandom().randrange(2**32)
    print(f"seed {number}")
    came: Counter[str] = Counter()

    @seed(number)
    @given(strategies.files())
    @settings(RELAXED, max_examples=10_000)
    def holds(files: Files) -> None:
        came[depth(folder, files)] += 1

    holds()
    print(dict(came))
