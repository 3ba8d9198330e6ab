"""Spec + seeds -> Circuit + Trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Outline, Sparse, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.activity import Window, span
from neuroam.resolve.context import Context, folder
from neuroam.resolve.matrices import refuse_lost_patterns
from neuroam.resolve.not_yet import refuse_what_cannot_run
from neuroam.resolve.spans import Span
from neuroam.resolve.structure import make_circuit
from neuroam.resolve.token_ports import refuse_impossible_lines
from neuroam.resolve.world import make_trials, outlined
from neuroam.seeds import Seeds
from neuroam.spec.nouns import Spec


@dataclass(frozen=True)
class Begun:
    """A network whose trials have no numbers yet: so far it takes little time and memory, however many there are."""

    circuit: Circuit
    outline: Outline
    context: Context
    spans: list[Span]


def resolve(
    spec: Spec,
    network: int = 0,
    learned: Mapping[str, Mapping[str, Sparse]] = {},
    adjusted: Mapping[str, NDArray[np.float64]] = {},
) -> tuple[Circuit, Trials]:
    """All numbers of one network.

    Parameters
    ----------
    spec : Spec
        Model and protocol, checked.
    network : int
        Which redrawing of the structure, from 0.
    learned : mapping
        The weights that the stages of the protocol ended with in this network.
    adjusted : mapping
        Factors for the gains of pattern rows, by path of the model (``projections.NAME.gain``).

    Returns
    -------
    Circuit, Trials
        What is there, and what it is put through.

    Raises
    ------
    SpecError
        With every problem that only numbers reveal: sizes that do not fit, functions that cannot work with their
        settings, features that this version cannot run.
    """
    begun = begin(spec, network, learned, adjusted)
    return begun.circuit, finish(begun)


def begin(
    spec: Spec,
    network: int = 0,
    learned: Mapping[str, Mapping[str, Sparse]] = {},
    adjusted: Mapping[str, NDArray[np.float64]] = {},
) -> Begun:
    """What `resolve` makes first: the circuit, and how long and how many the trials are."""
    protocol = spec.protocol.spec
    given = {role: seed for role, seed in protocol.seeds.model_dump().items() if seed is not None}
    context = Context(spec, Seeds.derive(protocol.seed, given, network), learned, adjusted)
    refuse_what_cannot_run(context)
    context.stop_if_wrong()
    circuit = make_circuit(context)
    refuse_impossible_lines(context, circuit)
    context.stop_if_wrong()
    spans, outline = outlined(context, circuit)
    return Begun(circuit, outline, context, spans)


def finish(begun: Begun, at_most: int | None = None) -> Trials:
    """The trials of a network that is begun; only the first ones if ``at_most`` says so."""
    context, circuit, outline = begun.context, begun.circuit, begun.outline
    if at_most is not None:
        outline = replace(outline, count=min(outline.count, at_most))
    trials = make_trials(context, circuit, begun.spans, outline)
    refuse_impossible_readouts(context, circuit, trials)
    refuse_lost_patterns(context, trials)
    context.stop_if_wrong()
    return trials


def refuse_impossible_readouts(context: Context, circuit: Circuit, trials: Trials) -> None:
    """Windows must lie inside the run, and circuits have what a readout needs: told before a run, not after it."""
    for name, settings in context.spec.protocol.spec.measure.items():
        entry = readout[str(settings.get("readout", name))]
        given = entry.schema.model_validate({key: item for key, item in settings.items() if key != "readout"})
        window, path = getattr(given, "window", None), context.protocol.existing(("measure", name, "window", "last"))
        try:
            if isinstance(window, Window):
                span(window, trials, circuit.dt, getattr(given, "epoch", None))
            path = ("measure", name)
            if "needs" in entry.options:
                entry.options["needs"](circuit, given, folder(context.protocol))
        except FunctionError as error:
            short = "make it shorter" if path[-1] == "last" else "check the settings of this measure"
            context.refuse(context.protocol, path, error.what, error.fix or short)
