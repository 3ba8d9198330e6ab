"""Each thing comes after what it needs; among those that could be next, the first one that was named."""

import pytest

from neuroam.needs import Loop, sorted_by_need


def test_what_is_needed_comes_first_and_the_given_order_decides_otherwise():
    assert sorted_by_need({"c": ["a"], "b": [], "a": [], "d": ["b"]}) == ["b", "a", "c", "d"]
    assert sorted_by_need({"z": [], "y": [], "x": []}) == ["z", "y", "x"]


def test_needs_outside_are_not_looked_at():
    assert sorted_by_need({"a": ["elsewhere"]}) == ["a"]


def test_a_loop_is_named_from_its_first_thing_on():
    with pytest.raises(Loop) as error:
        sorted_by_need({"free": [], "a": ["c"], "b": ["a"], "c": ["b"]})
    assert error.value.things == ["a", "b", "c"]
    assert str(error.value) == "a -> b -> c -> a"
