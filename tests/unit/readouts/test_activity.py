"""Activity of graded cells in bins that are shorter than the time between samples."""

import numpy as np

from neuroam.circuit import Cell, Circuit, Population, Port
from neuroam.readouts.activity import binned
from neuroam.recording import Recording, Trace


def test_a_bin_without_a_sample_shows_the_last_one_before_its_end():
    cell = Cell("c", outputs=(("g", "x"),), states=("x",))
    place = np.arange(2)
    population = Population("p", 2, cell, {}, {"place": place, "copy": 0 * place})
    circuit = Circuit(
        "m", {"p": population}, {}, {}, {"memory": Port("memory", "p", "bipolar", {})}, {}, (), 1e-3,
        "exponential_euler", "continuous",
    )  # fmt: skip
    samples = np.array([[[0.0, 5.0], [1.0, 6.0], [2.0, 7.0]]])  # at steps 0, 10 and 20
    recording = Recording(1e-3, 24, 1, {}, {("p", "g"): Trace(np.array([0, 10, 20]), samples)})
    edges = np.array([0, 2, 8, 10, 12, 21, 24])
    found = binned(recording, circuit, "memory", edges)
    assert np.array_equal(found[0, :, 0], [0, 0, 0, 1, 2, 2])
    assert np.array_equal(found[0, :, 1], found[0, :, 0] + 5)
