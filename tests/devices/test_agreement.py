"""Do numpy and C++ agree, whatever the number of trials that share a program?"""

import shutil

import numpy as np
import pytest

import neuroam

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine")
SMALL = {
    "patterns.memory.bernoulli": {"size": 30, "count": 6},
    "epochs.cue.duration": "40 ms",
    "epochs.settle.duration": "40 ms",
    "trials": 5,
    "measure": {"overlap": {"port": "memory", "window": {"last": "20 ms"}}},
}
RATE = [
    "two_body_softmax",
    "hierarchical_local",
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("two_body_power", "two_body_spherical", "hierarchical")),
]


def run(model, device, batch=None, **settings):
    return neuroam.run("recall_random", model, SMALL | settings, device=device, batch=batch)


def same_spikes(first, second):
    for name, spikes in first.spikes.items():
        other = second.spikes[name]
        for field in ("trial", "step", "cell"):
            assert np.array_equal(getattr(spikes, field), getattr(other, field)), (name, field)


@pytest.fixture(scope="module")
def noisy():
    return run("two_body_lif", "numpy")


@needs_compiler
def test_noisy_spikes_are_identical(noisy):
    found = run("two_body_lif", "cpp")
    assert min(len(spikes.step) for spikes in noisy.spikes.values()) > 20
    same_spikes(noisy, found)
    assert found.sha256 == noisy.sha256


@needs_compiler
@pytest.mark.parametrize("batch", [1, 2, 3])
def test_results_do_not_depend_on_the_batch(noisy, batch):
    assert run("two_body_lif", "cpp", batch).sha256 == noisy.sha256


def test_numpy_results_do_not_depend_on_the_batch(noisy):
    assert run("two_body_lif", "numpy", 2).sha256 == noisy.sha256


def test_the_first_trials_stay_when_there_are_more(noisy):
    fewer = run("two_body_lif", "numpy", trials=2)
    for name, spikes in noisy.spikes.items():
        early = spikes.trial < 2
        assert np.array_equal(spikes.step[early], fewer.spikes[name].step)
        assert np.array_equal(spikes.cell[early], fewer.spikes[name].cell)


@needs_compiler
@pytest.mark.parametrize("model", RATE)
def test_rates_agree(model):
    short = {"epochs.cue.duration": "10 ms", "epochs.settle.duration": "25 ms"}
    first, second = (run(model, device, **short) for device in ("numpy", "cpp"))
    for key, trace in first.recordings[0].traces.items():
        other = second.recordings[0].traces[key].values
        assert np.abs(trace.values - other).max() <= 1e-12 * max(1.0, np.abs(trace.values).max()), key
    assert np.array_equal(first.measures["overlap"], second.measures["overlap"])


@needs_compiler
@pytest.mark.parametrize("update", ["synchronous", "one_cell", "alternate"])
def test_discrete_time_is_identical(update):
    settings = {"time.discrete": update, "epochs.settle.duration": "2000 ms"}
    results = [run("two_body_discrete", device, batch, **settings) for device, batch in (("numpy", 5), ("cpp", 2))]
    assert results[0].sha256 == results[1].sha256
    assert results[0].measures["overlap"].mean() > 0.9


def test_one_cell_moves_in_a_step():
    settings = {"time.discrete": "one_cell", "epochs.settle.duration": "500 ms"}
    trace = run("two_body_discrete", "numpy", **settings).recordings[0].traces["features", "x"].values
    moved = (np.diff(trace, axis=1) != 0).sum(axis=2)
    assert moved.max() == 1
    assert moved.sum() > 0


@needs_compiler
def test_roles_of_seeds_are_independent(noisy):
    """Another noise: the same patterns and cues, other spikes.  Another cue seed: the same patterns, other cues."""
    other_noise = run("two_body_lif", "cpp", **{"seeds.noise": 12345})
    other_cues = run("two_body_lif", "cpp", **{"seeds.cue": 12345})
    base, noise, cue = (result.run.networks[0] for result in (noisy, other_noise, other_cues))
    for network in (noise, cue):
        assert np.array_equal(network.circuit.patterns["memory"].values, base.circuit.patterns["memory"].values)
    assert np.array_equal(noise.trials.cues["memory"], base.trials.cues["memory"])
    assert not np.array_equal(noise.recording.spikes["features"].step, base.recording.spikes["features"].step)
    assert not np.array_equal(cue.trials.cues["memory"], base.trials.cues["memory"])
    assert cue.trials.noise_key == base.trials.noise_key


@needs_compiler
def test_the_same_seed_twice_gives_the_same_hash(noisy):
    first, again, other = (run("two_body_lif", "cpp", seed=seed).sha256 for seed in (1, 1, 2))
    assert first == again == noisy.sha256
    assert other != first


@needs_compiler
def test_a_second_program_is_taken_from_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROAM_CACHE", str(tmp_path / "cache"))
    tiny = {"patterns.memory.bernoulli": {"size": 6, "count": 2}, "trials": 2}
    first = run("two_body_discrete", "cpp", **tiny)
    again = run("two_body_discrete", "cpp", **tiny, seed=9)
    assert (first.run.cache_hit, again.run.cache_hit) == (False, True)
    assert first.sha256 != again.sha256


@needs_compiler
def test_synapses_that_change_at_random_are_identical():
    """Every synapse of every trial draws a number per pattern of the stream: by trial, edge and step."""
    small = {"patterns.memory.bernoulli": {"size": 12, "count": 40}, "trials": 3}
    first, second = (
        neuroam.run("store_cascade", settings=small, device=device, batch=batch).recordings[0].weights["recurrent"]
        for device, batch in (("numpy", 3), ("cpp", 2))
    )
    assert np.array_equal(first.values, second.values)
    assert 0.3 < first.values.mean() < 0.7
    assert len({trial.tobytes() for trial in first.values}) == 3
