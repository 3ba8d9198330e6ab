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
        "epochs.silenced.duration": "60 ms",
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
