"""The measured table of the two-body brief: spiking circuit, imperfect feedback, softmax capacity.

Settings and expected numbers: an independent numpy reference (float64), after Krotov & Hopfield (2021), arXiv 2008.06996.
"""

import numpy as np
import pytest

import neuroam

LAST = {"last": "200 ms"}


def lif(count, flips=0.2, corrupt=None, **settings):
    base = {
        "patterns.memory.bernoulli": {"size": 50, "count": count},
        "epochs.cue.show.corrupt": [corrupt or {"flip": {"fraction": flips}}],
        "trials": 8,
        "measure": {
            "overlap": {"port": "memory", "window": LAST},
            "features": {"readout": "member_rate", "population": "features", "window": LAST},
            "hidden": {"readout": "member_rate", "population": "hidden", "window": LAST},
        },
    }
    return neuroam.run("recall_random", "two_body_lif", base | settings).measures


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_spiking_circuit(count):
    """T21: overlap 1.00; target 54-56 Hz, runner-up at most 2; winning features 41 Hz, losing 0."""
    found = lif(count, seed=11)
    assert found["overlap"].mean() >= 0.95
    hidden = found["hidden"].mean("trial")
    assert float(hidden.sel(cells="target")) == pytest.approx(55, rel=0.3)
    assert float(hidden.sel(cells="runner_up")) <= 2 * 1.3
    features = found["features"].mean("trial")
    assert float(features.sel(cells="target")) == pytest.approx(41, rel=0.3)
    assert float(features.sel(cells="others")) <= 1


def test_half_of_the_features_uncued():
    """Section 9: overlap above .9 in every trial with half of the features not shown."""
    assert (lif(20, corrupt={"mask": {"fraction": 0.5}}, seed=12)["overlap"] > 0.9).all()


FEEDBACK = {
    "matrices.back": {"perturbed": {"of": "xi", "sd": 0.0}},
    "projections.feedback.weights": {"of": "back", "transpose": True},
    "patterns.memory.bernoulli": {"size": 64, "count": 40},
    "epochs.cue.show.corrupt": [{"flip": {"fraction": 0.15}}],
    "time.dt": "1 ms",
    "epochs.settle.duration": "300 ms",
    "trials": 40,
    "networks": 3,
    "seed": 3,
    "measure": {"overlap": {"port": "memory", "window": {"last": "50 ms"}}},
}
SIGN = {
    "populations.features.cell": "sign",
    "populations.hidden.cell": "polynomial",
}


CUT = pytest.mark.xfail(
    strict=True,
    reason="plain n = 3 ends at 0.32 (rectified: 0.42) where the brief has 0.46; it does not say which form it used",
)


@pytest.mark.parametrize(
    ("model", "perturbed", "wanted"),
    [
        ("two_body_power", {"sd": 0.0}, 1.0),
        ("two_body_power", {"sd": 0.5}, 0.96),
        ("two_body_power", {"sd": 1.0}, 0.42),
        pytest.param("two_body_power", {"keep": 0.5}, 0.46, marks=CUT),
        ("two_body_softmax", {"sd": 0.0}, 1.0),
        ("two_body_softmax", {"sd": 0.5}, 0.97),
        ("two_body_softmax", {"sd": 1.0}, 0.68),
        ("two_body_softmax", {"keep": 0.5}, 0.51),
    ],
)
def test_imperfect_feedback(model, perturbed, wanted):
    """T18: overlap after recall with feedback xi (1 + s z), or with half of its synapses cut; tolerance 0.1."""
    settings = FEEDBACK | (SIGN if model == "two_body_power" else {})
    settings |= {"matrices.back": {"perturbed": {"of": "xi", **perturbed}}}
    found = float(neuroam.run("recall_random", model, settings).measures["overlap"].mean())
    assert found == pytest.approx(wanted, abs=0.1)


def exact_recall(size, count, flips=0.2, seed=5):
    """Share of trials that end without a wrong bit in the softmax circuit at beta = 1."""
    settings = {
        "patterns.memory.bernoulli": {"size": size, "count": count},
        "populations.hidden.params.beta": 1,
        "epochs.cue.show.corrupt": [{"flip": {"fraction": flips}}],
        "time.dt": "1 ms",
        "epochs.cue.duration": "100 ms",
        "epochs.settle.duration": "100 ms",
        "trials": 20,
        "networks": 2,
        "seed": seed,
        "measure": {"overlap": {"port": "memory", "window": {"last": "20 ms"}}},
    }
    found = neuroam.run("recall_random", "two_body_softmax", settings).measures["overlap"].to_numpy()
    return float(np.mean(found > 1 - 1e-9))


@pytest.mark.parametrize(
    ("size", "ties_lose", "ties_win"),
    [
        (20, 117, 538),
        pytest.param(30, 969, 4267, marks=pytest.mark.slow),
        pytest.param(40, 7610, 32791, marks=pytest.mark.slow),
    ],
)
def test_softmax_capacity(size, ties_lose, ties_win):
    """T11: half of the trials succeed between the two nearest-neighbour loads, within a factor of 1.5."""
    assert exact_recall(size, round(ties_lose / 1.5)) > 0.5
    assert exact_recall(size, round(ties_win * 1.5)) < 0.5


def freezing(n, size, count, seed):
    """Share of bits recovered exactly: trials without a wrong bit after 10 % flips, discrete two-body circuit."""
    settings = {
        "patterns.memory.bernoulli": {"size": size, "count": count},
        "populations.hidden.params.d": n - 1,
        "epochs.cue.show.corrupt": [{"flip": {"fraction": 0.1}}],
        "trials": 60,
        "seed": seed,
        "measure": {"overlap": {"port": "memory", "window": {"last": "10 ms"}}},
    }
    return float((neuroam.run("recall_random", "two_body_discrete", settings).measures["overlap"] > 1 - 1e-9).mean())


def test_freezing_load():
    """T9, plain n = 4, N = 40: half of the trials recall at K = 295 (tolerance 30 %), far below leave-one-out's 559."""
    assert freezing(4, 40, round(295 * 0.7), 1) > 0.5
    assert freezing(4, 40, round(295 * 1.3), 1) < 0.5


@pytest.mark.slow
def test_freezing_exponent():
    """T10, plain n = 4: K_half grows as N^1.84, not as N^3.19 (tolerance 0.35)."""
    sizes = np.array([20, 28, 40, 56])
    halves = []
    for size in sizes:
        loads = np.unique(np.round(0.18 * size**2 * 1.25 ** np.arange(-5, 6)).astype(int))
        shares = np.array([np.mean([freezing(4, int(size), int(k), seed) for seed in (1, 2, 3)]) for k in loads])
        halves.append(np.exp(np.interp(0.5, shares[::-1], np.log(loads[::-1]))))
    assert np.polyfit(np.log(sizes), np.log(halves), 1)[0] == pytest.approx(1.84, abs=0.35)
