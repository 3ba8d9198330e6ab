"""The text of a step: names that differ in case only, and cells that do not move in every step."""

import json

import pytest

from neuroam.resolve import resolve
from neuroam.sim.join import SLOTS
from neuroam.sim.plan import plan
from neuroam.sim.structure import lower
from neuroam.spec.load import load

PROTOCOL = {
    "format": 1,
    "title": "p",
    "model": "m",
    "patterns": {"memory": {"bernoulli": {"size": 8, "count": 3}}},
    "epochs": [{"name": "cue", "duration": "5 steps", "show": {}}],
    "trials": 1,
}


def planned(folder, model):
    (folder / "m.yaml").write_text(json.dumps({"format": 1, "title": "m", **model}), encoding="utf-8")
    (folder / "p.yaml").write_text(json.dumps(PROTOCOL), encoding="utf-8")
    return plan(*resolve(load(str(folder / "p.yaml"))))


def test_populations_that_differ_in_case_share_nothing(tmp_path):
    layer = {"size": {"count": "memory"}, "cell": "softmax"}
    made = planned(
        tmp_path,
        {
            "matrices": {"xi": {"rows": {"of": "memory"}}},
            "populations": {"features": {"size": {"units": "memory"}, "cell": "linear"}, "E": layer, "e": layer},
            "projections": {
                "up": {"from": "features.g", "to": "E.drive", "weights": {"of": "xi"}},
                "UP": {"from": "features.g", "to": "e.drive", "weights": {"of": "xi"}},
            },
            "ports": {"memory": {"population": "features", "cue": "state"}},
        },
    )
    sources = [kernel.source[0] for kernel in made.kernels.values() if kernel.kind in ("sum", "max")]
    assert sorted(sources) == ["E", "E", "e", "e"]
    assert len({group.name.lower() for group in made.groups.values()}) == 3
    assert len(set(made.kernel_of.values())) == 2


@pytest.mark.parametrize("protocol", ["store_correlated", "learn_constraints"])
def test_every_statement_has_a_place_of_its_own(protocol):
    # Brian2 runs what has the same place in the order of names: then outputs would not see what the protocol holds
    places = [(code.when, code.order) for code in plan(*resolve(load(protocol))).codes]
    assert len(set(places)) == len(places) > 5
    assert places == sorted(places, key=lambda place: (SLOTS.index(place[0]), place[1]))


@pytest.mark.parametrize("names", [["E", "e"], ["e", "E", "ex"], ["ex", "E", "e"], ["A", "a", "ax", "AX"]])
def test_lower_names_are_unique(names):
    made = [lower(name, dict.fromkeys(names)) for name in names]
    assert len(set(made)) == len(names)
    assert all(name == name.lower() for name in made)


@pytest.mark.parametrize(("update", "turn"), [("one_cell", "pick("), ("alternate", "t_in_timesteps %")])
def test_a_refractory_cell_waits_for_its_turn_too(tmp_path, update, turn):
    made = planned(
        tmp_path,
        {
            "time": {"discrete": update},
            "populations": {"cells": {"size": {"units": "memory"}, "cell": "lif"}},
            "ports": {"memory": {"population": "cells", "cue": {"current": {"amplitude": "20 mV"}}}},
        },
    )
    text = next(code.text for code in made.codes if code.when == "groups")
    line = next(line for line in text.splitlines() if line.startswith("v = "))
    assert turn in line
    assert "ref_left <= 0" in line
