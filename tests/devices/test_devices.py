"""numpy and C++ are the same instrument: equal spikes, equal rates, for equal seeds and any number of trials at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

DEVICES = ["numpy", "cpp"]
TRIALS = 8
QUIET = {f"populations.{name}.params.noise": "0 mV" for name in ("features", "hidden", "pairs", "pool")}
# without noise, cells that are cued must fire by themselves
LOUD = {**QUIET, "populations.features.params.bias": "11 mV"}
RATE = {
    "two_body_power": {},
    "two_body_softmax": {"time": {"method": "rk4", "dt": "0.5 ms"}},
    "two_body_spherical": {},
    "hierarchical": {"matrices.codes.random_rows.size": 24},
}


def protocol(trials: int = TRIALS, steps: int = 500, **more: Any) -> dict[str, Any]:
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


def spikes(result: Any) -> dict[str, tuple[list[int], ...]]:
    """Trial, step and cell of every spike, by population."""
    return {
        name: tuple(list(getattr(found, part)) for part in ("trial", "step", "cell"))
        for name, found in result.spikes.items()
    }


@pytest.fixture(scope="module")
def lif(simulate):
    """``lif(device, ...)``: the spiking two-body circuit with its noise, N = 20, K = 4."""

    def run(device, settings=None, batch=None, **more):
        return simulate("two_body_lif", protocol(**more), settings, device=device, batch=batch)

    return run


@pytest.fixture(scope="module")
def noisy(lif):
    return {device: lif(device) for device in DEVICES}


@pytest.mark.parametrize("settings", [LOUD, {}], ids=["noise-free", "noisy"])
def test_spikes_are_identical(lif, settings):
    found = {device: spikes(lif(device, settings)) for device in DEVICES}
    assert all(len(cell) > 20 for _, _, cell in found["numpy"].values())
    assert found["numpy"] == found["cpp"]


@pytest.mark.parametrize("model", RATE)
def test_rates_are_equal(simulate, model):
    """Not to the last bit: exp and tanh of numpy and of the C library may round differently."""
    found = {
        device: simulate(model, protocol(3, 100), RATE[model], device=device).recordings[0].traces for device in DEVICES
    }
    assert found["numpy"].keys() == found["cpp"].keys()
    for key, trace in found["numpy"].items():
        assert np.ptp(trace.values) > 0
        assert found["cpp"][key].values == pytest.approx(trace.values, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("device", DEVICES)
def test_the_same_seed_gives_the_same_result(lif, noisy, device):
    again, other = lif(device), lif(device, seed=6)
    assert again.sha256 == noisy[device].sha256
    assert other.sha256 != again.sha256
    assert spikes(other) != spikes(again)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("batch", [1, 3])
def test_noisy_spikes_do_not_depend_on_the_batch(lif, noisy, device, batch):
    """Eight trials in one program, one at a time, or three, three and two."""
    assert lif(device, batch=batch).sha256 == noisy[device].sha256
    assert noisy["numpy"].sha256 == noisy["cpp"].sha256


@pytest.mark.parametrize("device", DEVICES)
def test_rates_do_not_depend_on_the_batch(simulate, device):
    found = {
        batch: simulate("two_body_power", protocol(8, 50), device=device, batch=batch).sha256 for batch in (1, 3, 8)
    }
    assert len(set(found.values())) == 1, found


def test_more_trials_leave_the_first_ones_as_they_were(lif, noisy):
    few = lif("numpy", trials=3)
    for name, found in noisy["numpy"].spikes.items():
        first = found.trial < 3
        assert first.any()
        for part in ("trial", "step", "cell"):
            assert np.array_equal(getattr(few.spikes[name], part), getattr(found, part)[first])


ROLES = ("patterns", "structure", "cue", "noise")


def drawn(result: Any) -> dict[str, Any]:
    """What each role draws.  ``structure`` draws the middle layer's codes, ``noise`` the noise key."""
    network = result.run.networks[0]
    rows = network.circuit.patterns["memory"].values
    wrong = network.trials.cues["memory"] != rows[network.trials.cued]
    matrices = network.circuit.matrices
    codes = matrices["codes"].weights.values.tolist() if "codes" in matrices else None
    return {"patterns": rows.tolist(), "cue": wrong.tolist(), "structure": codes, "noise": network.trials.noise_key}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_seed_of_its_own(simulate, role):
    """Changing one seed changes what it draws, and nothing that the others draw."""
    first, second = (
        drawn(simulate("hierarchical", protocol(3, 2, seeds={role: seed}), RATE["hierarchical"])) for seed in (1, 2)
    )
    assert {key for key in first if first[key] != second[key]} == {role}


def test_the_noise_seed_changes_spikes_only(lif, noisy):
    first, second = noisy["numpy"], lif("numpy", seeds={"noise": 6})
    before, after = drawn(first), drawn(second)
    assert {key for key in before if before[key] != after[key]} == {"noise"}
    assert spikes(first) != spikes(second)


def test_networks_are_drawn_anew_but_each_the_same_again(simulate):
    """``networks: 2`` redraws patterns; the first network is that of a run with one."""
    one, two = (simulate("two_body_power", protocol(3, 2, networks=count)) for count in (1, 2))
    rows = [network.circuit.patterns["memory"].values for network in two.run.networks]
    assert np.array_equal(rows[0], one.run.networks[0].circuit.patterns["memory"].values)
    assert not np.array_equal(rows[0], rows[1])
