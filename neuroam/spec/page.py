"""What a notebook shows of checked files: tables of what is there, what happens when, and what is measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from neuroam.leaves import Call, Duration
from neuroam.markup import Html, block, flow, joined, table, tag
from neuroam.spec.describe import delay_of, sign_of, size_of, time_of
from neuroam.spec.model import ViewSpec
from neuroam.spec.nouns import Model, Protocol, Spec
from neuroam.spec.protocol import EachSpec, EpochSpec

SIGNS = {"+": "excites", "-": "inhibits", "±": "both", "~": "modulates", "?": "not known"}
COLOURS = ("#cfe3f1", "#fbe3c8", "#d5ecd9", "#ecdbe8")


def of_spec(spec: Spec) -> str:
    """The protocol, and the model below."""
    stages = Html("")
    if spec.stages:
        stages = tag("p", f"stages, which run before: {', '.join(spec.stages)}")
    return joined([Html(of_protocol(spec.protocol)), stages, Html(of_model(spec.model))])


def of_model(model: Model) -> str:
    """Populations, projections and ports."""
    spec = model.spec
    populations = table(
        ("population", "cells", "cell", "parameters"),
        [
            (name, size_of(population.size), population.cell, _parameters(model, name))
            for name, population in spec.populations.items()
        ],
    )
    projections = table(
        ("projection", "from", "to", "signal", "sign", "weights", "delay", "plastic"),
        [_projection(model, name) for name in model.ends],
    )
    matrices = table(
        ("matrix", "rule"), [(name, flow(model.document.data["matrices"][name])) for name in spec.matrices]
    )
    ports = table(
        ("port", "population", "code", "a cue enters as"),
        [
            (name, port.population, port.code or "", port.cue.name if port.cue else "")
            for name, port in spec.ports.items()
        ],
    )
    title = f"model {model.name}: {spec.title}"
    return block(title, tag("div", f"time: {time_of(model)}"), populations, matrices, projections, ports)


def _parameters(model: Model, name: str) -> str:
    given = model.spec.populations[name].params
    leaves = {key: given.get(key, default) for key, default in model.defaults[name].items()}
    return ", ".join(f"{key} = {_leaf(leaf)}" + ("" if key in given else " (default)") for key, leaf in leaves.items())


def _leaf(leaf: Any) -> str:
    return f"{leaf.name}({flow(leaf.args or {})})" if isinstance(leaf, Call) else str(leaf)


def _projection(model: Model, name: str) -> tuple[str, ...]:
    projection = model.spec.projections[name]
    pre, post = model.ends[name]
    signal = "spikes" if pre.variable == "spike" else pre.variable
    filtered = f", filtered by {model.filters[name].kind}" if name in model.filters else ""
    plastic = projection.plastic.name if projection.plastic else ""
    delay = delay_of(model, name)
    weights = projection.weights
    raw = model.document.data["projections"][name].get("weights", 1)
    text = f"{'transposed ' * weights.transpose}{weights.of}" if isinstance(weights, ViewSpec) else flow(raw)
    if isinstance(weights, ViewSpec) and isinstance(raw, dict):
        text += f" x {weights.gain}" * ("gain" in raw) + (f" per {weights.per}" if weights.per else "")
    sign = SIGNS[sign_of(model, name)]
    return name, pre.population, f"{post.population}.{post.variable}", signal + filtered, sign, text, delay, plastic


def of_protocol(protocol: Protocol) -> str:
    """Patterns, epochs in time, and measures."""
    spec, data = protocol.spec, protocol.document.data
    patterns = table(("patterns of port", "made by"), [(name, flow(data["patterns"][name])) for name in spec.patterns])
    measures = table(
        ("measure", "readout", "settings"),
        [
            (name, settings.get("readout", name), flow({k: item for k, item in settings.items() if k != "readout"}))
            for name, settings in spec.measure.items()
        ],
    )
    facts = f"trials: {flow(data.get('trials', 1))}; networks: {spec.networks}; seed: {spec.seed}"
    title = f"protocol {protocol.name}: {spec.title}"
    return block(title, patterns, *_timeline(spec.epochs, data["epochs"]), measures, tag("div", facts))


def _timeline(epochs: list[EpochSpec], data: list[Mapping[str, Any]]) -> Iterator[Html]:
    """A bar with the epochs in scale, where the files say how long all of them are; and a table."""
    begins, unit = _begins(epochs)
    if len(begins) > len(epochs):
        shares = [(after - before) / begins[-1] for before, after in pairwise(begins)]
        parts = [
            tag("div", epoch.name, title=_length(epoch), style=_segment(number, share))
            for number, (epoch, share) in enumerate(zip(epochs, shares, strict=True))
        ]
        yield tag("div", *parts, style="display:flex;max-width:48em;margin:0.4em 0;color:#1f1f1f")
    rows = []
    for number, (epoch, raw) in enumerate(zip(epochs, data, strict=True)):
        known = number < len(begins)
        at = "" if not known else f"{begins[number] * 1e3:.6g} ms" if unit == "s" else f"step {begins[number]:g}"
        more = {key: item for key, item in raw.items() if key not in ("name", "duration", "times", "gap", "show")}
        shows = (flow(raw["show"]) if raw["show"] else "the trial's pattern") if "show" in raw else ""
        rows.append((epoch.name, at, _length(epoch), shows, ", ".join(f"{k}: {flow(v)}" for k, v in more.items())))
    yield table(("epoch", "begins at", "duration", "shows", "and"), rows)


def _segment(number: int, share: float) -> str:
    colour = COLOURS[number % len(COLOURS)]
    return f"flex:{share:.6f} 1 0;min-width:1px;overflow:hidden;background:{colour};padding:2px 0;text-align:center"


def _length(epoch: EpochSpec) -> str:
    text = f"{epoch.times} times {epoch.duration}" if epoch.times > 1 else str(epoch.duration)
    text += f", then {epoch.gap} of silence" if epoch.gap else ""
    return text + (f" for {_rows(epoch)}" if epoch.each or epoch.stream else "")


def _rows(epoch: EpochSpec) -> str:
    return f"each of {len(epoch.each.pattern)} patterns" if isinstance(epoch.each, EachSpec) else "every pattern"


def _begins(epochs: list[EpochSpec]) -> tuple[list[float], str]:
    """When epochs begin, and the last one ends, as far as the files alone say it; in the unit "s" or "steps"."""
    found, unit = [0.0], ""
    for epoch in epochs:
        parts: list[Duration] = [part for part in (epoch.duration, epoch.gap) if part is not None]
        units = {"s" if part.steps is None else "steps" for part in parts} | ({unit} if unit else set())
        rows = len(epoch.each.pattern) if isinstance(epoch.each, EachSpec) else 0 if epoch.each or epoch.stream else 1
        if not rows or len(units) != 1 or any(part.attribute for part in parts):
            break
        unit = units.pop()
        length = sum(part.seconds if part.steps is None else part.steps for part in parts)
        found.append(found[-1] + rows * epoch.times * length)
    return found, unit or "s"
