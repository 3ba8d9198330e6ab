"""Batches that run at a time: in order, one error, and nothing left running."""

import threading
from dataclasses import replace
from time import sleep

import numpy as np
import pytest

from neuroam.circuit import Trials
from neuroam.errors import RunError
from neuroam.resolve import resolve
from neuroam.sim import batches
from neuroam.sim.batches import Batches, cores
from neuroam.sim.collect import Raw
from neuroam.sim.devices import Ready
from neuroam.sim.pulse import NotFinite
from neuroam.sim.structure import Wanted
from neuroam.sim.trial import batch_size, prepare
from neuroam.spec.load import load


@pytest.fixture
def made(monkeypatch):
    """Batches on a device with two cores, and their values."""
    spec = load("recall_random", "two_body_softmax", ["patterns.memory.bernoulli.count=4"])
    prepared = prepare(*resolve(spec), Wanted(), 2)
    numbers = next(prepared.runs)
    monkeypatch.setattr(batches, "cores", lambda device: 2)

    def go(run, count):
        told = []
        monkeypatch.setitem(batches.DEVICE, "fake", lambda blueprint, arrays: Ready(run, cache_hit=True))
        values = (replace(numbers, arrays={**numbers.arrays, "number": np.array([n])}) for n in range(count))
        return Batches("fake", prepared.blueprint, count, print, told.append, None), values, told

    return go


def number_of(values):
    return int(values.arrays["number"][0])


def raw(number):
    return Raw({}, {}, {("features", "x"): np.array([float(number)])})


def test_two_run_at_a_time_and_come_in_order(made):
    together = threading.Barrier(2)

    def run(values, tick):
        together.wait(timeout=20)
        sleep(0.02 * (number_of(values) % 2 == 0))  # the first of two ends last
        tick(0.5)
        return raw(number_of(values))

    running, values, told = made(run, 6)
    found = running.all(values)
    assert [one.final["features", "x"][0] for one in found] == list(range(6))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert running.run_seconds < 10


def test_the_error_is_that_of_the_first_batch_that_fails_and_others_stop(made):
    stopped = []

    def run(values, tick):
        if number_of(values) == 2:
            sleep(0.05)
            raise NotFinite("features", "x", 1, 4, 30)
        for _ in range(200 if number_of(values) == 3 else 1):
            sleep(0.01)
            try:
                tick(0.1)
            except batches.Stopped:
                stopped.append(number_of(values))
                raise
        return raw(number_of(values))

    running, values, _ = made(run, 9)
    with pytest.raises(RunError, match=r"cell 4 is not finite .* \(trial 5\)"):
        running.all(values)
    assert stopped == [3]


def test_an_interrupt_stops_all(made):
    stopped = []

    def run(values, tick):
        if number_of(values) == 0:
            raise KeyboardInterrupt
        for _ in range(300):
            sleep(0.01)
            try:
                tick(0.1)
            except batches.Stopped:
                stopped.append(number_of(values))
                raise
        return raw(0)

    running, values, _ = made(run, 4)
    with pytest.raises(KeyboardInterrupt):
        running.all(values)
    assert stopped == [1]


@pytest.mark.parametrize(("wanted", "found"), [("1", 1), ("3", 3), ("0", 1), ("many", None), ("", None)])
def test_a_person_may_say_how_many_cores(monkeypatch, wanted, found):
    monkeypatch.setattr(batches.os, "sched_getaffinity", lambda _: range(5), raising=False)
    monkeypatch.setenv("NEUROAM_CORES", wanted)
    assert cores("cpp") == (found or 5)
    assert cores("numpy") == cores("cuda") == 1


@pytest.mark.parametrize(
    ("count", "at_once", "size"),
    [(300, 1, 64), (300, 2, 32), (16, 2, 8), (16, 1, 16), (3, 16, 1), (8, 4, 8), (64, 64, 8), (1, 8, 1), (120, 2, 64)],
)
def test_batches_fill_the_programs_that_run_at_a_time(monkeypatch, count, at_once, size):
    circuit, trials = resolve(load("recall_random", "two_body_softmax", ["patterns.memory.bernoulli.count=4"]))
    monkeypatch.setattr(Trials, "count", count)
    assert batch_size(circuit, trials, at_once) == size
