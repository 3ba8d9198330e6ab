"""The signature is the schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from neuroam.registry import Ref, Registry
from neuroam.spec.catalogue import ROOMS


@pytest.fixture
def room() -> Registry:
    # a package without modules of its own
    return Registry("thing", "neuroam.connectivity", ("pre", "rng"))


def test_before_the_star_is_what_the_room_offers_and_after_it_what_yaml_sets(room):
    @room("counted")
    def counted(rng: object, *, n: Annotated[int, Field(ge=1)], gain: float = 2.0) -> None:
        """Count things.

        More text.
        """

    entry = room["counted"]
    assert entry.offers == ("rng",)
    assert entry.summary == "Count things."
    assert entry.schema.model_validate({"n": 3}).model_dump() == {"n": 3, "gain": 2.0}
    assert entry.shorthand == ""


@pytest.mark.parametrize("settings", [{}, {"n": 0}, {"n": "3"}, {"n": 2.5}, {"n": 1, "m": 1}, {"n": True}])
def test_settings_are_checked_without_conversion(room, settings):
    @room("counted")
    def counted(*, n: Annotated[int, Field(ge=1)]) -> None:
        """Count."""

    with pytest.raises(ValidationError):
        room["counted"].schema.model_validate(settings)


def test_the_only_setting_is_the_shorthand(room):
    @room("one")
    def one(*, of: str) -> None:
        """One."""

    @room("two", shorthand="to")
    def two(*, of: str = "", to: str) -> None:
        """Two."""

    assert room["one"].shorthand == "of"
    assert room["two"].shorthand == "to"


def test_references_are_found_also_in_optional_settings_and_lists(room):
    @room("refers")
    def refers(
        *,
        of: Annotated[str, Ref("port")],
        epoch: Annotated[str, Ref("epoch")] | None = None,
        many: list[Annotated[str, Ref("matrix")]] = [],  # noqa: B006
        plain: str = "",
    ) -> None:
        """Refer."""

    assert room["refers"].refers == {"of": "port", "epoch": "epoch", "many": "matrix"}


def test_a_function_cannot_ask_for_what_the_room_does_not_offer(room):
    with pytest.raises(TypeError, match="the room does not offer 'weather', only"):

        @room("wrong")
        def wrong(weather: object) -> None:
            """Wrong."""


def test_a_name_is_registered_once(room):
    def first() -> None:
        """First."""

    room("same")(first)
    with pytest.raises(ValueError, match="thing 'same' is registered twice"):
        room("same")(first)


def test_names_are_sorted_and_unknown_ones_are_none(room):
    for name in ("b", "a"):
        room(name)(lambda: None)
    names = [name for name in room if name in ("a", "b")]
    assert names == ["a", "b"]
    assert "a" in room
    assert "c" not in room
    assert room.get("c") is None
    with pytest.raises(KeyError):
        room["c"]


def entries() -> Iterator[tuple[str, str]]:
    for kind, room in ROOMS.items():
        for name in room:
            yield kind, name


@pytest.mark.parametrize(("kind", "name"), list(entries()))
def test_every_function_says_what_it_does_in_one_line(kind, name):
    summary = ROOMS[kind][name].summary
    assert summary.endswith(".")
    assert len(summary) <= 120
