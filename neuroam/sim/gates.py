"""What keeps cells from moving: trials that have ended, and populations that are silenced.

One group with a cell per trial, the clock, keeps whether the trial has ended: it has if a flag of the running epoch was
above zero since the epoch began.  The flag is looked at when everything instantaneous is known; from that step on the
trial stands still, until the epoch is over.
"""

from __future__ import annotations

from neuroam.circuit import Until
from neuroam.sim.structure import Draft, Group, Kernel, Table, Variable
from neuroam.sim.words import variable_of
from neuroam.units import ONE

CLOCK = "clock of trials"
TOLD = "_told"
WATCH = 600_000  # in the slot "start"


def declare_clock(draft: Draft) -> None:
    """One cell per trial, if trials may end early."""
    if not _watched(draft):
        return
    clock = Group("trial_clock", ("clock",), 1, [Variable("ended", ONE)])
    for number in _watched(draft):
        clock.variables.append(Variable(f"flag_{number}", ONE))
        clock.tables.append(Table(f"until_{number}", ("until", str(number)), ONE, 4, per_trial=True))
    for group in draft.groups.values():
        group.variables.append(Variable("ended", ONE))
    draft.groups[CLOCK] = clock


def _watched(draft: Draft) -> dict[int, Until]:
    """Epochs that may end early, by number; a population without cells has no flag."""
    return {number: until for number, until in enumerate(draft.trials.until) if until.population in draft.populations}


def wake(draft: Draft) -> None:
    """Trials that have ended go on when their epoch is over: before anything else in a step."""
    if _watched(draft):
        draft.add("wake", CLOCK, "start", 1, f"ended = int({_within(draft)} > 0)*ended")
        _tell(draft, 2)


def _within(draft: Draft) -> str:
    """Above zero while an epoch runs that may end early."""
    return " + ".join(f"until_{number}(t_in_timesteps, i)" for number in _watched(draft))


def _tell(draft: Draft, order: int) -> None:
    """Every cell and edge learns whether its trial has ended: those of trials in which that is news."""
    for number, (name, group) in enumerate(draft.groups.items()):
        if name != CLOCK:
            kernel = f"end_{number}"
            draft.kernels[kernel] = Kernel(
                kernel, "changed", False, (CLOCK, "ended"), name, 1, group.size, only="ended", events=TOLD
            )
            group.lists += [TOLD] * (TOLD not in group.lists)
            draft.add(f"news_{name}", name, "start", order, "", kernel)
            draft.add(f"end_{name}", name, "start", order + 1, "ended = 1 - ended", events=TOLD)


def watch(draft: Draft) -> None:
    """Look at the flags, tell every population, and end the program when nothing is left to do."""
    if not _watched(draft):
        return
    size = {name: group.size for name, group in draft.groups.items()}
    for number, until in _watched(draft).items():
        flag, statement = variable_of(draft, until.population, until.variable)
        if statement:
            draft.add(f"until_{number}", until.population, "start", WATCH, statement)
        kernel = f"flag_{number}"
        source = (until.population, flag)
        draft.kernels[kernel] = Kernel(kernel, "spread", False, source, CLOCK, size[until.population], 1)
        draft.add(kernel, CLOCK, "start", WATCH + 1, f"flag_{number} = {kernel}_get(i)", kernel)
    flags = [f"until_{number}(t_in_timesteps, i)*int(flag_{number} > 0)" for number in _watched(draft)]
    met = f"ended + {' + '.join(flags)}"
    draft.add("ended", CLOCK, "start", WATCH + 2, f"ended = int({_within(draft)} > 0)*int({met} > 0)")
    _tell(draft, WATCH + 3)
    draft.kernels["halt"] = Kernel("halt", "halt", False, (CLOCK, "ended"), CLOCK, 1, 1)
    draft.add("halt", CLOCK, "end", 0, "", "halt")


def gates(draft: Draft) -> list[str]:
    """The conditions under which cells may move and fire, and edges learn."""
    return ["ended <= 0"] if _watched(draft) else []


def still(draft: Draft, name: str, new: str) -> str:
    """The new value of a variable, or the old one in a trial that has ended."""
    return f"int(ended <= 0)*({new}) + int(ended > 0)*{name}" if _watched(draft) else new


def silenced(draft: Draft, name: str) -> str:
    """What is above zero while a population does not fire; "" if it always may."""
    return "silenced(t_in_timesteps, i)" if name in draft.trials.silenced else ""
