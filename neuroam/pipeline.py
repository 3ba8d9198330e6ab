"""In which order?  The whole flow of one run on one page.

::

    protocol, model, settings ── load ──> Spec ── resolve ──> Circuit, Trials ── simulate ──> Recording
                                                                       Recording ── measure ──> {name: DataArray}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from neuroam import recorded
from neuroam.circuit import Circuit, Learned, Outline, Sparse, Trials
from neuroam.errors import FunctionError, Problem, RunError, SpecError
from neuroam.evaluate import ends_of, weights_of
from neuroam.leaves import Call
from neuroam.limits import size_text
from neuroam.network import Adjusted, Network
from neuroam.parts import Parts
from neuroam.readouts import readout
from neuroam.recording import Recording
from neuroam.resolve import Begun, begin, finish, resolve
from neuroam.sim import cache, devices
from neuroam.sim.pulse import Tick, ignore
from neuroam.sim.structure import Wanted
from neuroam.sim.trial import simulate
from neuroam.spec.nouns import Spec
from neuroam.spec.yaml import dotted

STEPS = ("stages", "resolve", "build", "run", "measure")  # whose seconds are counted


@dataclass(frozen=True)
class Run:
    """Everything that a run leaves.  ``measures`` has a dimension ``network`` if there are several.

    ``compiled_with`` names the compiler and its flags, if there was one.  Of lines of tokens, ``seconds`` also says how
    many windows per second the program read.
    """

    spec: Spec
    device: str
    networks: tuple[Network, ...]
    measures: Mapping[str, Any]
    cache_hit: bool
    seconds: Mapping[str, float]
    precision: str = "double"
    compiled_with: Mapping[str, str] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Simulated:
    """What was recorded of one network, and all that was asked to be."""

    asked: Wanted
    recording: Recording


def run(
    spec: Spec,
    device: str = "auto",
    batch: int | None = None,
    say: Callable[[str], None] = print,
    start: Callable[[int], Tick] = lambda _: ignore,
    parts: Parts | None = None,
    precision: str = "double",
    known: dict[int, Simulated] | None = None,
) -> Run:
    """Simulate and measure a protocol.

    Parameters
    ----------
    spec : Spec
        From `neuroam.spec.load.load`.
    device : {"auto", "numpy", "cpp", "cuda"}
        Where to run; ``auto`` is C++ if there is a compiler.
    batch : int, optional
        Trials per program; results do not depend on it.
    say : callable
        Gets one line at a time on what is going on.
    start : callable
        Gets the number of all trials when they begin, and gives what is told the fraction that is done.
    parts : Parts, optional
        Where finished batches are kept, and those of an interrupted run found.
    precision : {"double", "single"}
        Of every variable and weight.
    known : dict, optional
        By number of the network, what was simulated of a protocol that differs in its measures only; what is missing
        is put there.

    Raises
    ------
    SpecError, BuildError, RunError, EnvironmentLacks
        See their docstrings.
    """
    started = datetime.now(UTC)
    chosen, remark = devices.choose(device)
    if remark:
        say(remark)
    protocol = spec.protocol.spec
    rounds = 1 + (protocol.repeat.times if protocol.repeat else 0)
    again = known if rounds == 1 else None
    flow = _Flow(spec, chosen, batch, precision, say, start, parts, again, protocol.networks * rounds)
    networks, measured = [], []
    for number in range(protocol.networks):
        weights = flow.learn(number)  # ........................................ stages -> their final weights
        adjusted: Adjusted = {}
        of_rounds: list[dict[str, Any]] = []
        while True:
            circuit, trials = flow.resolve(number, weights, adjusted)  # ...... Spec -> Circuit, Trials
            recording = flow.simulate(circuit, trials, number)  # ............. Circuit, Trials -> Recording
            network = Network(circuit, trials, recording, weights, adjusted)
            of_rounds.append(flow.measure(network))  # ........................ Recording -> {name: DataArray}
            if len(of_rounds) == rounds:
                break
            adjusted = next_round(spec, network)  # ........................... what the next round changes
        stays = recorded.kept(spec, circuit, trials, recording, number)
        for remark in recorded.shortfalls(spec, circuit, stays):
            say(remark if protocol.networks == 1 else f"network {number}: {remark}")
        networks.append(replace(network, recording=stays))
        measured.append(joined(of_rounds, "repeat"))
    words = sum(int((drive.row >= 0).sum()) for network in networks for drive in network.trials.lists.values())
    if words and flow.seconds["run"]:
        flow.seconds["words_per_second"] = words / flow.seconds["run"]
    made = devices.COMPILED_WITH[chosen]()
    measures = joined(measured, "network")
    return Run(spec, chosen, tuple(networks), measures, flow.hit, flow.seconds, precision, made, started)


@dataclass
class _Flow:
    """What the steps of one run share: how to run, and what all that took so far."""

    spec: Spec
    device: str
    batch: int | None
    precision: str
    say: Callable[[str], None]
    start: Callable[[int], Tick]
    parts: Parts | None
    known: dict[int, Simulated] | None
    runs: int
    done: int = 0
    hit: bool = True
    tick: Tick = ignore
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.seconds = dict.fromkeys(STEPS if self.spec.stages else STEPS[1:], 0.0)

    def learn(self, number: int) -> Learned:
        started = perf_counter()
        found = learned(self.spec, number, self.device, self.say, self.start)
        if found:
            self.seconds["stages"] += perf_counter() - started
        return found

    def resolve(self, number: int, weights: Learned, adjusted: Adjusted) -> tuple[Circuit, Trials]:
        started = perf_counter()
        begun = begin(self.spec, number, weights, adjusted)
        if self.done == 0:
            self.announce(begun.circuit, begun.outline)  # or refuse, before there are numbers of all trials
        trials = finish(begun)
        self.seconds["resolve"] += perf_counter() - started
        return begun.circuit, trials

    def announce(self, circuit: Circuit, outline: Outline) -> None:
        name, model = self.spec.protocol.name, self.spec.model.name
        recorded.refuse_impossible(self.spec, circuit, outline)
        size = size_text(recorded.refuse_too_large(self.spec, circuit, outline))
        self.say(f"{name} on {model}: {size_of(circuit, outline)}, device {self.device}, about {size} on disk")
        for patterns in circuit.patterns.values():
            if patterns.remark:
                self.say(patterns.remark)
        self.tick = self.start(outline.count * self.runs)

    def simulate(self, circuit: Circuit, trials: Trials, number: int) -> Recording:
        part = partial(_part, self.tick, self.done, self.runs)
        self.done += 1
        asked = recorded.wanted(self.spec, circuit, trials)
        if self.known is not None and number in self.known and self.known[number].asked == asked:
            return self.known[number].recording
        outcome = simulate(
            circuit, trials, asked, self.device, self.batch, self.precision, say=self.say, tick=part, parts=self.parts
        )
        self.seconds["build"] += outcome.build_seconds
        self.seconds["run"] += outcome.run_seconds
        self.hit = self.hit and outcome.cache_hit
        if self.known is not None:
            self.known[number] = Simulated(asked, outcome.recording)
        return outcome.recording

    def measure(self, network: Network) -> dict[str, Any]:
        started = perf_counter()
        found = measure(self.spec, network)
        self.seconds["measure"] += perf_counter() - started
        return found


def next_round(spec: Spec, network: Network) -> Adjusted:
    """Factors of pattern rows for the next round: those of this one times what its readouts say.

    Raises
    ------
    RunError
        If a readout gives no value per row.
    """
    found = dict(network.adjusted)
    assert spec.protocol.spec.repeat is not None
    for path, call in spec.protocol.spec.repeat.adjust.items():
        entry = readout[call.name]
        settings = entry.schema.model_validate(call.settings(entry.shorthand))
        offers = {"recording": network.recording, "circuit": network.circuit, "trials": network.trials}
        given = {name: getattr(settings, name) for name in type(settings).model_fields}
        try:
            factors = entry.function(**{key: offers[key] for key in entry.offers}, **given)
        except FunctionError as error:
            raise RunError(f"repeat.adjust.{path}: {error.what}") from None
        if factors.dims != ("row",):
            raise RunError(f"repeat.adjust.{path}: '{call.name}' gives no value per pattern row")
        found[path] = found.get(path, np.ones(factors.sizes["row"])) * factors.to_numpy()
    return found


def learned(
    spec: Spec,
    network: int = 0,
    device: str = "cpp",
    say: Callable[[str], None] = print,
    start: Callable[[int], Tick] = lambda _: ignore,
) -> Learned:
    """The weights that every stage of a protocol ends with in one network; empty if it has none.

    A stage runs once: what it ended with is kept beside the compiled programs, under a hash of all that it follows
    from.

    Raises
    ------
    SpecError, BuildError, RunError, EnvironmentLacks
        See their docstrings.
    """
    found: dict[str, Mapping[str, Sparse]] = {}
    for name, stage in spec.stages.items():
        circuit, trials = resolve(stage, network)
        say(f"stage {name} on {stage.model.name}: {size_of(circuit, trials)}")
        outcome = simulate(
            circuit, trials, Wanted(), device, say=lambda _: None, tick=start(trials.count),
            parts=Parts(cache.folder() / cache.STAGES, "the same call"),
        )  # fmt: skip
        found[name] = {
            projection: weights_of(edges, ends_of(circuit, projection))
            for projection, edges in outcome.recording.weights.items()
        }
    return found


def resolved(spec: Spec, network: int = 0, say: Callable[[str], None] = lambda _: None) -> tuple[Circuit, Trials]:
    """All numbers of one network, its stages having run; on the device that ``auto`` stands for.

    Raises
    ------
    SpecError, BuildError, RunError, EnvironmentLacks
        See their docstrings.
    """
    begun = begun_after_stages(spec, network, say)
    return begun.circuit, finish(begun)


def begun_after_stages(spec: Spec, network: int = 0, say: Callable[[str], None] = lambda _: None) -> Begun:
    """What `resolved` makes first: takes little, however many trials there are."""
    weights = learned(spec, network, devices.choose("auto")[0], say) if spec.stages else {}
    return begin(spec, network, weights)


def _part(tick: Tick, number: int, count: int, done: float) -> None:
    tick((number + done) / count)


def size_of(circuit: Circuit, trials: Trials | Outline) -> str:
    """The size of a run in words."""
    cells = sum(population.size for population in circuit.populations.values())
    return f"{trials.count} trials of {cells} cells, {trials.n_steps} steps of {circuit.dt * 1e3:g} ms"


def measure(spec: Spec, network: Network) -> dict[str, Any]:
    """Every readout that the protocol names.

    Raises
    ------
    SpecError
        If a readout cannot work with this circuit or its settings; with all of them.
    """
    found, problems = {}, []
    offers = {"recording": network.recording, "circuit": network.circuit, "trials": network.trials}
    offers["folder"] = spec.protocol.document.folder or Path()
    for name, settings in spec.protocol.spec.measure.items():
        call = Call(settings.get("readout", name), {key: item for key, item in settings.items() if key != "readout"})
        entry = readout[call.name]
        given = entry.schema.model_validate(call.args)
        arguments = {key: getattr(given, key) for key in type(given).model_fields}
        try:
            found[name] = entry.function(**{key: offers[key] for key in entry.offers}, **arguments)
        except FunctionError as error:
            where = spec.protocol.document.where(("measure", name), key=True)
            problems.append(Problem(where, dotted(("measure", name)), error.what, error.fix))
    if problems:
        raise SpecError(problems)
    return found


def joined(measured: list[dict[str, Any]], dim: str) -> dict[str, Any]:
    """Measures along a new dimension, if there are several."""
    if len(measured) == 1:
        return measured[0]
    import xarray as xr

    numbers = xr.DataArray(range(len(measured)), dims=dim, name=dim)
    return {name: xr.concat([one[name] for one in measured], numbers) for name in measured[0]}
