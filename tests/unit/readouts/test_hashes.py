"""Winners, ties, and how well hashes keep neighbours, on codes whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroam.circuit import Cell, Circuit, Epoch, PatternSet, Population, Port, Trials
from neuroam.errors import FunctionError
from neuroam.readouts.class_precision import class_precision
from neuroam.readouts.precision import precision
from neuroam.readouts.tags import tags
from neuroam.readouts.winners import distances, top
from neuroam.recording import Recording, Trace

GRADED = Cell("graded", outputs=(("y", "x"),), states=("x",))


def run(stored, **activity):
    """Every stored pattern is shown in one trial; the ports answer with ``activity``."""
    count, index = len(stored), np.arange(len(stored))
    populations, traces = {}, {}
    for name, values in activity.items():
        size = values.shape[1]
        labels = {"place": np.arange(size), "copy": np.zeros(size, dtype=int)}
        populations[name] = Population(name, size, GRADED, {}, labels)
        traces[name, "y"] = Trace(np.arange(2), np.repeat(values[:, None], 2, axis=1))
    ports = {name: Port(name, name, "levels", {}) for name in activity}
    patterns = {"image": PatternSet("image", np.asarray(stored, dtype=float), False)}
    circuit = Circuit("made", populations, {}, {}, ports, patterns, (), 1e-3, "euler", "synchronous")
    trials = Trials(1, (Epoch("look", 0, 1),), index, index, "image", {}, {}, {}, {}, {}, 0)
    return Recording(1e-3, 1, count, {}, traces), circuit, trials


@given(
    st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 12), st.integers(1, 14), st.sampled_from([2, 5, 1000])
)
def test_winners_are_the_most_active_and_as_many_as_there_can_be(seed, rows, cells, k, levels):
    rng = np.random.default_rng(seed)
    values = rng.integers(-1, levels, (rows, cells)).astype(float)
    won = top(values, k, rng)
    for row, one in zip(won, values, strict=True):
        assert row.sum() == min(k, (one > 0).sum())
        assert not (one[row] <= 0).any()
        if row.any() and not row.all():
            assert one[row].min() >= one[~row].max() or one[~row].max() <= 0


def test_ties_are_broken_at_random():
    values = np.tile([3.0, 1.0, 1.0, 1.0, 0.0], (4000, 1))
    won = top(values, 2, np.random.default_rng(1))
    assert won[:, 0].all()
    assert not won[:, 4].any()
    assert won[:, 1:4].mean(axis=0) == pytest.approx([1 / 3] * 3, abs=0.03)


@pytest.mark.parametrize("density", [0.05, 1.0])
def test_distances(density):
    rng = np.random.default_rng(2)
    codes = rng.standard_normal((40, 30)) * (rng.random((40, 30)) < density)
    rows = np.array([3, 17])
    expected = ((codes[rows, None] - codes[None]) ** 2).sum(axis=2)
    assert distances(codes, rows) == pytest.approx(expected, abs=1e-9)


def test_tags_name_the_winners():
    values = np.array([[0.0, 3, 1, 2], [0, 0, 0, 5]])
    found = tags(*run(np.eye(2), kc=values), port="kc", k=2).to_numpy()
    assert found.tolist() == [[1.0, 3.0], [3.0, -1.0]]


def test_a_code_that_is_the_pattern_finds_all_and_a_constant_one_finds_what_chance_does():
    rng = np.random.default_rng(5)
    stored = rng.random((200, 6))
    made = run(stored, kc=stored, lsh=np.ones((200, 6)))
    found = precision(*made, port="kc", dense="lsh", k=[6], share=0.05)
    assert float(found.sel(code="winners", k=6)) == 1.0
    assert np.isnan(found.sel(code="winners_20k", k=6))
    # by chance a share of 0.05 of the places hits, and so do those up to there: the mean over ranks of p*(p + (1 - p)/r)
    chance = np.mean([0.05 * (0.05 + 0.95 / rank) for rank in range(1, 11)])
    assert float(found.sel(code="dense", k=6)) == pytest.approx(chance, rel=0.35)


def test_one_code_of_one_length():
    """The same as among all, where no number is drawn before."""
    rng = np.random.default_rng(5)
    stored = rng.random((200, 6))
    made = run(stored, kc=stored, lsh=np.ones((200, 6)))
    found = precision(*made, port="kc", dense="lsh", k=2, code="winners", share=0.05)
    assert found.coords["code"].to_numpy().tolist() == ["winners"]
    assert found.coords["k"].to_numpy().tolist() == [2]
    whole = precision(*made, port="kc", k=[2], share=0.05)
    assert found.item() == pytest.approx(whole.sel(code="winners").item(), abs=0.05)
    assert precision(*made, port="kc", dense="lsh", k=2, code="dense", share=0.05).item() < 0.1


def test_average_precision_by_hand():
    """Neighbours on a line: the code turns the order of the far half around."""
    stored = np.arange(5.0)[:, None] ** 2
    code = np.array([[1.0], [2.1], [9.0], [3.3], [4.6]])
    found = precision(*run(stored, kc=code), port="kc", k=[1], share=0.4, queries=5)
    order = [np.argsort(np.abs(stored[:, 0] - stored[q, 0]) + 1e9 * (np.arange(5) == q))[:2] for q in range(5)]
    answer = [np.argsort(np.abs(code[:, 0] - code[q, 0]) + 1e9 * (np.arange(5) == q))[:2] for q in range(5)]
    expected = []
    for truth, got in zip(order, answer, strict=True):
        hits = np.isin(got, truth)
        expected.append(sum(hits[: r + 1].sum() / (r + 1) for r in range(2) if hits[r]) / 2)
    assert 0 < np.mean(expected) < 1
    assert float(found.sel(code="winners", k=1)) == pytest.approx(np.mean(expected))


def test_too_few_patterns():
    with pytest.raises(FunctionError, match=r"0.02 of 4 patterns is less than one"):
        precision(*run(np.eye(4), kc=np.eye(4)), port="kc", k=[2])


def stream(activity, labels, *, steps=2, shown=None):
    """A stream shows pattern after pattern, each for ``steps`` steps; the cells answer with ``activity``."""
    recording, circuit, trials = run(np.eye(len(activity)), kc=activity)
    shown = np.arange(len(activity)) if shown is None else shown
    course = np.zeros((1, 3 + steps * len(shown), activity.shape[1]))
    for place, row in enumerate(shown):
        course[0, 2 + steps * place + steps - 1] = activity[row]
    traces = {("kc", "y"): Trace(np.arange(course.shape[1]), course)}
    patterns = {"image": replace(circuit.patterns["image"], attributes={"label": np.asarray(labels, dtype=float)})}
    epochs = (Epoch("before", 0, 2), Epoch("look", 2, 2 + steps * len(shown), np.asarray(shown)))
    one = replace(trials, n_steps=course.shape[1] - 1, epochs=epochs, index=np.arange(1), cued=np.zeros(1, dtype=int))
    return replace(recording, n_trials=1, n_steps=one.n_steps, traces=traces), replace(circuit, patterns=patterns), one


def test_codes_of_their_own_find_the_class_and_equal_codes_do_not():
    labels = np.arange(60) % 3
    own = np.eye(3)[labels] + 1e-3
    assert (class_precision(*stream(own, labels), port="kc", k=1, epoch="look") == 1.0).all()
    same = class_precision(*stream(np.ones((60, 3)), labels), port="kc", k=3, epoch="look")
    assert float(same.mean()) == pytest.approx(1 / 3, abs=0.12)
    assert same.sizes["query"] == 30


def test_the_order_of_a_stream_does_not_matter():
    labels = np.arange(40) % 4
    own = np.eye(4)[labels] + 1e-3
    shown = np.random.default_rng(3).permutation(40)
    found = class_precision(*stream(own, labels, shown=shown, steps=3), port="kc", k=1, epoch="look")
    assert (found == 1.0).all()


def test_what_a_class_needs():
    made = stream(np.eye(6), np.arange(6))
    with pytest.raises(FunctionError, match="no attribute 'colour'"):
        class_precision(*made, port="kc", k=1, epoch="look", attribute="colour")
    with pytest.raises(FunctionError, match="no epoch 'before' is a stream"):
        class_precision(*made, port="kc", k=1, epoch="before")
    with pytest.raises(FunctionError, match="'kc.x' was not recorded"):
        class_precision(*made, port="kc", k=1, epoch="look", variable="x")
