"""The energy of a circuit of rate cells, and its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam import evaluate, formula
from neuroam.circuit import Array, Circuit, Population, Projection, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.recording import Recording


def couplings(circuit: Circuit, ignore_asymmetry: bool) -> list[tuple[Projection, float]]:
    """Every symmetric pair of projections once (as its first member), with its factor in the energy.

    Raises
    ------
    FunctionError
        If a projection between cells with a Lagrangian has no partner that runs the other way with the same matrix, or
        joins a population to itself with a matrix that is not symmetric.
    """
    energetic = {name for name, population in circuit.populations.items() if population.cell.lagrangian}
    left = [p for p in circuit.projections.values() if p.pre in energetic and p.post in energetic]
    found: list[tuple[Projection, float]] = []
    while left:
        first = left.pop(0)
        back = [p for p in left if p.pre == first.post and p.post == first.pre]
        partner = next((p for p in back if _mirror(first, p)), back[0] if back and ignore_asymmetry else None)
        if first.pre == first.post and (ignore_asymmetry or _symmetric(circuit, first)):
            found.append((first, 0.5))
        elif partner is not None:
            left.remove(partner)
            found.append((first, 1.0))
        else:
            raise FunctionError(
                f"the projection '{first.name}' has no mirror image, so the circuit has no energy",
                "feed back through the same matrix with 'transpose: true' and the same gain, "
                "or set 'ignore_asymmetry: true' to follow the energy of the forward matrix",
            )
    return found


def _mirror(first: Projection, second: Projection) -> bool:
    return (
        first.matrix == second.matrix
        and first.transpose != second.transpose
        and np.unique(np.append(first.gain, second.gain)).size == 1
        and first.instantaneous
        and second.instantaneous
        and first.scale == "" == second.scale
    )


def _symmetric(circuit: Circuit, own: Projection) -> bool:
    """Whether a population's projection to itself is its own mirror image."""
    matrix = evaluate.as_array(circuit.matrices[own.matrix].weights)
    same = matrix.shape[0] == matrix.shape[1] and np.array_equal(matrix, matrix.T)
    return same and np.unique(own.gain).size == 1 and own.instantaneous and own.scale == ""


def energetic(circuit: Circuit) -> list[str]:
    """The populations whose Lagrangians make up the energy; none if one of them has no equation."""
    names = [name for name, population in circuit.populations.items() if population.cell.lagrangian and population.size]
    return names if all(circuit.populations[name].cell.odes for name in names) else []


def need_mirror_images(circuit: Circuit, settings: Any, _folder: Path) -> None:
    """Raise `FunctionError`, before a run, if the circuit has no energy."""
    for name in energetic(circuit):
        _need_states_only(circuit.populations[name])
    if energetic(circuit):
        couplings(circuit, settings.ignore_asymmetry)


def _need_states_only(population: Population) -> None:
    """Raise `FunctionError` if what the energy is made of does not follow from the states, which are recorded."""
    cell = population.cell
    lines = dict(cell.outputs) | {one.name: one.argument for one in cell.reductions}
    known = {*lines, *cell.states, *population.params, "size", "dt", "pi"}
    for text in (*lines.values(), cell.lagrangian):
        lost = sorted(formula.names(text, reductions=True) - known)
        lost += [f"{call}()" for call in ("rand", "randn") if formula.calls(text, call)]
        if lost:
            what = f"'{text}' of '{population.name}' reads '{lost[0]}', which is not recorded, so no energy is known"
            raise FunctionError(what, "let outputs and Lagrangian follow from the states, or leave this measure out")


def energies(
    recording: Recording, circuit: Circuit, trials: Trials, ignore_asymmetry: bool = False
) -> dict[str, Array]:
    """Total energy and its brackets at every sample, each (trials, samples); empty without Lagrangians."""
    names = energetic(circuit)
    if not names:
        return {}
    pairs = couplings(circuit, ignore_asymmetry)
    states = {
        key: trace.values
        for key, trace in recording.traces.items()
        if key[1] in circuit.populations[key[0]].cell.states
    }
    steps = recording.traces[names[0], circuit.populations[names[0]].cell.odes[0].variable].step
    found: evaluate.Values = dict(states)
    for step in evaluate.order_of(circuit):
        if step.kind != "project" and step.owner in names:
            found[step.owner, step.name] = evaluate.define(circuit, step.owner, step.name, found)
    parts: dict[str, Array] = {}
    for name in names:
        parts[name] = _bracket(circuit, trials, name, found, steps)
    total = np.zeros_like(parts[names[0]])
    for projection, factor in pairs:
        if projection.pre in names and projection.post in names:
            signal, other = found[projection.pre, projection.source], _output(circuit, projection.post, found)
            total -= factor * (evaluate.project(circuit, projection, signal) * other).sum(axis=-1)
    parts["coupling"] = total
    return {"total": sum(parts.values(), np.zeros_like(total)), **parts}


def _output(circuit: Circuit, name: str, found: evaluate.Values) -> Array:
    return found[name, circuit.populations[name].cell.outputs[0][0]]


def _bracket(circuit: Circuit, trials: Trials, name: str, found: evaluate.Values, steps: NDArray[np.int64]) -> Array:
    """Sum (x - I) g - L(x) of one population, with I the drive of the protocol."""
    cell = circuit.populations[name].cell
    state = found[name, cell.odes[0].variable]
    external = np.zeros_like(state)
    for slot in cell.inputs:
        if (name, slot) in trials.drives:
            signal = trials.drives[name, slot]
            row = signal.row[np.minimum(steps.astype(int), len(signal.row) - 1)]
            shown = np.where((row >= 0)[None, :, None], signal.table[np.maximum(row, 0)].transpose(1, 0, 2), 0.0)
            external = external + shown
    leak = circuit.populations[name].params.get("leak", 1.0)
    lagrangian = evaluate.expression(circuit, name, cell.lagrangian, found).sum(axis=-1)
    if np.all(np.asarray(leak) == 1.0):
        return np.asarray(((state - external) * _output(circuit, name, found)).sum(axis=-1) - lagrangian)
    # without a full leak, (x.g - L) enters with the leak as its factor (Krotov & Hopfield 2021, model C)
    own = (state * _output(circuit, name, found)).sum(axis=-1) - lagrangian
    return np.asarray(leak * own - (external * _output(circuit, name, found)).sum(axis=-1))


@readout("energy", needs=need_mirror_images)
def energy(recording: Recording, circuit: Circuit, trials: Trials, *, ignore_asymmetry: bool = False) -> Any:
    r"""Energy over time: one bracket per population with a Lagrangian, and the coupling.

    .. math:: E = \sum_A \left[ (x_A - I_A) \cdot g_A - L_A(x_A) \right] - \sum_{\text{pairs}} g_{post}^T W g_{pre}

    Parameters
    ----------
    recording, circuit, trials
        A run with the states of all rate cells recorded.
    ignore_asymmetry : bool
        Use the forward matrix also where the feedback is not its transpose; then the energy may rise.

    Returns
    -------
    DataArray
        (trial, time, part) with ``part`` in total, the populations, coupling; dimensionless; ``time`` in seconds.
        NaN if no cell of the circuit declares a Lagrangian.

    References
    ----------
    Krotov & Hopfield (2021) ICLR, arXiv 2008.06996, eq. 2 and 3; Krotov (2021) arXiv 2107.06446 for more layers.
    """
    import xarray as xr

    parts = energies(recording, circuit, trials, ignore_asymmetry)
    if not parts:
        return xr.DataArray(
            np.full((trials.count, 1, 1), np.nan),
            dims=("trial", "time", "part"),
            coords={"trial": trials.index, "time": [0.0], "part": ["total"]},
            attrs={"units": "1", "note": "the cells of this circuit declare no Lagrangian"},
        )
    steps = next(trace.step for trace in recording.traces.values())
    return xr.DataArray(
        np.stack(list(parts.values()), axis=-1),
        dims=("trial", "time", "part"),
        coords={"trial": trials.index, "time": steps * recording.dt, "part": list(parts)},
        attrs={"units": "1"},
    )
