"""What a GPU cannot do is said with its reason; what is different about a plan there is little."""

from dataclasses import replace

import numpy as np
import pytest

from neuroam.errors import BuildError
from neuroam.order import Step
from neuroam.sim.cuda import prepare
from neuroam.sim.cuda_plan import (
    FIRED,
    MAX_RANKED,
    MAX_REDUCED,
    arrays_for_gpu,
    for_gpu,
    unsupported,
    values_for_gpu,
)
from neuroam.sim.structure import BLOCK, Blueprint, Code, Group, Kernel, Line, Plan, Variable, Wanted
from neuroam.sim.values import Values
from neuroam.units import ONE

SPIKES = Kernel("proj_p", "dense", True, ("E", "_spikespace"), "E", 4, 3, stride=16)
GRADED = Kernel("proj_q", "sparse", False, ("E", "g"), "E", 4, 3, edges=2)
TOUCHED = Kernel("touch_pre_p", "touched", True, ("E", "_spikespace"), "edges of p", 4, 12, events="touched_source")
HALT = Kernel("halt", "halt", False, ("E", "ended"), "E", 1, 1)


def reduced(name: str, kind: str, size: int) -> Kernel:
    return Kernel(name, kind, False, ("E", "g"), "E", size, 1)


def plan(*kernels: Kernel, codes: tuple[Code, ...] = (), names: tuple[str, ...] = ("g",), depth: int = 3) -> Plan:
    group = Group("pop_e", ("population", "E"), 4, [Variable(name, ONE) for name in names], [], "v > 1", "v = 0")
    group.lines.append(Line("delay_q", "delay", "q", depth))
    groups = {"E": group, "edges of p": Group("edge_p", ("edges", "p"), 12)}
    projections = {kernel.name.removeprefix("proj_"): kernel.name for kernel in kernels}
    order: list[Step] = []
    return Plan("t", groups, list(codes), {k.name: k for k in kernels}, projections, {}, order, 10, 1e-4, {})


def blueprint(made: Plan, precision: str = "double") -> Blueprint:
    return Blueprint(made, 2, Wanted(), precision)


def test_ordinary_plans_are_supported():
    kinds = [Kernel(kind, kind, False, ("E", "g"), "E", 4, 3) for kind in ("edges", "spread", "halt")]
    for precision in ("double", "single"):
        assert unsupported(blueprint(plan(SPIKES, GRADED, *kinds), precision)) == []


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (plan(reduced("red_0_top", "argmax", MAX_REDUCED + 1)), "every thread would visit all"),
        (plan(reduced("red_0_k", "kth9", MAX_RANKED + 1)), f"and {MAX_RANKED} is the most"),
        (plan(GRADED, depth=2**26), "the delay of projection 'q' remembers 4.3 GB, and 1.1 GB is the most"),
        (plan(reduced("proj_f", "factored", 4)), "a kernel of kind 'factored' has no form"),
        (plan(names=("workspace",)), "populations.E: 'workspace' ends in 'space'"),
        (
            plan(GRADED, codes=(Code("do", "E", "start", 0, "g = 2*proj_q_get(i)", "proj_q"),)),
            "populations.E: 'g' is summed up and changed",
        ),
    ],
)
def test_a_refusal_says_why(made, said):
    (sentence,) = unsupported(blueprint(made))
    assert said in sentence
    with pytest.raises(BuildError, match="use --device cpp"):
        prepare(blueprint(made))


@pytest.mark.parametrize("text", ["in_q = proj_q_get(i)*g", "h = g == 2", "gg = proj_q_get(i)"])
def test_reading_the_source_is_no_race(text):
    assert unsupported(blueprint(plan(GRADED, codes=(Code("do", "E", "start", 0, text, "proj_q"),)))) == []


@pytest.mark.parametrize(
    "most", [("argmax", MAX_REDUCED), ("max", 10**6), ("kth2", MAX_RANKED), ("dense", 10**6), ("edges", 10**6)]
)
def test_bounds_are_for_reductions(most):
    assert unsupported(blueprint(plan(reduced("k", *most)))) == []


def test_cells_remember_when_they_fired_where_that_is_read():
    made = for_gpu(plan(SPIKES, GRADED))
    assert made.kernels["proj_p"].source == ("E", FIRED)
    assert made.kernels["proj_q"] is GRADED
    assert [(v.name, v.kind) for v in made.groups["E"].variables] == [("g", "cell"), (FIRED, "integer")]
    assert [v.name for v in for_gpu(plan(GRADED)).groups["E"].variables] == ["g"]


def test_a_long_product_is_made_in_blocks():
    size = 2 * BLOCK + 1
    kernel = Kernel("proj_q", "dense", False, ("E", "g"), "E", size, 3, stride=16)
    codes = (Code("move", "E", "start", 4, "in_q = proj_q_get(i)", "proj_q"),)
    made = for_gpu(plan(kernel, codes=codes))
    first, last = made.kernels["proj_q"], made.kernels["proj_q_totals"]
    assert (first.size_in, first.target, first.size_out, first.width) == (size, "proj_q_blocks", 9, 3)
    assert (last.source, last.size_in, last.target, last.size_out) == (("proj_q_blocks", "part"), 9, "E", 3)
    assert [(code.population, code.text) for code in sorted(made.codes, key=lambda code: code.order)] == [
        ("proj_q_blocks", "part = proj_q_get(i)"), ("E", "in_q = proj_q_totals_get(i)")
    ]  # fmt: skip
    arrays = arrays_for_gpu(made, {"live_proj_q": np.array([size, 2])})
    assert arrays["live_proj_q_totals"].tolist() == [3, 2]


@pytest.mark.parametrize("kind", ["sum", "mean", "max", "min", "ones"])
def test_a_long_reduction_is_made_once_and_given_to_all(kind):
    kernel = replace(reduced("red", kind, BLOCK + 1), size_out=5)
    made = for_gpu(plan(kernel, codes=(Code("move", "E", "start", 4, "g = 2*red_get(i)", "red"),)))
    steps = sorted(made.codes, key=lambda code: code.order)
    assert [made.groups[code.population].size for code in steps] == [2, 1, 4]
    assert [code.text for code in steps] == ["part = red_get(i)", "part = red_totals_get(i)", "g = 2*red_spread_get(i)"]
    arrays = arrays_for_gpu(made, {"live_red": np.array([BLOCK + 1, 5])})
    assert [arrays[f"live_red_{part}"].tolist() for part in ("totals", "spread")] == [[2, 1], [1, 5]]
    assert arrays["cells_red_totals"].tolist() == [BLOCK + 1]


def test_short_and_masked_sums_stay_as_they_are():
    codes = (Code("move", "E", "start", 4, "in_q = proj_q_get(i)", "proj_q"),)
    for kernel in (GRADED, replace(GRADED, kind="dense", size_in=BLOCK), replace(GRADED, size_in=9999, only="f")):
        assert list(for_gpu(plan(kernel, codes=codes)).kernels.values()) == [kernel]


def test_a_program_runs_to_its_last_step():
    codes = (Code("halt", "E", "end", 0, "", "halt"), Code("move", "E", "start", 0, "g = 0"))
    made = prepare(blueprint(plan(HALT, codes=codes))).plan
    assert "halt" not in made.kernels
    assert [code.name for code in made.codes] == ["move"]


def test_sparse_weights_are_brought_by_target():
    arrays = {"w_proj_q": np.ones(2), "p_proj_q": np.array([0, 1, 1, 1, 2]), "j_proj_q": np.array([2, 0])}
    found = values_for_gpu(plan(SPIKES, GRADED), Values({}, arrays)).arrays
    assert found["pt_proj_q"].tolist() == [0, 1, 1, 2]
    assert found["jt_proj_q"].tolist() == [3, 0]
    assert not any(name.endswith("proj_p") for name in found)


def test_masked_weights_are_by_target_already():
    arrays = {"w_proj_q": np.ones(2), "p_proj_q": np.array([0, 1, 1, 2]), "j_proj_q": np.array([2, 0])}
    assert values_for_gpu(plan(replace(GRADED, only="f")), Values({}, arrays)).arrays == arrays
