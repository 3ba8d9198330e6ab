"""Equation text -> numbers, over arrays whose last axis is the cells."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.formula import parse
from neuroam.reference.philox import Streams

Array = NDArray[Any]


def _int_power(x: Array, n: Array) -> Array:
    return np.asarray(np.power(x, np.round(n)))


def _log_cosh(x: Array) -> Array:
    return np.asarray(np.logaddexp(x, -x) - np.log(2.0))


def _rectified(x: Array) -> Array:
    return np.maximum(x, 0.0)


FUNCTIONS: Mapping[str, Any] = {
    **{
        name: getattr(np, name)
        for name in ("exp", "log", "expm1", "log1p", "tanh", "sinh", "cosh", "sin", "cos", "arctan", "sqrt", "abs")
    },
    **{name: getattr(np, name) for name in ("sign", "floor", "ceil", "clip")},
    "int": lambda x: np.asarray(x, dtype=float),
    "int_power": _int_power,
    "log_cosh": _log_cosh,
    "rectified": _rectified,
    "and_": np.logical_and,
    "or_": np.logical_or,
    "not_": np.logical_not,
    "pi": np.pi,
}
KINDS = {"rand": "uniform", "randn": "gaussian"}


@dataclass(frozen=True)
class Place:
    """Where a text draws: the name that stands there, how the number is distributed, and its stream."""

    name: str
    kind: str
    stream: int


class Text:
    """An expression, ready to be evaluated; ``places`` are where it draws."""

    def __init__(self, text: str, owner: str, streams: Streams) -> None:
        tree = ast.parse(ast.unparse(parse(text)), mode="eval")
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        kinds = [("xi", "gaussian")] if "xi" in names else []
        # uniform numbers first, then Gaussian ones, each from left to right
        calls = _Named().visit(tree)
        found = sorted(n.id for n in ast.walk(calls) if isinstance(n, ast.Name) and n.id.startswith("_rand"))
        kinds += [(name, KINDS[name.split("_")[1]]) for name in found]
        self.places = [Place(name, kind, streams.next(owner, kind)) for name, kind in kinds]
        self.code = compile(ast.fix_missing_locations(calls), "<equation>", "eval")

    def __call__(self, names: Any) -> Array:
        """The value; ``names`` gives every variable, and every place that draws."""
        return np.asarray(eval(self.code, {"__builtins__": {}, **FUNCTIONS}, names))  # noqa: S307 - parse() checked it


class _Named(ast.NodeTransformer):
    """Every draw becomes a name of its own, and logic becomes functions of arrays."""

    def __init__(self) -> None:
        self.count = 0

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        assert isinstance(node.func, ast.Name)
        if node.func.id not in KINDS:
            return node
        self.count += 1
        return ast.Name(f"_{node.func.id}_{self.count:04}", ast.Load())

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        function = "and_" if isinstance(node.op, ast.And) else "or_"
        found = node.values[0]
        for part in node.values[1:]:
            found = ast.Call(ast.Name(function, ast.Load()), [found, part], [])
        return found

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return ast.Call(ast.Name("not_", ast.Load()), [node.operand], []) if isinstance(node.op, ast.Not) else node
