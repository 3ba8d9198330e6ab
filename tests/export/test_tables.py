"""Tables, and where exports go."""

from __future__ import annotations

import builtins
import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import neuroam
from neuroam import api
from neuroam.errors import EnvironmentLacks, SpecError, StoreError
from neuroam.export import FORMATS, default_path


@pytest.fixture(scope="module")
def made(stored, tmp_path_factory):
    return stored.export("csv", tmp_path_factory.mktemp("tables") / "csv")


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_tables_of_csv(made, stored):
    trials, spikes = rows(made / "trials.csv"), rows(made / "spikes.csv")
    assert [float(row["overlap"]) for row in trials] == stored.measures["overlap"].values.tolist()
    assert len(spikes) == sum(found.cell.size for found in stored.spikes.values())
    mine = [row for row in spikes if row["population"] == "pool" and row["trial"] == "2" and row["cell"] == "5"]
    pool = stored.spikes["pool"]
    expected = pool.step[(pool.trial == 2) & (pool.cell == 5)] * 1e-4
    assert [float(row["time"]) for row in mine] == pytest.approx(expected, rel=1e-12)
    assert len(rows(made / "cells.csv")) == 62
    assert len(rows(made / "patterns.csv")) == 2 * 8
    assert [row["epoch"] for row in rows(made / "epochs.csv")] == ["baseline", "cue", "recall"]
    rate = {(row["trial"], row["population"]): float(row["value"]) for row in rows(made / "measure_rate.csv")}
    assert rate["3", "pool"] == float(stored.measures["rate"].sel(population="pool")[3])
    facts = json.loads((made / "export.json").read_text(encoding="utf-8"))
    assert facts["format"] == "csv"
    assert facts["columns_of_trials"]["corruption"].startswith("share of the units")


def test_a_memory_counts_as_recalled_above_the_bound_of_success(stored, made):
    trials = rows(made / "trials.csv")
    recalled, closest = ([int(row[name]) for row in trials] for name in ("recalled_pattern", "closest_pattern"))
    overlaps = [float(row["closest_overlap"]) for row in trials]
    assert recalled == [pattern if m > 0.2 else -1 for pattern, m in zip(closest, overlaps, strict=True)]
    assert recalled.count(-1) not in (0, 16)
    assert all(recalled[k] >= 0 for k in np.flatnonzero(stored.measures["success"].values))
    about = json.loads((made / "export.json").read_text(encoding="utf-8"))["columns_of_trials"]
    assert about["recalled_pattern"].endswith("if its overlap is above 0.2; -1 if none was")


def test_what_was_recalled_is_not_told_where_it_is_not_known(some_cells, tmp_path):
    without = replace(some_cells.run, measures={"rate": some_cells.measures["rate"]})
    trials = rows(api.Result(without).export("csv", tmp_path / "csv") / "trials.csv")
    assert "cued_pattern" in trials[0]
    assert not {"recalled_pattern", "closest_pattern", "overlap"} & set(trials[0])


def test_parquet_has_the_same_tables(made, stored, tmp_path):
    found = stored.export("parquet", tmp_path / "parquet")
    assert {path.stem for path in found.glob("*.parquet")} == {path.stem for path in made.glob("*.csv")}
    trace = pq.read_table(found / "trace_features_v.parquet").to_pydict()
    assert np.array_equal(trace["value"], stored.recordings[0].traces["features", "v"].values.ravel())
    assert pq.read_table(found / "trials.parquet")["cued_pattern"].to_pylist() == [0, 1] * 8


def test_several_networks_are_told_apart(two_networks, tmp_path):
    result = two_networks
    trials = rows(result.export("csv", tmp_path / "csv") / "trials.csv")
    assert [row["network"] for row in trials] == ["0"] * 16 + ["1"] * 16
    assert [float(row["overlap"]) for row in trials] == result.measures["overlap"].values.ravel().tolist()
    assert default_path(tmp_path, "nwb", 2) == tmp_path / "nwb"
    made = result.export("nwb", tmp_path / "nwb")
    assert {path.name for path in made.iterdir()} == {"network_0.nwb", "network_1.nwb", "export.json"}


@pytest.mark.parametrize("to", ["csv", "nwb"])
def test_what_is_there_is_replaced_on_demand_only(stored, tmp_path, to):
    path = default_path(tmp_path, to, 1)
    stored.export(to, path)
    with pytest.raises(StoreError, match="is there: give --overwrite"):
        stored.export(to, path)
    stored.export(to, path, overwrite=True)
    assert [other.name for other in tmp_path.iterdir()] == [path.name]  # nothing half-written is left


@pytest.mark.parametrize("to", ["csv", "nwb"])
def test_what_is_no_export_is_never_replaced(stored, tmp_path, to):
    path = default_path(tmp_path, to, 1)
    path.mkdir()
    (path / "thesis.tex").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="is there and no export of this kind"):
        stored.export(to, path, overwrite=True)
    assert (path / "thesis.tex").exists()


def test_a_run_directory_is_no_export(stored, folder):
    with pytest.raises(StoreError, match="no export of this kind"):
        stored.export("csv", folder, overwrite=True)


def test_whoever_reopens_a_run_is_warned_of_what_is_gone(folder, tmp_path):
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    shutil.rmtree(copy / "synapses")
    with pytest.warns(UserWarning, match=r"copy: synapses/exponential\.yaml is missing"):
        neuroam.reopen(copy)


def test_a_half_written_export_leaves_nothing(stored, tmp_path, monkeypatch):
    from neuroam.export import tables

    def fails(columns, file):
        file.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables, "_write_csv", fails)
    with pytest.raises(StoreError, match="cannot write .*csv: No space left on device"):
        stored.export("csv", tmp_path / "csv")
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_ending_is_told(stored, tmp_path):
    with pytest.raises(SpecError, match=r"named \.nwb, not '\.h5'\n      fix: write run\.nwb"):
        stored.export("nwb", tmp_path / "run.h5")


@pytest.mark.parametrize(
    ("to", "package", "extra"), [("nwb", "pynwb", "nwb"), ("neo", "neo", "neo"), ("parquet", "pyarrow", "parquet")]
)
def test_a_missing_package_is_named(stored, tmp_path, monkeypatch, to, package, extra):
    real = builtins.__import__

    def without(name, *more, **given):
        if name.partition(".")[0] == package:
            raise ModuleNotFoundError(f"No module named '{package}'", name=package)
        return real(name, *more, **given)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EnvironmentLacks, match=rf"pip install 'neuroam\[{extra}\]'") as caught:
        stored.export(to, default_path(tmp_path, to, 1))
    assert caught.value.exit_code == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("to", sorted(FORMATS))
def test_some_cells_and_epochs_can_be_exported(some_epochs, to, tmp_path):
    assert some_epochs.export(to, default_path(tmp_path, to, 1)).exists()


@pytest.mark.parametrize("to", sorted(FORMATS))
def test_a_population_of_which_no_cell_was_kept_can_be_exported(no_cells, to, tmp_path):
    assert no_cells.export(to, default_path(tmp_path, to, 1)).exists()


def test_only_the_cells_that_were_kept_are_exported(some_cells, tmp_path):
    result = some_cells
    cells = rows(result.export("csv", tmp_path / "csv") / "cells.csv")
    assert [row["cell"] for row in cells if row["population"] == "features"] == ["2", "5"]
    block = result.to_neo()
    assert [
        t.annotations["cell"] for t in block.segments[0].spiketrains if t.annotations["population"] == "features"
    ] == [2, 5]
    units = result.to_nwb().units.to_dataframe()
    assert units[units.population == "features"].cell.tolist() == [2, 5]
    trials = rows(tmp_path / "csv" / "trials.csv")
    assert [float(row["overlap"]) for row in trials] == result.measures["overlap"].values.tolist()  # measured before
