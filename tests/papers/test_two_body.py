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
    "trials": 40,
    "networks": 5,
    "measure": {"overlap": {"port": "memory", "window": LAST}},
}
SIGN = {
    "populations.features.cell": "sign",
    "populations.hidden.cell": "polynomial",
}


@pytest.mark.parametrize(
    ("perturbed", "power", "softmax"),
    [({"sd": 0.0}, 1.0, 1.0), ({"sd": 0.5}, 0.96, 0.97), ({"sd": 1.0}, 0.42, 0.68), ({"keep": 0.5}, 0.46, 0.51)],
)
def test_imperfect_feedback(perturbed, power, softmax):
    """T18: overlap after recall with feedback xi (1 + s z), or with half of its synapses cut; tolerance 0.1."""
    for model, extra, wanted in (("two_body_power", SIGN, power), ("two_body_softmax", {}, softmax)):
        settings = FEEDBACK | extra | {"matrices.back": {"perturbed": {"of": "xi", **perturbed}}, "seed": 3}
        found = float(neuroam.run("recall_random", model, settings).measures["overlap"].mean())
        assert found == pytest.approx(wanted, abs=0.1), model


def exact_recall(size, count, flips=0.2, seed=5):
    """Share of trials that end without a wrong bit in the softmax circuit at beta = 1."""
    settings = {
        "patterns.memory.bernoulli": {"size": size, "count": count},
        "populations.hidden.params.beta": 1,
        "epochs.cue.show.corrupt": [{"flip": {"fraction": flips}}],
        "time.dt": "1 ms",
        "trials": 40,
        "networks": 4 if count < 1000 else 2,
        "seed": seed,
        "measure": {"overlap": {"port": "memory", "window": {"last": "20 ms"}}},
    }
    found = neuroam.run("recall_random", "two_body_softmax", settings).measures["overlap"].to_numpy()
    return float(np.mean(found > 1 - 1e-9))


@pytest.mark.parametrize(
    ("size", "ties_lose", "ties_win"),
    [(20, 117, 538), (30, 969, 4267), pytest.param(40, 7610, 32791, marks=pytest.mark.slow)],
)
def test_softmax_capacity(size, ties_lose, ties_win):
    """T11: half of the trials succeed between the two nearest-neighbour loads, within a factor of 1.5."""
    assert exact_recall(size, round(ties_lose / 1.5)) > 0.5
    assert exact_recall(size, round(ties_win * 1.5)) < 0.5
