"""What is read is evaluated first; a loop without a state is named."""

import pytest

from neuroam.circuit import Cell, Ode, Reduction
from neuroam.order import Edge, LoopError, evaluation_order

STATE = Cell("state", odes=(Ode("x", "drive - x"),), outputs=(("g", "x"),), states=("x",), inputs=("drive",))
NOW = Cell("now", outputs=(("g", "drive"),), inputs=("drive",))
POOL = Cell(
    "pool",
    odes=(Ode("x", "drive - x"),),
    reductions=(Reduction("z", "sum", "y"),),
    outputs=(("y", "x"), ("g", "y/z")),
    states=("x",),
    inputs=("drive",),
)


def edge(name, pre, post, *, filtered=False, spikes=False):
    return Edge(name, pre, "g", post, "drive", spikes, filtered)


def order(cells, *edges):
    return [str(step) for step in evaluation_order(cells, list(edges))]


def test_a_chain_goes_in_order_whatever_the_names():
    cells = {"a": NOW, "z": STATE, "m": NOW}
    found = order(cells, edge("p1", "z", "m"), edge("p0", "m", "a"), edge("back", "a", "z"))
    assert found == ["z.g", "p1", "m.g", "p0", "a.g", "back"]


def test_outputs_and_reductions_interleave():
    assert order({"p": POOL}) == ["p.y", "p.z", "p.g"]


def test_a_loop_through_a_state_is_fine():
    assert order({"a": STATE, "b": STATE}, edge("f", "a", "b"), edge("g", "b", "a")) == ["a.g", "b.g", "f", "g"]


def test_a_loop_without_a_state_is_named():
    with pytest.raises(LoopError) as error:
        order({"a": NOW, "b": NOW}, edge("f", "a", "b"), edge("h", "b", "a"))
    assert {str(step) for step in error.value.loop} == {"a.g", "f", "b.g", "h"}


@pytest.mark.parametrize("cut", [{"filtered": True}, {"spikes": True}])
def test_filters_and_spikes_cut_a_loop(cut):
    assert "f" in order({"a": NOW, "b": NOW}, edge("f", "a", "b"), edge("h", "b", "a", **cut))
