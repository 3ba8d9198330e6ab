"""How many rows of each group contact each column."""

from __future__ import annotations

from typing import Annotated

from neuroam.circuit import Dense, Sources, Sparse
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.registry import Ref
from neuroam.rules import rule
from neuroam.rules.row_groups import sparse_of


@rule("group_contacts")
def group_contacts(sources: Sources, *, of: Annotated[str, Ref("matrix")], by: Annotated[str, Ref("matrix")]) -> Sparse:
    """Number of contacts between a group of rows and a unit: the degree of the unit inside the cluster.

    Parameters
    ----------
    sources : Sources
        Holds both matrices.
    of : str
        The matrix whose contacts (entries that are not 0) are counted, (rows, n).
    by : str
        Groups of its rows, (groups, rows) in {0, 1}.

    Returns
    -------
    Sparse
        (groups, n), whole numbers.

    Raises
    ------
    FunctionError
        If the groups do not fit the rows.
    """
    contacts, groups = as_array(sources.matrices[of]) != 0, as_array(sources.matrices[by])
    if groups.shape[1] != contacts.shape[0]:
        raise FunctionError(f"'{by}' groups {groups.shape[1]} rows but '{of}' has {contacts.shape[0]}")
    return sparse_of(Dense(groups @ contacts.astype(float)))
