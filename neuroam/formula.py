"""Equation text: what may stand in it, which dimension it has, and its value in numpy.

Text from a YAML file becomes a Python syntax tree, of which only arithmetic, comparisons and calls of the functions
of `arithmetic` are accepted.  Nothing else ever reaches a code generator.
"""

from __future__ import annotations

import ast
import difflib
import keyword
import re
import warnings
from collections.abc import Callable, Mapping
from copy import deepcopy
from fractions import Fraction
from functools import lru_cache
from types import CodeType
from typing import Any, cast

import numpy as np

from neuroam.arithmetic import FUNCTIONS, MAX_EXPONENT, REDUCTIONS, Array
from neuroam.reserved import CPP_KEYWORDS, GENERATED, RESERVED, UNIT_NAMES
from neuroam.units import ONE, SECOND, Dimension, in_words

MAX_LENGTH = 2000
MAX_NODES = 400
MAX_WRITTEN = 4000
GROWTH = 50  # a name of one letter may come to stand for one of fifty


class FormulaError(ValueError):
    """Text that is not an acceptable formula.  ``offset`` is the place in the text, from 0."""

    def __init__(self, what: str, offset: int = 0, fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.offset = offset
        self.fix = fix


_NUMPY_REDUCTIONS: dict[str, Callable[..., Any]] = {"sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min}
_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Mod: "%"}
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_ARITHMETIC: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
}  # fmt: skip
WHITE = SECOND ** Fraction(-1, 2)


def label_problem(name: str) -> str:
    """Why ``name`` cannot name a population, projection, matrix, cell or port; empty if it can."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name, re.ASCII) or name.endswith("_") or "__" in name:
        return "a name is letters, digits and single underscores, and starts with a letter"
    if re.search(r"\d[eE]\d", name):
        return "digit-e-digit in a name breaks code generation for the GPU"
    return "" if len(name) <= 60 else "a name has at most 60 characters"


def name_problem(name: str) -> str:
    """Why ``name`` cannot name a variable in an equation; empty if it can."""
    if label_problem(name):
        return label_problem(name)
    if keyword.iskeyword(name) or name in CPP_KEYWORDS:
        return f"'{name}' is a keyword of the generated code"
    if name in RESERVED or name in FUNCTIONS or name in REDUCTIONS or GENERATED.fullmatch(name):
        return f"'{name}' is reserved"
    return f"'{name}' is the name of a unit" if UNIT_NAMES.fullmatch(name) else ""


@lru_cache(maxsize=4096)
def parse(text: str, reductions: bool = False, made: bool = False) -> ast.expr:
    """The checked syntax tree of one expression; one ``made`` of a checked one may be longer than a person's.

    Raises
    ------
    FormulaError
        If the text is not an expression of the accepted kind; with the offset of the offending part.
    """
    times = GROWTH if made else 1
    _check_letters(text, MAX_LENGTH * times)
    start = len(text) - len(text.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "1if x" and the like
            tree = ast.parse(text.strip(), mode="eval").body
        nodes = list(ast.walk(tree))
    except SyntaxError as error:
        fix = "check that every bracket is closed, and that a product has its '*'"
        raise FormulaError("cannot read the expression", start + max((error.offset or 1) - 1, 0), fix) from None
    except (RecursionError, MemoryError, ValueError):
        raise FormulaError("the expression is nested too deeply", 0, _SPLIT) from None
    if len(nodes) > MAX_NODES * times:
        raise FormulaError(f"the expression has more than {MAX_NODES} parts", 0, _SPLIT)
    for node in nodes:
        _check_node(node, reductions, start + getattr(node, "col_offset", 0))
    if _written_out(tree) > MAX_WRITTEN * times:
        what = f"the expression has more than {MAX_WRITTEN} parts where its functions are written out"
        raise FormulaError(what, 0, _SPLIT)
    return tree


def _written_out(node: ast.AST) -> int:
    """The parts of a text on a device, where some functions stand as expressions that repeat their argument."""
    name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    repeated = FUNCTIONS[name].device.count("{0}") if name in FUNCTIONS else 0
    return 1 + max(repeated, 1) * sum(_written_out(part) for part in ast.iter_child_nodes(node))


_PLAIN = "use numbers, names, + - * / **, comparisons and functions only"
_SPLIT = "name a part of it in a line of its own"
_OTHER_WORDS = {"^": "a power as x**2", "&&": "'and'", "||": "'or'", "<>": "'!='", "//": "floor(x/y)"}


def _check_letters(text: str, longest: int) -> None:
    """What is refused before the text is read: length, other alphabets, other languages' operators."""
    if len(text) > longest:
        raise FormulaError(f"the expression is longer than {MAX_LENGTH} characters", 0, _SPLIT)
    if not text.isascii():
        offset = next(i for i, char in enumerate(text) if not char.isascii())
        raise FormulaError(f"the character '{text[offset]}' cannot stand in an equation", offset, "use plain letters")
    for char in "#;\n\r'\"\\":
        if char in text:
            raise FormulaError("one expression, without comments, quotes or line ends", text.find(char), _PLAIN)
    for other, ours in _OTHER_WORDS.items():
        if other in text:
            raise FormulaError(f"'{other}' cannot stand in an equation", text.find(other), f"write {ours}")


def _check_node(node: ast.AST, reductions: bool, offset: int) -> None:
    match node:
        case ast.Constant(value=value):
            if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
                fix = "write a number below 1e300, without j"
                raise FormulaError("only ordinary numbers can stand in an equation", offset, fix)
        case ast.Call():
            _check_call(node, reductions, offset)
        case ast.BinOp(op=ast.Pow(), left=left, right=right):
            _check_power(left, right, offset)
        case ast.Compare(ops=ops) if len(ops) == 1 and type(ops[0]) in _COMPARE:
            pass
        case ast.BinOp(op=operation) | ast.UnaryOp(op=operation) if type(operation) in _FOREIGN:
            raise FormulaError("this operator cannot stand in an equation", offset, _PLAIN)
        case ast.IfExp():
            raise FormulaError("'if' cannot stand in an equation", offset, "multiply with int(CONDITION)")
        case ast.Compare():
            raise FormulaError("a comparison has two sides", offset, "write (a < b) and (b < c)")
        case _ if not isinstance(node, _HARMLESS):
            what = "only arithmetic, comparisons and function calls can stand in an equation"
            raise FormulaError(what, offset, _PLAIN)


_FOREIGN = (ast.FloorDiv, ast.MatMult, ast.LShift, ast.RShift, ast.BitOr, ast.BitXor, ast.BitAnd, ast.Invert)
_HARMLESS = (
    ast.Name, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip


def _check_call(node: ast.Call, reductions: bool, offset: int) -> None:
    if not isinstance(node.func, ast.Name):
        name = getattr(node.func, "attr", "")
        fix = f"write {name}(...)" if name in FUNCTIONS else _PLAIN
        raise FormulaError("only functions by name can be called", offset, fix)
    name = node.func.id
    known = [*FUNCTIONS, *REDUCTIONS] if reductions else list(FUNCTIONS)
    if name in REDUCTIONS and not reductions:
        what = f"'{name}' can stand under 'reduce' and 'lagrangian' only"
        raise FormulaError(what, offset, "give it a name there, and write that name here")
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        fix = f"did you mean '{close[0]}'?" if close else f"use one of: {', '.join(sorted(known))}"
        raise FormulaError(f"no function named '{name}'", offset, fix)
    wanted = FUNCTIONS[name].n_args if name in FUNCTIONS else (2 if name == "kth" else 1)
    if node.keywords or len(node.args) != wanted:
        signature = f"{name}({', '.join('xyz'[:wanted])})"
        raise FormulaError(f"{name}() takes {wanted} argument{'s' * (wanted != 1)}", offset, f"write {signature}")
    if name == "int_power":
        _check_power(node.args[0], node.args[1], offset)


def _check_power(base: ast.expr, exponent: ast.expr, offset: int) -> None:
    """No power may stand for a number with endless digits, on any device that computes it beforehand."""
    if any(isinstance(part, ast.Pow) for part in ast.walk(exponent)):
        raise FormulaError("a power in an exponent is refused", offset, "name the inner power in a line of its own")
    if _is_number(base) and any(isinstance(part, ast.Pow) for part in ast.walk(base)):
        raise FormulaError("a power of a power of numbers is refused", offset, "write the number itself")
    parts = [part.value for part in ast.walk(exponent) if isinstance(part, ast.Constant)]
    if _is_number(exponent):
        parts.append(_number(exponent))
    if any(isinstance(part, int | float) and not abs(part) <= MAX_EXPONENT for part in parts):
        what = f"the exponent is out of range (at most {MAX_EXPONENT})"
        raise FormulaError(what, offset, "use a smaller one, or exp")


def _is_number(node: ast.expr) -> bool:
    """Whether no variable and no function stands in the expression."""
    return not any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(node))


def _number(node: ast.expr) -> float:
    """The value of an expression of numbers without powers; infinity if it has none."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value) if abs(value) < 1e300 else np.inf
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(operand)
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _ARITHMETIC:
            with np.errstate(all="ignore"):
                return float(_ARITHMETIC[type(operation)](np.float64(_number(left)), np.float64(_number(right))))
    return np.inf


@lru_cache(maxsize=4096)
def names(text: str, reductions: bool = False) -> frozenset[str]:
    """Every variable that the expression reads."""
    tree = parse(text, reductions, made=True)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called)


def calls(text: str, name: str) -> bool:
    """Whether the expression calls the function ``name``."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(parse(text, reductions=True, made=True))
    )


def powers_in(text: str) -> list[str]:
    """The second arguments of all calls of ``int_power``."""
    return [
        ast.unparse(node.args[1])
        for node in (ast.walk(parse(text, reductions=True, made=True)) if text else ())
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "int_power"
    ]


def dimension(text: str, known: Mapping[str, Dimension], reductions: bool = False) -> Dimension | None:
    """The dimension of the expression; None stands for a condition (true or false).

    Raises
    ------
    FormulaError
        If a name is unknown or dimensions do not fit.
    """
    tree = parse(text, reductions)
    try:
        return _dimension(tree, known)
    except FormulaError as error:
        start = len(text) - len(text.lstrip())
        raise FormulaError(error.what, start + error.offset, error.fix) from None


def _dimension(node: ast.expr, known: Mapping[str, Dimension]) -> Dimension | None:
    match node:
        case ast.Constant():
            return ONE
        case ast.Name(id=name):
            if name not in known:
                raise FormulaError(f"unknown name '{name}'", node.col_offset)
            return known[name]
        case ast.UnaryOp(op=ast.Not()) | ast.BoolOp() | ast.Compare():
            _check_condition(node, known)
            return None
        case ast.UnaryOp(operand=operand):
            return _value(operand, known)
        case ast.BinOp(left=left, op=operation, right=right):
            return _binary(left, operation, right, known)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _call(name, args, known)
    raise AssertionError(f"parse() let {type(node).__name__} through")


def _value(node: ast.expr, known: Mapping[str, Dimension]) -> Dimension:
    found = _dimension(node, known)
    if found is None:
        raise FormulaError("a condition stands where a number is needed", node.col_offset, "wrap it in int(...)")
    return found


def _check_condition(node: ast.expr, known: Mapping[str, Dimension]) -> None:
    if isinstance(node, ast.Compare):
        _same([node.left, node.comparators[0]], known)
        return
    for part in node.values if isinstance(node, ast.BoolOp) else [node.operand]:  # type: ignore[attr-defined]
        if _dimension(part, known) is not None:
            raise FormulaError("a number stands where a condition is needed", part.col_offset, "compare it: x > 0")


def _same(parts: list[ast.expr], known: Mapping[str, Dimension]) -> Dimension:
    found = [_value(part, known) for part in parts]
    for other, part in zip(found[1:], parts[1:], strict=True):
        if other != found[0]:
            left, right = ast.unparse(parts[0]), ast.unparse(part)
            what = f"'{left}' is {in_words(found[0])} but '{right}' is {in_words(other)}"
            noise = any(isinstance(inner, ast.Name) and inner.id == "xi" for inner in ast.walk(part))
            fix = "write noise as sd*sqrt(2*tau)*xi" if noise else "give both the same unit"
            raise FormulaError(what, part.col_offset, fix)
    return found[0]


def _binary(left: ast.expr, operation: ast.operator, right: ast.expr, known: Mapping[str, Dimension]) -> Dimension:
    if isinstance(operation, ast.Add | ast.Sub | ast.Mod):
        return _same([left, right], known)
    first, second = _value(left, known), _value(right, known)
    if isinstance(operation, ast.Mult):
        return first * second
    if isinstance(operation, ast.Div):
        return first / second
    if second != ONE:
        raise FormulaError(f"the exponent is {in_words(second)}", right.col_offset, "an exponent is a plain number")
    if first == ONE:
        return ONE
    try:
        power = ast.literal_eval(right)
    except ValueError:
        fix = "write a number, or divide by a quantity of the same unit first"
        raise FormulaError("a quantity with a unit needs a number as exponent", right.col_offset, fix) from None
    return first ** Fraction(power).limit_denominator(12)


def _call(name: str, args: list[ast.expr], known: Mapping[str, Dimension]) -> Dimension:
    if name in REDUCTIONS:
        found = _value(args[0], known)
        return ONE if name == "argmax" else found
    rule = FUNCTIONS[name].rule
    if rule == "bool":
        _dimension(args[0], known)
        return ONE
    if rule == "same":
        return _same(args, known)
    each = [_value(arg, known) for arg in args]
    if rule == "root":
        return each[0] ** Fraction(1, 2)
    if rule == "pure":
        for arg, one in zip(args, each, strict=True):
            if one != ONE:
                what = f"{name}() needs a plain number but '{ast.unparse(arg)}' is in {one}"
                raise FormulaError(what, arg.col_offset, "divide by a quantity of the same unit first")
    return ONE


def evaluate(text: str, values: Mapping[str, object]) -> Array:
    """The value of the expression in numpy; the last axis of an array is the cells of one population.

    ``sum``, ``mean``, ``max`` and ``min`` reduce that axis and keep it with length 1.
    """
    space: dict[str, object] = {name: function.numpy for name, function in FUNCTIONS.items() if function.numpy}
    space |= {name: _keep_axis(function) for name, function in _NUMPY_REDUCTIONS.items()}
    code, words = _compiled(text)
    with np.errstate(all="ignore"):
        result = eval(code, {"__builtins__": {}, "pi": np.pi, **words}, {**space, **values})  # noqa: S307 - checked
    return np.asarray(result, dtype=float)


@lru_cache(maxsize=4096)
def _compiled(text: str) -> tuple[CodeType, dict[str, object]]:
    """The code of an expression, and what its numbers and conditions stand for."""
    tree = deepcopy(parse(text, reductions=True, made=True))
    words = _Numpy()
    code = compile(ast.fix_missing_locations(ast.Expression(body=words.visit(tree))), "<equation>", "eval")
    return code, words.found


class _Numpy(ast.NodeTransformer):
    """What Python would do in its own way: 1/0 is infinite, 9**64 no integer, and conditions hold cell by cell.

    The names that it puts into an expression are words that no variable can be called.
    """

    def __init__(self) -> None:
        self.found: dict[str, object] = {"and": np.logical_and, "or": np.logical_or, "not": np.logical_not}

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        assert isinstance(node.value, int | float)
        self.found[repr(node.value)] = np.float64(node.value)
        return ast.Name(repr(node.value), ast.Load())

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        word = "and" if isinstance(node.op, ast.And) else "or"
        found, *others = (self.visit(part) for part in node.values)
        for other in others:
            found = ast.Call(ast.Name(word, ast.Load()), [found, other], [])
        return cast(ast.expr, found)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        return ast.Call(ast.Name("not", ast.Load()), [node.operand], []) if isinstance(node.op, ast.Not) else node


def _keep_axis(function: Callable[..., Any]) -> Callable[[Array], Array]:
    def kept(x: Array) -> Array:
        return np.asarray(function(np.atleast_1d(x), axis=-1, keepdims=True))

    return kept


class _Rename(ast.NodeTransformer):
    def __init__(self, table: Mapping[str, str]) -> None:
        self.table = table

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self.table:
            return node
        return ast.parse(f"({self.table[node.id]})", mode="eval").body


def substitute(text: str, table: Mapping[str, str]) -> str:
    """The expression with variables replaced by other expressions."""
    tree = ast.parse(ast.unparse(parse(text, reductions=True, made=True)), mode="eval")
    return ast.unparse(_Rename(table).visit(tree).body)


class _Devices(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        assert isinstance(node.func, ast.Name)
        template = FUNCTIONS[node.func.id].device if node.func.id in FUNCTIONS else ""
        if not template:
            return node
        return ast.parse(template.format(*(ast.unparse(arg) for arg in node.args)), mode="eval").body


def device_text(text: str) -> str:
    """The expression in the functions that Brian2 has."""
    return ast.unparse(_Devices().visit(ast.parse(text, mode="eval")).body)


_ODE = re.compile(r"\s*(?:(?P<coefficient>.+?)\s*\*\s*)?d(?P<variable>[A-Za-z]\w*)/dt\s*=\s*(?P<rate>.+)", re.ASCII)
_LINE = re.compile(r"\s*(?P<variable>[A-Za-z]\w*)\s*(?P<operator>[-+*/]?=)(?!=)\s*(?P<value>.+)", re.ASCII)


def split_ode(text: str) -> tuple[str, str, int]:
    """Variable, rate and offset of the right side of ``tau*dx/dt = ...``; the rate is divided by ``tau``."""
    match = _ODE.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if not match:
        raise FormulaError("cannot read the equation", 0, "write it as 'tau*dx/dt = ...' or 'dx/dt = ...'")
    _parse_part(match, "rate")
    rate = f"({match['rate'].strip()})"
    if match["coefficient"]:
        _parse_part(match, "coefficient")
        rate = f"{rate}/({match['coefficient'].strip()})"
    return match["variable"], rate, match.start("rate")


def split_statement(text: str) -> tuple[str, str, int]:
    """Variable, value and offset of ``x = ...`` or ``x += ...``; the value of the latter is ``x + (...)``."""
    match = _LINE.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if not match:
        raise FormulaError("cannot read the statement", 0, "write it as 'x = ...' or 'x += ...'")
    _parse_part(match, "value")
    value = match["value"].strip()
    if match["operator"] != "=":
        value = f"{match['variable']} {match['operator'][0]} ({value})"
    return match["variable"], value, match.start("value")


def _parse_part(match: re.Match[str], part: str) -> None:
    """Check a part of a line; the offset of an error is that in the whole line."""
    try:
        parse(match[part])
    except FormulaError as error:
        raise FormulaError(error.what, match.start(part) + error.offset, error.fix) from None


def offset_in_ode(text: str, offset: int) -> int:
    """Where a place in the rate that `split_ode` makes stands in the line."""
    match = _ODE.fullmatch(text)
    assert match is not None
    right = len(match["rate"].strip()) + 1  # the closing bracket of "(rate)/(coefficient)"
    if offset <= right:
        return match.start("rate") + max(offset - 1, 0)
    return match.start("coefficient") + max(offset - right - 3, 0)


def offset_in_statement(text: str, offset: int) -> int:
    """Where a place in the value that `split_statement` makes stands in the line."""
    match = _LINE.fullmatch(text)
    assert match is not None
    if match["operator"] == "=":
        return match.start("value") + offset
    before = len(f"{match['variable']} + (")
    return match.start("value") + offset - before if offset >= before else match.start("variable")
