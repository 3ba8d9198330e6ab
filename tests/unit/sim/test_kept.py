"""The name of a batch follows from everything that its result follows from; batches that are kept are not run again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neuroam import parts
from neuroam.errors import RunError
from neuroam.resolve import resolve
from neuroam.sim import batches, kept
from neuroam.sim.batches import Batches
from neuroam.sim.collect import Raw
from neuroam.sim.devices import Ready
from neuroam.sim.pulse import NotFinite
from neuroam.sim.structure import Wanted
from neuroam.sim.trial import prepare
from neuroam.spec.load import load

SETTINGS = {"patterns.memory.bernoulli": "{size: 6, count: 2}", "trials": "4", "epochs.settle.duration": "10 steps"}


def prepared(model="two_body_softmax", number=0, **more):
    """Blueprint and numbers of one of two batches."""
    spec = load("recall_random", model, [f"{path}={value}" for path, value in {**SETTINGS, **more}.items()])
    wanted = Wanted(traces={("features", "x"): 10}) if model == "two_body_softmax" else Wanted()
    made = prepare(*resolve(spec), wanted, 2)
    return made.blueprint, list(made.runs)[number]


def test_the_same_has_the_same_name():
    assert kept.name_of("numpy", *prepared()) == kept.name_of("numpy", *prepared())


CHANGES = {
    "model": {"model": "two_body_power"},
    "trials": {"number": 1},
    "seed": {"seed": "7"},
    "noise": {"seeds.noise": "7"},
    "duration": {"epochs.settle.duration": "11 steps"},
    "parameter": {"populations.hidden.params.beta": "0.3"},
    "dt": {"time.dt": "0.05 ms"},
}


def test_everything_that_changes_a_result_changes_the_name(monkeypatch):
    names = [kept.name_of("numpy", *prepared("two_body_lif")), kept.name_of("numpy", *prepared())]
    names += [kept.name_of("numpy", *prepared(**change)) for key, change in CHANGES.items() if key != "noise"]
    names += [kept.name_of("numpy", *prepared("two_body_lif", **CHANGES["noise"]))]
    blueprint, numbers = prepared()
    names += [kept.name_of("cpp", blueprint, numbers)]
    for change in ({"batch": 3}, {"precision": "single"}, {"recorded": Wanted(traces={("features", "x"): 5})}):
        names += [kept.name_of("numpy", replace(blueprint, **change), numbers)]
    monkeypatch.setattr(kept, "version_of", lambda package: "0.1.1")
    names += [kept.name_of("numpy", blueprint, numbers)]
    monkeypatch.setattr(kept, "own_text", lambda: "another way to make programs")
    names += [kept.name_of("numpy", blueprint, numbers)]
    assert len(set(names)) == len(names)


RAW = Raw(
    {"e": (np.arange(3, dtype=np.int32), np.arange(3)), "silent": (np.empty(0, np.int32), np.empty(0, np.int64))},
    {("e", "v"): np.arange(6.0).reshape(3, 2), ("e", "g"): np.zeros((0, 2))},
    {("e", "v"): np.array([np.pi, -0.0])},
)


def test_a_batch_comes_back_as_it_was(tmp_path):
    made = parts.beside(tmp_path / "run")
    kept.keep(made, "name", RAW)
    found = kept.find(made, "name")
    assert list(found.spikes) == ["e", "silent"]
    pairs = [
        (mine, yours) for name in RAW.spikes for mine, yours in zip(RAW.spikes[name], found.spikes[name], strict=True)
    ]
    pairs += [(RAW.traces[key], found.traces[key]) for key in RAW.traces]
    pairs += [(RAW.final[key], found.final[key]) for key in RAW.final]
    for mine, yours in pairs:
        assert (mine.dtype, mine.shape, mine.tobytes()) == (yours.dtype, yours.shape, yours.tobytes())
    assert kept.find(made, "other") is None


def counted(monkeypatch, folder, run=lambda values, tick: RAW, count=3):
    """Batches on a device that writes down which of them it runs, what they say, and what they tell."""
    said, told = [], []
    blueprint, _ = prepared()
    monkeypatch.setitem(batches.DEVICE, "fake", lambda blueprint, arrays: Ready(run, cache_hit=True))
    return Batches("fake", blueprint, count, said.append, told.append, parts.beside(folder / "run")), said, told


def numbered(number):
    blueprint, numbers = prepared()
    return replace(numbers, arrays={**numbers.arrays, "number": np.array([number])})


def test_only_missing_batches_run(tmp_path, monkeypatch):
    ran = []

    def run(values, tick):
        ran.append(int(values.arrays["number"][0]))
        tick(0.5)
        if stop == ran[-1]:
            raise KeyboardInterrupt
        return RAW

    stop = 2
    first, said, told = counted(monkeypatch, tmp_path, run)
    with pytest.raises(KeyboardInterrupt):
        first.all(numbered(number) for number in range(3))
    assert (ran, said, told) == ([0, 1, 2], [], [0.5 / 3, 1 / 3, 1.5 / 3, 2 / 3, 2.5 / 3])
    stop = None
    second, said, told = counted(monkeypatch, tmp_path, run)
    second.all(numbered(number) for number in range(3))
    assert (ran, said, told) == ([0, 1, 2, 2], ["resuming: finished batches are there from before"], [2.5 / 3, 1.0])
    third, said, told = counted(monkeypatch, tmp_path, run)
    third.all(numbered(number) for number in range(3))
    assert (ran, third.ready) == ([0, 1, 2, 2], None)


def test_a_batch_with_the_numbers_of_another_is_not_one_from_before(tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "cores", lambda device: 1)
    first, said, _ = counted(monkeypatch, tmp_path)
    assert len(first.all(numbered(0) for _ in range(3))) == 3
    assert said == []
    second, said, _ = counted(monkeypatch, tmp_path)
    second.all(numbered(0) for _ in range(3))
    assert said == ["resuming: finished batches are there from before"]


def test_a_number_that_is_not_finite_names_the_trial_of_the_run(tmp_path, monkeypatch):
    ran = []

    def run(values, tick):
        ran.append(0)
        if len(ran) < 3:
            return RAW
        raise NotFinite("features", "x", 1, 4, 30)

    made, _, _ = counted(monkeypatch, tmp_path, run)
    with pytest.raises(RunError, match=r"populations.features: 'x' of cell 4 is not finite from 3 ms on \(trial 5\)"):
        made.all(numbered(number) for number in range(3))
