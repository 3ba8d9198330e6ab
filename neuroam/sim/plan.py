"""Circuit -> the text of every step: which variables each population has, and which statements run when.

No Brian2 here: `neuroam show` prints a plan without starting a code generator.

Trials are replicas: a population of N cells in B trials is one group of B*N cells, cell ``n`` of trial ``b`` at index
``b*N + n``.  Reductions and controls are therefore variables of every cell, equal within a trial.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from neuroam.circuit import Circuit, Dense, Ones, Population, Projection, Reduction, Sparse, Trials
from neuroam.errors import BuildError
from neuroam.formula import device_text, dimension, names, parse, substitute
from neuroam.order import Edge, Step, evaluation_order
from neuroam.sim.linear import NotLinear, split_linear
from neuroam.units import ONE, Dimension

SPARSE_BELOW = 0.1
REST = " ;; "


@dataclass(frozen=True)
class Variable:
    """``kind``: "cell" (one value per cell), "shared" (one per group), "integer", "shared integer"."""

    name: str
    dimension: Dimension
    kind: str = "cell"


@dataclass(frozen=True)
class Kernel:
    """One projection or reduction: writes ``size_out`` numbers per trial from ``size_in`` numbers or spikes."""

    name: str
    kind: str
    spikes: bool
    source: tuple[str, str]
    size_in: int
    size_out: int
    delay_steps: int = 0
    why: str = ""


@dataclass(frozen=True)
class Table:
    """A signal looked up by step and cell (or by step and trial, for a control)."""

    name: str
    dimension: Dimension
    size: int
    per_trial: bool = False
    hold: bool = False


@dataclass(frozen=True)
class Noise:
    """One place in the text that draws random numbers; ``stream`` tells places apart."""

    name: str
    kind: str
    stream: int


@dataclass(frozen=True)
class Code:
    """Statements of one group at one place in the schedule; ``kernel`` runs first if there is one."""

    name: str
    population: str
    when: str
    order: int
    text: str
    kernel: str = ""


@dataclass
class Group:
    """One population as Brian2 will see it."""

    name: str
    size: int
    variables: list[Variable] = field(default_factory=list)
    threshold: str = ""
    reset: str = ""
    tables: list[Table] = field(default_factory=list)
    noises: list[Noise] = field(default_factory=list)
    ode_texts: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """Everything that the compiler needs to know of the structure; no numbers.

    ``decays`` says how the factors ``exp(slope*dt)`` that do not change in time are made from parameters.
    """

    groups: dict[str, Group]
    codes: list[Code]
    kernels: dict[str, Kernel]
    kernel_of: dict[str, str]
    decays: dict[tuple[str, str], str]
    order: list[Step]
    n_steps: int
    dt: float


def plan(circuit: Circuit, trials: Trials) -> Plan:
    """The plan of a circuit in the world of these trials (of which only the structure is read)."""
    return _Planner(circuit, trials).plan()


class _Planner:
    def __init__(self, circuit: Circuit, trials: Trials) -> None:
        self.circuit = circuit
        self.trials = trials
        self.populations = {name: p for name, p in circuit.populations.items() if p.size}
        self.projections = {
            name: p
            for name, p in circuit.projections.items()
            if p.pre in self.populations and p.post in self.populations
        }
        self.groups = {
            name: Group(f"pop_{_lower(name, self.populations)}", p.size) for name, p in self.populations.items()
        }
        self.codes: list[Code] = []
        self.kernels: dict[str, Kernel] = {}
        self.kernel_of: dict[str, str] = {}
        self.decays: dict[tuple[str, str], str] = {}
        self.streams = itertools.count(1)
        self.continuous = circuit.update == "continuous"

    def plan(self) -> Plan:
        edges = [
            Edge(p.name, p.pre, p.source, p.post, p.slot, p.source == "spike", p.filter is not None)
            for p in self.projections.values()
        ]
        order = evaluation_order({name: p.cell for name, p in self.populations.items()}, edges)
        for name, population in self.populations.items():
            self._declare(name, population)
        self._holds()
        self._evaluate(order, "start", 10, "")
        if self.continuous and self.circuit.method == "rk4":
            self._rk4(order)
        else:
            for name in self.populations:
                self._update(name)
        self._events()
        self._deliveries()
        steps = self.trials.n_steps
        return Plan(self.groups, self.codes, self.kernels, self.kernel_of, self.decays, order, steps, self.circuit.dt)

    # -- variables -------------------------------------------------------------------------------------------------

    def _declare(self, name: str, population: Population) -> None:
        group, cell = self.groups[name], population.cell
        variables = [Variable(state, cell.dimensions[state]) for state in cell.states]
        for param in cell.params:
            # the refractory time is counted in steps (below), and Brian2 keeps its name for itself
            if param in self.circuit.controls or (cell.event and param == cell.event.refractory):
                continue
            kind = "shared" if isinstance(population.params[param], float) else "cell"
            variables.append(Variable(param, cell.dimensions[param], kind))
        for reduction in cell.reductions:
            variables += [
                Variable(reduction.name, cell.dimensions[reduction.name]),
                Variable(f"arg_{reduction.name}", self._argument_dimension(population, reduction)),
            ]
        variables += [Variable(output, cell.dimensions[output]) for output, _ in cell.outputs]
        for projection in self._into(name):
            slot = cell.dimensions[projection.slot]
            if projection.slot not in cell.pulses:
                if projection.filter is None or "inflow" in projection.filter.rate:
                    variables.append(Variable(f"in_{projection.name}", slot))
                if projection.filter is not None:
                    variables.append(Variable(f"s_{projection.name}", slot))
            source = ONE if projection.source == "spike" else self._dimension_of(projection)
            kind = "shared" if isinstance(projection.gain, float) else "cell"
            variables.append(Variable(f"gain_{projection.name}", slot / source, kind))
            if projection.filter is not None:
                for key, dimension in projection.filter.dimensions.items():
                    variables.append(Variable(f"{key}_{projection.name}", dimension, "shared"))
        if cell.event and cell.event.refractory:
            scalar = isinstance(population.params[cell.event.refractory], float)
            variables += [Variable("ref_left", ONE, "integer")]
            variables += [Variable("ref_steps", ONE, "shared integer" if scalar else "integer")]
        group.variables = variables
        for (owner, slot_name), signal in self.trials.drives.items():
            if owner == name:
                group.tables.append(Table(f"stim_{slot_name}", cell.dimensions[slot_name], signal.table.shape[0]))
        for control in self.circuit.controls:
            if control in cell.params or any(p.scale == control for p in self._into(name)):
                dimension = cell.dimensions.get(control, ONE)
                group.tables.append(
                    Table(f"ctl_{control}", dimension, self.trials.controls[control].table.shape[0], True)
                )
        if self.circuit.update == "one_cell":
            group.noises.append(Noise("pick", "pick", 0))

    def _argument_dimension(self, population: Population, reduction: Reduction) -> Dimension:
        found = dimension(reduction.argument, {**population.cell.dimensions})
        assert found is not None
        return found

    def _dimension_of(self, projection: Projection) -> Dimension:
        return self.populations[projection.pre].cell.dimensions[projection.source]

    def _into(self, name: str) -> Iterator[Projection]:
        return (p for p in self.projections.values() if p.post == name)

    # -- text ------------------------------------------------------------------------------------------------------

    def _table(self, name: str, text: str, *, noise: bool = False) -> dict[str, str]:
        """What the names in ``text`` stand for on the device."""
        population, group = self.populations[name], self.groups[name]
        table: dict[str, str] = {"size": str(population.size)}
        read = names(text, reductions=True)
        for slot in population.cell.inputs:
            if slot in read:
                table[slot] = self._slot(name, slot)
        for control in self.circuit.controls:
            if control in population.cell.params:
                table[control] = f"ctl_{control}(t_in_timesteps, i)"
        if "xi" in read and noise:
            draw = self._noise(group, "gaussian")
            table["xi"] = f"{draw}(t_in_timesteps, i)/sqrt(dt)"
        return table

    def _noise(self, group: Group, kind: str) -> str:
        stream = next(self.streams)
        draw = f"{kind}_{stream}"
        group.noises.append(Noise(draw, kind, stream))
        return draw

    def _slot(self, name: str, slot: str) -> str:
        """The sum of everything that feeds one input slot."""
        terms = []
        for projection in self._into(name):
            if projection.slot == slot and slot not in self.populations[name].cell.pulses:
                terms.append(f"s_{projection.name}" if projection.filter else f"in_{projection.name}")
        if (name, slot) in self.trials.drives:
            terms.append(f"stim_{slot}(t_in_timesteps, i)")
        zero = f"0*{self._unit_of(name, slot)}" if self.populations[name].cell.dimensions[slot] != ONE else "0.0"
        return " + ".join(terms) or zero

    def _unit_of(self, name: str, slot: str) -> str:
        return self.populations[name].cell.dimensions[slot].base_text()

    def _text(self, name: str, text: str, *, noise: bool = False) -> str:
        """Cell text as Brian2 sees it: inputs, controls and random draws filled in."""
        result = substitute(text, self._table(name, text, noise=noise))
        for call, kind in (("rand()", "uniform"), ("randn()", "gaussian")):
            while call in result:
                draw = self._noise(self.groups[name], kind)
                result = result.replace(call, f"{draw}(t_in_timesteps, i)", 1)
        return device_text(result)

    # -- one step --------------------------------------------------------------------------------------------------

    def _holds(self) -> None:
        for (name, state), signal in self.trials.holds.items():
            if name not in self.populations:
                continue
            dimension = self.populations[name].cell.dimensions[state]
            self.groups[name].tables.append(Table(f"hold_{state}", dimension, signal.table.shape[0], hold=True))
            text = f"{state} = hold_{state}(t_in_timesteps, i, {state})"
            self._code(f"hold_{name}_{state}", name, "start", 0, text)

    def _code(self, label: str, population: str, when: str, order: int, text: str, kernel: str = "") -> None:
        self.codes.append(Code(f"do_{label.lower()}_{len(self.codes)}", population, when, order, text, kernel))

    def _evaluate(self, order: Sequence[Step], when: str, first: int, suffix: str) -> None:
        """Outputs, reductions and graded projections, each after what it reads."""
        position = first
        for step in order:
            if step.kind == "project":
                self._project(self.projections[step.owner], when, position, suffix)
            elif step.kind == "output":
                text = dict(self.populations[step.owner].cell.outputs)[step.name]
                code = f"{step.name} = {self._text(step.owner, text)}"
                self._code(f"{step.owner}_{step.name}{suffix}", step.owner, when, position, code)
            else:
                self._reduce(step, when, position, suffix)
            position += 2

    def _reduce(self, step: Step, when: str, order: int, suffix: str) -> None:
        population = self.populations[step.owner]
        reduction = next(r for r in population.cell.reductions if r.name == step.name)
        kernel = f"red_{step.owner}_{step.name}".lower()
        self.kernels[kernel] = Kernel(
            kernel, reduction.kind, False, (step.owner, f"arg_{step.name}"), population.size, population.size
        )
        code = f"arg_{step.name} = {self._text(step.owner, reduction.argument)}"
        self._code(f"{step.owner}_arg_{step.name}{suffix}", step.owner, when, order, code)
        unit = population.cell.dimensions[step.name]
        scale = "" if unit == ONE else f"*{unit.base_text()}"
        text = f"{step.name} = {kernel}_get(i){scale}"
        self._code(f"{step.owner}_{step.name}{suffix}", step.owner, when, order + 1, text, kernel)

    def _kernel(self, projection: Projection) -> str:
        name = f"proj_{_lower(projection.name, self.projections)}"
        self.kernel_of[projection.name] = name
        if name not in self.kernels:
            weights = self.circuit.matrices[projection.matrix].weights
            kind, why = choose_kernel(weights)
            pre, post = self.populations[projection.pre], self.populations[projection.post]
            source = (projection.pre, "_spikespace" if projection.source == "spike" else projection.source)
            delay = round(projection.delay / self.circuit.dt)
            spikes = projection.source == "spike"
            self.kernels[name] = Kernel(name, kind, spikes, source, pre.size, post.size, delay, why)
        return name

    def _project(self, projection: Projection, when: str, order: int, suffix: str) -> None:
        kernel = self._kernel(projection)
        source = self._dimension_of(projection)
        unit = "" if source == ONE else f"*{source.base_text()}"
        text = f"in_{projection.name} = {self._weighted(projection, kernel)}{unit}"
        self._code(f"{projection.name}{suffix}", projection.post, when, order, text, kernel)

    def _weighted(self, projection: Projection, kernel: str) -> str:
        scale = f"*ctl_{projection.scale}(t_in_timesteps, i)" if projection.scale else ""
        return f"gain_{projection.name}*{kernel}_get(i){scale}"

    def _deliveries(self) -> None:
        """Spikes of this step reach their targets (after their delay)."""
        for position, projection in enumerate(self.projections.values()):
            if projection.source != "spike":
                continue
            kernel = self._kernel(projection)
            pulses = self.populations[projection.post].cell.pulses
            value = self._weighted(projection, kernel)
            if projection.slot in pulses:
                text = f"{pulses[projection.slot]} += {value}"
            elif projection.filter is not None:
                text = f"s_{projection.name} += {value}"
            else:
                text = f"in_{projection.name} = {value}"
            self._code(projection.name, projection.post, "synapses", position, text, kernel)

    def _rates(self, name: str) -> list[tuple[str, str]]:
        """Variable and rate of every differential equation of a population, those of its filters included."""
        rates = [(ode.variable, ode.rate) for ode in self.populations[name].cell.odes]
        for projection in self._into(name):
            if projection.filter is not None:
                table = {"s": f"s_{projection.name}", "inflow": f"in_{projection.name}"}
                table |= {key: f"{key}_{projection.name}" for key in projection.filter.params}
                rates.append((f"s_{projection.name}", substitute(projection.filter.rate, table)))
        return rates

    def _update(self, name: str) -> None:
        """All states of one population move by one step, from the old values of all."""
        population = self.populations[name]
        lines = ["ref_left = ref_left - int(ref_left > 0)"] if self._refractory(population) else []
        new: list[tuple[str, str]] = []
        for variable, rate in self._rates(name):
            self.groups[name].ode_texts.append(f"d{variable}/dt = {self._readable(name, rate)}")
            new.append((variable, self._advance(name, variable, rate)))
        new += [(variable, self._text(name, value)) for variable, value in population.cell.updates]
        for i, (_, value) in enumerate(new):
            rest, separator, after = value.partition(REST)
            lines += [f"rest_{i} = {rest}"] * bool(separator)
            lines.append(f"new_{i} = {after.replace('REST', f'rest_{i}') if separator else value}")
        held = population.cell.event.hold if population.cell.event and self._refractory(population) else ()
        for i, (variable, _) in enumerate(new):
            lines.append(f"{variable} = {self._gated(name, f'new_{i}', variable, variable in held)}")
        if len(lines) > 0:
            self._code(f"update_{name}", name, "groups", 0, "\n".join(lines))

    def _readable(self, name: str, rate: str) -> str:
        table = {slot: self._slot(name, slot) for slot in self.populations[name].cell.inputs}
        return substitute(rate, {key: text for key, text in table.items() if key in names(rate)})

    def _refractory(self, population: Population) -> bool:
        return population.cell.event is not None and bool(population.cell.event.refractory)

    def _gated(self, name: str, new: str, old: str, held: bool) -> str:
        """The new value, or the old one where this cell does not move in this step."""
        if held:
            return f"int(ref_left <= 0)*{new} + int(ref_left > 0)*{old}"
        if self.circuit.update == "one_cell":
            total, first = sum(p.size for p in self.populations.values() if self._moves(p)), 0
            for other, population in self.populations.items():
                if other == name:
                    break
                first += population.size if self._moves(population) else 0
            chosen = f"(floor(pick(t_in_timesteps, i)*{total}) == {first} + i % {self.populations[name].size})"
            return f"int({chosen})*{new} + (1 - int({chosen}))*{old}"
        if self.circuit.update == "alternate":
            moving = [other for other, population in self.populations.items() if self._moves(population)]
            turn = f"int(t_in_timesteps % {len(moving)} == {moving.index(name)})"
            return f"{turn}*{new} + (1 - {turn})*{old}"
        return new

    def _moves(self, population: Population) -> bool:
        return bool(population.cell.states)

    def _advance(self, name: str, variable: str, rate: str) -> str:
        """The value of ``variable`` after one step; where the state comes to rest, if needed, before `REST`."""
        if self.continuous and self.circuit.method == "euler":
            return f"{variable} + dt*({self._text(name, rate, noise=True)})"
        numerator, divisor = _fraction(rate)
        try:
            constant, slope = split_linear(numerator, variable)
            split_linear(divisor, variable)
            if variable in names(divisor):
                raise NotLinear
        except NotLinear:
            raise BuildError(
                f"populations.{name}: exponential_euler needs an equation that is linear in its own variable, but "
                f"d{variable}/dt = {rate} is not\n      fix: set time.method to euler or rk4"
            ) from None
        if not slope:
            return f"{variable} + dt*({self._text(name, rate, noise=True)})"
        target = self._target(name, constant, slope)
        if not self.continuous:
            return target or f"0*{variable}"
        decay = self._decay(name, variable, slope, divisor)
        return f"{target}{REST}REST + ({variable} - REST)*{decay}" if target else f"{variable}*{decay}"

    def _target(self, name: str, constant: str, slope: str) -> str:
        """Where the state would come to rest if nothing else moved; empty for zero."""
        if not constant:
            return ""
        top = self._text(name, constant, noise=True)
        return f"({top})" if slope == "-1" else f"(({top})/(-({self._text(name, slope)})))"

    def _decay(self, name: str, variable: str, slope: str, divisor: str) -> str:
        """``exp(slope*dt/divisor)``; a number made beforehand if nothing in it changes in time."""
        group, cell = self.groups[name], self.populations[name].cell
        read = names(slope) | names(divisor)
        fixed = {v.name for v in group.variables if v.kind == "shared" or v.name in cell.params}
        text = f"({slope})/({divisor})"
        if read <= fixed - set(self.circuit.controls):
            kind = "cell" if any(v.name in read and v.kind == "cell" for v in group.variables) else "shared"
            group.variables.append(Variable(f"decay_{variable}", ONE, kind))
            self.decays[name, variable] = text
            return f"decay_{variable}"
        return f"exp(dt*({self._text(name, text)}))"

    # -- events ----------------------------------------------------------------------------------------------------

    def _events(self) -> None:
        for name, population in self.populations.items():
            event = population.cell.event
            if event is None:
                continue
            when = self._text(name, event.when)
            lines = [self._statement(name, line) for line in event.then]
            if event.refractory:
                when = f"({when}) and (ref_left <= 0)"
                lines.append("ref_left = ref_steps")
            self.groups[name].threshold = when
            self.groups[name].reset = "\n".join(lines)

    def _statement(self, name: str, line: str) -> str:
        variable, _, value = line.partition(" = ")
        return f"{variable} = {self._text(name, value)}"

    # -- Runge-Kutta -----------------------------------------------------------------------------------------------

    def _rk4(self, order: Sequence[Step]) -> None:
        """Classical Runge-Kutta of the whole network: every stage evaluates outputs and projections again."""
        span = 2 * len(order) + 20
        moving = {name: self._rates(name) for name in self.populations if self._rates(name)}
        for name, rates in moving.items():
            for variable, rate in rates:
                dimension = self._state_dimension(name, variable)
                self.groups[name].ode_texts.append(f"d{variable}/dt = {self._readable(name, rate)}")
                self.groups[name].variables += [
                    Variable(f"old_{variable}", dimension),
                    Variable(f"sum_{variable}", dimension),
                ]
        for stage, (step, weight) in enumerate(((0.5, 1.0), (0.5, 2.0), (1.0, 2.0), (0.0, 1.0))):
            first = stage * span
            if stage:
                self._evaluate(order, "groups", first, f"_stage{stage}")
            for name, rates in moving.items():
                lines = [f"new_{i} = dt*({self._text(name, rate)})" for i, (_, rate) in enumerate(rates)]
                for i, (variable, _) in enumerate(rates):
                    lines += _stage_lines(variable, f"new_{i}", stage, step, weight)
                self._code(f"stage_{name}_{stage}", name, "groups", first + span - 1, "\n".join(lines))

    def _state_dimension(self, name: str, variable: str) -> Dimension:
        return next(v.dimension for v in self.groups[name].variables if v.name == variable)


def _stage_lines(variable: str, slope: str, stage: int, step: float, weight: float) -> list[str]:
    if stage == 0:
        return [
            f"old_{variable} = {variable}",
            f"sum_{variable} = {slope}",
            f"{variable} = old_{variable} + {step}*{slope}",
        ]
    lines = [f"sum_{variable} = sum_{variable} + {weight}*{slope}"]
    if stage < 3:
        return [*lines, f"{variable} = old_{variable} + {step}*{slope}"]
    return [*lines, f"{variable} = old_{variable} + sum_{variable}/6.0"]


def _fraction(rate: str) -> tuple[str, str]:
    """Numerator and divisor of ``(...)/(...)``; the divisor is 1 if the rate is not a fraction."""
    tree = parse(rate)
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        return ast.unparse(tree.left), ast.unparse(tree.right)
    return rate, "1"


def choose_kernel(weights: Dense | Sparse | Ones) -> tuple[str, str]:
    """The kind of kernel for these weights, and why."""
    if isinstance(weights, Ones):
        return "ones", "every weight is the same: one sum per trial"
    if isinstance(weights, Sparse):
        rows, columns = weights.shape
        density = weights.data.size / max(rows * columns, 1)
        return "sparse", f"{100 * density:.3g} % of the entries exist (below {100 * SPARSE_BELOW:.0f} %)"
    return "dense", "most entries exist: whole rows, no index arrays"


def _lower(name: str, all_names: Sequence[str] | dict[str, object] | object) -> str:
    """The name in lower case (the GPU device needs it), made unique."""
    others = [other for other in all_names if other.lower() == name.lower()]  # type: ignore[attr-defined]
    low = name.lower()
    return low if others[0] == name else f"{low}_{others.index(name)}"
