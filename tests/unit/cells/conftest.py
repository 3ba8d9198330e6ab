"""A second reading of cell and synapse files: their text evaluated line by line in numpy, with none of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neuroam import shipped
from neuroam.circuit import Cell
from neuroam.formula import evaluate, split_ode, split_statement
from neuroam.spec.components import build_cell
from neuroam.spec.model import CellSpec, SynapseSpec
from neuroam.spec.yaml import read
from neuroam.units import quantity

Array = NDArray[np.float64]


def cell_of(name: str) -> tuple[Cell, dict[str, float]]:
    """A shipped cell and its default parameters in SI units."""
    path = shipped.find("cells", name)
    assert path is not None
    document = read(path)
    cell, build = build_cell(document, CellSpec.model_validate(document.data), name, {})
    assert build.problems == []
    return cell, {key: default.value for key, default in build.defaults.items()}


@dataclass
class Cells:
    """Some cells of one kind, advanced by forward Euler (equations) or by their update lines."""

    name: str
    size: int
    dt: float = 1e-3
    params: dict[str, Any] = field(default_factory=dict)
    seed: int = 1

    def __post_init__(self) -> None:
        self.cell, defaults = cell_of(self.name)
        given = {key: quantity(raw).value if isinstance(raw, str) else raw for key, raw in self.params.items()}
        assert set(given) <= set(defaults)
        self.space: dict[str, Any] = {**defaults, **given, "size": float(self.size), "dt": self.dt}
        self.rng = np.random.default_rng(self.seed)
        self.space["rand"] = lambda: self.rng.random(self.size)
        for state in self.cell.states:
            start = evaluate(self.cell.start[state], self.space) if state in self.cell.start else 0.0
            self.space[state] = np.full(self.size, start, dtype=float)
        self.set({slot: 0.0 for slot in self.cell.inputs if slot not in self.cell.states})
        self.look()

    def __getitem__(self, name: str) -> Array:
        return np.asarray(self.space[name])

    def set(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.space[name] = np.broadcast_to(np.asarray(value, dtype=float), (self.size,)).copy()

    def look(self) -> None:
        """Outputs and reductions from the states, each after what it reads."""
        left = dict(self.cell.outputs) | {r.name: f"{r.kind}({r.argument})" for r in self.cell.reductions}
        while left:
            ready = [key for key, text in left.items() if not (set(left) & _read(text))]
            for key in ready:
                self.space[key] = evaluate(left.pop(key), self.space)

    def step(self, **inputs: Any) -> NDArray[np.bool_]:
        """One step with these inputs; which cells had a spike."""
        self.set(inputs)
        self.look()
        new = {key: evaluate(text, self.space) for key, text in self.cell.updates}
        for ode in self.cell.odes:
            noise = self.rng.standard_normal(self.size) / np.sqrt(self.dt)
            new[ode.variable] = self[ode.variable] + self.dt * evaluate(ode.rate, {**self.space, "xi": noise})
        for key, value in new.items():
            self.space[key] = np.broadcast_to(value, (self.size,)).copy()
        event = self.cell.event
        if event is None:
            return np.zeros(self.size, dtype=bool)
        fired = np.broadcast_to(evaluate(event.when, self.space) > 0, (self.size,))
        for line in event.then:
            target, value, _ = split_statement(line)
            self.space[target] = np.where(fired, evaluate(value, self.space), self.space[target])
        return np.asarray(fired)


def _read(text: str) -> set[str]:
    from neuroam.formula import names

    return names(text, reductions=True)


@dataclass
class Edges:
    """All edges between two groups of cells under one plastic component; ``w`` is (post, pre)."""

    name: str
    w: Array
    settings: dict[str, Any] = field(default_factory=dict)
    dt: float = 1e-3

    def __post_init__(self) -> None:
        path = shipped.find("synapses", self.name)
        assert path is not None
        self.spec = SynapseSpec.model_validate(read(path).data)
        self.params = {key: default.value for key, default in self.spec.params.items()}
        self.params |= {key: quantity(raw).value for key, raw in self.settings.items()}
        self.own = {key: np.zeros_like(self.w) for key in self.spec.variables}

    def run(self, lines: list[str], reads: Mapping[str, Any], pre: Mapping[str, Any], post: dict[str, Array]) -> None:
        """Statements on all edges at once; what they add to a state of the post cell adds up over the edges."""
        for line in lines:
            target, text, _ = split_statement(line)
            space: dict[str, Any] = {**self.params, **reads, **self.own, "w": self.w, "dt": self.dt}
            space |= {f"{key}_pre": np.asarray(value)[None, :] for key, value in pre.items()}
            space |= {f"{key}_post": np.asarray(value)[:, None] for key, value in post.items()}
            value = np.broadcast_to(evaluate(text, space), self.w.shape)
            if target == "w":
                self.w = value.copy()
            elif target in self.own:
                self.own[target] = value.copy()
            else:
                state = target.removesuffix("_post")
                post[state] = post[state] + (value - post[state][:, None]).sum(axis=1)

    def decay(self) -> None:
        """The traces move on by one step."""
        for line in self.spec.equations:
            variable, rate, _ = split_ode(line)
            self.own[variable] = self.own[variable] + self.dt * evaluate(rate, {**self.params, **self.own})


@pytest.fixture
def cells() -> Callable[..., Cells]:
    return Cells


@pytest.fixture
def edges() -> Callable[..., Edges]:
    return Edges
