"""Every valid file checks clean, and the sketches of the five families also have all their numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuroam.circuit import Circuit
from neuroam.resolve.context import Context
from neuroam.resolve.structure import make_circuit
from neuroam.seeds import Seeds
from neuroam.spec.load import check_file, load

VALID = Path(__file__).parent / "valid"
FILES = sorted(VALID.rglob("*.yaml"))
PROTOCOLS = sorted(path for path in FILES if "epochs:" in path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return str(path.relative_to(VALID))


def structure(protocol: Path, *settings: str) -> Circuit:
    """All that is there, also where the words of a sketch cannot be run yet."""
    return make_circuit(Context(load(str(protocol), settings=settings), Seeds.derive(1)))


def test_there_are_sketches_of_four_families() -> None:
    assert {path.parent.name for path in FILES} >= {"mushroom_body", "noisy", "sequence", "correlation"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_valid_file_checks_clean(path: Path) -> None:
    _, problems = check_file(str(path))
    assert [str(problem) for problem in problems] == []


@pytest.mark.parametrize("path", PROTOCOLS, ids=name_of)
def test_a_sketch_has_all_its_numbers(path: Path) -> None:
    settings = {
        "learn_words.yaml": ["populations.kc.size=8"],  # the text beside it has few windows
        "noise_benefit.yaml": ["patterns.memory.subspace.count=3"],
        "noise_benefit_parallel.yaml": ["patterns.memory.subspace.count=3"],
    }
    circuit = structure(path, *settings.get(path.name, []))
    assert all(population.size > 0 for population in circuit.populations.values())
    for projection in circuit.projections.values():
        assert np.isfinite(projection.gain).all()


def test_a_claw_reads_one_projection_neuron_not_a_glomerulus() -> None:
    circuit = structure(VALID / "sketches/mushroom_body/odour_conditioning.yaml")
    assert circuit.populations["pn"].size == 20
    assert circuit.matrices["claws"].shape == (2000, 20)


def test_wiring_from_a_file_sizes_the_population_that_takes_its_size_from_it() -> None:
    path = VALID / "sketches/mushroom_body"
    spec = load(str(path / "odour_conditioning.yaml"), str(path / "mushroom_body_wired.yaml"))
    circuit = make_circuit(Context(spec, Seeds.derive(1)))
    assert (circuit.populations["pn"].size, circuit.populations["kc"].size) == (4, 6)


def test_the_same_protocol_suits_both_models_of_correlated_recall() -> None:
    path = VALID / "sketches/correlation"
    load(str(path / "recall_correlated.yaml"), str(path / "correlation_aware.yaml"))


def test_an_ignoring_circuit_starts_without_weights() -> None:
    circuit = structure(VALID / "sketches/correlation/recall_correlated.yaml")
    assert circuit.matrices["w"].shape == (200, 200)
    assert circuit.matrices["strength"].shape == (1, 200)
    # (P - 1) (2 f^2 v + v^2) with f = 1/2 and v = 1/4, for 10 patterns
    assert circuit.populations["e"].params["scale"] == pytest.approx(9 * 0.1875)


def test_every_constraint_belongs_to_one_cluster_and_holds_for_every_pattern() -> None:
    circuit = structure(VALID / "sketches/noisy/noise_benefit.yaml", "patterns.memory.subspace.count=20")
    patterns = circuit.patterns["memory"].values
    from neuroam.evaluate import as_array

    weights = as_array(circuit.matrices["w"].weights)
    assert np.abs(weights @ patterns.T).max() < 1e-9
    # 50 clusters of 40 units in a subspace of 20 dimensions: about 20 constraints each
    assert 900 < len(weights) < 1100
    assert circuit.populations["cluster"].size == 50
