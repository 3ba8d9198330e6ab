"""Every rule keeps the promise of its room: a valid matrix, the same for the same seed, nothing changed on the way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neuroam.circuit import Dense, Matrix, Ones, PatternSet, Sources, Sparse, Weights
from neuroam.evaluate import as_array, unit_rows
from neuroam.rules import rule

P, N = 5, 12
SHAPE = (6, N)
EDGES = "before,after,number\n3,10,2\n20,10,1\n3,9,4\n3,10,5\n"

# settings that work with the sources below; a new rule gets a line here
EXAMPLES: dict[str, dict[str, Any]] = {
    "additive": {"of": "memory", "table": "covariance"},
    "adjacency": {"file": "square.csv", "labels": "kinds.txt", "pre": "P", "post": "K"},
    "associate": {"of": "memory", "to": "codes"},
    "cascade": {"of": "memory", "levels": 3},
    "cascade_surrogate": {"of": "memory", "levels": 3},
    "cascade_decoder": {"of": "memory", "levels": 2, "ages": 3},
    "coded_rows": {"of": "memory"},
    "centred": {"of": "hebb", "port": "memory"},
    "decoder_term": {"of": "decoder", "weights": "square", "term": "linear"},
    "dual_rows": {"of": "memory", "lag": 1},
    "entries": {"rows": [[1.0, 2.0], [3.0, 4.0]]},
    "group_contacts": {"of": "constraints", "by": "groups"},
    "hopfield": {"of": "memory"},
    "learned": {"stage": "before", "scaled": True, "of": "memory", "residual": 100.0},
    "mean_strength": {"of": "square"},
    "null_space": {"of": "levels", "inputs": 5},
    "perturbed": {"of": "square", "sd": 0.1, "keep": 0.9},
    "random_claws": {"n": 3, "copies": 2},
    "random_constraints": {"of": "levels"},
    "random_expansion": {"of": "memory", "times": 3, "p": 0.3},
    "random_projections": {"of": "memory", "count": 4},
    "random_rows": {"of": "memory", "size": 4},
    "recall_excitation": {"of": "hebb"},
    "recall_inhibition": {"of": "hebb", "decoder": "second_order", "term": "square"},
    "recall_strength": {"of": "hebb", "decoder": "plug_in"},
    "row_groups": {"of": "constraints", "port": "levels"},
    "row_products": {"of": "memory", "periodic": True},
    "row_sums": {"of": "square"},
    "rows": {"of": "memory", "lag": 1},
    "rows_from_stimuli": {"of": "stimuli"},
    "shift_rows": {"of": "memory", "lag": 1},
    "surrogate": {"of": "memory", "table": "pre_gated"},
    "table": {"file": "edges.csv", "pre": "before", "post": "after", "value": "number"},
    "zeros": {},
}
# rules that only see patterns: which axes of the matrix are units
UNITS = {"additive": (0, 1), "hopfield": (0, 1), "associate": (1,), "coded_rows": (1,), "dual_rows": (1,), "rows": (1,)}


def made_sources(order: NDArray[np.int64] | None = None) -> Sources:
    rng = np.random.default_rng(5)
    order = np.arange(N) if order is None else order
    memory = (rng.random((P, N)) < 0.5).astype(float)[:, order]
    members = np.zeros((2, N))
    members[0, : N // 2] = members[1, N // 2 :] = 1.0
    generator = (rng.random((3, N)) < 0.5).astype(float)
    levels = PatternSet(
        "levels", memory[:, :3] @ generator, False, attributes={"generator": generator, "members": members}
    )
    constraints = np.zeros((4, N))
    constraints[:2, :4] = rng.standard_normal((2, 4))
    constraints[2:, 7:] = rng.standard_normal((2, 5))
    matrices: dict[str, Weights] = {
        "codes": Dense(np.where(rng.random((P, 4)) < 0.5, 1.0, -1.0)),
        "square": Dense(rng.standard_normal((N, N))),
        "hebb": Dense(memory.T @ memory * (1 - np.eye(N))),
        "constraints": Dense(constraints),
        "decoder": Dense(rng.standard_normal((3, 20))),
        "groups": Dense(np.array([[1.0, 1, 0, 0], [0, 0, 1, 1]])),
    }
    return Sources(
        {
            "memory": PatternSet("memory", memory, True, 0.5),
            "levels": levels,
            "stimuli": PatternSet("stimuli", rng.random((8, N)), False),
        },
        {"memory": "bits", "levels": "levels", "stimuli": "rates"},
        matrices,
        {
            "before": {
                "read": unit_rows(Sparse((2, N), np.array([0, 2, 5]), np.array([0, 3, 1, 2, 11]), np.arange(1.0, 6)))
            }
        },
        {"hebb": ("additive", {"of": "memory"})},
    )


def call(name: str, folder: Path, seed: int = 1, sources: Sources | None = None) -> Weights:
    (folder / "edges.csv").write_text(EDGES, encoding="utf-8")
    (folder / "square.csv").write_text("0,1,2\n3,0,0\n1,1,0\n", encoding="utf-8")
    (folder / "kinds.txt").write_text("P\nK\nP\n", encoding="utf-8")
    entry = rule[name]
    offers: Mapping[str, Any] = {
        "sources": sources or made_sources(),
        "shape": SHAPE,
        "rng": np.random.default_rng(seed),
        "folder": folder,
    }
    settings = entry.schema.model_validate(EXAMPLES[name])
    given = {key: getattr(settings, key) for key in type(settings).model_fields}
    found = entry.function(**{key: offers[key] for key in entry.offers}, **given)
    assert isinstance(found, Dense | Sparse | Ones)
    return found


def test_every_rule_has_an_example() -> None:
    assert sorted(EXAMPLES) == list(rule)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_rule_returns_a_valid_matrix(name: str, tmp_path: Path) -> None:
    found = call(name, tmp_path)
    rows, columns = Matrix(name, found).shape
    assert rows > 0
    assert columns > 0
    if isinstance(found, Sparse):
        assert found.indptr.dtype == found.indices.dtype == np.int64
        assert found.indptr.shape == (rows + 1,)
        assert found.indptr[0] == 0
        assert found.indptr[-1] == found.indices.size == found.data.size
        assert (np.diff(found.indptr) >= 0).all()
        assert ((found.indices >= 0) & (found.indices < columns)).all()
        for row in range(rows):
            inside = found.indices[found.indptr[row] : found.indptr[row + 1]]
            assert (np.diff(inside) > 0).all(), "columns of a row ascend and stand there once"
    assert np.isfinite(as_array(found)).all()


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_same_seed_gives_the_same_matrix_and_another_seed_another(name: str, tmp_path: Path) -> None:
    first, again, other = (as_array(call(name, tmp_path, seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert np.array_equal(first, other) == ("rng" not in rule[name].offers)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_rule_leaves_its_sources_alone(name: str, tmp_path: Path) -> None:
    given, untouched = made_sources(), made_sources()
    call(name, tmp_path, sources=given)
    for port, patterns in untouched.patterns.items():
        assert np.array_equal(given.patterns[port].values, patterns.values)
    for matrix, weights in untouched.matrices.items():
        assert np.array_equal(as_array(given.matrices[matrix]), as_array(weights))


@pytest.mark.parametrize("name", sorted(UNITS))
def test_a_rule_ignores_how_units_are_numbered(name: str, tmp_path: Path) -> None:
    order = np.random.default_rng(7).permutation(N)
    expected = as_array(call(name, tmp_path))
    for axis in UNITS[name]:
        expected = np.take(expected, order, axis=axis)
    found = as_array(call(name, tmp_path, sources=made_sources(order)))
    assert np.allclose(found, expected, rtol=0, atol=1e-12)
