"""What a GPU cannot do is said with its reason; what is different about a plan there is little."""

from dataclasses import replace

import numpy as np
import pytest

from neuroam.errors import BuildError
from neuroam.order import Step
from neuroam.sim.cuda import prepare
from neuroam.sim.cuda_plan import FIRED, MAX_RANKED, MAX_REDUCED, for_gpu, unsupported, values_for_gpu
from neuroam.sim.structure import Code, Group, Kernel, Plan, Variable
from neuroam.sim.values import Values
from neuroam.units import ONE

SPIKES = Kernel("proj_p", "dense", True, ("E", "_spikespace"), 4, 3)
GRADED = Kernel("proj_q", "sparse", False, ("E", "g"), 4, 3)


def plan(*kernels: Kernel, codes: tuple[Code, ...] = (), names: tuple[str, ...] = ("g",)) -> Plan:
    group = Group("pop_e", 4, [Variable(name, ONE) for name in names], "v > 1", "v = 0")
    projections = {kernel.name.removeprefix("proj_"): kernel.name for kernel in kernels}
    order: list[Step] = []
    return Plan({"E": group}, list(codes), {k.name: k for k in kernels}, projections, {}, order, 10, 1e-4)


def test_ordinary_plans_are_supported():
    assert unsupported(plan(SPIKES, GRADED)) == []


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (plan(Kernel("red_0_top", "max", False, ("E", "arg_top"), MAX_REDUCED + 1, 1)), "every thread would visit all"),
        (plan(Kernel("red_0_k", "kth9", False, ("E", "arg_k"), MAX_RANKED + 1, 1)), f"and {MAX_RANKED} is the most"),
        (plan(Kernel("proj_all", "ones", False, ("E", "g"), MAX_REDUCED + 1, 1)), "'ones' over the 65537 cells of 'E'"),
        (plan(replace(SPIKES, delay_steps=3)), "projection 'p' delays spikes"),
        (plan(Kernel("proj_f", "factored", False, ("E", "g"), 4, 3)), "a kernel of kind 'factored' has no form"),
        (plan(names=("workspace",)), "populations.E: 'workspace' ends in 'space'"),
        (
            plan(GRADED, codes=(Code("do", "E", "start", 0, "g = 2*proj_q_get(i)", "proj_q"),)),
            "'g' is summed up and changed",
        ),
    ],
)
def test_a_refusal_says_why(made, said):
    (sentence,) = unsupported(made)
    assert said in sentence
    with pytest.raises(BuildError, match="use --device cpp"):
        prepare(made)


@pytest.mark.parametrize("text", ["in_q = proj_q_get(i)*g", "h = g == 2", "gg = proj_q_get(i)"])
def test_reading_the_source_is_no_race(text):
    assert unsupported(plan(GRADED, codes=(Code("do", "E", "start", 0, text, "proj_q"),))) == []


@pytest.mark.parametrize("most", [("max", MAX_REDUCED), ("kth2", MAX_RANKED), ("dense", 10**6)])
def test_bounds_are_for_reductions(most):
    assert unsupported(plan(Kernel("k", most[0], False, ("E", "g"), most[1], 1))) == []


def test_cells_remember_when_they_fired_where_that_is_read():
    made = for_gpu(plan(SPIKES, GRADED))
    assert made.kernels["proj_p"].source == ("E", FIRED)
    assert made.kernels["proj_q"] is GRADED
    assert [(v.name, v.kind) for v in made.groups["E"].variables] == [("g", "cell"), (FIRED, "integer")]
    assert [v.name for v in for_gpu(plan(GRADED)).groups["E"].variables] == ["g"]


def test_sparse_weights_are_brought_by_target():
    arrays = {"w_proj_q": np.ones(2), "p_proj_q": np.array([0, 1, 1, 1, 2]), "j_proj_q": np.array([2, 0])}
    found = values_for_gpu(plan(SPIKES, GRADED), Values({}, arrays)).arrays
    assert found["pt_proj_q"].tolist() == [0, 1, 1, 2]
    assert found["jt_proj_q"].tolist() == [3, 0]
    assert not any(name.endswith("proj_p") for name in found)
