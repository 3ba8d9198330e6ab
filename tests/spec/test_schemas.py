"""What an editor knows of our files is what `neuroam schema` says, and it refuses nothing that we accept.

After a change: ``for kind in model cell synapse; do neuroam schema $kind -o models/$kind.schema.json; done`` and
``neuroam schema protocol -o protocols/protocol.schema.json``.
"""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from neuroam.errors import SpecError
from neuroam.spec.catalogue import schema_of
from neuroam.spec.find import open_any
from neuroam.spec.kinds import SCHEMAS, kind_of

ROOT = Path(__file__).parents[2]
COMMITTED = {
    "model": ROOT / "models" / "model.schema.json",
    "cell": ROOT / "models" / "cell.schema.json",
    "synapse": ROOT / "models" / "synapse.schema.json",
    "protocol": ROOT / "protocols" / "protocol.schema.json",
}
SHIPPED = sorted([*(ROOT / "models").rglob("*.yaml"), *(ROOT / "protocols").rglob("*.yaml")])
VALID = sorted((ROOT / "tests" / "spec" / "valid").rglob("*.yaml"))


@pytest.fixture(scope="module")
def validators():
    return {kind: jsonschema.Draft202012Validator(schema_of(kind)) for kind in SCHEMAS}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_committed_schema_is_the_one_that_the_command_writes(kind):
    assert COMMITTED[kind].read_text(encoding="utf-8") == json.dumps(schema_of(kind), indent=1) + "\n"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_a_schema_and_the_same_every_time(kind):
    found = schema_of(kind)
    jsonschema.Draft202012Validator.check_schema(found)
    text = json.dumps(found)
    assert "<class" not in text
    assert "typing." not in text
    assert " at 0x" not in text


def test_there_is_no_schema_of_another_kind():
    with pytest.raises(SpecError, match=r"(?s)no file kind named 'modl'.*fix: "):
        schema_of("modl")


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_shipped_file_names_its_schema_in_the_first_line(file):
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    target = (file.parent / first.partition("$schema=")[2]).resolve()
    assert target == COMMITTED[kind_of(open_any(str(file)))]


@pytest.mark.parametrize("file", [*SHIPPED, *VALID], ids=lambda path: str(path.relative_to(ROOT)))
def test_what_we_accept_is_accepted_by_its_schema(file, validators):
    document = open_any(str(file))
    errors = [f"{e.json_path}: {e.message}" for e in validators[kind_of(document)].iter_errors(document.data)]
    assert errors == []


MODEL = {"format": 1, "title": "", "populations": {"a": {"size": 3, "cell": "linear"}}}
PROTOCOL = {"format": 1, "title": "", "epochs": [{"name": "a", "duration": "1 ms"}]}


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("model", {"populations": {"a": {"size": {"units": "m", "copies": 2}, "cell": "lif", "params": {"n": 1}}}}),
        ("model", {"ports": {"m": "a"}}),
        ("model", {"ports": {"m": {"population": "a", "cue": "state"}}}),
        ("model", {"ports": {"m": {"population": "a", "cue": {"current": {"amplitude": "6 mV"}}}}}),
        ("model", {"start": {"a": "slaved"}}),
        ("model", {"start": {"a": {"x": 1}}}),
        ("model", {"matrices": {"w": {"coded_rows": "m"}}}),
        ("model", {"matrices": {"w": {"rows": {"of": "m", "lag": 1}}}}),
        ("model", {"matrices": {"w": {"learned": "first"}}}),
        ("model", {"projections": {"p": {"from": "a.g", "to": "a", "connect": "all", "weights": "3 mV"}}}),
        ("model", {"projections": {"p": {"from": "a.g", "to": "a", "connect": {"same": "unit"}, "weights": 2}}}),
        ("model", {"projections": {"p": {"from": "a", "to": "a", "weights": {"of": "w"}, "synapse": "exponential"}}}),
        ("model", {"projections": {"p": {"from": "a", "to": "a", "weights": {"constant": {"gain": 1}}, "delay": 0}}}),
        ("protocol", {"trials": 3}),
        ("protocol", {"trials": {"each_pattern": 1}}),
        ("protocol", {"patterns": {"m": {"bernoulli": {"size": 3, "count": 2}}}}),
        ("protocol", {"measure": {"energy_rise": None, "again": {"readout": "overlap", "port": "m"}}}),
        ("protocol", {"record": {"m": ["spikes"], "n": {"variables": ["v"], "every": "1 ms"}}}),
        ("protocol", {"epochs": [{"name": "a", "duration": "4 steps", "show": {"corrupt": [{"flip": 0.2}, "mask"]}}]}),
        ("protocol", {"epochs": [{"name": "a", "duration": "1 ms", "set": {"g": 1, "h": {"ramp": {}}}}]}),
        ("protocol", {"epochs": [{"name": "a", "duration": "1 ms", "each": "pattern", "as": {"clamp": None}}]}),
    ],
)
def test_shorthands_are_accepted(kind, change, validators):
    data = {**(MODEL if kind == "model" else PROTOCOL), **change}
    assert [e.message for e in validators[kind].iter_errors(data)] == []


@pytest.mark.parametrize(
    ("kind", "data", "part"),
    [
        ("model", {"format": 1, "title": ""}, "'populations' is a required property"),
        ("model", {**MODEL, "populations": {"a": {"size": 3}}}, "'cell' is a required property"),
        ("model", {**MODEL, "population": {}}, "'population' was unexpected"),
        ("model", {**MODEL, "time": {"method": "heun"}}, "'heun' is not one of"),
        ("model", {**MODEL, "matrices": {"w": {"hopfeld": {}}}}, "is not valid under any of the given schemas"),
        ("protocol", {"format": 1, "title": ""}, "'epochs' is a required property"),
        ("protocol", {**PROTOCOL, "trials": 0}, "is not valid under any of the given schemas"),
        ("cell", {"title": "", "outputs": {}}, "'outputs' was unexpected"),
    ],
)
def test_mistakes_are_shown(kind, data, part, validators):
    assert any(
        part in e.message or any(part in c.message for c in e.context) for e in validators[kind].iter_errors(data)
    )


def test_a_variant_may_leave_out_what_its_base_says(validators):
    data = {"format": 1, "title": "", "based_on": "other.yaml", "projections": {"p": {"weights": "3 mV"}}}
    assert list(validators["model"].iter_errors(data)) == []
    assert list(validators["protocol"].iter_errors({"format": 1, "title": "", "based_on": "other.yaml"})) == []
