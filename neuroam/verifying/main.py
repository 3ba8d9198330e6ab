"""The flow of a check: every stage and the protocol itself, on the reference and on every device."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.pipeline import learned
from neuroam.recording import Recording
from neuroam.reference import integrate
from neuroam.resolve import resolve
from neuroam.sim.devices import choose
from neuroam.sim.structure import Wanted
from neuroam.sim.trial import simulate
from neuroam.sim.values import take
from neuroam.spec.nouns import Spec
from neuroam.token_lines import are_lines
from neuroam.verifying.compare import Deviation, compare
from neuroam.verifying.shorten import shortened

MOST = 20_000_000  # numbers that are compared; variables of more are looked at in some steps only
Key = tuple[str, str]


@dataclass(frozen=True)
class Checked:
    """What one device made of the same trials as ``against``, which is "reference" or another device.

    ``part`` is the name of the protocol or of a stage; ``dt`` is in seconds.
    """

    part: str
    device: str
    against: str
    dt: float
    deviations: Sequence[Deviation]

    @property
    def fine(self) -> bool:
        return all(deviation.fine for deviation in self.deviations)

    @property
    def largest(self) -> Deviation:
        """The largest deviation; one that is not fine if there is any."""
        return max(self.deviations, key=lambda deviation: (not deviation.fine, deviation.share))


def verify(
    spec: Spec, devices: Sequence[str], trials: int = 2, steps: int | None = None, say: Callable[[str], None] = print
) -> Iterator[Checked]:
    """Compare devices with the reference, and with the first of them.

    Parameters
    ----------
    spec : Spec
        A protocol; of its networks, the first is looked at.
    devices : sequence of {"numpy", "cpp", "cuda"}
        Which to run.
    trials : int
        How many, the first ones.
    steps : int, optional
        How many of each part, the first ones; all by default.

    Yields
    ------
    Checked
        For every stage and the protocol itself, each device against the reference and then against the first device.

    Raises
    ------
    SpecError, BuildError, RunError, EnvironmentLacks
        As of `neuroam.pipeline.run`.
    """
    for name, stage in spec.stages.items():
        yield from _part(name, *resolve(stage), devices, trials, steps, say)
    weights = learned(spec, 0, choose("auto")[0], say) if spec.stages else {}
    yield from _part(spec.protocol.name, *resolve(spec, 0, weights), devices, trials, steps, say)


def _part(
    name: str, circuit: Circuit, whole: Trials, devices: Sequence[str], count: int, steps: int | None,
    say: Callable[[str], None],
) -> Iterator[Checked]:  # fmt: skip
    trials = take(whole, np.arange(min(count, whole.count)))
    trials = trials if steps is None else shortened(trials, min(steps, trials.n_steps))
    every, fires = sampling(circuit, trials), firing(circuit)
    started = perf_counter()
    wanted = integrate(circuit, trials, every)
    wanted = replace(wanted, spikes={population: wanted.spikes[population] for population in fires})
    say(f"{name}: {trials.count} trials of {trials.n_steps} steps, reference in {perf_counter() - started:.1f} s")
    first: Recording | None = None
    for device in devices:
        recorded = simulate(circuit, trials, Wanted(fires, every), device, say=lambda _: None).recording
        yield Checked(name, device, "reference", circuit.dt, compare(wanted, recorded))
        if first is not None:
            yield Checked(name, device, devices[0], circuit.dt, compare(first, recorded))
        first = first or recorded


def firing(circuit: Circuit) -> tuple[str, ...]:
    """Populations whose spikes a device records; lines of tokens are not stepped there."""
    return tuple(name for name, p in circuit.populations.items() if p.cell.event and p.size and not are_lines(p))


def sampling(circuit: Circuit, trials: Trials) -> dict[Key, int]:
    """All states, outputs and reductions of cells, and the number of steps between two samples of them."""
    names = [
        (name, variable)
        for name, population in circuit.populations.items()
        if population.size and not are_lines(population)
        for cell in (population.cell,)
        for variable in (*cell.states, *(o for o, _ in cell.outputs), *(r.name for r in cell.reductions))
    ]
    numbers = sum(circuit.populations[name].size for name, _ in names) * trials.count * (trials.n_steps + 1)
    return dict.fromkeys(names, max(1, -(-numbers // MOST)))
