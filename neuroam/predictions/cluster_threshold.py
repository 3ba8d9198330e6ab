"""Up to which share of wrong units do clusters of constraints correct all of them?"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.predictions import prediction
from neuroam.predictions.reading import last_control, number_of
from neuroam.registry import Ref
from neuroam.theory.clusters import correctable_share, correction_probability

MOST = 8  # errors of a cluster of which so many are hardly ever repaired together


@prediction("cluster_threshold", along="fraction")
def cluster_threshold(
    circuit: Circuit,
    trials: Trials,
    rng: np.random.Generator,
    *,
    port: Annotated[str, Ref("port")],
    matrix: Annotated[str, Ref("matrix")] = "w",
    pattern: Annotated[str, Ref("population")] = "pattern",
    constraint: Annotated[str, Ref("population")] = "constraint",
    steps: Annotated[int, Field(ge=1, le=1000)] = 40,
    visits: Annotated[int, Field(ge=1, le=10_000)] = 40,
    retries: Annotated[int, Field(ge=1, le=10_000)] = 1,
) -> float:
    """The share of wrong units below which density evolution over clusters ends without errors.

    What a visit repairs is found by trying it: `correction_probability` with the weights of the circuit and the noise
    that controls ``upsilon`` and ``nu`` have in the last step.

    Parameters
    ----------
    circuit, trials
        One point of a sweep.
    rng : Generator
        Draws errors and noise.
    port : str
        Port whose patterns have the attribute ``members`` (clusters, n).
    matrix : str
        Constraint weights, (constraints, n).
    pattern, constraint : str
        The populations with the parameters ``phi`` and ``psi``.
    steps : int
        The most steps of a visit.
    visits : int
        Trials per cluster and number of errors.
    retries : int
        Visits with fresh noise that a cluster gets: an upper bound.

    Raises
    ------
    FunctionError
        If the patterns have no clusters, or cells lack a parameter.

    References
    ----------
    Karbasi, Salavati, Shokrollahi & Varshney (2013) NIPS 26:1682; there with single errors only.
    """
    clusters = clusters_of(circuit, port, matrix)
    noise = {name: last_control(trials, name) for name in ("upsilon", "nu")}
    phi, psi = number_of(circuit, pattern, "phi"), number_of(circuit, constraint, "psi")
    chances = []
    for errors in range(1, MOST + 1):
        found = correction_probability(clusters, errors, phi=phi, psi=psi, steps=steps, visits=visits, rng=rng, **noise)
        chances.append(found)
        if found == 0 and errors > 1:
            break
    members = circuit.patterns[port].attributes["members"]
    size, degree = round(float(members.sum(axis=1).mean())), round(float(members.sum(axis=0).mean()))
    return correctable_share(chances, size, max(1, degree - 1), retries)


def clusters_of(circuit: Circuit, port: str, matrix: str) -> list[Array]:
    """The weights of every cluster, (constraints, units).

    Raises
    ------
    FunctionError
        If the patterns have no clusters.
    """
    attributes = circuit.patterns[port].attributes
    if "members" not in attributes:
        raise FunctionError(f"the patterns of '{port}' have no clusters", "make them with 'subspace'")
    weights = as_array(circuit.matrices[matrix].weights)
    found = []
    for members in attributes["members"]:
        units = np.flatnonzero(members)
        outside = np.delete(weights, units, axis=1)
        rows = weights[:, units].any(axis=1) & ~outside.any(axis=1)
        if rows.any():
            found.append(weights[np.ix_(rows, units)])
    return found
