"""Circuit -> `Plan`: the whole program as text, without Brian2 and without numbers.

No Brian2 here: `neuroam show` prints a plan without starting a code generator.

Trials are replicas: a population of N cells in B trials is one group of B*N cells, cell ``n`` of trial ``b`` at index
``b*N + n``.  Reductions and controls are therefore variables of every cell, equal within a trial.
"""

from __future__ import annotations

from neuroam.circuit import Circuit, Trials
from neuroam.order import edges_of, evaluation_order
from neuroam.sim.declare import declare
from neuroam.sim.edges import declare_edges, learn
from neuroam.sim.gates import declare_clock, wake, watch
from neuroam.sim.integrate import runge_kutta, update
from neuroam.sim.join import joined
from neuroam.sim.listed import declare_lines, teach
from neuroam.sim.steps import arrive, deliver, evaluate, fire, hold_states
from neuroam.sim.structure import Draft, Group, Plan, lower
from neuroam.token_lines import are_lines


def plan(circuit: Circuit, trials: Trials) -> Plan:
    """The plan of a circuit in the world of these trials (of which only the structure is read)."""
    draft = _draft(circuit, trials)
    cells = {name: population.cell for name, population in draft.populations.items()}
    only = {name: population.only for name, population in draft.populations.items() if population.only}
    order = evaluation_order(cells, edges_of(draft.projections.values(), continuous=draft.continuous), only)
    for name in draft.populations:
        declare(draft, name)
    declare_edges(draft)
    declare_lines(draft)
    declare_clock(draft)
    wake(draft)
    hold_states(draft)
    arrive(draft)
    evaluate(draft, order, "start", 10, "")
    watch(draft)
    if draft.continuous and circuit.method == "rk4":
        runge_kutta(draft, order)
    else:
        for name in draft.populations:
            update(draft, name)
    fire(draft)
    deliver(draft)
    learn(draft)
    teach(draft)
    codes = joined(draft.codes, draft.kernels)
    return Plan(
        circuit.name, draft.groups, codes, draft.kernels, draft.kernel_of, draft.decays, order, trials.n_steps,
        circuit.dt, draft.rooms,
    )  # fmt: skip


def _draft(circuit: Circuit, trials: Trials) -> Draft:
    there = {name: p for name, p in circuit.populations.items() if p.size}
    lines = {name: p for name, p in there.items() if are_lines(p)}
    populations = {name: p for name, p in there.items() if name not in lines}
    projections = {n: p for n, p in circuit.projections.items() if p.pre in there and p.post in populations}
    draft = Draft(circuit, trials, populations, lines, projections, {})
    for name, population in populations.items():
        size = draft.room(f"cells of {name}", population.size, 32) if population.elastic else population.size
        draft.groups[name] = Group(f"pop_{lower(name, populations)}", ("population", name), size)
    return draft
