"""One small run in spikes, for all formats: sixteen trials in four conditions, with spikes and traces that are drawn.

What is exported need not have been simulated, and so nothing is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

import neuroam
from neuroam import api, pipeline, recorded
from neuroam.network import Network
from neuroam.recording import Recording, Spikes, Trace
from neuroam.resolve import resolve

SMALL = {
    "patterns.memory.bernoulli.size": 8,
    "patterns.memory.bernoulli.count": 2,
    "populations.excitatory.size": 5,
    "populations.inhibitory.size": 3,
    "epochs.baseline.duration": "100 ms",
    "epochs.cue.duration": "100 ms",
    "epochs.recall.duration": "200 ms",
    "trials": 16,
    "record": {"features": {"variables": ["v"], "every": "1 ms"}},
    "measure": {
        "overlap": {"port": "memory", "window": {"last": "50 ms"}},
        "winner": {"port": "memory", "window": {"last": "50 ms"}},
        "success": {"port": "memory", "window": {"last": "50 ms"}, "above": 0.2},  # so that chance recalls some
        "rate": {},
        "cv2": {},
        "fano_factor": {},
    },
}
STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def drawn(network: int, settings=None):
    """A network whose cells fire at 20 to 60 Hz, the first one of every population never."""
    spec = neuroam.load("raster_dataset", None, SMALL | (settings or {}))
    circuit, trials = resolve(spec, network)
    rng = np.random.default_rng([7, network])
    spikes = {}
    for name, population in circuit.populations.items():
        rates = np.linspace(20, 60, population.size) * (np.arange(population.size) > 0)
        fired = rng.random((trials.count, trials.n_steps, population.size)) < rates * circuit.dt
        spikes[name] = Spikes(*(index.astype(np.int32) for index in np.nonzero(fired)))
    steps = np.arange(0, trials.n_steps + 1, 10)
    values = rng.normal(size=(trials.count, steps.size, circuit.populations["features"].size))
    recording = Recording(
        circuit.dt, trials.n_steps, trials.count, spikes, {("features", "v"): Trace(steps, 0.01 * values)}
    )
    return spec, Network(circuit, trials, recording)


def finished(count=1, settings=None):
    """A result with so many networks."""
    made = [drawn(number, {"networks": count} | (settings or {})) for number in range(count)]
    spec, networks = made[0][0], tuple(network for _, network in made)
    measures = pipeline.joined([pipeline.measure(spec, network) for network in networks], "network")
    seconds = dict.fromkeys(("resolve", "build", "run", "measure"), 0.0)
    return api.Result(pipeline.Run(spec, "numpy", networks, measures, False, seconds, started=STARTED))


def kept(record):
    """A result of which ``record`` kept a part, as a run would."""
    whole = finished(1, {"record": record, "trials": 4})
    network = whole.run.networks[0]
    recording = recorded.kept(whole.spec, network.circuit, network.trials, network.recording)
    return api.Result(replace(whole.run, networks=(replace(network, recording=recording),)))


@pytest.fixture(scope="session")
def result():
    return finished()


@pytest.fixture(scope="session")
def two_networks():
    return finished(2)


@pytest.fixture(scope="session")
def three_patterns():
    """The numbers of two are 0 and 1, which are taken for truth values."""
    return finished(1, {"patterns.memory.bernoulli.count": 3})


@pytest.fixture(scope="session")
def some_cells():
    return kept({"features": {"cells": [2, 5]}})


@pytest.fixture(scope="session")
def no_cells():
    cells = {"random": {"count": 4, "rate_floor": "1000 Hz"}}
    return kept({"features": {"variables": ["v"], "every": "1 ms", "cells": cells}})


@pytest.fixture(scope="session")
def some_epochs():
    return kept({"features": {"variables": ["v"], "every": "1 ms", "cells": [2, 5], "epochs": ["baseline", "recall"]}})


@pytest.fixture(scope="session")
def folder(result, tmp_path_factory):
    """The run directory, whose own file other tools read too."""
    return result.save(tmp_path_factory.mktemp("exported") / "run")


@pytest.fixture(scope="session")
def stored(folder):
    """The run, read back: exports are made from what is on disk."""
    return neuroam.reopen(folder)
