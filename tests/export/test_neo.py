"""Neo blocks: Elephant measures what we do."""

from __future__ import annotations

import warnings
from collections import defaultdict

import numpy as np
import pytest

# what Elephant 1.2 still says to quantities
pytestmark = pytest.mark.filterwarnings("ignore:The .copy. argument in Quantity is deprecated")


@pytest.fixture(scope="module")
def block(stored, tmp_path_factory):
    """Written by us, read by Neo."""
    import neo

    path = stored.export("neo", tmp_path_factory.mktemp("neo") / "run.pkl")
    return neo.io.PickleIO(str(path)).read_block()


@pytest.fixture(scope="module")
def elephant():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what it imports
        import elephant.statistics
    return elephant.statistics


def trains(block, trial, population):
    return [train for train in block.segments[trial].spiketrains if train.annotations["population"] == population]


def test_a_segment_is_a_trial(block, stored):
    assert len(block.segments) == 16
    segment = block.segments[3]
    assert segment.annotations["cued_pattern"] == 1
    assert segment.annotations["condition"] == "partial"
    assert segment.annotations["overlap"] == stored.measures["overlap"].values[3]
    assert list(segment.epochs[0].labels) == ["baseline", "cue", "recall"]
    assert float(segment.events[0].times[0].rescale("s")) == segment.annotations["cue_onset"]
    (signal,) = segment.analogsignals
    assert np.array_equal(signal.magnitude, stored.recordings[0].traces["features", "v"].values[3])
    assert (str(signal.units.dimensionality), float(signal.sampling_period.rescale("ms"))) == ("V", pytest.approx(1.0))
    assert signal.array_annotations["cell"].tolist() == list(range(16))


def test_elephant_finds_our_rates(block, stored, elephant):
    for population in stored.spikes:
        found = [
            np.mean([float(elephant.mean_firing_rate(train).rescale("Hz")) for train in trains(block, k, population)])
            for k in range(16)
        ]
        assert found == pytest.approx(stored.measures["rate"].sel(population=population).values, rel=1e-12)


def test_elephant_finds_our_cv2(block, stored, elephant):
    for population in ("features", "pool"):
        for trial in range(16):
            values = [elephant.cv2(elephant.isi(train)) for train in trains(block, trial, population) if len(train) > 2]
            ours = float(stored.measures["cv2"].sel(population=population)[trial])
            assert np.mean(values) == pytest.approx(ours, rel=1e-12)


def test_elephant_finds_our_fano_factor(block, stored, elephant):
    groups = defaultdict(list)
    for k, segment in enumerate(block.segments):
        groups[segment.annotations["cued_pattern"], segment.annotations["condition"]].append(k)
    assert sorted(map(len, groups.values())) == [2] * 8
    for population in stored.spikes:
        found = []
        for members in groups.values():
            repeated = zip(*(trains(block, k, population) for k in members), strict=True)
            found += [elephant.fanofactor(list(same)) for same in repeated if any(map(len, same))]
        ours = float(stored.measures["fano_factor"].sel(population=population))
        assert np.mean(found) == pytest.approx(ours, rel=1e-12)


def test_every_cell_is_there_with_what_it_stands_for(block):
    for segment in block.segments[:2]:
        found = [(train.annotations["population"], train.annotations["cell"]) for train in segment.spiketrains]
        assert len(set(found)) == len(found) == 16 + 10 + 8 + 20 + 5 + 3
    hidden = trains(block, 0, "hidden")[7]
    assert (hidden.annotations["row"], hidden.annotations["copy_number"]) == (1, 2)
