"""Odour codes with and without inhibition: Lin, Bygrave, de Calignon, Lee & Miesenboeck (2014) Nat Neurosci 17:559.

Numbers of the measured odours are from an independent numpy reference (rates) and C program (spikes) that came with
the task, over 5 and 3 wirings; ours are over wirings that no parameter was chosen on.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import neuroam

DATA = Path(__file__).parents[3] / "shared" / "data"
TABLE = "hallem_carlson_2006/orn_responses_hz.csv"
ODOURS = {"patterns.odour.odours": {"file": TABLE, "then": ["rectify"]}}
measured = pytest.mark.skipif(
    not (DATA / TABLE).exists(), reason="the odour responses of Hallem & Carlson (2006) are not here"
)


def panel(monkeypatch, settings, model=None):
    monkeypatch.setenv("NEUROAM_DATA", str(DATA))
    return neuroam.run("odour_panel", model, settings).measures


def test_inhibition_leaves_the_ideal_winners(monkeypatch):
    """Of synthetic odours: the levels that the circuit was calibrated to, and the set of the most driven cells."""
    overlap = {"readout": "code_overlap", "port": "kc", "other": "winners", "epoch": "intact"}
    found = panel(
        monkeypatch,
        {
            "patterns.odour.odours": {"count": 12, "then": ["rectify"]},
            "epochs.intact.duration": "400 ms",
            "epochs.silenced.duration": "60 ms",
            "measure.overlap": overlap,
            "seed": 5,
        },
    )
    assert float(found["coding_level"].mean()) == pytest.approx(0.1, abs=0.003)
    assert float(found["coding_level_silenced"].mean()) == pytest.approx(0.2, abs=0.003)
    assert (found["overlap"] == 1.0).all()
    assert float(found["pair_correlation"]) < float(found["pair_correlation_silenced"])
    assert float(found["participation_ratio"]) > float(found["participation_ratio_silenced"])


@measured
@pytest.mark.slow
def test_rates_decorrelate_as_the_reference_does(monkeypatch):
    """T1: tolerance 0.02 for correlations, 10 % for dimensions."""
    settings = ODOURS | {
        "networks": 3,
        "seed": 21,
        "epochs.intact.duration": "400 ms",
        "epochs.silenced.duration": "100 ms",
    }
    found = {key: float(one.mean()) for key, one in panel(monkeypatch, settings).items() if one.ndim <= 2}
    for name, expected in {"orn": 0.274, "pn": 0.350}.items():
        assert found[f"pair_correlation_{name}"] == pytest.approx(expected, abs=0.02)
    assert found["pair_correlation_silenced"] == pytest.approx(0.192, abs=0.02)
    assert found["pair_correlation"] == pytest.approx(0.159, abs=0.02)
    for name, expected in {"_orn": 4.7, "_pn": 10.8, "_silenced": 7.6, "": 15.2}.items():
        assert found[f"participation_ratio{name}"] == pytest.approx(expected, rel=0.1)
    assert found["coding_level"] == pytest.approx(0.10, abs=0.005)
    assert found["coding_level_silenced"] == pytest.approx(0.20, abs=0.005)


@measured
@pytest.mark.slow
def test_spikes_do_so_too(monkeypatch):
    """Section 5's table.  Levels hang on a threshold: Brian2 gave the reference's own author 9.0 % for 10.1 % there."""
    measure = {
        "trial_correlation": {"port": "kc", "epoch": "intact"},
        "identification": {"port": "kc", "epoch": "intact"},
    }
    measure |= {"spikes": {"readout": "spikes_per_active_cell", "port": "kc", "epoch": "intact"}}
    settings = ODOURS | {"trials": {"each_pattern": 4}, "seed": 31} | {f"measure.{k}": v for k, v in measure.items()}
    found = panel(monkeypatch, settings, "mushroom_body_lif")
    mean = {key: float(one.mean()) for key, one in found.items() if one.ndim <= 1}
    assert mean["coding_level"] == pytest.approx(0.097, abs=0.015)
    assert mean["coding_level_silenced"] == pytest.approx(0.208, abs=0.03)
    assert float(found["coding_level_silenced"].max()) == pytest.approx(0.58, abs=0.08)
    assert float(found["coding_level"].max()) == pytest.approx(0.20, abs=0.04)
    assert mean["pair_correlation_pn"] == pytest.approx(0.337, abs=0.02)
    # how similar codes are grows with the number of trials they are averaged over, of which the reference says nothing:
    # 0.197 and 0.161 there; 0.170 and 0.132 here for one trial (seed 1), 0.222 without inhibition for four
    assert 0.170 < mean["pair_correlation_silenced"] < 0.24
    assert mean["pair_correlation"] / mean["pair_correlation_silenced"] == pytest.approx(0.161 / 0.197, abs=0.06)
    assert mean["participation_ratio_pn"] == pytest.approx(11.9, rel=0.1)
    assert mean["participation_ratio"] > 1.7 * mean["participation_ratio_silenced"]
    assert mean["trial_correlation"] == pytest.approx(0.76, abs=0.06)
    assert mean["spikes"] == pytest.approx(1.5, abs=0.2)
    assert np.nanmean(found["identification"]) > 0.97


@measured
@pytest.mark.slow
def test_without_inhibition_similar_odours_are_confused_and_others_are_not(monkeypatch):
    """T2, two pairings: a right choice in 0.885 and 0.802 of cases there for similar pairs, in 0.967 and 0.966 for others.

    It passes if only similar pairs lose more than 0.05 (wanted there, too).  Pairs are about equally strong; the noise of
    presentations was chosen with other seeds, so that choices are right in about nine of ten cases.
    """
    monkeypatch.setenv("NEUROAM_DATA", str(DATA))
    settings = {
        "patterns.odour.odours": {"file": TABLE, "trio": "balanced", "then": ["rectify"]},
        "networks": 16,
        "trials": 8,
        "seed": 61,
        "epochs.train.times": 2,
        "measure": {
            "told": {"readout": "discrimination", "port": "valence", "epoch": "after", "relative_to": "before"}
        },
    }
    for name in ("before", "train", "after"):
        settings |= {f"epochs.{name}.duration": "300 ms", f"epochs.{name}.show.corrupt": [{"jitter": {"sd": 0.15}}]}
    right = []
    for silent in (False, True):
        off = {f"epochs.{name}.silence": "apl" for name in ("before", "train", "after")} if silent else {}
        told = neuroam.run("odour_conditioning", "mushroom_body_rate_memory", settings | off).measures["told"]
        right.append(told.mean(("network", "trial")).to_numpy())
    (_, similar, other), (_, similar_silenced, other_silenced) = right
    assert similar > 0.8
    assert other > 0.95
    assert similar - similar_silenced > 0.05
    assert other - other_silenced <= 0.05


def test_a_race_of_spikes_and_a_local_rule_keep_weights_in_bounds():
    """Section 6: one or two winners per volley (2.5 there), all cells in use, weights of length one (1.01 to 1.03)."""
    found = neuroam.run("learn_hash_spikes", settings={"patterns.image.images.count": 200, "seed": 8})
    (network,) = found.run.networks
    assert sum(e.name == "learn" for e in network.trials.epochs) == 200
    assert network.recording.spikes["kc"].step.size / 200 < 2.0
    assert (found.measures["win_share"] > 0).all()
    weights = network.recording.weights["read"]
    norm = np.sqrt(np.bincount(weights.post, weights.values[0] ** 2))
    assert np.abs(norm - 1).max() < 0.1


@pytest.mark.slow
def test_a_local_rule_of_spikes_makes_codes_better():
    still = {"projections.read.plastic.competitive_spikes.rate": 1e-9}
    score = [
        np.mean([
            float(neuroam.run("learn_hash_spikes", settings={"seed": seed} | more).measures["class_precision"].mean())
            for seed in (8, 9, 10)
        ])
        for more in ({}, still)
    ]  # fmt: skip
    assert score[0] > score[1] + 0.03


@measured
@pytest.mark.slow
def test_spikes_of_dopamine_take_the_answer_to_the_punished_odour(monkeypatch):
    """Section 6: 8 -> 0 for a punished odour and 19 -> 15 for another one, 25 -> 7 for a similar one (r = 0.93)."""
    monkeypatch.setenv("NEUROAM_DATA", str(DATA))
    odours = {"file": TABLE, "trio": "balanced", "then": ["rectify"]}
    settings = {"patterns.odour.odours": odours, "networks": 4, "trials": 3, "seed": 71}
    found = neuroam.run("odour_conditioning", settings=settings).measures["generalisation"].mean("network")
    before, after = found.sel(value="before").to_numpy(), found.sel(value="after").to_numpy()
    left = after / before
    assert left[0] < 0.4  # punished
    assert left[0] < left[1] < left[2]
    assert left[2] > 0.7


WIRING = "hemibrain_pn_kc/pn_kc_synapses.csv.gz"


@measured
@pytest.mark.slow
@pytest.mark.skipif(not (DATA / WIRING).exists(), reason="the wiring of the hemibrain is not here")
def test_the_measured_wiring_decorrelates_less_than_random_claws(monkeypatch):
    """Section 5: 0.474 -> 0.437 there, in spikes; here in rates, with the 23 glomeruli that one receptor stands for."""
    monkeypatch.setenv("NEUROAM_DATA", str(DATA))
    rows = (DATA / "hallem_carlson_2006" / "receptors.csv").read_text().splitlines()[1:]
    known = dict(row.split(",")[:2] for row in rows if "+" not in row.split(",")[1])
    claws = {"file": WIRING, "pre": "glomerulus", "post": "kc_body", "value": "synapses", "binary": True}
    settings = {
        "patterns.odour.odours": {"file": TABLE, "columns": list(known), "then": ["rectify"]},
        "epochs.intact.duration": "400 ms",
        "epochs.silenced.duration": "60 ms",
    }
    wired = {
        "matrices.claws": {"table": claws | {"pre_names": list(known.values())}},
        "populations.kc.size": {"rows": "claws"},
        "populations.winners.size": {"rows": "claws"},
    }
    found = neuroam.run("odour_panel", settings=settings | wired)
    assert found.run.networks[0].circuit.populations["kc"].size == 1754
    mean = {key: float(one.mean()) for key, one in found.measures.items() if one.ndim <= 1}
    assert mean["coding_level"] == pytest.approx(0.10, abs=0.005)
    assert mean["pair_correlation_silenced"] == pytest.approx(0.474, abs=0.03)
    assert mean["pair_correlation"] == pytest.approx(0.437, abs=0.03)
    random = neuroam.run("odour_panel", settings=settings | {"matrices.claws": {"random_claws": {"n": 2}}}).measures
    assert float(random["pair_correlation"]) < 0.6 * mean["pair_correlation"]


MNIST = "mnist_t10k/t10k-images-idx3-ubyte.gz"
images = pytest.mark.skipif(not (DATA / MNIST).exists(), reason="the images of MNIST are not here")


@images
@pytest.mark.slow
def test_neighbours_of_images_are_found_by_sparse_codes(monkeypatch):
    """T3 in percent, k = 2 to 32, over three draws; tolerance 2."""
    monkeypatch.setenv("NEUROAM_DATA", str(DATA))
    images = {"file": MNIST, "then": ["divide_by_mean"]}
    settings = {"patterns.image.images": images, "seed": 62, "networks": 3}
    found = 100 * neuroam.run("hash_images", settings=settings).measures["precision"].mean("network")
    reference = {
        "dense": [1.0, 4.2, 10.1, 26.1, 44.3],
        "winners_20k": [4.4, 8.7, 18.4, 31.9, 47.1],
        "winners": [7.9, 12.8, 20.9, 33.9, 48.8],
        "winners_binary": [5.2, 9.0, 17.1, 29.7, 43.2],
        "random_tag": [0.9, 3.5, 10.0, 27.1, 44.1],
    }
    far = {code: np.abs(found.sel(code=code) - values).max() for code, values in reference.items()}
    assert max(map(float, far.values())) < 2, far
    assert float(found.sel(code="winners", k=4)) > 2 * float(found.sel(code="dense", k=4))


@images
@pytest.mark.slow
@pytest.mark.parametrize(
    ("k", "measured", "published"), [(2, 43.9, 44.4), (8, 54.2, 53.4), (16, 55.3, 54.9), (32, 54.3, 55.5)]
)
def test_a_learned_hash_finds_images_of_a_class(monkeypatch, k, measured, published):
    """T4: mAP@all in percent, 20 k cells; within 2 of what the reference measured, or of what was published."""
    monkeypatch.setenv("NEUROAM_DATA", str(DATA))
    settings = {
        "patterns.image.images": {
            "file": MNIST, "labels": MNIST.replace("images-idx3", "labels-idx1"), "then": ["divide_by_length"],
        },
        "populations.kc.size": 20 * k,
        "epochs.learn.stream.passes": 10,
        "measure.class_precision.k": k,
        "seed": 52,
    }  # fmt: skip
    found = neuroam.run("learn_hash", settings=settings).measures["class_precision"]
    score = 100 * float(found.mean())
    assert min(measured, published) - 2 < score < max(measured, published) + 2
