"""Circuit and trials in, recording out: the one call that other rooms make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neuroam.circuit import Circuit, Outline, Trials
from neuroam.parts import Parts
from neuroam.recording import Recording
from neuroam.sim.batches import Batches, cores
from neuroam.sim.collect import collect
from neuroam.sim.devices import BUILD, WRITE
from neuroam.sim.edge_values import joined
from neuroam.sim.edges import edges_key
from neuroam.sim.kernel_values import count, shared
from neuroam.sim.plan import plan as make_plan
from neuroam.sim.pulse import Tick, fragile, ignore
from neuroam.sim.structure import Blueprint, Wanted
from neuroam.sim.values import Values, take, values

MAX_BATCH_CELLS = 200_000
BATCHES = (64, 32, 16, 8, 4, 2, 1)  # few sizes, so that another number of trials finds its program in the cache
SMALL_BATCH = 8
WASTE = 0.2  # of a batch, filled with repeated trials that are thrown away


@dataclass(frozen=True)
class Outcome:
    """A recording, and how it came about."""

    recording: Recording
    cache_hit: bool
    build_seconds: float
    run_seconds: float


def batch_size(circuit: Circuit, trials: Trials | Outline, at_once: int = 1) -> int:
    """How many trials share a program.

    As many as fit a bound on cells, without much waste: neither places in the last batch nor programs, of those that
    run ``at_once``, stay empty.
    """
    cells = max(1, sum(p.size for p in circuit.populations.values()))
    at_once = min(at_once, max(1, -(-trials.count // SMALL_BATCH)))
    fitting = [size for size in BATCHES if size == 1 or size * cells <= MAX_BATCH_CELLS]
    places = {size: -(-trials.count // (size * at_once)) * size * at_once for size in fitting}
    return next((size for size in fitting if places[size] <= (1 + WASTE) * trials.count), 1)


@dataclass(frozen=True)
class Prepared:
    """A blueprint, the numbers of every batch (made when asked for), and how many trials of each are wanted."""

    blueprint: Blueprint
    runs: Iterator[Values]
    counts: list[int]


def prepare(
    circuit: Circuit,
    trials: Trials,
    wanted: Wanted,
    batch: int | None = None,
    precision: str = "double",
    at_once: int = 1,
) -> Prepared:
    """What `simulate` would run, with its arguments; ``at_once`` programs will run at a time."""
    plan = make_plan(circuit, trials)
    batch = batch or batch_size(circuit, trials, at_once)
    recorded = Wanted(
        tuple(name for name in wanted.spikes if name in plan.groups),
        {key: every for key, every in wanted.traces.items() if key[0] in plan.groups},
        fragile(plan, circuit, trials),
    )
    starts = range(0, trials.count, batch)
    counts = [min(batch, trials.count - start) for start in starts]
    parts = (take(trials, np.minimum(np.arange(start, start + batch), trials.count - 1)) for start in starts)
    arrays = shared(plan, circuit, trials, precision)
    runs = (values(plan, circuit, part, arrays) for part in parts)
    return Prepared(Blueprint(plan, batch, recorded, precision), runs, counts)


def simulate(
    circuit: Circuit,
    trials: Trials,
    wanted: Wanted,
    device: str,
    batch: int | None = None,
    precision: str = "double",
    *,
    say: Callable[[str], None] = print,
    tick: Tick = ignore,
    parts: Parts | None = None,
) -> Outcome:
    """Run all trials on one device.

    Parameters
    ----------
    circuit, trials
        With all their numbers.
    wanted : Wanted
        What to record; populations without cells are left out.
    device : {"numpy", "cpp", "cuda"}
        Where to run.
    batch : int, optional
        Trials per program; results do not depend on it.
    precision : {"double", "single"}
        Of every variable and weight.
    say : callable
        Gets a line on what is going on.
    tick : callable
        Gets the fraction that is done.
    parts : Parts, optional
        Where finished batches are kept, and those of an interrupted run found.

    Raises
    ------
    BuildError, RunError, EnvironmentLacks
        If the program cannot be made, or its results cannot be trusted.
    """
    prepared = prepare(circuit, trials, wanted, batch, precision, at_once=cores(device))
    plan, recorded = prepared.blueprint.plan, prepared.blueprint.recorded
    batches = Batches(device, prepared.blueprint, len(prepared.counts), say, tick, parts)
    raws = batches.all(prepared.runs)
    sizes = {name: (count(plan, circuit, name), group.size) for name, group in plan.groups.items()}
    edges = {
        name: joined(circuit, circuit.projections[name])[:2]
        for name in trials.learning
        if edges_key(name) in plan.groups
    }
    scales = {kernel.own: (kernel.target, kernel.scale) for kernel in plan.kernels.values() if kernel.scale}
    scaled = {name: scales[edges_key(name)] for name in edges if edges_key(name) in scales}
    recording = collect(raws, prepared.counts, sizes, recorded.traces, circuit.dt, trials.n_steps, edges, scaled)
    hit = batches.ready is None or batches.ready.cache_hit
    return Outcome(recording, hit, batches.build_seconds, batches.run_seconds)


def compile_program(prepared: Prepared, device: str) -> tuple[Path, bool]:
    """Compile a program into the cache: its folder there, and whether it was there before.

    Raises
    ------
    BuildError, EnvironmentLacks
        If the program cannot be made; a GPU is not needed for that.
    """
    program, hit = BUILD[device](prepared.blueprint, next(prepared.runs).arrays)
    return program.main.parent, hit


def write_program(prepared: Prepared, device: str, folder: Path, *, compiled: bool) -> None:
    """Leave the source of a program in a folder, and the program ``main`` if asked.

    Raises
    ------
    BuildError, EnvironmentLacks
        As of `compile_program`.
    """
    WRITE[device](prepared.blueprint, next(prepared.runs).arrays, folder, compiled=compiled)
