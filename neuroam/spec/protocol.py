"""The schema of a protocol file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from neuroam.leaves import (
    Block,
    Call,
    CallOf,
    DurationLeaf,
    Name,
    QuantityLeaf,
    RowDurationLeaf,
    plain_schema,
    read_quantity,
    refusal,
)
from neuroam.patterns import pattern
from neuroam.readouts import readout
from neuroam.spec.model import CueLeaf
from neuroam.stimuli import corruption
from neuroam.units import HERTZ, Quantity
from neuroam.values import value

MAX_TRIALS = 1_000_000
SHORTEST_STEP = 0.999e-9  # 1 ns, and what rounding does to it


class SeedsSpec(Block):
    """Seeds by role; a role that is not given derives from the top-level seed."""

    patterns: int | None = None
    structure: int | None = None
    cue: int | None = None
    noise: int | None = None
    trial: int | None = None


class PatternSpec(Block):
    """Patterns of one port: a pattern function, the order in which its rows are taken, and attributes of the rows.

    ``{k_hot: {...}, order: [0, 1, 2, 1], dwell: {...}}`` is a set of four patterns, the second and the last alike; an
    attribute has one value per entry of the order.
    """

    make: Annotated[Call, CallOf(pattern)]
    order: list[Annotated[int, Field(ge=0)]] | None = Field(None, min_length=1)
    attributes: dict[str, Any] = {}


def _patterns(raw: object) -> object:
    if not isinstance(raw, dict):
        return {"make": raw}
    # without a known function, the first key is meant to be one
    functions = [key for key in raw if key in pattern] or [key for key in raw if key != "order"][:1]
    if len(functions) != 1:
        fix = "write {NAME: {SETTING: value}}; beside it 'order' and attributes of the rows"
        raise refusal("patterns", "expected one pattern function", fix)
    attributes = {key: item for key, item in raw.items() if key not in (functions[0], "order")}
    order = {"order": raw["order"]} if "order" in raw else {}
    return {"make": {functions[0]: raw[functions[0]]}, "attributes": attributes, **order}


_PATTERN_SCHEMA: dict[str, Any] = {
    "type": ["object", "string"],
    "description": "one pattern function with its settings; beside it an order and attributes, one value per row",
    "properties": {
        "order": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0},
            "minItems": 1,
            "description": "rows of the function, in the order in which they form the set; a row may occur repeatedly",
        }
    },
}
PatternLeaf = Annotated[
    PatternSpec,
    BeforeValidator(_patterns),
    WithJsonSchema(_PATTERN_SCHEMA),
]


class ShowSpec(Block):
    """Which pattern is shown, and how it is degraded first.  Without ``pattern``: the trial's own."""

    pattern: int | None = Field(None, ge=0, description="a row; the trial's own unless given")
    corrupt: list[Annotated[Call, CallOf(corruption)]] = Field([], description="what is wrong with it, in this order")
    conditions: dict[Name, list[Annotated[Call, CallOf(corruption)]]] = Field(
        {}, description="further corruptions by the name of a condition: every pattern is shown in each of them"
    )
    onset: Annotated[Call, CallOf(value)] | None = Field(
        None, description="how much later the cue begins, drawn for every trial: {uniform: {low: 0 ms, high: 30 ms}}"
    )


class RampSpec(Block):
    """A straight line in time."""

    from_: QuantityLeaf = Field(alias="from", description="at the begin")
    to: QuantityLeaf = Field(description="at the end")
    over: DurationLeaf | None = Field(None, description="the whole epoch if it is left out")


class ControlRamp(Block):
    """A control that ramps."""

    ramp: RampSpec


class ControlOfPattern(Block):
    """A control that has, in every trial, the value of an attribute of the pattern that is shown."""

    attribute: str = Field(description="PORT.ATTRIBUTE")


def _mapping_or_leaf(raw: object) -> str:
    return "<mapping>" if isinstance(raw, dict | Block) else "<leaf>"


def _setting_kind(raw: object) -> str:
    if isinstance(raw, ControlOfPattern) or (isinstance(raw, dict) and "attribute" in raw):
        return "<pattern>"
    return _mapping_or_leaf(raw)


SettingLeaf = Annotated[
    Annotated[ControlRamp, Tag("<mapping>")]
    | Annotated[ControlOfPattern, Tag("<pattern>")]
    | Annotated[QuantityLeaf, Tag("<leaf>")],
    Discriminator(_setting_kind),
    WithJsonSchema({"description": "a quantity, {ramp: {from, to, over}}, or {attribute: PORT.NAME} of the pattern"}),
]


class EachSpec(Block):
    """One epoch for each of these pattern rows."""

    pattern: list[Annotated[int, Field(ge=0)]] = Field(description="rows, in order")


class StreamSpec(Block):
    """All patterns after one another, without a pause and as one epoch."""

    passes: int = Field(1, ge=1, le=100_000, description="how often all of them")
    order: Literal["stored", "random"] = Field("stored", description="random: another order in every pass")


EachLeaf = Annotated[
    Annotated[EachSpec, Tag("<mapping>")] | Annotated[Literal["pattern"], Tag("<leaf>")],
    Discriminator(_mapping_or_leaf),
    WithJsonSchema({"anyOf": [{"const": "pattern"}, EachSpec.model_json_schema()]}),
]


class EpochSpec(Block):
    """A named span of time: what is shown, what changes, what may learn."""

    name: Name
    duration: RowDurationLeaf
    times: int = Field(1, ge=1, le=100_000, description="how often it comes, one after the other")
    gap: DurationLeaf | None = Field(None, description="a silent span after the epoch, each time")
    each: EachLeaf | None = Field(None, description="one epoch per pattern row, in order")
    stream: StreamSpec | None = Field(None, description="all patterns, each for the duration, as one epoch")
    show: ShowSpec | None = Field(None, description="the pattern that is shown; {} is the trial's own")
    into: str | None = Field(None, description="the port; needed where the model has several")
    as_: CueLeaf | None = Field(None, alias="as", description="how the cue enters, if not as the port says")
    drive: dict[str, QuantityLeaf] = Field({}, description="a constant drive into other ports")
    set: dict[str, SettingLeaf] = Field({}, description="values of controls from here on")
    silence: str | None = Field(None, description="a population that does not fire; its graded outputs are zero")
    reset: bool = Field(False, description="every state is at its start again when the epoch begins, each time")
    learn: list[str] = Field([], description="plastic projections that change in this epoch")
    until: str | None = Field(None, description="flag that ends the epoch of a trial early")


class TrialsSpec(Block):
    """How many trials; trial i cues pattern i modulo the number of patterns, or the i-th of ``patterns``.

    With conditions, all of these patterns are cued in the first condition, then all in the next; ``each_pattern`` and
    ``patterns`` say how many trials there are in each of them.
    """

    number: int | None = Field(None, ge=1, le=MAX_TRIALS, description="of all trials")
    each_pattern: int | None = Field(None, ge=1, le=MAX_TRIALS, description="trials of every pattern")
    patterns: list[Annotated[int, Field(ge=0)]] | None = Field(
        None, min_length=1, max_length=MAX_TRIALS, description="one trial for each of these pattern rows"
    )


def _trials(raw: object) -> object:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return {"number": raw}
    if not isinstance(raw, dict | TrialsSpec):
        raise refusal(
            "trials", "expected a whole number of trials", "write 20, {each_pattern: 1} or {patterns: [0, 4]}"
        )
    return raw


TrialsLeaf = Annotated[
    TrialsSpec,
    BeforeValidator(_trials),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, TrialsSpec.model_json_schema()]}),
]


def _measure(raw: object) -> object:
    if raw is not None and not isinstance(raw, dict):
        raise refusal("measure", "expected the settings of a readout", "write {} for none, or {SETTING: value}")
    return {} if raw is None else raw


def _rate(raw: object) -> object:
    found = read_quantity(raw)
    if found.dimension != HERTZ or found.value < 0:
        raise refusal("quantity", f"'{found}' is not a rate", "write for instance 0.5 Hz")
    return found


class RandomCells(Block):
    """Cells as an electrode would find them: at random, those only that fire."""

    count: int = Field(ge=1, description="how many")
    rate_floor: Annotated[Quantity, PlainValidator(_rate), WithJsonSchema({"type": "string"})] | None = Field(
        None, description="only among cells whose mean rate, over all trials, is at least this: '0.5 Hz'"
    )
    seed: int = Field(0, ge=0, description="another number is another place of the electrode, in the same circuit")


class CellsSpec(Block):
    """Which cells of a population are kept: those of a list, from one to another (both included), or random ones."""

    listed: list[Annotated[int, Field(ge=0)]] | None = None
    from_: int | None = Field(None, alias="from", ge=0)
    to: int | None = Field(None, ge=0)
    random: RandomCells | None = None


def _cells(raw: object) -> object:
    if raw == []:
        raise refusal("cells", "no cell is named", "name some, or leave 'cells' out to keep all of them")
    if isinstance(raw, list):
        return {"listed": raw}
    ways = [{"from", "to"}, {"random"}]
    if isinstance(raw, CellsSpec) or (isinstance(raw, dict) and set(raw) in ways):
        return raw
    fix = "write [0, 3, 8], {from: 0, to: 49} or {random: {count: 40}}"
    raise refusal("cells", "expected which cells are kept", fix)


CellsLeaf = Annotated[CellsSpec, BeforeValidator(_cells), WithJsonSchema({"type": ["array", "object"], "minItems": 1})]


class RecordSpec(Block):
    """What is kept of one port or population: ``variables``, of which cells, in which epochs, how often."""

    variables: list[str] = []
    every: DurationLeaf | None = None
    cells: (
        Annotated[CellsSpec, BeforeValidator(_cells), WithJsonSchema({"type": ["array", "object"], "minItems": 1})]
        | None
    ) = Field(
        None, description="all unless given: [0, 3, 8], {from: 0, to: 49}, or {random: {count: 40, rate_floor: 0.5 Hz}}"
    )
    epochs: list[str] | None = Field(None, min_length=1, description="the whole run unless given")


def _record(raw: object) -> object:
    if isinstance(raw, str):
        raise refusal("record", f"expected a list, not '{raw[:40]}'", f"write [{raw[:40]}]")
    return {"variables": raw} if isinstance(raw, list) else raw


RecordLeaf = Annotated[
    RecordSpec,
    BeforeValidator(_record),
    WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "string"}}, plain_schema(RecordSpec)]}),
]


class RepeatSpec(Block):
    """A closed loop: the protocol runs again with values that the last run changed."""

    times: int = Field(ge=1, le=10_000, description="how often the protocol runs again")
    adjust: dict[str, Annotated[Call, CallOf(readout)]] = Field(
        description="path of the model -> the readout whose values multiply what stands there"
    )


class ProtocolSpec(Block):
    """A protocol file: the world, what is shown, when, and what is measured."""

    format: Literal[1]
    title: str
    references: list[str] = []
    based_on: str | None = Field(
        None, description="another protocol, shipped or in the same folder; this one states what differs"
    )
    model: str | None = Field(None, description="the model it runs on unless another is named")
    seed: int = Field(0, ge=0, lt=2**63, description="of everything that is drawn")
    seeds: SeedsSpec = SeedsSpec()
    patterns: dict[Name, PatternLeaf] = Field({}, description="by port: what is stored and shown")
    epochs: list[EpochSpec] = Field(min_length=1, description="one after the other, in every trial")
    trials: TrialsLeaf = TrialsSpec(number=1)
    networks: int = Field(1, ge=1, le=100_000, description="how often patterns and structure are drawn anew")
    record: dict[str, RecordLeaf] = {}
    measure: dict[
        Name, Annotated[dict[str, Any], BeforeValidator(_measure), WithJsonSchema({"type": ["object", "null"]})]
    ] = Field({}, description=f"readouts by name: {', '.join(readout)}; or NAME: {{readout: ..., ...}}")
    pair: list[str] | bool = []
    stages: list[str] = Field([], description="protocols that run before; {learned: STAGE} takes their last weights")
    sweep: dict[str, Any] = Field({}, description="PATH: values for every axis, and 'search', 'theory'")
    repeat: RepeatSpec | None = None
