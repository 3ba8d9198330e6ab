"""Patterns of sequences: correlated ones, distinct ones, groups of motif cells, and frames of a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuroam.errors import FunctionError
from neuroam.patterns.bernoulli import bernoulli
from neuroam.patterns.blocks import blocks
from neuroam.patterns.correlated import correlated
from neuroam.patterns.frames import frames
from neuroam.patterns.moving_digits import moving_digits

RNG = np.random.default_rng
SIZE, COUNT = 2000, 60


@pytest.mark.parametrize(("rho", "a"), [(0.0, 0.5), (0.5, 0.5), (0.9, 0.5), (0.8, 0.1)])
def test_units_keep_their_value_as_often_as_asked(rho: float, a: float) -> None:
    """Means over independent units, within four standard errors: rho after one pattern, rho^3 after three."""
    found = correlated(RNG(3), size=SIZE, count=COUNT, correlation=rho, coding_level=a).values
    assert np.abs(found.mean(axis=1) - a).max() < 4 * np.sqrt(a * (1 - a) / SIZE)
    for lag in (1, 3):
        product = (found[lag:] - a) * (found[:-lag] - a) / (a * (1 - a))
        each = product.mean(axis=0)  # one value per unit, and units are independent
        assert abs(each.mean() - rho**lag) < 4 * each.std() / np.sqrt(SIZE)


def test_unbiased_units_have_the_correlation_as_their_overlap() -> None:
    found = correlated(RNG(4), size=SIZE, count=COUNT, correlation=0.8).bipolar
    overlap = (found[1:] * found[:-1]).mean()
    assert overlap == pytest.approx(
        0.8, abs=4 * 0.6 / np.sqrt(SIZE * (COUNT - 1))
    )  # a product of +-1 has variance 1 - rho^2


def test_a_biased_pattern_has_the_mean_that_its_coding_level_says() -> None:
    eps = 0.4
    found = bernoulli(RNG(1), size=500, count=100, coding_level=(1 + eps) / 2).bipolar
    assert found.mean() == pytest.approx(eps, abs=4 * np.sqrt(1 - eps**2) / np.sqrt(500 * 100))


def test_distinct_patterns_are_those_of_the_plain_stream_without_repeats() -> None:
    plain = bernoulli(RNG(5), size=6, count=200).values
    first = sorted(np.unique(plain, axis=0, return_index=True)[1])[:40]
    found = bernoulli(RNG(5), size=6, count=40, distinct=True).values
    assert len(first) == 40
    assert first[-1] > 39  # some were drawn again
    assert np.array_equal(found, plain[first])
    assert np.array_equal(bernoulli(RNG(5), size=6, count=64, distinct=True).values[:40], found)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"size": 4, "count": 17}, "there are 16 distinct patterns of 4 units"),
        ({"size": 9, "count": 2, "coding_level": 1.0}, "there are 1 distinct patterns of 9 units"),
        ({"size": 4, "count": 16, "coding_level": 0.01}, "distinct patterns in 1600 draws"),
    ],
)
def test_there_are_only_so_many_distinct_patterns(settings: dict[str, float], said: str) -> None:
    with pytest.raises(FunctionError, match=said):
        bernoulli(RNG(1), distinct=True, **settings)  # type: ignore[arg-type]
    assert bernoulli(RNG(1), **settings).count == settings["count"]  # type: ignore[arg-type]


def test_blocks_are_groups_beside_each_other() -> None:
    found = blocks(count=3, copies=2)
    assert found.values.tolist() == [[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]]
    assert found.coding_level == pytest.approx(found.values.mean())
    with pytest.raises(FunctionError, match="20000 patterns of 40000 units"):
        blocks(count=20_000, copies=2)


def test_movies_have_no_two_frames_alike() -> None:
    found = moving_digits(RNG(1), count=300)
    assert len(np.unique(found.values, axis=0)) == 300
    assert found.shape == (28, 28)
    assert 0.05 < found.values.mean() < 0.3


def test_a_movie_shows_scikit_learns_digits() -> None:
    """With one frame per clip and just room for a digit, a frame is two of its images over each other."""
    from sklearn.datasets import load_digits

    images = np.kron(load_digits().images >= 8, np.ones((2, 2))).reshape(-1, 256)
    for frame in moving_digits(RNG(2), count=3, size=16, clip=1).values:
        inside = images[(images <= frame).all(axis=1)]
        assert any((np.maximum(inside, one) == frame).all(axis=1).any() for one in inside)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    np.save(tmp_path / "flat.npy", np.array([[0, 0, 255, 9], [255, 0, 0, 0], [255, 0, 0, 1]]))
    np.save(tmp_path / "movie.npy", np.arange(12.0).reshape(2, 2, 3))
    np.save(tmp_path / "none.npy", np.empty((0, 4)))
    return tmp_path


def test_frames_are_on_above_the_middle_of_the_files_range(made: Path) -> None:
    flat = frames(made, file="flat.npy", count=2)
    assert flat.values.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]
    assert flat.shape == (2, 2)
    movie = frames(made, file="movie.npy")
    assert movie.values.tolist() == [[0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]]
    assert movie.shape == (2, 3)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"file": "flat.npy", "count": 4}, "holds 3 frames, and 4 are wanted"),
        ({"file": "none.npy"}, "holds 0 frames"),
        ({"file": "flat.npy"}, "two frames of 'flat.npy' are alike"),
        ({"file": "gone.npy"}, "there is no file"),
    ],
)
def test_what_is_wrong_with_frames(made: Path, settings: dict[str, object], said: str) -> None:
    with pytest.raises(FunctionError, match=said):
        frames(made, **settings)  # type: ignore[arg-type]
