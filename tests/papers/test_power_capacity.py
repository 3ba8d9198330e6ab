"""Capacity of two-body circuits of interaction order n: error correction freezes at N^(n/2), long before N^(n-1).

Krotov & Hopfield (2016), arXiv 1606.01164, leave every unit out of its own field; the two-body circuit of Krotov &
Hopfield (2021), arXiv 2008.06996, cannot.  Numbers: an independent reference, 10 % of the bits of a cue wrong, all
units at once.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest

from neuroam.arithmetic import int_power
from neuroam.theory import clean_load, freezing_load

FLIPS = 0.1


def two_body(order, rectified):
    """The shipped model in discrete time; its hidden cells also with a rectified power."""
    params = {"d": order - 1, "one_sided": int(rectified), "scale": {"units": "memory"}}
    return {
        "time": {"discrete": "synchronous", "dt": "10 ms"},
        "matrices": {"xi": {"rows": {"of": "memory"}}},
        "populations": {
            "features": {"size": {"units": "memory"}, "cell": "sign"},
            "hidden": {"size": {"count": "memory"}, "cell": "power", "params": params},
        },
        "projections": {
            "forward": {"from": "features.g", "to": "hidden.m", "weights": {"of": "xi"}},
            "feedback": {"from": "hidden.g", "to": "features.drive", "weights": {"of": "xi", "transpose": True}},
        },
        "ports": {"memory": {"population": "features", "cue": "state"}},
    }


@pytest.fixture(scope="module")
def success(simulate, recall_protocol):
    """``success(size, order, rectified, count)``: share of cues from which every unit is recalled."""

    def run(size, order, rectified, count, trials=40, networks=2):
        protocol = recall_protocol(size, count, FLIPS, "25 steps", trials=trials, networks=networks)
        return float(simulate(two_body(order, rectified), protocol).measures["success"].mean())

    return run


@pytest.fixture(scope="module")
def frozen_half(success, find_half_load):
    """``frozen_half(size, order, rectified)``: load of the circuit with success 1/2."""

    @functools.cache
    def run(size, order, rectified, networks=2):
        guess = freezing_load(size, order, FLIPS, rectified=rectified)
        return find_half_load(
            lambda count: success(size, order, rectified, count, networks=networks), guess / 4, guess * 2
        )

    return run


KNOWN = {(64, 3, True): 299, (40, 4, True): 548, (40, 4, False): 295}
EXPONENT = {(3, True): 1.39, (4, True): 1.87, (4, False): 1.84}


def test_the_shipped_model_is_the_plain_one(simulate, recall_protocol):
    protocol = recall_protocol(40, 150, FLIPS, "25 steps", trials=20)
    shipped = simulate("two_body_discrete", protocol, {"populations.hidden.params.d": 3})
    written = simulate(two_body(4, False), protocol)
    states = [result.recordings[0].traces["features", "x"].values for result in (shipped, written)]
    assert np.array_equal(*states)


@pytest.mark.parametrize(
    ("size", "order", "rectified"),
    [pytest.param(*known, marks=[pytest.mark.slow] * (known[1] == 4)) for known in KNOWN],
)
def test_load_at_which_recall_freezes(frozen_half, size, order, rectified):
    assert frozen_half(size, order, rectified) == pytest.approx(KNOWN[size, order, rectified], rel=0.3)


@pytest.mark.slow
@pytest.mark.parametrize(("order", "rectified"), EXPONENT)
def test_half_load_grows_with_half_the_order(frozen_half, order, rectified):
    """n/2 is 1.5 and 2; n - 1, for units left out of their own field, would be 2 and 3."""
    sizes = (32, 64) if order == 3 else (20, 40)
    loads = [frozen_half(size, order, rectified) for size in sizes]
    slope = math.log(loads[1] / loads[0]) / math.log(sizes[1] / sizes[0])
    assert slope == pytest.approx(EXPONENT[order, rectified], abs=0.35)


def left_out(size, order, rectified, count, rng, trials=40):
    """Share of exact recalls where unit i is left out of its own field, sum_mu xi_i f(h - xi_i s_i); plain numpy."""
    xi = np.where(rng.random((count, size)) < 0.5, 1.0, -1.0)
    hits = 0
    for trial in range(trials):
        target = xi[trial % count]
        state = target.copy()
        state[rng.permutation(size)[: round(FLIPS * size)]] *= -1
        for _ in range(25):
            others = (xi @ state)[:, None] - xi * state
            others = np.maximum(others, 0) if rectified else others
            before, state = state, np.sign((xi * int_power(others, order - 1)).sum(axis=0))
            if (state == before).all():
                break
        hits += (state == target).all()
    return hits / trials


@pytest.mark.parametrize(
    ("size", "order", "rectified", "known"),
    [
        (64, 3, True, 404),
        pytest.param(40, 4, False, 559, marks=pytest.mark.slow),
        pytest.param(40, 4, True, 1124, marks=pytest.mark.slow),
    ],
)
def test_units_left_out_of_their_own_field_recall_more(find_half_load, frozen_half, size, order, rectified, known):
    """Not a two-body circuit, and not the engine's: what the freezing is compared with."""
    rng = np.random.default_rng(1)
    guess = clean_load(size, order, rectified=rectified)
    found = find_half_load(lambda count: left_out(size, order, rectified, count, rng), guess / 3, guess * 2)
    assert found == pytest.approx(known, rel=0.3)
    assert found > 1.1 * frozen_half(size, order, rectified)


@pytest.mark.slow
@pytest.mark.parametrize(("order", "rectified", "sizes"), [
    (3, True, (24, 32, 48, 64, 96)), (4, True, (16, 24, 32, 40, 56)), (4, False, (16, 24, 32, 40, 56)),
])  # fmt: skip
def test_curve_of_half_loads(frozen_half, order, rectified, sizes):
    """More sizes, and more cues for each."""
    loads = [frozen_half(size, order, rectified, networks=6) for size in sizes]
    slope = np.polyfit(np.log(sizes), np.log(loads), 1)[0]
    assert slope == pytest.approx(EXPONENT[order, rectified], abs=0.35)
    theory = [freezing_load(size, order, FLIPS, rectified=rectified) for size in sizes]
    assert np.abs(np.log(np.array(loads) / theory)).max() < math.log(1.6)
