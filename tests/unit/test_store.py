"""Run directories are written whole or not at all, and read back as they were."""

from __future__ import annotations

import json
import os
import stat

import numpy as np
import pytest
import xarray as xr

from neuroam import parts, shipped, store
from neuroam.errors import StoreError
from neuroam.network import Network
from neuroam.recording import EdgeWeights, Recording, Spikes, Trace
from neuroam.resolve import resolve
from neuroam.spec.load import load
from neuroam.store import provenance

FACTS = {"device": "numpy", "seconds": {"run": 0.5}, "cache": "miss", "trials": 2, "networks": 1, "result_sha256": "x"}


@pytest.fixture(scope="module")
def spec():
    return load("recall_random", "two_body_lif", ["patterns.memory.bernoulli.count=3", "seeds.noise=7", "trials=2"])


@pytest.fixture
def recording():
    spikes = Spikes(*(np.array(column, dtype=np.int32) for column in ([0, 0, 1], [3, 5, 4], [1, 0, 2])))
    trace = Trace(np.array([0, 10]), np.arange(60.0).reshape(2, 2, 15))  # 3 patterns, 5 copies
    silent = Spikes(*[np.empty(0, np.int32)] * 3)
    edges = EdgeWeights(np.array([0, 0, 2]), np.array([1, 2, 0]), np.array([[0.5, 1.0, 0.0], [2.0, 0.1, 3.0]]))
    return Recording(1e-4, 20, 2, {"features": spikes, "pool": silent}, {("hidden", "v"): trace}, {"p": edges})


@pytest.fixture
def measures():
    time = xr.DataArray([[1.0, np.nan]], dims=("trial", "time"), coords={"trial": [0], "time": [0.1, 0.2]})
    other = xr.DataArray([1.0, 2.0, 3.0], dims="time", coords={"time": [0.0, 1.0, 2.0]}, attrs={"units": "Hz"})
    return {"course": time.rename("course"), "other": other.rename("other")}


@pytest.fixture(scope="module")
def resolved(spec):
    return resolve(spec)


@pytest.fixture
def written(spec, recording, resolved):
    def write(folder, measures, networks=1, **more):
        return store.write(folder, spec, [Network(*resolved, recording)] * networks, measures, FACTS, **more)

    return write


def test_what_is_written_is_read(tmp_path, written, recording, measures):
    folder = written(tmp_path / "new" / "run", measures)
    found = store.read(folder)
    assert list(found.measures) == ["course", "other"]
    for name, array in measures.items():
        xr.testing.assert_identical(found.measures[name], array)
    again = found.recordings[0]
    assert (again.dt, again.n_steps, again.n_trials) == (1e-4, 20, 2)
    for name in ("trial", "step", "cell"):
        assert np.array_equal(getattr(again.spikes["features"], name), getattr(recording.spikes["features"], name))
        assert getattr(again.spikes["pool"], name).size == 0
    assert np.array_equal(again.traces["hidden", "v"].values, recording.traces["hidden", "v"].values)
    for name in ("pre", "post", "values"):
        assert np.array_equal(getattr(again.weights["p"], name), getattr(recording.weights["p"], name))
    assert store.result_sha256(found.recordings, found.measures) == store.result_sha256((recording,), measures)


def test_provenance_says_where_a_run_comes_from(tmp_path, written, measures):
    folder = written(tmp_path / "run", measures)
    found = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert (found["protocol"], found["model"], found["device"], found["seed"]) == (
        "recall_random",
        "two_body_lif",
        "numpy",
        1,
    )
    assert set(found["seeds"]) == {"patterns", "structure", "cue", "noise", "trial"}
    assert found["packages"]["brian2"] == "2.10.1"
    assert set(found["files"]) == set(found["sha256"]) == {"protocol", "model"}
    assert found["settings"] == ["patterns.memory.bernoulli.count=3", "seeds.noise=7", "trials=2"]
    assert found["based_on"] == {}
    assert not any(str(value).startswith("/") for value in found.values())  # where it was is nobody's business


def test_provenance_has_the_files_that_a_model_is_based_on():
    found = provenance.provenance(load("recall_random", "two_body_lif_correlated"), {})
    (name, text), *others = found["based_on"]["model"].items()
    assert (name, others) == ("two_body_lif.yaml", [])
    assert text == (shipped.folder("models") / name).read_text(encoding="utf-8")


def test_a_directory_can_be_run_again_by_itself(tmp_path, written, spec, measures):
    folder = written(tmp_path / "run", measures)
    assert {path.name for path in (folder / "cells").iterdir()} == {"lif.yaml"}
    assert {path.name for path in (folder / "synapses").iterdir()} == {"exponential.yaml"}
    again = load(str(folder / "protocol.yaml"))
    assert again.model.spec == spec.model.spec
    assert again.protocol.spec.model_copy(update={"model": spec.protocol.spec.model}) == spec.protocol.spec


def test_nothing_half_written_is_left(tmp_path, written, measures):
    def fails(path):
        path.write_bytes(b"half a picture")
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreError, match="cannot write .*: No space left on device"):
        written(tmp_path / "run", measures, draw=fails)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_leaves_the_old_run_as_it_was(tmp_path, written, measures):
    folder = written(tmp_path / "run", measures)
    before = {path.name: path.read_bytes() for path in folder.glob("*.*")}

    def interrupted(path):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written(folder, {}, overwrite=True, draw=interrupted)
    assert {path.name: path.read_bytes() for path in folder.glob("*.*")} == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_run_is_replaced_only_on_demand(tmp_path, written, measures):
    folder = written(tmp_path / "run", measures)
    with pytest.raises(StoreError, match="holds another run: give --overwrite"):
        written(folder, {})
    written(folder, {}, overwrite=True)
    assert store.read(folder).measures == {}


def test_what_is_no_run_is_never_replaced(tmp_path, written, measures):
    (tmp_path / "thesis.tex").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="holds something that is not a run"):
        written(tmp_path, measures, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_empty_directory_is_free(tmp_path, written, measures):
    (tmp_path / "run").mkdir()
    assert store.read(written(tmp_path / "run", measures)).folder == tmp_path / "run"


def test_a_run_may_be_read_by_whom_the_umask_lets(tmp_path, written, measures):
    umask = os.umask(0o022)
    try:
        folder = written(tmp_path / "run", measures)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_damage_is_told(tmp_path, written, measures):
    folder = written(tmp_path / "run", measures)
    (folder / "recording.h5").write_bytes(b"not that")
    with pytest.raises(StoreError, match="is damaged"):
        store.read(folder)


def test_a_missing_recording_is_damage(tmp_path, written, measures):
    folder = written(tmp_path / "run", measures)
    (folder / "recording.h5").unlink()
    with pytest.raises(StoreError, match="is damaged"):
        store.read(folder)


def test_what_is_no_run_is_told(tmp_path):
    with pytest.raises(StoreError, match="there is no directory"):
        store.read(tmp_path / "nope")
    with pytest.raises(StoreError, match="is not a whole run"):
        store.read(tmp_path)


def test_the_hash_depends_on_every_number_and_name(recording, measures):
    first = store.result_sha256((recording,), measures)
    assert store.result_sha256((recording,), dict(reversed(measures.items()))) == first
    changed = {**measures, "other": measures["other"] + 1e-12}
    renamed = {"course": measures["course"], "another": measures["other"]}
    trace = Trace(recording.traces["hidden", "v"].step, recording.traces["hidden", "v"].values + 1e-12)
    moved = Recording(1e-4, 20, 2, recording.spikes, {("hidden", "v"): trace})
    hashes = [store.result_sha256((recording,), changed), store.result_sha256((recording,), renamed)]
    hashes += [store.result_sha256((moved,), measures), store.result_sha256((recording, recording), measures)]
    assert len({first, *hashes}) == 5


def test_the_default_directory_depends_on_time_and_files(spec, monkeypatch):
    found = store.default_folder(spec)
    assert found.parts[:2] == ("runs", "recall_random")
    other = store.default_folder(load("recall_random", "two_body_lif", ["trials=3"]))
    assert found.name.rpartition("-")[2] != other.name.rpartition("-")[2]


def test_the_parts_go_when_the_run_is_whole(tmp_path, written, measures):
    parts.beside(tmp_path / "run").keep("one", {"x": np.zeros(3)})
    written(tmp_path / "run", measures)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "x.txt"
    with store.whole_file(path) as half:
        half.write_text("first")
        assert not path.exists()
    with pytest.raises(UnicodeEncodeError), store.whole_file(path) as half:
        half.write_text("second\udcff")
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]
