"""Circuit and trials in, recording out: the one call that other rooms make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.recording import Recording
from neuroam.sim.collect import collect
from neuroam.sim.cuda import write_program
from neuroam.sim.devices import DEVICE
from neuroam.sim.plan import plan as make_plan
from neuroam.sim.structure import Plan, Wanted
from neuroam.sim.values import take, values

MAX_BATCH_CELLS = 200_000
MAX_BATCH = 64


@dataclass(frozen=True)
class Outcome:
    """A recording, and how it came about."""

    recording: Recording
    cache_hit: bool
    build_seconds: float
    run_seconds: float


def batch_size(circuit: Circuit, trials: Trials) -> int:
    """How many trials share a program: as many as fit a bound on cells, in batches of equal size."""
    cells = max(1, sum(p.size for p in circuit.populations.values()))
    most = max(1, min(MAX_BATCH, MAX_BATCH_CELLS // cells, trials.count))
    return int(np.ceil(trials.count / np.ceil(trials.count / most)))


def simulate(circuit: Circuit, trials: Trials, wanted: Wanted, device: str, batch: int | None = None) -> Outcome:
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

    Raises
    ------
    BuildError, RunError, EnvironmentLacks
        If the program cannot be made, or its results cannot be trusted.
    """
    plan = make_plan(circuit, trials)
    batch = min(batch or batch_size(circuit, trials), trials.count)
    recorded = _recorded(wanted, plan)
    starts = range(0, trials.count, batch)
    counts = [min(batch, trials.count - start) for start in starts]
    runs = (
        values(plan, circuit, take(trials, np.minimum(np.arange(start, start + batch), trials.count - 1)))
        for start in starts
    )
    ran = DEVICE[device](plan, batch, runs, recorded)
    sizes = {name: group.size for name, group in plan.groups.items()}
    recording = collect(ran.batches, counts, sizes, recorded.traces, circuit.dt, trials.n_steps)
    return Outcome(recording, ran.cache_hit, ran.build_seconds, ran.run_seconds)


def write_cuda_program(
    circuit: Circuit, trials: Trials, wanted: Wanted, folder: Path, *, compiled: bool, batch: int | None = None
) -> None:
    """Write the CUDA program that `simulate` would run on a GPU into a folder, and compile it if asked; no GPU needed.

    Raises
    ------
    EnvironmentLacks, BuildError
        If something is missing to write or to compile it, or the circuit cannot run on a GPU.
    """
    plan = make_plan(circuit, trials)
    batch = min(batch or batch_size(circuit, trials), trials.count)
    first = values(plan, circuit, take(trials, np.arange(batch)))
    write_program(plan, batch, first, _recorded(wanted, plan), folder, compiled=compiled)


def _recorded(wanted: Wanted, plan: Plan) -> Wanted:
    """Without the populations that have no cells."""
    return Wanted(
        tuple(name for name in wanted.spikes if name in plan.groups),
        {key: every for key, every in wanted.traces.items() if key[0] in plan.groups},
    )
