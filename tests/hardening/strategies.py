"""YAML files that are nearly right: shipped ones with a few random changes, small ones made up, and plain noise.

A changed file should come far: most changes put something that exists elsewhere into a place where it might fit.
"""

from __future__ import annotations

import copy
import json
import math
import re
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from neuroam import shipped
from neuroam.arithmetic import FUNCTIONS, REDUCTIONS
from neuroam.spec.find import open_any
from neuroam.units import UNITS

Files = dict[str, str]  # text by name, without .yaml


@dataclass(frozen=True, eq=False)
class Raw:
    """YAML as it is to stand in the file; as a key, it may stand there twice."""

    text: str


def rendered(node: Any) -> str:
    """YAML in flow style."""
    match node:
        case Raw(text=text):
            return text
        case dict():
            return "{" + ", ".join(f"{rendered(key)}: {rendered(item)}" for key, item in node.items()) + "}"
        case list():
            return "[" + ", ".join(map(rendered, node)) + "]"
        case float() if not math.isfinite(node):
            return {"nan": ".nan", "inf": ".inf"}.get(str(node), "-.inf")
    return json.dumps(node, ensure_ascii=False)


def file_of(node: Any) -> str:
    """A whole file: one key a line, so that messages show lines."""
    if not isinstance(node, dict) or not node:
        return rendered(node) + "\n"
    return "".join(f"{rendered(key)}: {rendered(item)}\n" for key, item in node.items())


# ---- what there is to start from

# the patterns of the others take a second or more to draw
SLOW = {"odour_panel", "recall_any_age", "recall_by_age", "capacity_distinct"}
PROTOCOLS = {name: open_any(name).data for name in shipped.names("protocols") if name not in SLOW}
MODELS = {name: open_any(name).data for name in shipped.names("models")}
CELLS = {name: open_any(str(shipped.folder("cells") / f"{name}.yaml")).data for name in shipped.names("cells")}
SYNAPSES = {name: open_any(str(shipped.folder("synapses") / f"{name}.yaml")).data for name in shipped.names("synapses")}
Place = tuple[Any, ...]


def places(node: Any, path: Place = ()) -> list[Place]:
    """Every path in a file, in its order."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


def at(node: Any, path: Place) -> Any:
    for step in path:
        node = node[step]
    return node


def _by_key(files: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """What stands anywhere under each key."""
    found: dict[str, list[Any]] = {}
    for data in files:
        for path in places(data):
            if path and isinstance(path[-1], str) and at(data, path) not in found.setdefault(path[-1], []):
                found[path[-1]].append(at(data, path))
    return found


KIN = _by_key([*PROTOCOLS.values(), *MODELS.values(), *CELLS.values(), *SYNAPSES.values()])
KEYS = sorted(KIN)
PARTS = [item for items in KIN.values() for item in items]
WORDS = sorted({item for item in PARTS if isinstance(item, str) and len(item) < 40})

# ---- what is put into them

NUMBERS = ["0", "1", "-1", "2.5", "1e-9", "1e9", "1e12", "1e300", "-1e300", "1e-320", "nan", "inf", "1e999", "9" * 30]
LOOKS_ALIKE = {"a": "а", "e": "е", "i": "і", "o": "о", "p": "р", "c": "с", "x": "х", "v": "ν", "1": "１", " ": "\u00a0"}
CODE = [
    "__import__('os').system('touch hacked')", "exit()", "{{7*7}}", "${HOME}", "x; int main(){}", "*/ abort(); /*",
    "\\\nsystem(0)", "().__class__", "%s%n", "'; drop", "#include <cstdlib>", "lambda: 0", "f(x)(y)", "\x1b[2J",
]  # fmt: skip
CPP = [
    "int",
    "double",
    "operator",
    "co_await",
    "namespace",
    "NULL",
    "std",
    "and_eq",
    "lambda",
    "class",
    "main",
    "t",
    "N",
]
TOKENS = [
    *FUNCTIONS, *REDUCTIONS, "+", "-", "*", "/", "**", "%", "(", ")", ",", "<", ">=", "==", " and ", " or ", "not ", "=",
    "0", "1", "2.5", "64", "65", "1e300", "9**9", "**64", "xi", "t", "dt", "N", "size", "v", "drive", "dx/dt", "u_pre", "[0]",
    ".real", "é", "'", ";", "?", "1/0", "(1 - 1)", "0*", "**0.5", "int_power(x, 3)",
]  # fmt: skip
NASTY: list[Any] = [
    None, True, False, 0, 1, -1, 2, 7, 10**12, 10**40, 0.5, -2.5, 1e300, 5e-324, math.nan, math.inf, "", " ", "x" * 300,
    [], {}, [[]], {"": ""}, [None], {"x": {"x": {"x": {}}}}, "/etc/passwd", "../../x", "a\0b", "\ud800", "\u202e", "é",
    Raw("!!python/object/apply:os.system [ls]"), Raw("!!binary AAAA"), Raw("!x y"), Raw("0x1F"), Raw("1_000"), Raw("1:30"),
    Raw("2001-01-01"), Raw("*nobody"), Raw("&a [*a]"), Raw("~"), Raw("? x"), Raw("<<"), Raw("[" * 30 + "]" * 30),
    Raw("[" * 150 + "]" * 150), Raw("[" * 3000), Raw("[&a [x, x], &b [*a, *a, *a], &c [*b, *b, *b], [*c, *c, *c]]"),
    *CODE, *CPP,
]  # fmt: skip
_QUANTITY = re.compile(r"(-?[0-9.]+) ([A-Za-z%/^0-9-]+)")
_TOKEN = re.compile(r"\w+|\*\*|[<>=!+-]=|\s+|.", re.DOTALL)


def quantities() -> st.SearchStrategy[str]:
    return st.builds("{} {}".format, st.sampled_from(NUMBERS), st.sampled_from([*UNITS, "steps", "%", "parsec"]))


@st.composite
def spoiled(draw: st.DrawFn, text: str) -> str:
    """Text of which a letter or two are others that look the same."""
    spots = [spot for spot, letter in enumerate(text) if letter in LOOKS_ALIKE]
    for spot in draw(st.lists(st.sampled_from(spots), max_size=2)) if spots else []:
        text = text[:spot] + LOOKS_ALIKE[text[spot]] + text[spot + 1 :] if text[spot] in LOOKS_ALIKE else text
    return text


@st.composite
def rewritten(draw: st.DrawFn, text: str) -> str:
    """An equation with one to three of its words changed, doubled, exchanged or left out."""
    tokens = _TOKEN.findall(text) or [""]
    for _ in range(draw(st.integers(1, 3))):
        spot, other = (draw(st.integers(0, len(tokens) - 1)) for _ in range(2))
        match draw(st.sampled_from(["change", "insert", "drop", "double", "exchange"])):
            case "change":
                tokens[spot] = draw(st.sampled_from(TOKENS))
            case "insert":
                tokens.insert(spot, draw(st.sampled_from(TOKENS)))
            case "drop" if len(tokens) > 1:
                del tokens[spot]
            case "double":
                tokens[spot] *= draw(st.sampled_from([2, 2, 300]))
            case _:
                tokens[spot], tokens[other] = tokens[other], tokens[spot]
    return "".join(tokens)


@st.composite
def alike(draw: st.DrawFn, old: Any, key: Any) -> Any:
    """What might stand in the place of a value: of its kind, or of the same key elsewhere."""
    kin = KIN.get(key, PARTS) if isinstance(key, str) else [item for item in PARTS if type(item) is type(old)]
    kinds: list[st.SearchStrategy[Any]] = [st.sampled_from(kin or PARTS)]
    if isinstance(old, str) and _QUANTITY.fullmatch(old):
        number, unit = old.split(" ", 1)
        kinds += [st.sampled_from([f"{other} {unit}" for other in [*NUMBERS, "3", "0.1", "40"]])] * 3
        kinds += [quantities()]
    elif isinstance(old, str) and re.search(r"[-+*/=<>(]", old):
        kinds += [rewritten(old)] * 6
    elif isinstance(old, str):
        kinds += [st.sampled_from(WORDS)]
    elif isinstance(old, int | float):
        kinds += [st.sampled_from([old + 1, old - 1, 0, -old, old * 2, float(old), old / 3, old * 1000])] * 3
        kinds += [st.sampled_from([Raw(number) for number in NUMBERS])]
    return draw(draw(st.sampled_from(kinds)))


def foreign(old: Any) -> st.SearchStrategy[Any]:
    """What never stands there."""
    if isinstance(old, str):
        return st.one_of(st.sampled_from(NASTY), spoiled(old))
    return st.one_of(st.sampled_from(NASTY), st.just([old]), st.just({"x": old}))


@st.composite
def changed(draw: st.DrawFn, data: dict[str, Any]) -> dict[str, Any]:
    """A file with one change."""
    spots = places(data)[1:]
    if not spots:
        return data
    leaves = [path for path in spots if not isinstance(at(data, path), dict | list)] or spots
    kinds = ["alike"] * 10 + ["foreign", "drop", "rename", "double", "add", "exchange", "alias", "deep"]
    kind = draw(st.sampled_from(kinds))
    path = draw(st.sampled_from(leaves if kind == "alike" else spots))
    holder, last = at(data, path[:-1]), path[-1]
    if kind == "drop":
        del holder[last]
    elif kind == "rename" and isinstance(holder, dict):
        holder[draw(st.sampled_from([*KEYS, *CPP, "", "é", "<<"]))] = holder.pop(last)
    elif kind == "double" and isinstance(holder, dict):
        holder[Raw(rendered(last))] = copy.deepcopy(holder[last])
    elif kind == "add" and isinstance(holder, dict):
        key = draw(st.sampled_from(KEYS))
        holder[key] = copy.deepcopy(draw(st.sampled_from(KIN[key])))
    elif kind == "exchange":
        other = draw(st.sampled_from(spots))
        if path[: len(other)] != other and other[: len(path)] != path:
            there = at(data, other[:-1])
            holder[last], there[other[-1]] = there[other[-1]], holder[last]
    elif kind == "alias":
        earlier = draw(st.sampled_from(spots[: spots.index(path) + 1]))
        shared = Raw("&one " + rendered(at(data, earlier)))
        at(data, earlier[:-1])[earlier[-1]] = shared
        if path[: len(earlier)] != earlier:
            holder[last] = Raw("*one")
    elif kind == "deep":
        levels = draw(st.sampled_from([1, 2, 50]))
        holder[last] = Raw("[" * levels + rendered(holder[last]) + "]" * levels)
    else:
        old = holder[last]
        holder[last] = copy.deepcopy(draw(foreign(old) if kind == "foreign" else alike(old, last)))
    return data


# ---- whole files


def parts_of(model: dict[str, Any]) -> list[tuple[Place, str]]:
    """Where a model names cells and synapses that lie in files, and what they are called."""
    found = []
    for path in places(model):
        name = at(model, path)
        if len(path) == 3 and path[2] == "cell" and name in CELLS:
            found.append((path, f"cells/{name}"))
        for role in ("synapse", "kernel", "plastic"):
            if len(path) == 3 and path[2] == role and isinstance(name, str) and name in SYNAPSES:
                found.append((path, f"synapses/{name}"))
            if len(path) == 4 and path[2] == role and path[3] in SYNAPSES:
                found.append((path, f"synapses/{path[3]}"))
    return found


def bundle(protocol: str, model: str = "") -> dict[str, dict[str, Any]]:
    """A protocol, a model, and copies of all cells and synapses that the model names; all right if they belong together."""
    world = copy.deepcopy(PROTOCOLS[protocol])
    brain = copy.deepcopy(MODELS[model or world["model"]])
    world["model"] = "model"
    found = {"protocol": world, "model": brain}
    for _, name in parts_of(brain):
        folder, part = name.split("/")
        found[name] = copy.deepcopy({"cells": CELLS, "synapses": SYNAPSES}[folder][part])
    return found


@st.composite
def changed_files(draw: st.DrawFn) -> Files:
    """A shipped protocol with its model and parts, mostly; one to three changes in them."""
    protocol = draw(st.sampled_from(sorted(PROTOCOLS)))
    of_another = draw(st.sampled_from([False] * 9 + [True]))
    found = bundle(protocol, draw(st.sampled_from(sorted(MODELS))) if of_another else "")
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        name = draw(st.sampled_from(sorted(found)))
        found[name] = draw(changed(found[name]))
    return {name: file_of(data) for name, data in found.items()}


LEAVES = st.one_of(
    st.sampled_from(NASTY), st.sampled_from(WORDS), quantities(), st.integers(-2, 50), st.floats(), st.text(max_size=6)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
HEADS = [
    {"format": 1, "title": "m", "populations": {"a": {"size": 3, "cell": "linear"}}},
    {"format": 1, "title": "p", "model": "two_body_softmax", "patterns": {"memory": {"bernoulli": {"size": 8, "count": 2}}}},
    {"title": "c", "params": {"tau": "5 ms"}, "inputs": {"drive": "1"}, "states": {"x": "1"}, "equations": ["tau*dx/dt = drive - x"]},
    {"title": "s", "params": {"tau": "5 ms"}},
    {},
]  # fmt: skip


@st.composite
def made_up_files(draw: st.DrawFn) -> Files:
    """One small file with sections of all kinds of which some are from shipped files."""
    data = copy.deepcopy(draw(st.sampled_from(HEADS)))
    for key in draw(st.lists(st.sampled_from(KEYS), max_size=5)):
        data[key] = draw(st.one_of(st.sampled_from(KIN[key]), TREES))
    return {"protocol": file_of(data)}


TEXTS = [
    (shipped.folder(kind) / f"{name}.yaml").read_text(encoding="utf-8")
    for kind in ("models", "protocols", "cells", "synapses")
    for name in shipped.names(kind)
]
PIECES = [
    "{", "}", "[", "]", ":", ": ", ",", "\n", "  ", "\t", "- ", "'", '"', "&a ", "*a", "!!x ", "#", "|", ">", "%", "@",
    "`", "? ", "<<: ", "---\n", "...\n", "%YAML 1.1\n", "\x00", "\ufeff", "\u2028", "\x85", "é", "\\", "1e999", ".nan", "~",
]  # fmt: skip


@st.composite
def damaged_texts(draw: st.DrawFn) -> Files:
    """The text of a shipped file, cut and mended at random."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        stop = draw(st.integers(start, min(len(text), start + 30)))
        text = text[:start] + draw(st.one_of(st.sampled_from(PIECES), st.text(max_size=4))) + text[stop:]
    return {"protocol": text}


def noise() -> st.SearchStrategy[Files]:
    """Any bytes, as Latin-1 or UTF-8 has them."""
    return st.builds(lambda text: {"protocol": text}, st.text(max_size=200))


@st.composite
def files(draw: st.DrawFn) -> Files:
    """Eight of eleven are changed files, the rest is made up, damaged or noise."""
    kinds = [changed_files] * 8 + [made_up_files, damaged_texts, noise]
    return draw(draw(st.sampled_from(kinds))())


# ---- expressions

ATOMS = ["x", "y", "v", "w", "tau", "u", "pi", "0", "1", "2", "2.5", "64", "1e300", "9**64", "1e-320", "0x1F", "1_0"]
ONE_ARGUMENT = [name for name, function in FUNCTIONS.items() if function.n_args == 1]
UNARY = st.sampled_from(["-{}", "({})", "not {}", "+{}", "int({} > 0)", *(f"{name}({{}})" for name in ONE_ARGUMENT)])
BINARY = st.sampled_from(
    ["{} + {}", "{} - {}", "{}*{}", "{}/{}", "({})*({})", "({})/({})", "({})**{}", "{} % ({})", "int_power({}, {})",
     "{} < {}", "{} == {}", "({}) and ({})", "({}) or ({})", "clip({}, -1, {})", "int(({} > 0) and {} < 1)"]
)  # fmt: skip
WELL_FORMED = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds(str.format, UNARY, inner),
        st.builds(str.format, BINARY, inner, inner),
        st.builds(str.format, st.sampled_from(["{}({})".format(name, "{}") for name in REDUCTIONS]), inner),
    ),
    max_leaves=10,
)


@st.composite
def nested(draw: st.DrawFn) -> str:
    """One step again and again: what doubles each time becomes long soon."""
    text, step = draw(st.sampled_from(ATOMS)), draw(UNARY)
    for _ in range(draw(st.integers(1, 120))):
        text = step.format(text)
    return text


def expressions() -> st.SearchStrategy[str]:
    """Expressions that are right, expressions with changed words, words in any order, and any text."""
    words = st.lists(st.sampled_from([*TOKENS, *ATOMS]), max_size=12).map("".join)
    return st.one_of(WELL_FORMED, WELL_FORMED, WELL_FORMED.flatmap(rewritten), nested(), words, st.text(max_size=40))
