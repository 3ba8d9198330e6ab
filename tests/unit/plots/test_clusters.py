"""The figure of constraint cells: sorted by cluster, sums above and below zero in halves of their own."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.circuit import Cell, Circuit, Epoch, Event, Matrix, PatternSet, Population, Port, Sparse, Trials
from neuroam.errors import FunctionError
from neuroam.plots import RunData, clusters, draw
from neuroam.recording import Recording, Spikes, Trace

MEMBERS = np.array([[1.0, 1, 1, 0, 0], [0, 0, 1, 1, 1]])
ROWS = np.array([[0.0, 0, 1, -1, 0], [1, -1, 0, 0, 0], [0, 0, 0, 1, -1]])  # of clusters 1, 0 and 1
LEVELS = np.array([[[2.0, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1.4]]])  # one error, which goes


def run(spiking=True, recorded=True, members=MEMBERS):
    graded = Cell("graded", updates=(("x", "x"),), states=("x",))
    firing = Cell("firing", event=Event("spike", "v > 1", ()))
    labels = {"place": np.arange(5), "copy": np.zeros(5, dtype=int), "unit": np.arange(5)}
    constraint = firing if spiking else Cell("silent", outputs=(("y", "h"),), inputs=("h",))
    populations = {"pattern": Population("pattern", 5, graded, {}, labels, "levels")}
    for name in ("on", "off"):
        populations[name] = Population(name, 3, constraint, {}, {"place": np.arange(3)})
    attributes = {} if members is None else {"members": members}
    memory = PatternSet("memory", np.ones((1, 5)), False, attributes=attributes)
    w = Sparse((3, 5), np.array([0, 2, 4, 6]), np.array([2, 3, 0, 1, 3, 4]), np.array([1.0, -1, 1, -1, 1, -1]))
    ports = {"memory": Port("memory", "pattern", "levels", {})}
    circuit = Circuit(
        "tiny", populations, {}, {"w": Matrix("w", w)}, ports, {"memory": memory}, (), 1e-3, "euler", "synchronous"
    )
    trials = Trials(2, (Epoch("recall", 0, 2),), np.array([0]), np.array([0]), "memory", {}, {}, {}, {}, {}, 0)
    spikes = {
        name: Spikes(np.zeros(2, int), np.array([0, 1]), np.array([cell, cell]))
        for name, cell in (("on", 1), ("off", 2))
    }
    traces = {("pattern", "x"): Trace(np.arange(3), LEVELS)} if recorded else {}
    return RunData(Recording(1e-3, 2, 1, spikes if spiking else {}, traces), circuit, trials, {})


def test_constraints_are_sorted_by_cluster_with_two_halves_each():
    owner = clusters.owners(ROWS, MEMBERS)
    assert owner.tolist() == [1, 0, 1]
    above, below = clusters.places(owner)
    assert above.tolist() == [2, 0, 3]  # cluster 0 has rows 0 and 1, cluster 1 has rows 2 to 5
    assert below.tolist() == [4, 1, 5]


@pytest.mark.parametrize("spiking", [True, False])
def test_errors_above_and_complaints_below(spiking):
    figure = draw("clusters", run(spiking))
    above, axes = figure.axes
    assert above.lines[0].get_ydata().tolist() == [1, 0, 0]
    dots = [points.get_offsets() for points in axes.collections]
    if spiking:
        assert dots[0].tolist() == [[0.0, 0.0], [1.0, 0.0]]  # cell 1 of 'on' is row 0, cell 2 of 'off' is row 5
        assert dots[1].tolist() == [[0.0, 5.0], [1.0, 5.0]]
    else:
        assert dots[0].tolist() == [[0.0, 0.0]]  # x0 - x1 = 1 in the first sample
        assert len(dots[1]) == 0
    assert axes.get_ylim() == (5.5, -0.5)


def test_what_it_needs():
    with pytest.raises(FunctionError, match="of patterns with clusters"):
        draw("clusters", run(members=None))
    with pytest.raises(FunctionError, match="no state of 'pattern' was recorded"):
        draw("clusters", run(recorded=False))
