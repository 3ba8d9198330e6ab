"""What a control must not become: the circuit would go on, and mean nothing."""

from __future__ import annotations

import pytest

from neuroam import load
from neuroam.errors import SpecError
from neuroam.resolve import resolve

SMALL = {"patterns.memory.bernoulli": {"size": 6, "count": 3}, "trials": 2, "networks": 1, "measure": {}}
AGED = SMALL | {"epochs.recall.duration": "2 steps", "patterns.memory.bernoulli": {"size": 6, "count": 30}}


def refusal(protocol, settings):
    with pytest.raises(SpecError) as refused:
        resolve(load(protocol, settings=settings))
    return [(problem.path, problem.what) for problem in refused.value.problems]


@pytest.mark.parametrize(("age", "becomes"), [(25, "25"), (-1, "-1"), (1.5, "1.5")])
def test_a_value_out_of_limits_is_refused_where_it_is_set(age, becomes):
    what = f"'age' becomes {becomes}, and 'correlation_cascade_once' takes whole numbers from 0 to 20"
    settings = AGED | {"epochs.recall.set.age": age, "trials": {"patterns": [29]}}
    assert refusal("recall_by_age_once", settings) == [("epochs[0].set.age", what)]


def test_so_is_an_attribute_of_a_pattern():
    settings = AGED | {"trials": {"patterns": [29, 8]}}  # 0 and 21 patterns ago
    ((path, what),) = refusal("recall_by_age_once", settings)
    assert path == "epochs[0].set.age"
    assert what.startswith("'age' becomes 21, and")


@pytest.mark.parametrize("end", [-1, -1e-9])
def test_so_is_the_way_to_it(end):
    settings = SMALL | {"epochs.recall.set.gain": {"ramp": {"from": 0.5, "to": end, "over": "20 ms"}}}
    ((path, what),) = refusal("recall_correlated", settings)
    assert path == "epochs[0].set.gain"
    assert what.endswith("and 'correlation_ignoring' takes values from 0")


def test_so_is_the_value_at_the_start():
    assert refusal("recall_correlated", SMALL | {"controls.gain": -2, "epochs.recall.set": {}})[0][0] == "controls.gain"


def test_the_limits_themselves_may_be_reached():
    settings = AGED | {"trials": {"patterns": [29, 9]}}
    assert resolve(load("recall_by_age_once", settings=settings))[1].controls["age"].table.max() == 20


@pytest.mark.parametrize(
    ("setting", "path"),
    [({"limits.age.to": "1 mV"}, "limits.age.to"), ({"limits.foo": {"from": 2}}, "limits.foo")],
)
def test_limits_are_of_controls_and_in_their_units(setting, path):
    assert refusal("recall_by_age_once", AGED | setting)[0][0] == path
