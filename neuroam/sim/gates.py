"""What keeps cells from moving: trials that have ended, and populations that are silenced.

One group with a cell per trial, the clock, keeps whether the trial has ended: it has if a flag of the running epoch was
above zero since the epoch began.  The flag is looked at when everything instantaneous is known; from that step on the
trial stands still, until the epoch is over.
"""

from __future__ import annotations

from neuroam.circuit import Population
from neuroam.sim.structure import Draft, Group, Kernel, Table, Variable
from neuroam.sim.words import moves, variable_of
from neuroam.units import ONE

CLOCK = "clock of trials"
WATCH = 600_000  # in the slot "start"


def declare_clock(draft: Draft) -> None:
    """One cell per trial, if trials may end early."""
    if not draft.trials.until:
        return
    clock = Group("trial_clock", ("clock",), 1, [Variable("ended", ONE)])
    for number in range(len(draft.trials.until)):
        clock.variables.append(Variable(f"flag_{number}", ONE))
        clock.tables.append(Table(f"until_{number}", ("until", str(number)), ONE, 4, per_trial=True))
    draft.groups[CLOCK] = clock
    for name, group in draft.groups.items():
        if group.of[0] == "edges" or (name in draft.populations and _does_something(draft.populations[name])):
            group.variables.append(Variable("ended", ONE))


def _does_something(population: Population) -> bool:
    return moves(population) or population.cell.event is not None


def watch(draft: Draft) -> None:
    """Look at the flags, tell every population, and end the program when nothing is left to do."""
    if not draft.trials.until:
        return
    size = {name: group.size for name, group in draft.groups.items()}
    for number, until in enumerate(draft.trials.until):
        flag, statement = variable_of(draft, until.population, until.variable)
        if statement:
            draft.add(f"until_{number}", until.population, "start", WATCH, statement)
        kernel = f"flag_{number}"
        source = (until.population, flag)
        draft.kernels[kernel] = Kernel(kernel, "spread", False, source, CLOCK, size[until.population], 1)
        draft.add(kernel, CLOCK, "start", WATCH + 1, f"flag_{number} = {kernel}_get(i)", kernel)
    on = [f"until_{number}(t_in_timesteps, i)" for number in range(len(draft.trials.until))]
    met = " + ".join(f"{text}*int(flag_{number} > 0)" for number, text in enumerate(on))
    draft.add("ended", CLOCK, "start", WATCH + 2, f"ended = int({' + '.join(on)} > 0)*int(ended + {met} > 0)")
    for name, group in draft.groups.items():
        if name != CLOCK and any(v.name == "ended" for v in group.variables):
            kernel = f"end_{list(draft.groups).index(name)}"
            draft.kernels[kernel] = Kernel(kernel, "spread", False, (CLOCK, "ended"), name, 1, group.size)
            draft.add(f"end_{name}", name, "start", WATCH + 3, f"ended = {kernel}_get(i)", kernel)
    draft.kernels["halt"] = Kernel("halt", "halt", False, (CLOCK, "ended"), CLOCK, 1, 1)
    draft.add("halt", CLOCK, "end", 0, "", "halt")


def gates(draft: Draft) -> list[str]:
    """The conditions under which cells may move and fire, and edges learn."""
    return ["ended <= 0"] if draft.trials.until else []


def silenced(draft: Draft, name: str) -> str:
    """What is above zero while a population does not fire; "" if it always may."""
    return "silenced(t_in_timesteps, i)" if name in draft.trials.silenced else ""
