"""Measured and made-up odours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuroam.errors import FunctionError
from neuroam.patterns.odours import odours, synthetic
from neuroam.transforms.divide_by_pool import divide_by_pool

TABLE = "odour,Or1,Or2,Or3\na,10,-5,3\nb,0,0,90\nc,11,-4,2\nd,1,70,0\n"


@pytest.fixture
def made(tmp_path):
    (tmp_path / "table.csv").write_text(TABLE)
    return lambda **settings: odours(np.random.default_rng(0), tmp_path, **settings)


def test_a_table_is_taken_as_it_is(made):
    found = made(file="table.csv")
    assert found.values[0].tolist() == [10.0, -5.0, 3.0]
    assert not found.remark
    assert made(file="table.csv", rows=[3]).values.tolist() == [[1.0, 70.0, 0.0]]


def test_what_is_made_up_says_so(made):
    found = made(count=7, receptors=4)
    assert found.values.shape == (7, 4)
    assert "synthetic" in found.remark
    with pytest.raises(FunctionError, match="those of a file"):
        made(rows=[0])
    with pytest.raises(FunctionError, match="row 9 does not exist"):
        made(file="table.csv", rows=[9])


def test_it_resembles_the_measured_table():
    """The bounds hold what the docstring says, over draws that were not used to fit it."""

    def pairs(values):
        heard = values[values.any(axis=1)]  # now and then no receptor answers
        return np.corrcoef(heard)[np.triu_indices(len(heard), 1)].mean()

    drawn = [synthetic(np.random.default_rng(seed), 110, 24) for seed in range(700, 720)]
    assert np.mean([table.mean() for table in drawn]) == pytest.approx(30, abs=3)
    rectified = [np.maximum(table, 0) for table in drawn]
    assert np.mean([pairs(table) for table in rectified]) == pytest.approx(0.31, abs=0.05)
    assert np.mean([pairs(divide_by_pool(table)) for table in rectified]) == pytest.approx(0.32, abs=0.05)


def test_a_trio_is_a_strong_odour_a_similar_and_another(made):
    found = made(file="table.csv", trio="strongest").values
    rates = divide_by_pool(np.maximum(found, 0.0))
    similar = np.corrcoef(rates)[0]
    assert similar[1] > similar[2]
    with pytest.raises(FunctionError, match="a trio needs three odours"):
        made(file="table.csv", rows=[0, 1], trio="strongest")


def test_a_balanced_trio_differs_in_kind_and_not_in_strength(made):
    first = set()
    for seed in range(12):
        found = np.maximum(odours(np.random.default_rng(seed), Path(), trio="balanced").values, 0.0)
        rates = divide_by_pool(found)
        similar, strength = np.corrcoef(rates)[0], rates.sum(axis=1)
        assert similar[1] > similar[2] + 0.3
        assert np.abs(strength / strength[0] - 1).max() <= 0.15
        first.add(float(strength[0]))
    assert len(first) > 6
    with pytest.raises(FunctionError, match="no three of the stronger odours"):
        made(file="table.csv", rows=[0, 1, 3], trio="balanced")


def test_of_a_file_the_first_so_many_odours_are_taken(made):
    assert len(made(file="table.csv", count=2).values) == 2
    with pytest.raises(FunctionError, match="has 4 odours, not 9"):
        made(file="table.csv", count=9)


def test_a_column_with_a_bad_entry_is_not_left_out(tmp_path):
    (tmp_path / "t.csv").write_text("odour,a,b\nx,1,2\ny,nan,3\nz,4,5\n", encoding="utf-8")
    with pytest.raises(FunctionError, match="column 'a', row 2: 'nan' is not a number"):
        odours(np.random.default_rng(1), tmp_path, file="t.csv")
