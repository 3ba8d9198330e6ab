"""Which part of a rate is linear in its own variable?  The algebra behind exponential Euler.

Done on the syntax tree, without simplification, so that the same text comes out on every machine.
"""

from __future__ import annotations

import ast

from neuroam.formula import parse


class NotLinear(Exception):
    """The rate is not linear in its own variable."""


def split_linear(text: str, variable: str) -> tuple[str, str]:
    """``a`` and ``b`` with ``text == a + b*variable``, neither reading the variable; empty text stands for zero.

    Raises
    ------
    NotLinear
        If there are no such ``a`` and ``b``.
    """
    return _split(parse(text), variable)


def _split(node: ast.expr, variable: str) -> tuple[str, str]:  # noqa: C901 - one case per operation
    if not any(isinstance(part, ast.Name) and part.id == variable for part in ast.walk(node)):
        return ast.unparse(node), ""
    match node:
        case ast.Name():
            return "", "1"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            a, b = _split(operand, variable)
            return _negative(a), _negative(b)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _split(operand, variable)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as operation, right=right):
            a1, b1 = _split(left, variable)
            a2, b2 = _split(right, variable)
            if isinstance(operation, ast.Sub):
                a2, b2 = _negative(a2), _negative(b2)
            return _sum(a1, a2), _sum(b1, b2)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            a1, b1 = _split(left, variable)
            a2, b2 = _split(right, variable)
            if b1 and b2:
                raise NotLinear
            factor, a, b = (a2, a1, b1) if b1 else (a1, a2, b2)
            return _times(factor, a), _times(factor, b)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            a2, b2 = _split(right, variable)
            if b2:
                raise NotLinear
            a1, b1 = _split(left, variable)
            return _over(a1, a2), _over(b1, a2)
    raise NotLinear


def _negative(text: str) -> str:
    if not text:
        return ""
    return text[1:] if text.startswith("-") and _is_factor(text[1:]) else f"-{_group(text)}"


def _sum(left: str, right: str) -> str:
    if not left or not right:
        return left or right
    return f"{left} - {right[1:]}" if right.startswith("-") and _is_factor(right[1:]) else f"{left} + {right}"


def _times(factor: str, text: str) -> str:
    if not text or not factor:
        return ""
    if text == "1":
        return factor
    return f"-{_group(factor)}" if text == "-1" else f"{_group(factor)}*{_group(text)}"


def _over(text: str, divisor: str) -> str:
    return f"{_group(text)}/{_group(divisor)}" if text else ""


def _is_factor(text: str) -> bool:
    try:
        return isinstance(ast.parse(text, mode="eval").body, ast.Name | ast.Constant | ast.Call) or (
            text.startswith("(") and text.endswith(")") and _balanced(text[1:-1])
        )
    except SyntaxError:
        return False


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return depth == 0


def _group(text: str) -> str:
    return text if _is_factor(text) else f"({text})"
