"""The schema of a model file, and of the cell and synapse files it names."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from neuroam.connectivity import connectivity
from neuroam.leaves import Block, Call, CallOf, Name, QuantityLeaf, TimeLeaf, Variable, call, read_quantity, refusal
from neuroam.rules import rule
from neuroam.spec.schema_errors import suggestion
from neuroam.units import Quantity

Code = Literal["bits", "bipolar", "on_off", "levels", "rates", "tokens", "one_hot"]
Per = Literal["units", "count", "copies", "fan_in", "pre_size", "post_size", "units_minus_2"]
MAX_CELLS = 10_000_000
DEFAULT_DT = 1e-4  # in continuous time, in seconds
DEFAULT_STEP = 1e-3  # in discrete time


class SizeSpec(Block):
    """How many cells: one origin, which is a number, a pattern set or a matrix."""

    number: int | None = Field(None, ge=0, le=MAX_CELLS)
    units: str | None = Field(None, description="port: one cell (or code) per unit of its patterns")
    count: str | None = Field(None, description="port: one cell per stored pattern")
    rows: str | None = Field(None, description="matrix: one cell per row")
    copies: int = Field(1, ge=1, le=100_000, description="cells that share one place")
    code: Code | None = Field(None, description="how a unit becomes cells, if not as the port says")

    @property
    def origin(self) -> str:
        return self.units or self.count or self.rows or ""


_ORIGINS = ("number", "units", "count", "rows")


def _size(raw: object) -> object:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return {"number": raw}
    if not isinstance(raw, dict | SizeSpec):
        fix = "write 20, {units: PORT}, {count: PORT} or {rows: MATRIX}"
        raise refusal("size", "a size is a whole number of cells, or says what it follows from", fix)
    if isinstance(raw, dict) and raw.keys() <= SizeSpec.model_fields.keys():
        found = [key for key in _ORIGINS if key in raw]
        if not found:
            raise refusal("size", "the size follows from nothing", f"add one of: {', '.join(_ORIGINS)}")
        if len(found) > 1:
            what = f"the size follows from two things, '{found[0]}' and '{found[1]}'"
            raise refusal("size", what, "keep one of them")
    return raw


SizeLeaf = Annotated[
    SizeSpec,
    BeforeValidator(_size),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, SizeSpec.model_json_schema()]}),
]


def _param(raw: object) -> Quantity | Call:
    if isinstance(raw, str) and raw.isidentifier():
        raise refusal("quantity", f"'{raw[:40]}' is not a quantity", f"a function is written {{{raw[:40]}: {{...}}}}")
    return call(raw) if isinstance(raw, dict | Call) else read_quantity(raw)


ParamLeaf = Annotated[
    Quantity | Call,
    PlainValidator(_param),
    WithJsonSchema({"description": "a quantity, or a value function", "type": ["number", "string", "object"]}),
]
CallLeaf = Annotated[Call, PlainValidator(call), WithJsonSchema({"type": ["string", "object"]})]


class PopulationSpec(Block):
    """Cells of one kind."""

    size: SizeLeaf
    cell: Name = Field(description="a file in cells/, without .yaml")
    params: dict[Name, ParamLeaf] = Field({}, description="values of the cell's parameters; the others keep defaults")
    only: Variable | None = Field(None, description="an input; cells for which it is zero stand still")


class ViewSpec(Block):
    """A projection's view of a named matrix."""

    of: str = Field(description="the matrix")
    transpose: bool = Field(False, description="from its rows to its columns, not from columns to rows")
    sign: bool = Field(False, description="only the sign of each entry")
    gain: QuantityLeaf = Field(Quantity(1.0), description="factor of every entry")
    per: Per | None = Field(None, description="divide the gain by this number")


class ConstantBody(Block):
    """Settings of `ConstantSpec`."""

    gain: QuantityLeaf
    per: Per | None = None


class ConstantSpec(Block):
    """The same weight on every edge."""

    constant: ConstantBody


def _weights_kind(raw: object) -> str:
    if isinstance(raw, ConstantSpec) or (isinstance(raw, dict) and "constant" in raw):
        return "<constant>"
    return "<view>" if isinstance(raw, ViewSpec) or (isinstance(raw, dict) and "of" in raw) else "<leaf>"


_CONSTANT_SCHEMA = {
    "type": "object",
    "properties": {
        "constant": {
            "type": "object",
            "properties": {"gain": {"type": ["number", "string"]}, "per": {"enum": list(get_args(Per))}},
            "required": ["gain"],
            "additionalProperties": False,
        }
    },
    "required": ["constant"],
    "additionalProperties": False,
}


def _json_weights() -> dict[str, Any]:
    return {
        "anyOf": [
            {"type": ["number", "string"]},
            ViewSpec.model_json_schema(),
            _CONSTANT_SCHEMA,
            {"type": "object", "maxProperties": 1, "description": "constant, or a rule with its settings"},
        ]
    }


WeightsLeaf = Annotated[
    Annotated[ViewSpec, Tag("<view>")]
    | Annotated[ConstantSpec, Tag("<constant>")]
    | Annotated[ParamLeaf, Tag("<leaf>")],
    Discriminator(_weights_kind),
    WithJsonSchema(_json_weights()),
]


class SameLabel(Block):
    """One contact wherever both cells carry the same label."""

    same: str = Field(description="unit, row or copy")


def _connect_kind(raw: object) -> str:
    return "<same>" if isinstance(raw, SameLabel) or (isinstance(raw, dict) and "same" in raw) else "<call>"


ConnectLeaf = Annotated[
    Annotated[SameLabel, Tag("<same>")] | Annotated[Call, CallOf(connectivity), Tag("<call>")],
    Discriminator(_connect_kind),
    WithJsonSchema(
        {"anyOf": [{"const": "all"}, SameLabel.model_json_schema(), {"type": "object", "maxProperties": 1}]}
    ),
]


class Alternatives(Block):
    """Defaults of the same cell in normalised units, used when a model gives plain numbers."""

    params: dict[Variable, QuantityLeaf] = {}
    inputs: dict[Variable, str] = {}
    states: dict[Variable, str] = {}


class EventSpec(Block):
    """A condition, and what happens to the cell when it comes true."""

    when: str = Field(description="condition, such as 'v > threshold'")
    then: list[str] = Field([], description="statements, such as 'v = reset'")
    refractory: str | None = Field(None, description="the parameter that holds the refractory time")
    hold: list[str] = Field([], description="states that stay as they are while the cell is refractory")


class CellSpec(Block):
    """A cell file: equations and what they need."""

    format: Literal[1] = 1
    title: str
    references: list[str] = []
    params: dict[Variable, QuantityLeaf] = Field({}, description="parameters with their defaults")
    inputs: dict[Variable, str | int] = Field({}, description="input slots with their units; 1 for none")
    pulses: dict[Variable, str] = Field({}, description="slots whose spikes are added to a state: {slot: state}")
    states: dict[Variable, str | int] = Field({}, description="units of states; else that of the first input")
    start: dict[Variable, str] = Field({}, description="states at t = 0, in parameters; 0 unless given")
    equations: list[str] = Field([], description="'tau*dx/dt = drive - x': a state is what has an equation")
    update: list[str] = Field([], description="discrete time: 'x = ...', all read the old values")
    reduce: dict[Variable, str] = Field({}, description="per trial, in this order: sum, mean, max, min, argmax, kth")
    output: dict[Variable, str] = Field({}, description="graded signals that projections can carry: {NAME: expression}")
    lagrangian: str | None = Field(None, description="an expression, from which the energy follows")
    events: dict[Literal["spike"], EventSpec] = {}
    normalised: Alternatives | None = Field(None, description="defaults where a model gives plain numbers")


class SynapseSpec(Block):
    """A synapse file: a linear filter on the post side, or a plastic component."""

    format: Literal[1] = 1
    title: str
    references: list[str] = []
    params: dict[Variable, QuantityLeaf] = Field({}, description="parameters with their defaults")
    equations: list[str] = Field(
        [],
        description="'tau*ds/dt = -s' for spikes, '... = inflow - s' for graded signals; of a plastic one, its traces",
    )
    plastic: bool = Field(False, description="whether it changes weights")
    reads: dict[Variable, Literal["pre", "post"]] = Field(
        {}, description="settings that name a variable of that cell, or PORT.ATTRIBUTE with one value per cell"
    )
    variables: dict[Variable, str | int] = Field(
        {}, description="units of the variables of an edge, beside its weight w"
    )
    pre: list[str] = Field([], description="statements at a spike before the synapse: 'w += ...'; NAME_pre, NAME_post")
    post: list[str] = Field([], description="statements at a spike after the synapse; they come after those of 'pre'")
    step: list[str] = Field([], description="statements of every step")
    event: dict[Literal["epoch_end"], list[str]] = Field(
        {}, description="statements at the end of an epoch that learns"
    )
    prune: str | None = Field(
        None, description="condition under which an edge is removed for good, at the end of an epoch"
    )


class ProjectionSpec(Block):
    """Edges from one population to an input of another."""

    from_: str = Field(alias="from", description="POP for its spikes, POP.VARIABLE for a graded signal")
    to: str = Field(description="POP for its only input, or POP.INPUT")
    connect: ConnectLeaf | None = Field(None, description="who meets whom, for weights that are no matrix")
    weights: WeightsLeaf = Field(Quantity(1.0), description="one for all, a view of a matrix, or a rule")
    synapse: CallLeaf | None = Field(None, description="a filter of spikes: {exponential: {tau: 5 ms}}")
    kernel: CallLeaf | None = Field(None, description="a filter of a graded signal: low_pass, box, delay")
    delay: ParamLeaf | None = Field(None, description="how much later it arrives; {each_row: PORT.ATTRIBUTE}")
    gain: ParamLeaf | None = Field(None, description="factor of the weights; {each_row: PORT.ATTRIBUTE} per pattern")
    scale: str | None = Field(None, description="a control that multiplies the weights")
    only: str | None = Field(None, description="flag of the post cells that are computed")
    message: str | None = Field(None, description="what an edge carries instead of 'w*x_pre'")
    plastic: CallLeaf | None = Field(None, description="a synapse file that changes the weights in epochs that learn")


def _cue(raw: object) -> object:
    found = call(raw)
    if found.name not in CUES:
        raise refusal("cue", f"no cue kind named '{found.name}'", suggestion(found.name, CUES))
    return found


CUES = ("state", "clamp", "current", "rates", "spikes", "log_odds")
CueLeaf = Annotated[
    Call,
    PlainValidator(_cue),
    WithJsonSchema({"anyOf": [{"enum": list(CUES)}, {"type": "object", "maxProperties": 1}]}),
]


class PortSpec(Block):
    """What a protocol may know of a model: where patterns go in and come out."""

    population: str = Field(description="where patterns go in and come out")
    code: Code | None = Field(None, description="bits for spiking cells and bipolar for graded ones, unless given")
    cue: CueLeaf | None = Field(None, description="how a cue enters unless the epoch says 'as'")


def _port(raw: object) -> object:
    if not isinstance(raw, str | dict | PortSpec):
        raise refusal("port", "expected the name of a population", "write POPULATION, or {population: ..., cue: ...}")
    return {"population": raw} if isinstance(raw, str) else raw


PortLeaf = Annotated[
    PortSpec,
    BeforeValidator(_port),
    WithJsonSchema({"anyOf": [{"type": "string"}, PortSpec.model_json_schema()]}),
]


class TimeSpec(Block):
    """How time passes."""

    dt: TimeLeaf | None = Field(
        None, description="the step; default 0.1 ms. In discrete time: what one step stands for"
    )
    method: Literal["exponential_euler", "euler", "rk4"] = Field("exponential_euler", description="of equations")
    discrete: Literal["synchronous", "one_cell", "alternate"] | None = Field(
        None, description="all cells at once, one cell per step, or layers in turn; continuous time without it"
    )

    @property
    def step(self) -> float:
        """The length of a step, in seconds; never zero, though a check of the model says so only later."""
        given = self.dt.value if self.dt else DEFAULT_STEP if self.discrete else DEFAULT_DT
        return given if given > 0 else DEFAULT_DT


StartLeaf = Annotated[
    Annotated[Literal["slaved"], Tag("<word>")] | Annotated[dict[Name, ParamLeaf], Tag("<states>")],
    Discriminator(lambda raw: "<states>" if isinstance(raw, dict) else "<word>"),
    WithJsonSchema({"anyOf": [{"const": "slaved"}, {"type": "object", "description": "{STATE: quantity}"}]}),
]


class LimitsSpec(Block):
    """Which values of a control the circuit knows what to do with."""

    from_: QuantityLeaf | None = Field(None, alias="from", description="the least")
    to: QuantityLeaf | None = Field(None, description="the largest")
    whole: bool = Field(False, description="whole numbers only")


class ModelSpec(Block):
    """A model file: the brain, what is there."""

    format: Literal[1]
    title: str
    references: list[str] = []
    based_on: str | None = Field(
        None, description="another model, shipped or in the same folder; this one states what differs"
    )
    time: TimeSpec = TimeSpec()
    matrices: dict[Name, Annotated[Call, CallOf(rule, ("learned",))]] = Field(
        {}, description="arrays (post, pre), made once; projections are views of them"
    )
    populations: dict[Name, PopulationSpec]
    projections: dict[Name, ProjectionSpec] = {}
    controls: dict[Variable, QuantityLeaf] = Field({}, description="scalars that epochs set or ramp")
    limits: dict[Variable, LimitsSpec] = Field({}, description="values that a control may take; others are refused")
    start: dict[Name, StartLeaf] = Field({}, description="states at t = 0, by population; slaved: at its own input")
    ports: dict[Name, PortLeaf] = Field({}, description="all that a protocol may know of a model")
