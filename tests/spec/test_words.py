"""Short and long forms of the same word mean the same, and a file with all of them runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import neuroam
from neuroam.commands.checking import check
from neuroam.resolve import resolve
from neuroam.spec.load import load

FOLDER = Path(__file__).parent / "valid" / "words"


@pytest.fixture(scope="module")
def resolved():
    return resolve(load(str(FOLDER / "protocol.yaml")))


def test_nothing_is_wrong_and_all_of_it_can_be_run():
    for name in ("model", "protocol"):
        found = check(str(FOLDER / f"{name}.yaml"))
        assert (found.kind, found.problems, found.notes) == (name, [], [])


def test_short_and_long_matrices_are_equal(resolved):
    circuit, _ = resolved
    assert np.array_equal(circuit.matrices["short"].weights.values, circuit.matrices["long"].weights.values)


def test_sizes(resolved):
    circuit, _ = resolved
    sizes = {name: population.size for name, population in circuit.populations.items()}
    assert sizes == {"number": 20, "number_again": 20, "units": 6, "count": 3, "rows": 3}


def test_epochs_are_laid_out(resolved):
    _, trials = resolved
    spans = [(epoch.name, epoch.stop - epoch.start) for epoch in trials.epochs]
    assert spans == [
        ("plain", 20), ("steps", 4), ("steps_gap", 2), ("steps", 4), ("steps_gap", 2), ("shown", 20), ("pattern", 20),
        ("each", 4), ("each", 4), ("each", 4), ("some", 4), ("some", 4), ("driven", 4), ("ramped", 4),
    ]  # fmt: skip
    assert trials.count == 6


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_change_nothing(tmp_path, ending, mark):
    for name in ("model", "protocol"):
        text = mark + (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").replace("\n", ending)
        (tmp_path / f"{name}.yaml").write_bytes(text.encode())
    one, other = load(str(tmp_path / "protocol.yaml")), load(str(FOLDER / "protocol.yaml"))
    assert one.protocol.spec == other.protocol.spec
    assert one.model.spec == other.model.spec


def test_it_runs(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "words")
    result = neuroam.run(tmp_path / "words" / "protocol.yaml", device="numpy")
    assert list(result.measures) == ["overlap", "at_shown", "rate"]
    assert result.measures["overlap"].sizes == {"network": 2, "trial": 6}
