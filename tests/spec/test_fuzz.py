"""Whatever stands in a file, `check` says what is wrong or finds nothing; it never breaks, and never takes long."""

from __future__ import annotations

import copy
import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuroam import shipped
from neuroam.commands.checking import check
from neuroam.spec.find import open_any

LIMIT = 2.0  # seconds
SMALL = {"format": 1, "title": "P", "patterns": {"memory": {"bernoulli": {"size": 8, "count": 2}}}, "trials": 2,
         "epochs": [{"name": "cue", "duration": "20 ms", "show": {"corrupt": [{"flip": {"fraction": 0.2}}]}, "into": "memory"},
                    {"name": "settle", "duration": "30 ms"}],
         "record": {"hidden": []},
         "measure": {"overlap": {"port": "memory", "window": {"last": "20 ms"}}, "energy_rise": {}}}  # fmt: skip
CELLS = {name: open_any(str(shipped.folder("cells") / f"{name}.yaml")).data for name in shipped.names("cells")}
MODELS = {
    name: open_any(name).data for name in ("two_body_softmax", "two_body_lif", "hierarchical", "two_body_discrete")
}
NASTY: list[Any] = [
    None, True, False, 0, -1, 3, 2.5, 1e300, -1e-300, 10**12, 10**40, "", " ", "x", "20 ms", "-3 mV", "1e999 s", "3 %", "all",
    "memory", "features", "features.g", "hidden", "slaved", "state", "linear", "pattern", "lif", "xi", "x" * 300, "é", "\u202e",
    "../x", "/etc/passwd", "a\nb", "__import__('os')", "drive**drive**drive", "tau*dx/dt = drive - x", "x > ", "9**64",
    [], {}, [[]], [None], {"x": None}, {"": ""}, ["x", "x"], {"of": "memory"}, {"of": ["memory"]}, {"rows": "memory"},
    {"units": "memory"}, {"count": "memory", "copies": 2}, {"normal": {"mean": 1, "sd": "x"}}, {"constant": {"gain": []}},
    {"same": "unit"}, {"current": {"amplitude": "x"}}, {"ramp": {"from": 0, "to": 1, "over": "1 ms"}}, {"each_row": "memory.x"},
    {"exponential": {"tau": "5 ms"}}, {"low_pass": []}, {"window": {"last": [], "epoch": {}}}, {"readout": []},
]  # fmt: skip
KEYS = ["x", "", "size", "cell", "params", "from", "to", "weights", "connect", "synapse", "kernel", "plastic", "delay", "gain",
        "scale", "only", "message", "population", "code", "cue", "duration", "times", "gap", "each", "show", "into", "as",
        "set", "drive", "silence", "learn", "until", "time", "controls", "start", "matrices", "seeds", "networks", "repeat",
        "stages", "pair", "sweep", "based_on", "model", "format", "update", "reduce", "events", "lagrangian", "<<", "é"]  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


def at(node: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        node = node[step]
    return node


def change(data: dict[str, Any], draw: st.DrawFn) -> None:
    """One random change: another value, a key more, a key less, a key renamed, a part moved."""
    spots = places(data)
    path = draw(st.sampled_from(spots))
    kind = draw(st.sampled_from(["value", "value", "remove", "add", "rename", "move"]))
    if not path:
        data[draw(st.sampled_from(KEYS))] = copy.deepcopy(draw(st.sampled_from(NASTY)))
        return
    holder, last = at(data, path[:-1]), path[-1]
    if kind == "remove":
        del holder[last]
    elif kind == "rename" and isinstance(holder, dict):
        holder[draw(st.sampled_from(KEYS))] = holder.pop(last)
    elif kind == "add" and isinstance(holder[last], dict):
        holder[last][draw(st.sampled_from(KEYS))] = copy.deepcopy(draw(st.sampled_from(NASTY)))
    elif kind == "move":
        holder[last] = copy.deepcopy(at(data, draw(st.sampled_from(spots[:20]))) if spots[:20] else None)
    else:
        holder[last] = copy.deepcopy(draw(st.sampled_from(NASTY)))


def bundle(name: str, population: str) -> dict[str, dict[str, Any]]:
    """A protocol, a model, and a cell of its own for one population; all right."""
    model = copy.deepcopy(MODELS[name])
    cell = copy.deepcopy(CELLS[model["populations"][population]["cell"]])
    model["populations"][population]["cell"] = "own"
    return {"protocol": {**copy.deepcopy(SMALL), "model": "model"}, "model": model, "cells/own": cell}


@st.composite
def files(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """A model, a protocol on it and a cell of its own, with one to three changes in one or two of them."""
    name = draw(st.sampled_from(sorted(MODELS)))
    found = bundle(name, draw(st.sampled_from(sorted(MODELS[name]["populations"]))))
    for _ in range(draw(st.integers(1, 3))):
        change(found[draw(st.sampled_from(sorted(found)))], draw)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("fuzz")
    (path / "cells").mkdir()
    return path


def in_time(*names: str) -> None:
    started = time.process_time()
    for name in names:
        found = check(name)
        for problem in found.problems:
            assert str(problem)
            assert problem.fix, str(problem)
    assert time.process_time() - started < LIMIT * len(names)


RELAXED = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize(
    ("name", "population"), [(name, pop) for name in MODELS for pop in MODELS[name]["populations"]]
)
def test_unchanged_files_are_right(folder, name, population):
    data = bundle(name, population)
    for file, content in data.items():
        (folder / f"{file}.yaml").write_text(json.dumps(content), encoding="utf-8")
    for file in data:
        assert check(str(folder / f"{file}.yaml")).problems == []


@given(files())
@RELAXED
def test_changed_files(folder, data):
    for name, content in data.items():
        (folder / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")
    in_time(*(str(folder / f"{name}.yaml") for name in data))


TEXTS = [(shipped.folder("models") / f"{name}.yaml").read_text(encoding="utf-8")
         for name in ("two_body_lif", "cells/lif", "cells/visit_in_order", "synapses/three_factor_depression")]  # fmt: skip
PIECES = st.sampled_from(["{", "}", "[", "]", ":", ",", "\n", "  ", "\t", "- ", "'", '"', "&a ", "*a", "!!x ", "#", "|", ">", "%",
                          "@", "`", "? ", "<<: ", "---\n", "...\n", "\x00", "\ufeff", "\u2028", "é", "\\", "1e999", ".nan", "~"])  # fmt: skip


@st.composite
def texts(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        stop = draw(st.integers(start, min(len(text), start + 30)))
        text = text[:start] + draw(st.one_of(PIECES, st.text(max_size=4))) + text[stop:]
    return text


@given(texts())
@RELAXED
def test_damaged_text(folder, text):
    (folder / "text.yaml").write_bytes(text.encode("utf-8", errors="surrogatepass"))
    in_time(str(folder / "text.yaml"))


@given(st.binary(max_size=200))
@RELAXED
def test_bytes(folder, data):
    (folder / "bytes.yaml").write_bytes(data)
    in_time(str(folder / "bytes.yaml"))
