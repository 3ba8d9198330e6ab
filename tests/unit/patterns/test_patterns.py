"""Patterns from files, and exact numbers of active units."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import sparse

from neuroam.circuit import PatternSet
from neuroam.errors import FunctionError
from neuroam.leaves import Call
from neuroam.patterns import pattern
from neuroam.patterns.k_hot import k_hot
from neuroam.patterns.table import table
from neuroam.patterns.token_windows import token_windows
from neuroam.transforms.divide_by_mean import divide_by_mean
from neuroam.transforms.divide_by_pool import divide_by_pool
from neuroam.units import quantity

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
RNG = np.random.default_rng


def test_exactly_so_many_units_are_active() -> None:
    found = k_hot(RNG(1), size=500, count=12, coding_level=0.1)
    assert (found.values.sum(axis=1) == 50).all()
    assert found.coding_level == 0.1
    assert (k_hot(RNG(1), size=10, count=3, active=4).values.sum(axis=1) == 4).all()


@pytest.mark.parametrize(
    ("given", "what"), [({}, "once"), ({"coding_level": 0.1, "active": 1}, "once"), ({"active": 11}, "11 of 10")]
)
def test_the_number_of_active_units_is_said_once(given: dict[str, float], what: str) -> None:
    with pytest.raises(FunctionError, match=what):
        k_hot(RNG(1), size=10, count=3, **given)  # type: ignore[arg-type]


def test_a_csv_file_gives_its_columns_of_numbers(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("name,a,b\nx,1,0\ny,0,1\nz,1,1\n", encoding="utf-8")
    whole = table(tmp_path, file="t.csv")
    assert np.array_equal(whole.values, [[1.0, 0], [0, 1], [1, 1]])
    assert whole.binary
    assert whole.coding_level == pytest.approx(4 / 6)
    assert np.array_equal(table(tmp_path, file="t.csv", columns=["b"], rows=[2, 0]).values, [[1.0], [0.0]])
    with pytest.raises(FunctionError, match="row 3 does not exist"):
        table(tmp_path, file="t.csv", rows=[3])
    (tmp_path / "words.csv").write_text("a\nx\n", encoding="utf-8")
    with pytest.raises(FunctionError, match="no column"):
        table(tmp_path, file="words.csv")


def test_an_npy_file_gives_its_rows(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.array([[0.5, -1.0]]))
    found = table(tmp_path, file="t.npy", then=[Call("rectify")])
    assert np.array_equal(found.values, [[0.5, 0.0]])
    assert not found.binary
    with pytest.raises(FunctionError, match="have no names"):
        table(tmp_path, file="t.npy", columns=["a"])


@pytest.mark.parametrize(
    "then", [["rectifi"], [{"divide_by_pool": {"r_mx": "165 Hz"}}], [{"divide_by_pool": {"n": 0}}]]
)
def test_a_wrong_step_is_found_when_the_file_is_checked(then: list[object]) -> None:
    with pytest.raises(ValidationError):
        pattern["table"].schema.model_validate({"file": "t.csv", "then": then})


def test_the_pool_divides_as_measured_in_the_antennal_lobe() -> None:
    # one channel at 190/10.63 Hz with the others silent: s = 1 Hz, R = 165 O^1.5/(O^1.5 + 12^1.5 + 1)
    rate = 190.0 / 10.63
    found = divide_by_pool(np.array([[rate, 0.0]]))
    assert found[0, 0] == pytest.approx(165 * rate**1.5 / (rate**1.5 + 12**1.5 + 1))
    assert found[0, 1] == 0.0
    with pytest.raises(FunctionError, match="negative"):
        divide_by_pool(np.array([[-1.0]]))
    with pytest.raises(FunctionError, match="'sigma' is not a rate"):
        divide_by_pool(np.array([[1.0]]), sigma=quantity("12 ms"))


def test_a_mean_of_zero_divides_nothing() -> None:
    assert np.array_equal(divide_by_mean(np.array([[0.0, 0.0], [1.0, 3.0]])), [[0.0, 0.0], [0.5, 1.5]])


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the odour responses of Hallem & Carlson (2006) are not beside the project"
)
def test_projection_neurons_decorrelate_less_than_receptors_but_use_more_dimensions(tmp_path: Path) -> None:
    # measured with an independent reference: correlation 0.274 -> 0.350, participation ratio 4.7 -> 10.8
    source = SHARED / "hallem_carlson_2006" / "orn_responses_hz.csv"
    (tmp_path / "orn.csv").write_bytes(source.read_bytes())
    orn = table(tmp_path, file="orn.csv", then=[Call("rectify")]).values
    pn = table(tmp_path, file="orn.csv", then=[Call("rectify"), Call("divide_by_pool")]).values
    assert orn.shape == (110, 24)
    for values, correlation, ratio in ((orn, 0.274, 4.7), (pn, 0.350, 10.8)):
        pairs = np.corrcoef(values)[np.triu_indices(110, 1)]
        spectrum = np.linalg.eigvalsh(np.cov(values.T))
        assert pairs.mean() == pytest.approx(correlation, abs=0.02)
        assert spectrum.sum() ** 2 / (spectrum**2).sum() == pytest.approx(ratio, rel=0.1)


def test_windows_count_the_context_and_mark_the_target(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("a b a b a 7 a\nb a\n", encoding="utf-8")
    found = token_windows(RNG(1), tmp_path, file="t.txt", window=3, stop_words=[])
    # words by frequency: a, b.  Lines: context a, context b, target a, target b
    wanted = [[2, 0, 0, 1], [0, 2, 1, 0], [2, 0, 0, 1], [0, 1, 1, 0]]  # 'b a 7' has a number, 'a 7 a' no target
    assert full(found).tolist() == wanted
    assert (found.count, found.size, found.units) == (4, 4, ("a", "b", "a", "b"))
    assert np.allclose(found.attributes["frequency"], np.tile([5 / 4, 3 / 4], 2))  # the mean word has 1
    with pytest.raises(FunctionError, match="no middle"):
        token_windows(RNG(1), tmp_path, file="t.txt", window=2)
    with pytest.raises(FunctionError, match="no line of t.txt has 21 words"):
        token_windows(RNG(1), tmp_path, file="t.txt", window=21, stop_words=[])


def full(found: PatternSet) -> np.ndarray:
    rows = found.rows
    assert rows is not None
    return sparse.csr_array((rows.data, rows.indices, rows.indptr), shape=rows.shape).toarray()


def test_windows_of_several_texts_and_of_the_most_frequent_words(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("sun moon sun\nsun star sun moon\n", encoding="utf-8")
    (tmp_path / "two.txt").write_text("moon SUN moon\n", encoding="utf-8")
    found = token_windows(RNG(1), tmp_path, file=["one.txt", "two.txt"], window=3, vocabulary=2)
    assert found.units == ("sun", "moon", "sun", "moon")
    # 'star' is not in the vocabulary: it is no target, and drives nothing in 'star sun moon'
    assert full(found).tolist() == [[2, 0, 0, 1], [0, 1, 1, 0], [0, 2, 1, 0]]


def test_without_a_text_there_is_a_toy_language_that_says_so(tmp_path: Path) -> None:
    found = token_windows(RNG(1), tmp_path)
    assert "toy language of 96 words" in found.remark
    assert found.size == 192
    other = token_windows(RNG(2), tmp_path)
    assert not np.array_equal(found.rows.indices[:500], other.rows.indices[:500])  # type: ignore[union-attr]
    # words of one topic are near each other
    table, words = full(found), list(found.units[:96])
    with_dog = table[table[:, 96 + words.index("dog")] > 0].mean(axis=0)
    assert with_dog[words.index("cat")] > 4 * with_dog[words.index("barn")] > 4 * with_dog[words.index("piano")]


def test_a_stop_word_keeps_its_place_but_drives_nothing(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("the cat the dog\n", encoding="utf-8")
    for stop_words in (["the"], "english"):
        found = token_windows(RNG(1), tmp_path, file="t.txt", window=3, stop_words=stop_words)  # type: ignore[arg-type]
        # of 'the cat the' and 'cat the dog' only the first has a target; its context drives nothing
        assert full(found).tolist() == [[0.0, 0.0, 1.0, 0.0]]
