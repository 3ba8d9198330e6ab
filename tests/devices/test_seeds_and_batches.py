"""What a seed decides, and that the number of trials at once decides nothing: beyond the noisy spikes of test_agreement."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
import pytest

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine")
DEVICES = ["numpy", pytest.param("cpp", marks=needs_compiler)]
CODES = {"matrices.codes.random_rows.size": 24}


def protocol(trials: int, steps: int, **more: Any) -> dict[str, Any]:
    return {
        "seed": 5,
        "patterns": {"memory": {"bernoulli": {"size": 20, "count": 4}}},
        "epochs": [
            {"name": "cue", "duration": f"{steps} steps", "show": {"corrupt": [{"flip": {"fraction": 0.2}}]}},
            {"name": "alone", "duration": f"{steps} steps"},
        ],
        "trials": trials,
        "measure": {"overlap": {"port": "memory", "epoch": "alone"}},
        **more,
    }


@needs_compiler
def test_noise_free_spikes_are_identical(simulate):
    quiet = {f"populations.{name}.params.noise": "0 mV" for name in ("features", "hidden", "pairs", "pool")}
    quiet["populations.features.params.bias"] = "11 mV"  # cued cells fire without noise, too
    found = {device: simulate("two_body_lif", protocol(4, 500), quiet, device=device) for device in ("numpy", "cpp")}
    assert all(spikes.cell.size > 20 for spikes in found["numpy"].spikes.values())
    assert found["numpy"].sha256 == found["cpp"].sha256


@pytest.mark.parametrize("device", DEVICES)
def test_rates_do_not_depend_on_the_batch(simulate, device):
    """One at a time; three, three and two; all eight."""
    found = {simulate("two_body_softmax", protocol(8, 50), device=device, batch=batch).sha256 for batch in (1, 3, 8)}
    assert len(found) == 1


@needs_compiler
def test_runge_kutta_is_the_same_on_both_devices(simulate):
    """Not to the last bit: exp of numpy and of the C library may round differently."""
    settings = {"time": {"method": "rk4", "dt": "0.5 ms"}}
    first, second = (
        simulate("two_body_softmax", protocol(3, 100), settings, device=device).recordings[0].traces
        for device in ("numpy", "cpp")
    )
    for key, trace in first.items():
        assert np.ptp(trace.values) > 0
        assert second[key].values == pytest.approx(trace.values, rel=1e-12, abs=1e-12)


def drawn(result: Any) -> dict[str, Any]:
    """What each role draws: patterns, codes of the middle layer, flipped units, the key of the noise."""
    network = result.run.networks[0]
    rows = network.circuit.patterns["memory"].values
    wrong = network.trials.cues["memory"] != rows[network.trials.cued]
    return {
        "patterns": rows.tolist(),
        "structure": network.circuit.matrices["codes"].weights.values.tolist(),
        "cue": wrong.tolist(),
        "noise": network.trials.noise_key,
    }


@pytest.mark.parametrize("role", ["patterns", "structure", "cue", "noise"])
def test_every_role_has_a_seed_of_its_own(simulate, role):
    """Changing one seed changes what it draws, and nothing that the others draw."""
    first, second = (drawn(simulate("hierarchical", protocol(3, 2, seeds={role: seed}), CODES)) for seed in (1, 2))
    assert {key for key in first if first[key] != second[key]} == {role}


def test_networks_are_drawn_anew_and_the_first_stays(simulate):
    one, two = (simulate("two_body_power", protocol(3, 2, networks=count)) for count in (1, 2))
    rows = [network.circuit.patterns["memory"].values for network in two.run.networks]
    assert np.array_equal(rows[0], one.run.networks[0].circuit.patterns["memory"].values)
    assert not np.array_equal(rows[0], rows[1])
