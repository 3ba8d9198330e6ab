"""Cross-checks of a protocol with the model that it runs on: each is a sentence, and yields what contradicts it."""

from __future__ import annotations

from collections.abc import Iterator

from neuroam.errors import Problem
from neuroam.leaves import Call, Duration
from neuroam.patterns import pattern
from neuroam.readouts import readout
from neuroam.rules import rule
from neuroam.spec.call_checks import Path, attribute_problems, call_is_known, cue_suits_cells, problem_at
from neuroam.spec.nouns import Model
from neuroam.spec.plasticity import readable
from neuroam.spec.protocol import SHORTEST_STEP, ControlOfPattern, ControlRamp, EpochSpec, ProtocolSpec
from neuroam.spec.record_checks import records_keep_something_known, records_name_known_variables
from neuroam.spec.schema_errors import suggestion
from neuroam.spec.show_checks import conditions_corrupt, epochs_have_the_same_conditions, onset_is_drawn
from neuroam.spec.sweep import sweep_problems
from neuroam.spec.yaml import Document
from neuroam.stimuli import corruption
from neuroam.units import SECOND, Quantity, UnitError, in_words, quantity, unit_fix
from neuroam.values import value

MAX_STEPS = 20_000_000  # of one trial: what changes in time is kept for every step


def check_protocol(model: Model, spec: ProtocolSpec, document: Document) -> list[Problem]:
    """Every cross-check of a protocol with the model that it runs on."""
    problems: list[Problem] = []
    for sentence in (
        patterns_belong_to_ports,
        epochs_show_what_there_is,
        measures_are_known_readouts,
        repeats_adjust_known_things,
        epochs_have_the_same_conditions,
        records_name_known_variables,
        records_keep_something_known,
        trials_need_patterns,
        stages_that_the_model_needs_run,
        sweep_is_possible,
    ):
        problems += sentence(model, spec, document)
    return problems


def sweep_is_possible(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    yield from sweep_problems(spec.sweep, spec.measure, document, model) if spec.sweep else ()


def stages_that_the_model_needs_run(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    for name, call in model.spec.matrices.items():
        entry = rule.get(call.name)
        settings = call.settings(entry.shorthand) if entry is not None else {}
        for key in (key for key, kind in (entry.refers if entry else {}).items() if kind == "stage"):
            stage = settings.get(key)
            if isinstance(stage, str) and stage not in spec.stages:
                what = f"the matrix '{name}' of the model '{model.name}' is what a stage '{stage}' has learned"
                yield problem_at(document, ("stages",), what, f"add 'stages: [{stage}]'", key=True)


def patterns_belong_to_ports(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    for name, patterns in spec.patterns.items():
        if name not in model.document.names("ports"):
            what = f"the model '{model.name}' has no port named '{name}'"
            yield problem_at(document, ("patterns", name), what, suggestion(name, list(model.spec.ports)), key=True)
        yield from call_is_known(document, ("patterns", name), patterns.make, pattern, {})
        for key, raw in patterns.attributes.items():
            path: Path = ("patterns", name, key)
            yield from _attribute_has_values(document, path, raw)
    if set(document.names("patterns")) - set(model.document.names("ports")):
        return  # a misspelled port is named above
    needed: dict[str, list[str]] = {}
    for name, population in model.spec.populations.items():
        origin = population.size.units or population.size.count
        if origin in model.spec.ports and origin not in document.names("patterns"):
            needed.setdefault(str(origin), []).append(f"'{name}'")
    for origin, names in needed.items():
        what = f"the model '{model.name}' takes the size of {' and '.join(names)} from patterns of the port '{origin}'"
        yield problem_at(document, ("patterns",), what, f"add 'patterns: {{{origin}: ...}}'", key=True)


def _attribute_has_values(document: Document, path: Path, raw: object) -> Iterator[Problem]:
    """A value function, one quantity for all rows, or a list of quantities of one unit."""
    if isinstance(raw, dict) and len(raw) == 1:
        yield from call_is_known(document, path, Call(*next(iter(raw.items()))), value, {})
        return
    fix = "an attribute is 100 ms for all rows, a list with a value each, or {uniform: {low: 90 ms, high: 280 ms}}"
    if isinstance(raw, dict) or raw is None or raw == []:
        yield problem_at(document, path, f"'{path[-1]}' is neither a pattern function nor values of pattern rows", fix)
        return
    units = set()
    for number, item in enumerate(raw if isinstance(raw, list) else [raw]):
        try:
            units.add(quantity(item).dimension)
        except UnitError as error:
            yield problem_at(document, (*path, number) if isinstance(raw, list) else path, str(error), error.fix)
    if len(units) > 1:
        what = f"the values of '{path[-1]}' have different units: {', '.join(sorted(map(in_words, units)))}"
        yield problem_at(document, path, what, "give all the same")


def epochs_show_what_there_is(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, epoch in enumerate(spec.epochs):
        path: Path = ("epochs", i)
        if epoch.name in seen:
            yield problem_at(
                document, (*path, "name"), f"two epochs are named '{epoch.name}'", "give each its own name"
            )
        seen.add(epoch.name)
        yield from _shown_pattern(model, document, path, epoch)
        yield from _epoch_settings(model, document, path, epoch)
        for key, duration in (("duration", epoch.duration), ("gap", epoch.gap)):
            if duration is not None and duration.attribute:
                yield from _time_per_row(document, (*path, key), epoch, duration.attribute)
            elif duration is not None:
                yield from _whole_steps(model, document, (*path, key), duration)


def _shown_pattern(model: Model, document: Document, path: Path, epoch: EpochSpec) -> Iterator[Problem]:
    if epoch.show is None:
        if epoch.into or epoch.as_ or epoch.stream:
            key = "into" if epoch.into else "as" if epoch.as_ else "stream"
            fix = "add 'show: {}' for the trial's pattern"
            yield problem_at(document, (*path, key), "the epoch shows nothing", fix, key=True)
        return
    yield from _stream_is_plain(document, path, epoch)
    for k, call in enumerate(epoch.show.corrupt):
        yield from call_is_known(document, (*path, "show", "corrupt", k), call, corruption, {})
    yield from conditions_corrupt(document, (*path, "show"), epoch.show)
    yield from onset_is_drawn(document, (*path, "show", "onset"), epoch.show)
    stored = document.names("patterns")
    port = epoch.into or (stored[0] if len(stored) == 1 else None)
    if port is None:
        fix = f"add 'into: PORT', one of: {', '.join(stored)}" if stored else "add 'patterns: ...'"
        yield problem_at(document, (*path, "show"), "nothing says which patterns are shown", fix, key=True)
        return
    if epoch.into and port not in stored:
        what = f"there are no patterns of a port named '{port}'"
        yield problem_at(document, (*path, "into"), what, suggestion(port, stored))
        return
    target = model.spec.ports.get(port)
    cell = model.cells.get(target.population) if target else None
    if target is not None and cell is not None and epoch.as_ is not None:
        yield from cue_suits_cells(target.population, cell, epoch.as_, document, (*path, "as"))


def _stream_is_plain(document: Document, path: Path, epoch: EpochSpec) -> Iterator[Problem]:
    """All patterns as they are, one after the other: nothing chooses or changes them."""
    if epoch.stream is None or epoch.show is None:
        return
    odd = [
        (("each",), epoch.each is not None),
        (("gap",), epoch.gap is not None),
        (("until",), epoch.until is not None),
        (("show", "pattern"), epoch.show.pattern is not None),
        (("show", "corrupt"), bool(epoch.show.corrupt)),
        (("show", "conditions"), bool(epoch.show.conditions)),
        (("show", "onset"), epoch.show.onset is not None),
    ]
    for key, given in odd:
        if given:
            what = f"a stream shows all patterns as they are, without '{key[-1]}'"
            yield problem_at(document, (*path, *key), what, "remove one of the two", key=True)


def _epoch_settings(model: Model, document: Document, path: Path, epoch: EpochSpec) -> Iterator[Problem]:
    for name, setting in epoch.set.items():
        yield from _control(model, document, (*path, "set", name), name, setting)
    if epoch.silence is not None and epoch.silence not in model.document.names("populations"):
        what = f"no population named '{epoch.silence}'"
        yield problem_at(document, (*path, "silence"), what, suggestion(epoch.silence, list(model.spec.populations)))
    yield from _silent_states(model, document, path, epoch.silence)
    flags = sorted({key for cell in model.cells.values() for key in readable(cell)})
    whole = set(model.cells) == set(model.document.names("populations"))
    if epoch.until is not None and epoch.until not in flags and whole:
        what = f"no cell of '{model.name}' has anything named '{epoch.until}'"
        yield problem_at(document, (*path, "until"), what, suggestion(epoch.until, flags))
    plastic = [key for key, projection in model.spec.projections.items() if projection.plastic]
    broken = set(model.document.names("projections")) - set(model.spec.projections)
    for k, name in enumerate(epoch.learn):
        if name not in plastic and name not in broken:
            what = f"no plastic projection named '{name}'"
            yield problem_at(document, (*path, "learn", k), what, suggestion(name, plastic))
    for port in epoch.drive:
        if port not in model.document.names("ports"):
            what = f"the model '{model.name}' has no port named '{port}'"
            yield problem_at(document, (*path, "drive", port), what, suggestion(port, list(model.spec.ports)), key=True)


def _silent_states(model: Model, document: Document, path: Path, silence: str | None) -> Iterator[Problem]:
    """A silenced population does not fire and puts nothing out, but its states are what they are."""
    for name, (pre, _) in model.ends.items():
        cell = model.cells.get(pre.population)
        if pre.population == silence and cell is not None and pre.variable in cell.states:
            what = f"'{name}' reads the state '{pre.variable}' of '{silence}', which silence does not stop"
            fix = "let it read an output, which is zero then" + "".join(
                f": {silence}.{key}" for key, _ in cell.outputs[:1]
            )
            yield problem_at(document, (*path, "silence"), what, fix)


def _control(
    model: Model, document: Document, path: Path, name: str, setting: Quantity | ControlRamp | ControlOfPattern
) -> Iterator[Problem]:
    """A control that the model has is set in its unit."""
    known = model.spec.controls
    if name not in known:
        if name not in model.document.names("controls"):
            what = f"the model '{model.name}' has no control named '{name}'"
            yield problem_at(document, path, what, suggestion(name, list(known)), key=True)
        return
    if isinstance(setting, ControlOfPattern):
        yield from attribute_problems(document, (*path, "attribute"), setting.attribute, document.names("patterns"))
    ends: list[tuple[Path, Quantity]] = [(path, setting)] if isinstance(setting, Quantity) else []
    if isinstance(setting, ControlRamp):
        ends = [((*path, "ramp", "from"), setting.ramp.from_), ((*path, "ramp", "to"), setting.ramp.to)]
        if setting.ramp.over is not None:
            yield from _whole_steps(model, document, (*path, "ramp", "over"), setting.ramp.over)
    wanted = known[name].dimension
    for place, end in ends:
        if end.dimension != wanted:
            what = f"'{end}' is {in_words(end.dimension)} but the control '{name}' is {in_words(wanted)}"
            yield problem_at(document, place, what, unit_fix(wanted))


def _whole_steps(model: Model, document: Document, path: Path, duration: Duration) -> Iterator[Problem]:
    if duration.steps is not None:
        if duration.steps > MAX_STEPS:
            yield problem_at(document, path, f"'{duration}' is more than {MAX_STEPS} steps", "make it shorter")
        return
    time = model.spec.time
    if time.discrete is not None and time.dt is None:
        what = f"the model '{model.name}' lives in discrete time"
        yield problem_at(document, path, what, "give the duration as '40 steps', or add 'time: {dt: ...}' to the model")
        return
    dt = time.step
    if dt < SHORTEST_STEP:
        return  # said of the model
    step, steps = Quantity(dt, SECOND), duration.seconds / dt
    if steps > MAX_STEPS:
        what = f"'{duration}' is more than {MAX_STEPS} steps of {step}"
        yield problem_at(document, path, what, "make it shorter, or 'time: {dt: ...}' of the model longer")
    elif abs(steps - round(steps)) > 1e-6 * max(1.0, steps) or steps < 0.5:
        whole = Quantity(max(1, round(steps)) * dt, SECOND)
        yield problem_at(document, path, f"'{duration}' is not a whole number of steps of {step}", f"write {whole}")


def _time_per_row(document: Document, path: Path, epoch: EpochSpec, attribute: str) -> Iterator[Problem]:
    """A duration that every pattern row has of its own: all trials share one clock, so `each` says which rows."""
    if epoch.each is None:
        what = f"'{attribute}' is a time per pattern, and the epoch does not show one pattern after another"
        fix = "a stream shows all for the same time: write 'each: pattern' instead" if epoch.stream else ""
        yield problem_at(document, path, what, fix or "add 'each: pattern', or give one time")
    yield from attribute_problems(document, path, attribute, document.names("patterns"))


def _nameable(model: Model, spec: ProtocolSpec, document: Document) -> dict[str, list[str]]:
    """What the settings of a readout may name."""
    return {
        "port": model.document.names("ports"),
        "port with patterns": document.names("patterns"),
        "population": model.document.names("populations"),
        "epoch": [epoch.name for epoch in spec.epochs],
        "projection": model.document.names("projections"),
    }


def repeats_adjust_known_things(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    """Every path leads to gains of pattern rows, and every rule is a readout."""
    if spec.repeat is None:
        return
    timed = [name for name, item in model.spec.projections.items() if isinstance(item.gain, Call)]
    known = [f"projections.{name}.gain" for name in timed]
    for target, call in spec.repeat.adjust.items():
        path: Path = ("repeat", "adjust", target)
        if target not in known:
            what = f"'{target}' leads to no gain of pattern rows of '{model.name}'"
            fix = suggestion(target, known) if known else "give a projection 'gain: {each_row: ...}'"
            yield problem_at(document, path, what, fix, key=True)
        yield from call_is_known(document, path, call, readout, _nameable(model, spec, document))
        if call.name in readout and not readout[call.name].options.get("factors"):
            fit = [name for name in readout if readout[name].options.get("factors")]
            what = f"'{call.name}' gives no factor for each pattern row"
            yield problem_at(document, path, what, f"use one of: {', '.join(fit)}")


def measures_are_known_readouts(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    known = _nameable(model, spec, document)
    for name, settings in spec.measure.items():
        readout_name = settings.get("readout", name)
        path: Path = ("measure", name)
        if not isinstance(readout_name, str) or readout_name not in readout:
            path = (*path, "readout") if "readout" in settings else path
            fix = suggestion(str(readout_name), list(readout))
            yield problem_at(document, path, f"no readout named '{readout_name}'", fix, key="readout" not in settings)
            continue
        call = Call(str(readout_name), {key: item for key, item in settings.items() if key != "readout"})
        yield from call_is_known(document, path, call, readout, known)
        window = settings.get("window")
        epoch = window.get("epoch") if isinstance(window, dict) else None
        if isinstance(epoch, str) and epoch not in known["epoch"]:
            fix = suggestion(epoch, known["epoch"])
            yield problem_at(document, (*path, "window", "epoch"), f"no epoch named '{epoch}'", fix)


def trials_need_patterns(_model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    given = [spec.trials.number, spec.trials.each_pattern, spec.trials.patterns]
    if sum(way is not None for way in given) != 1:
        what = "say how many trials there are, how many each pattern gets, or which patterns get one"
        fix = "write 'trials: 20', 'trials: {each_pattern: 1}' or 'trials: {patterns: [0, 4]}'"
        yield problem_at(document, ("trials",), what, fix, key=True)
    for key in ("each_pattern", "patterns"):
        if getattr(spec.trials, key) is not None and not document.names("patterns"):
            what = "there are no patterns to have trials of"
            yield problem_at(document, ("trials", key), what, "add 'patterns: ...'", key=True)
    for i, epoch in enumerate(spec.epochs):
        if spec.trials.patterns is not None and epoch.show is not None and epoch.show.pattern is not None:
            what = "this pattern is shown in all trials, and 'trials' says which pattern each trial gets"
            yield problem_at(document, ("epochs", i, "show", "pattern"), what, "remove one of the two", key=True)
