"""Small circuits and recordings made by hand: nothing is simulated here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from neuroam.circuit import (
    Cell,
    Circuit,
    Dense,
    Epoch,
    Event,
    Matrix,
    Ode,
    Ones,
    PatternSet,
    Population,
    Port,
    Projection,
    Signal,
    Sparse,
    Trials,
)
from neuroam.codes import coded_patterns
from neuroam.plots import RunData, new_figure
from neuroam.recording import Recording, Spikes, Trace
from neuroam.units import ONE, VOLT

DT = 1e-3
STEPS, CUE = 400, 100


def patterns(count: int = 3, size: int = 6, shape: tuple[int, ...] | None = (2, 3), binary: bool = True) -> PatternSet:
    rng = np.random.default_rng(5)
    values = rng.integers(0, 2, (count, size)).astype(float) if binary else rng.random((count, size))
    return PatternSet("memory", values, binary, shape=shape, attributes={"label": np.arange(count) + 7.0})


def population(
    name: str, cell: Cell, places: int, copies: int = 1, code: str = "bits", row: bool = False
) -> Population:
    index = np.arange(places * copies)
    labels = {"place": index // copies, "copy": index % copies} | ({"row": index // copies} if row else {})
    return Population(name, places * copies, cell, {}, labels, code)


SPIKING = Cell(
    "lif", odes=(Ode("v", "(drive - v)/tau"),), event=Event("spike", "v > 1", ()), states=("v",), inputs=("drive",),
    params=("tau",),
)  # fmt: skip
GRADED = Cell(
    "tanh", odes=(Ode("x", "(drive - x)/tau"),), outputs=(("g", "tanh(x)"),), states=("x",), inputs=("drive",), lagrangian="x",
    params=("tau",), dimensions={"x": VOLT, "g": ONE},
)  # fmt: skip


def circuit_of(
    stored: PatternSet, cell: Cell = SPIKING, code: str = "on_off", copies: int = 2, update: str = "continuous"
) -> Circuit:
    """Features, hidden cells that stand for patterns, a pool; with a port into the first two."""
    coded = coded_patterns(stored, code)
    source = "spike" if cell.event else "g"
    populations = {
        "pool": population("pool", cell, 4),
        "features": population("features", cell, coded.shape[1], code=code),
        "hidden": population("hidden", cell, stored.count, copies, code="one_hot", row=True),
    }
    size = populations["features"].size
    same = Sparse((4, 4), np.arange(5), np.arange(4), np.ones(4))
    return Circuit(
        "tiny",
        populations,
        {
            "up": Projection("up", "features", source, "hidden", "drive", "rows", False, 0.5, delay=2e-3),
            "down": Projection("down", "hidden", source, "features", "drive", "rows", True, 0.1),
            "pool": Projection("pool", "pool", source, "features", "drive", "all", False, -1.0),
            "self": Projection("self", "pool", source, "pool", "drive", "same", False, np.array([1.0, -1.0, 1.0, 1.0])),
        },
        {
            "rows": Matrix("rows", Dense(coded)),
            "all": Matrix("all", Ones((size, 4))),
            "same": Matrix("same", same),
        },
        {"memory": Port("memory", "features", code, {}), "hidden": Port("hidden", "hidden", "one_hot", {})},
        {"memory": stored},
        (),
        DT,
        "exponential_euler",
        update,  # type: ignore[arg-type]
    )


def trials_of(circuit: Circuit, count: int = 3, shown: bool = True) -> Trials:
    stored = circuit.patterns["memory"]
    cued = np.arange(count) % max(stored.count, 1)
    cue = stored.values[cued].copy()
    if cue.size and stored.binary:
        cue[:, 0] = 1.0 - cue[:, 0]
    size = circuit.populations["features"].size
    row = np.where(np.arange(STEPS) < CUE, 0, -1).astype(np.int32)
    drive = Signal(row, np.arange(count * size, dtype=float).reshape(1, count, size))
    return Trials(
        STEPS,
        (Epoch("cue", 0, CUE), Epoch("alone", CUE, STEPS)),
        np.arange(count),
        cued,
        "memory" if shown else "",
        {},
        {("features", "drive"): drive} if shown else {},
        {},
        {},
        {"memory": cue} if shown else {},
        1,
    )


def spikes_of(circuit: Circuit, trials: Trials, per_cell: int = 5) -> Recording:
    """Cells of the cued memory fire; with ``per_cell=0`` nothing does."""
    rng = np.random.default_rng(3)
    found = {}
    for name, item in circuit.populations.items():
        trial, cell = (a.ravel() for a in np.meshgrid(np.arange(trials.count), np.arange(item.size), indexing="ij"))
        member = np.ones(trial.size, dtype=bool)
        if name == "hidden":
            member = item.labels["place"][cell] == trials.cued[trial]
        elif name == "features":
            member = coded_patterns(circuit.patterns["memory"], item.code)[trials.cued[trial], cell] > 0.5
        trial, cell = np.repeat(trial[member], per_cell), np.repeat(cell[member], per_cell)
        step = rng.integers(0, STEPS, trial.size)
        order = np.lexsort((cell, step, trial))
        found[name] = Spikes(trial[order].astype(np.int32), step[order].astype(np.int32), cell[order].astype(np.int32))
    return Recording(DT, STEPS, trials.count, found, {})


def traces_of(circuit: Circuit, trials: Trials) -> Recording:
    step = np.arange(0, STEPS + 1, 4)
    traces = {}
    for name, item in circuit.populations.items():
        values = np.zeros((trials.count, len(step), item.size))
        if name == "features":
            values += coded_patterns(circuit.patterns["memory"], "bipolar")[trials.cued][:, None, :]
        traces[name, "g"] = Trace(step, values)
    return Recording(DT, STEPS, trials.count, {}, traces)


def measures_of(circuit: Circuit, trials: Trials) -> dict[str, xr.DataArray]:
    n_patterns, time = circuit.patterns["memory"].count, np.arange(20, STEPS + 1, 20) * DT
    index = {"trial": trials.index}
    course = np.linspace(-0.2, 1.0, trials.count * len(time) * n_patterns).reshape(trials.count, len(time), n_patterns)
    parts = ["total", "features", "hidden", "coupling"]
    energy = np.linspace(0.0, -5.0, trials.count * len(time) * 4).reshape(trials.count, len(time), 4)
    similar = np.eye(n_patterns) + 0.2 * (1 - np.eye(n_patterns))
    return {
        "overlap": xr.DataArray(np.linspace(1.0, 0.5, trials.count), dims="trial", coords=index),
        "success": xr.DataArray(np.linspace(1.0, 0.5, trials.count) > 0.9, dims="trial", coords=index).astype(float),
        "overlap_course": xr.DataArray(
            course, dims=("trial", "time", "pattern"), coords=index | {"time": time, "pattern": np.arange(n_patterns)}
        ),
        "precision": xr.DataArray(
            [[0.1, 0.3], [np.nan, 0.2]], dims=("code", "k"), coords={"code": ["a", "b"], "k": [2, 4]}
        ),
        "generalisation": xr.DataArray(
            [[1.0, 0.8, -0.1], [9, 7, 5], [0, 2, 5]],
            dims=("value", "presentation"),
            coords={"value": ["similarity", "before", "after"]},
        ),
        "spearman": xr.DataArray(
            [[0.1, 0.4, 0.3], [np.nan, np.nan, -0.2]],
            dims=("set", "k"),
            coords={"set": ["A", "B"], "k": [4, 8, 16], "pairs": ("set", [90, 5]), "listed": ("set", [100, 9])},
        ),
        "win_share": xr.DataArray([0.5, 0.3, 0.2, 0.0], dims="cell", coords={"cell": np.arange(4)}),
        "top_words": xr.DataArray(
            [[0.9, 0.2], [0.4, 0.1], [0.3, 0.3], [0.0, 0.0]],
            dims=("cell", "rank"),
            coords={
                "cell": np.arange(4),
                "rank": np.arange(2),
                "word": (("cell", "rank"), np.full((4, 2), "incomprehensibly")),
            },
        ),
        "correlations": xr.DataArray(similar, dims=("pattern", "other")),
        "correlations_early": xr.DataArray(-similar, dims=("pattern", "other")),
        "energy": xr.DataArray(energy, dims=("trial", "time", "part"), coords=index | {"time": time, "part": parts}),
    }


Make = Callable[..., RunData]


@pytest.fixture
def make() -> Make:
    """``make(count=3, n_trials=3, per_cell=5, graded=False, shown=True, ...)``: a run."""

    def run(
        count: int = 3,
        n_trials: int = 3,
        per_cell: int = 5,
        graded: bool = False,
        shown: bool = True,
        code: str | None = None,
        binary: bool = True,
        update: str = "continuous",
        shape: tuple[int, ...] | None = (2, 3),
    ) -> RunData:
        stored = patterns(count, binary=binary, shape=shape)
        code = code or ("bipolar" if graded else "on_off")
        circuit = circuit_of(stored, GRADED if graded else SPIKING, code, update=update)
        trials = trials_of(circuit, n_trials, shown)
        recording = traces_of(circuit, trials) if graded else spikes_of(circuit, trials, per_cell)
        return RunData(recording, circuit, trials, measures_of(circuit, trials))

    return run


@pytest.fixture
def figure() -> Figure:
    return new_figure()


@pytest.fixture
def axes(figure: Figure) -> Axes:
    return figure.add_axes((0.2, 0.2, 0.6, 0.6))


@pytest.fixture(autouse=True)
def leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing here saves, opens a pyplot figure, closes one, or changes matplotlib's settings."""

    def refuse(*args: object, **settings: object) -> None:
        raise AssertionError("a plot neither saves nor closes")

    monkeypatch.setattr(Figure, "savefig", refuse)
    monkeypatch.setattr(plt, "close", refuse)
    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before
    assert not plt.get_fignums()


@pytest.fixture
def words() -> Callable[[Axes], list[str]]:
    """All text in axes, in the order in which it was written."""
    return lambda axes: [text.get_text() for text in axes.texts]


@pytest.fixture
def drawn() -> Callable[[Figure], np.ndarray]:
    """The pixels of a figure: everything is drawn, and nothing warns."""

    def draw(figure: Figure) -> np.ndarray:
        figure.set_dpi(60)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())

    return draw
