"""What a projection says beside its weights is checked: plastic components, values per row, masks; and what repeats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neuroam.spec.load import check_file

BOTH = {"format": 1, "title": "made for this test"}
POPULATIONS = {
    "pre": {"size": 3, "cell": "poisson"},
    "post": {"size": 2, "cell": "lif_conductance"},
    "rate": {"size": 2, "cell": "leaky_graded"},
}


def problems(
    folder: Path, projection: dict[str, Any], synapse: dict[str, Any] | None = None, **model: Any
) -> list[str]:
    """What is wrong with a model that has this projection, and with the synapse it may bring along."""
    folder.joinpath("mine.yaml").write_text(json.dumps({"title": "mine", "plastic": True, **(synapse or {})}))
    edge = {"from": "pre", "to": "post.g_exc", "connect": "all", "weights": "1 nS"}
    data = {**BOTH, "populations": POPULATIONS, "projections": {"edge": edge | projection}, **model}
    path = folder / "model.yaml"
    path.write_text(json.dumps(data))
    return [f"{problem.path}: {problem.what}" for problem in check_file(str(path))[1]]


GOOD: dict[str, Any] = {
    "params": {"tau": "20 ms", "rate": "1 Hz"},
    "reads": {"third": "post"},
    "variables": {"x": 1, "drive": "mV"},
    "equations": ["tau*dx/dt = -x"],
    "pre": ["x += 1", "drive = v_post"],
    "post": ["w += x", "ga_post += 0.1*ga_post"],
    "step": ["w = w*exp(-rate*third*dt)"],
    "event": {"epoch_end": ["w = rectified(w)"]},
    "prune": "abs(w) < 0.01",
}


def test_a_good_component_is_accepted(tmp_path: Path) -> None:
    assert problems(tmp_path, {"plastic": {"mine": {"third": "dopamine", "rate": "2 Hz"}}}, GOOD) == []


def test_a_third_factor_may_be_an_attribute_or_a_number(tmp_path: Path) -> None:
    ports = {"memory": "post"}
    for third in ("memory.strength", 1.0):
        assert problems(tmp_path, {"plastic": {"mine": {"third": third}}}, GOOD, ports=ports) == []


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({}, "'mine' needs 'third'"),
        ({"third": "dopamin"}, "no variable of the post cell 'lif_conductance' named 'dopamin'"),
        ({"third": "memory.x"}, "no port named 'memory'"),
        ({"third": ["dopamine"]}, "expected the name of a variable of the post cell"),
        ({"third": "dopamine", "rat": "1 Hz"}, "named 'rat'"),
        ({"third": "dopamine", "rate": "1 ms"}, "'1 ms' is"),
        ({"third": "dopamine", "tau": "0 ms"}, "a time constant must be above zero"),
    ],
)
def test_settings_are_checked(tmp_path: Path, settings: dict[str, Any], what: str) -> None:
    found = problems(tmp_path, {"plastic": {"mine": settings}}, GOOD)
    assert any(what in text for text in found), found


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"pre": [], "post": [], "step": [], "event": {}}, "nothing says when the weight changes"),
        ({"variables": {"x": 1, "drive": "mV", "w": 1}}, "variables.w"),
        ({"variables": {"x": 1, "drive": "mW/q"}}, "variables.drive"),
        ({"equations": ["tau*dx/dt = -y"]}, "unknown name 'y'"),
        ({"equations": ["dx/dt = -x"]}, "dx/dt is"),
        ({"equations": ["tau*dw/dt = -w"]}, "'w' cannot be assigned to"),
        ({"pre": ["x + 1"]}, "cannot read the statement"),
        ({"pre": ["y = 1"]}, "'y' cannot be assigned to"),
        ({"pre": ["v_pre = 1"]}, "'v_pre' cannot be assigned to"),
        ({"pre": ["x = v_post"]}, "x is"),
        ({"pre": ["x = (x > 1)"]}, "a condition"),
        ({"step": ["w = w*nothing_post"]}, "unknown name 'nothing_post'"),
        ({"prune": "abs(w)"}, "'prune' must be true or false"),
        ({"prune": "abs(q) < 1"}, "unknown name 'q'"),
    ],
)
def test_statements_are_checked(tmp_path: Path, change: dict[str, Any], what: str) -> None:
    found = problems(tmp_path, {"plastic": {"mine": {"third": "dopamine"}}}, GOOD | change)
    assert any(what in text for text in found), found


def test_a_component_that_waits_for_spikes_needs_cells_that_send_them(tmp_path: Path) -> None:
    edge = {"from": "rate.a", "to": "post.dopamine", "weights": 1, "plastic": {"mine": {"third": "dopamine"}}}
    found = problems(tmp_path, edge, GOOD | {"pre": ["x += 1"]})
    assert any("the pre cell 'leaky_graded' sends none" in text for text in found), found


def test_filters_and_plasticity_are_not_the_same(tmp_path: Path) -> None:
    assert "changes no weights" in str(problems(tmp_path, {"plastic": "exponential"}))
    graded = {"from": "pre", "to": "post.dopamine", "weights": 1, "synapse": "hebb_once"}
    assert "changes weights" in str(problems(tmp_path, graded))


@pytest.mark.parametrize(
    ("projection", "what"),
    [
        ({"gain": {"each_row": "memory.gain"}}, ""),
        ({"gain": {"each_row": {"uniform": {"low": 1, "high": 2}}}}, ""),
        ({"gain": {"each_row": {"gains_for_dwell": {"dwell": "memory.dwell", "tau": "100 ms"}}}}, ""),
        ({"delay": {"each_row": "memory.lag"}}, ""),
        ({"gain": {"each_row": "gain"}}, "'gain' names no attribute of a pattern set"),
        ({"gain": {"each_row": "memry.gain"}}, "no port named 'memry'"),
        (
            {"gain": {"each_row": {"gains_for_dwell": {"dwell": "memry.dwell", "tau": "100 ms"}}}},
            "no port named 'memry'",
        ),
        ({"gain": {"each_row": {"gains_for_dwel": {}}}}, "'gains_for_dwel'"),
        ({"gain": {"each_row": [1, 2]}}, "expected an attribute or one value function"),
        ({"gain": {"each_column": "memory.gain"}}, "'each_column'"),
        ({"only": "dopamine"}, ""),
        ({"only": "activ"}, "no variable of 'post' named 'activ'"),
    ],
)
def test_values_per_row_and_masks_are_checked(tmp_path: Path, projection: dict[str, Any], what: str) -> None:
    found = problems(tmp_path, projection, ports={"memory": "post"})
    assert any(what in text for text in found) if what else found == [], found


K_HOT = {"size": 2, "count": 2, "active": 1}
FEEDBACK = {"dwell_feedback": {"port": "memory", "epoch": "replay"}}
PROTOCOL: dict[str, Any] = {
    "model": "model",
    "patterns": {"memory": {"k_hot": K_HOT, "dwell": {"uniform": {"low": "1 ms", "high": "2 ms"}}}},
    "epochs": [{"name": "replay", "duration": "10 ms"}],
    "repeat": {"times": 2, "adjust": {"projections.edge.gain": FEEDBACK}},
}


def protocol_problems(folder: Path, **change: Any) -> list[str]:
    assert problems(folder, {"gain": {"each_row": "memory.dwell"}}, ports={"memory": "post"}) == []
    path = folder / "protocol.yaml"
    path.write_text(json.dumps({**BOTH, **PROTOCOL, **change}))
    return [f"{problem.path}: {problem.what}" for problem in check_file(str(path))[1]]


def test_a_protocol_with_attributes_and_a_closed_loop_is_accepted(tmp_path: Path) -> None:
    assert protocol_problems(tmp_path) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"repeat": {"times": 0, "adjust": {}}}, "at least 1"),
        (
            {"repeat": {"times": 1, "adjust": {"projections.edg.gain": {"dwell_feedback": {"port": "memory"}}}}},
            "leads to no",
        ),
        ({"repeat": {"times": 1, "adjust": {"memory.gain": {"dwell_feedback": {"port": "memory"}}}}}, "leads to no"),
        ({"repeat": {"times": 1, "adjust": {"projections.edge.gain": {"dwell_feedbak": {}}}}}, "'dwell_feedbak'"),
        (
            {"patterns": {"memory": {"k_hot": {"size": 2, "count": 2, "active": 1}, "dwell": "long"}}},
            "cannot read 'long'",
        ),
        (
            {"patterns": {"memory": {"k_hot": {"size": 2, "count": 2, "active": 1}, "dwell": {"unifrm": {}}}}},
            "'unifrm'",
        ),
        (
            {"epochs": [{"name": "replay", "duration": "10 ms", "until": "all_satisfied"}]},
            "anything named 'all_satisfied'",
        ),
        ({"measure": {"valence_change": {"port": "memory", "epochs": ["replay", "later"]}}}, "no epoch named 'later'"),
    ],
)
def test_attributes_flags_and_loops_are_checked(tmp_path: Path, change: dict[str, Any], what: str) -> None:
    found = protocol_problems(tmp_path, **change)
    assert any(what in text for text in found), found
