"""Ports whose code is "tokens": what may stand around such lines, and what drives them in every step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from neuroam.circuit import Cell, Circuit, PatternSet, Port, Projection, Ragged
from neuroam.errors import FunctionError
from neuroam.formula import calls
from neuroam.leaves import Call
from neuroam.readouts import readout
from neuroam.resolve.context import Context, Path_
from neuroam.resolve.spans import Span
from neuroam.token_lines import CODE, SPIKE, are_lines, sent, teaching
from neuroam.units import quantity

CUES = ("current", "rates")
_USE = "use 'code: levels' where the cells are to be stepped, which takes a drive for every one of them"


def refuse_impossible_lines(context: Context, circuit: Circuit) -> None:
    """Lines are never stepped: nothing may be asked of them that would need it."""
    for name, port in circuit.ports.items():
        patterns = circuit.patterns.get(name)
        if port.code != CODE and patterns is not None and patterns.rows is not None:
            what = f"the patterns '{patterns.name}' are lists of tokens, and the code of this port is '{port.code}'"
            context.refuse(context.model, ("ports", name), what, "write 'code: tokens'")
        if port.code == CODE:
            for path, what in _of_cells(circuit, port, patterns):
                context.refuse(context.model, path, what, _USE)
            for path, what, fix in (*_epochs(context, port), *_looks(context, port)):
                context.refuse(context.protocol, path, what, fix)
    context.stop_if_wrong()
    for projection in circuit.projections.values():
        if are_lines(circuit.populations[projection.pre]):
            _projection(context, circuit, projection)


def _of_cells(circuit: Circuit, port: Port, patterns: PatternSet | None) -> Iterator[tuple[Path_, str]]:
    population, where = circuit.populations[port.population], ("populations", port.population)
    cell, at = population.cell, ("ports", port.name, "code")
    if patterns is not None and patterns.rows is None:
        yield at, f"the patterns '{patterns.name}' are not lists of tokens"
    if not are_lines(population):
        yield (*where, "size"), f"lines of tokens have the size '{{units: {port.name}}}'"
    if population.labels["copy"].any():
        yield (*where, "size"), "lines of tokens have no copies"
    for key, found in (("states", cell.states), ("reduce", cell.reductions)):
        if found:
            yield (*where, "cell"), f"'{cell.name}' has '{key}', which lines of tokens cannot have"
    if len(cell.inputs) != 1 or cell.pulses:
        yield (*where, "cell"), f"'{cell.name}' has {len(cell.inputs)} inputs; a line of tokens has one"
    if _varies(circuit, cell):
        yield (*where, "cell"), f"'{cell.name}' reads a control or draws at random, which lines of tokens cannot"
    for name, projection in circuit.projections.items():
        if projection.post == port.population:
            yield ("projections", name), f"'{port.population}' are lines of tokens, and nothing may project to them"


def _varies(circuit: Circuit, cell: Cell) -> bool:
    texts = [*(text for _, text in cell.outputs), *([cell.event.when] if cell.event else [])]
    drawn = any(calls(text, name) for text in texts for name in ("rand", "randn"))
    return drawn or bool(set(cell.params) & set(circuit.controls))


def _epochs(context: Context, port: Port) -> Iterator[tuple[Path_, str, str]]:
    first = next(iter(context.spec.protocol.spec.patterns), "")
    lines = f"'{port.population}' are lines of tokens"
    for number, epoch in enumerate(context.spec.protocol.spec.epochs):
        path: Path_ = ("epochs", number)
        if epoch.silence == port.population:
            yield (*path, "silence"), f"{lines}: they cannot be silenced", "leave 'show' out of an epoch without input"
        if port.name in epoch.drive:
            yield (*path, "drive", port.name), f"{lines}: they get patterns only", _USE
        if epoch.show is None or (epoch.into or first) != port.name:
            continue
        if epoch.show.corrupt:
            yield (*path, "show", "corrupt"), "lists of tokens cannot be corrupted", "change the text instead"
        cue = _cue(epoch.as_, port)
        if cue is None or cue.name not in CUES:
            given = cue.name if cue else "not given"
            what = f"tokens enter as a drive, and the cue of the port '{port.name}' is {given}"
            yield (*path, "show"), what, "add 'as: current'"


def _looks(context: Context, port: Port) -> Iterator[tuple[Path_, str, str]]:
    what = f"'{port.population}' are lines of tokens: they are not recorded"
    for name in context.spec.protocol.spec.record:
        if name in (port.name, port.population):
            yield ("record", name), what, "record the cells behind them"
    for name, settings in context.spec.protocol.spec.measure.items():
        entry = readout[str(settings.get("readout", name))]
        for key, kind in entry.refers.items():
            if kind.startswith("port") and settings.get(key) == port.name:
                yield ("measure", name, key), what, "measure the cells behind them"


def _cue(as_: Call | None, port: Port) -> Call | None:
    return as_ or next((Call(name, args) for name, args in port.cue.items()), None)


def _projection(context: Context, circuit: Circuit, projection: Projection) -> None:
    path: Path_ = ("projections", projection.name)
    lines = circuit.populations[projection.pre]
    texts = [SPIKE if projection.source == SPIKE else f"{projection.source}_pre"]
    if projection.message:
        context.refuse(context.model, (*path, "message"), "lines of tokens send no messages", "remove it")
    if projection.plastic is not None:
        try:
            rule = teaching(projection.plastic)
        except FunctionError as error:
            context.refuse(context.model, (*path, "plastic"), error.what, error.fix)
            return
        texts += [*(factor for _, factor in rule.adds), *([rule.grow] if rule.grow else [])]
        others = [p.name for p in circuit.projections.values() if p.matrix == projection.matrix and p != projection]
        if others:
            what = f"'{others[0]}' reads the matrix that '{projection.name}' changes: weights of lines are not shared"
            context.refuse(context.model, (*path, "plastic"), what, "use a matrix of its own")
    every = np.arange(lines.size)
    for text in texts:
        silent = sent(lines, every, np.zeros(lines.size), text, projection.plastic)
        if np.any(silent != 0):
            what = (
                f"a line without a drive would send {silent[silent != 0][0]:g} ('{text}'), and only others are visited"
            )
            context.refuse(context.model, path, what, "choose a cell that is silent without a drive")


def lists_of(
    context: Context, circuit: Circuit, spans: list[Span], shown: dict[int, np.ndarray], n_steps: int, count: int
) -> dict[tuple[str, str], Ragged]:
    """What drives lines of tokens; ``shown`` says which pattern each trial gets in a span, by its place in the list."""
    found = {}
    for port in circuit.ports.values():
        if port.code != CODE or port.name not in circuit.patterns:
            continue
        rows = circuit.patterns[port.name].rows
        assert rows is not None
        row = np.full((n_steps, count), -1, dtype=np.int32)
        amplitudes: list[float] = []
        for number, span in enumerate(spans):
            if span.spec is None or span.spec.show is None:
                continue
            if (span.spec.into or next(iter(context.spec.protocol.spec.patterns))) != port.name:
                continue
            amplitude = _amplitude(_cue(span.spec.as_, port))
            if amplitude not in amplitudes:
                amplitudes.append(amplitude)
            first = amplitudes.index(amplitude) * rows.shape[0]
            if span.patterns is not None:
                each = (span.stop - span.start) // max(1, span.patterns.size)
                row[span.start : span.stop] = first + np.repeat(span.patterns, each)[:, None]
            else:
                row[span.start : span.stop] = first + shown[number]
        amplitudes = amplitudes or [1.0]
        start = np.concatenate([[0], np.cumsum(np.tile(np.diff(rows.indptr), len(amplitudes)))])
        value = np.concatenate([amplitude * rows.data for amplitude in amplitudes])
        slot = circuit.populations[port.population].cell.inputs[0]
        found[port.population, slot] = Ragged(row, start, np.tile(rows.indices, len(amplitudes)), value)
    return found


def _amplitude(cue: Call | None) -> float:
    settings = cue.args if cue is not None and isinstance(cue.args, dict) else {"amplitude": cue.args if cue else None}
    given = settings.get("amplitude")
    return 1.0 if given is None else float(quantity(given).value)
