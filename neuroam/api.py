"""What does Python see?  ``load``, ``plan``, ``run``, ``sweep``, ``Result``; the command line stands on them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from neuroam import markup, pipeline, planning, recorded, store, summary, sweeps
from neuroam.bar import shown
from neuroam.errors import FunctionError, Problem, SpecError, Where
from neuroam.export import Source, export
from neuroam.network import Network
from neuroam.parts import Parts
from neuroam.spec.load import load as load_files
from neuroam.spec.nouns import Spec

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neuroam.plots.style import Page


def load(protocol: str | Path, model: str | Path | None = None, settings: Mapping[str, Any] | None = None) -> Spec:
    """A protocol and its model, checked.

    Parameters
    ----------
    protocol, model : str or path
        A file, or the name of a shipped one; without ``model``, the one that the protocol names.
    settings : mapping, optional
        Dotted paths to values, as of ``--set``: ``{"patterns.memory.bernoulli.count": 40}``.

    Raises
    ------
    SpecError
        With every problem of both files and of the settings, each with its place.
    """
    return load_files(str(protocol), None if model is None else str(model), texts_of(settings))


def texts_of(settings: Mapping[str, Any] | None) -> list[str]:
    """Dotted paths and Python values as ``PATH=VALUE``."""
    return [f"{path}={_text(value)}" for path, value in (settings or {}).items()]


def _text(value: Any) -> str:
    """A Python value as YAML flow text."""
    import json

    return value if isinstance(value, str) else json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    """Arrays and numbers of numpy as JSON has them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a setting is text, a number, a list or a mapping, not {type(value).__name__}")


def run(
    protocol: str | Path | Spec,
    model: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    device: str = "auto",
    batch: int | None = None,
    quiet: bool = True,
    parts: Parts | None = None,
    precision: str = "double",
) -> Result:
    """Simulate and measure a protocol.

    Parameters
    ----------
    protocol : str, path or Spec
        What to run; with a `Spec`, ``model`` and ``settings`` are not looked at.
    model, settings
        As of `load`.
    device : {"auto", "numpy", "cpp", "cuda"}
        Where to run.
    batch : int, optional
        Trials per program; results do not depend on it.
    quiet : bool
        Without progress on stderr: lines, and a bar if it is a terminal.
    parts : Parts, optional
        Where finished batches are kept until the result is saved, for instance ``neuroam.parts.beside("runs/x")`` for
        a result that goes to ``runs/x``: if this run is interrupted, the next one goes on where it was.
    precision : {"double", "single"}
        Of every variable and weight: 64 or 32 bits.

    Returns
    -------
    Result
        Measures, spikes, figures.

    Raises
    ------
    SpecError, BuildError, RunError, EnvironmentLacks
        See their docstrings.
    """
    spec = protocol if isinstance(protocol, Spec) else load(protocol, model, settings)
    with shown(quiet) as (say, start):
        return Result(pipeline.run(spec, device, batch, say, start, parts, precision))


class Result:
    """What a run gave: ``measures`` by name (labelled arrays), ``recordings`` by network, figures, a run directory."""

    def __init__(self, finished: pipeline.Run) -> None:
        self.run = finished
        self.spec = finished.spec
        self.measures: Mapping[str, Any] = finished.measures
        self.recordings = tuple(network.recording for network in finished.networks)
        self.sha256 = store.result_sha256(self.recordings, finished.measures)

    @property
    def spikes(self) -> Mapping[str, Any]:
        """Spikes of the first network by population: trial, step and cell of every spike."""
        return self.recordings[0].spikes

    def save(self, folder: str | Path | None = None, overwrite: bool = False) -> Path:
        """Write a run directory with ``raster.png`` in it; the default is ``runs/<protocol>/<time>-<hash>``.

        Raises
        ------
        StoreError
            If the directory is occupied.
        """
        target = Path(folder) if folder is not None else store.default_folder(self.spec)
        facts = {
            "device": self.run.device,
            "precision": self.run.precision,
            "compiled_with": dict(self.run.compiled_with),
            "started": self.run.started.isoformat(timespec="seconds"),
            "seconds": dict(self.run.seconds),
            "cache": "hit" if self.run.cache_hit else "miss",
            "trials": self.run.networks[0].trials.count,
            "networks": len(self.run.networks),
            "result_sha256": self.sha256,
        }
        return store.write(target, self.spec, self.run.networks, self.measures, facts, overwrite, self._draw)

    def _draw(self, path: Path) -> None:
        self.figure("raster").savefig(path)

    @overload
    def figure(self, kind: str = "raster", trial: int | None = None, network: int = 0) -> Page: ...
    @overload
    def figure(self, kind: str = "raster", trial: int | None = None, network: int = 0, *, ax: Axes) -> Axes: ...
    def figure(
        self, kind: str = "raster", trial: int | None = None, network: int = 0, *, ax: Axes | None = None
    ) -> Page | Axes:
        """A matplotlib figure of one kind: raster, overlap, energy, rates, success, similarity, graph ...

        Parameters
        ----------
        kind : str
            One of ``neuroam.plots.KINDS``.
        trial : int, optional
            By its place; unless given, the first one, or all of them, as the figure has it.
        network : int
            Which network of the run.
        ax : Axes, optional
            Draw into these axes: the only panel of a figure, or the main one, such as the spikes of a raster.

        Returns
        -------
        Figure or Axes
            A new figure; ``ax`` if it was given.

        Raises
        ------
        FunctionError
            If the run lacks what the figure shows; the message says what to measure.  If ``ax`` is given for a figure
            of several panels, none of which stands for it.
        """
        from neuroam.plots import RunData, draw, draw_into

        part = self.run.networks[network]
        measures = {name: _last_round(array) for name, array in self.measures.items()}
        recording = recorded.drawable(part.recording, partial_spikes=kind == "raster")
        run = RunData(recording, part.circuit, part.trials, measures, network)
        return draw(kind, run, trial=trial) if ax is None else draw_into(kind, run, ax, trial=trial)

    def raster(self, trial: int | None = None) -> Page:
        """The spikes of one trial, sorted, with cue, overlap and images."""
        return self.figure("raster", trial)

    def export(self, to: str, path: str | Path, overwrite: bool = False) -> Path:
        """Write the run in a format of other tools: "nwb", "neo", "sonata", "csv" or "parquet".

        Raises
        ------
        SpecError, StoreError, EnvironmentLacks
            If the format or the ending of the file is unknown, something is in the way, or a package is missing.
        """
        return export(self._source(), to, Path(path), overwrite)

    def to_nwb(self, network: int = 0) -> Any:
        """One network as a ``pynwb.NWBFile``."""
        from neuroam.export.nwb import nwb_file

        return nwb_file(self._source(), network)

    def to_neo(self, network: int = 0) -> Any:
        """One network as a ``neo.Block`` with a segment per trial."""
        from neuroam.export.neo import block

        return block(self._source(), network)

    def _source(self) -> Source:
        run = self.run
        return Source(self.spec, run.networks, self.measures, run.device, run.started, self.sha256)

    def as_json(self, folder: Path | None = None) -> dict[str, Any]:
        """The object that ``neuroam run --json`` prints."""
        return {
            "protocol": self.spec.protocol.name,
            "model": self.spec.model.name,
            "device": self.run.device,
            "seed": self.spec.protocol.spec.seed,
            "trials": self.run.networks[0].trials.count * len(self.run.networks),
            "run_dir": None if folder is None else str(folder),
            "cache": "hit" if self.run.cache_hit else "miss",
            "seconds": {name: round(value, 4) for name, value in self.run.seconds.items()},
            "result_sha256": self.sha256,
            "measures": {name: summary.as_json(array) for name, array in self.measures.items()},
        }

    def _repr_html_(self) -> str:
        """Measures with intervals, the raster, and where that came from."""
        run = self.run
        rows = [(line.name, line.mean, line.interval, line.note) for line in summary.lines(self.measures)]
        table = markup.table(("measure", "mean", "95 %", "note"), rows)
        took = ", ".join(f"{name} {value:.2f} s" for name, value in run.seconds.items() if name in pipeline.STEPS)
        program = "program from the cache" if run.cache_hit else "new program"
        trials = run.networks[0].trials.count * len(run.networks)
        facts = f"{trials} trials on {run.device}, {program}; {took}"
        try:
            drawn = markup.picture(self.figure(), "raster of the first trial")
        except FunctionError as error:
            drawn = markup.tag("pre", error)
        title = f"{self.spec.protocol.name} on {self.spec.model.name}"
        return markup.block(title, table, drawn, markup.tag("div", facts))


def _last_round(array: Any) -> Any:
    """A measure of the recording that is kept: the last round's, where the protocol was repeated."""
    return array.isel(repeat=-1, drop=True) if "repeat" in array.dims else array


def sweep(
    protocol: str | Path,
    model: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    over: Mapping[str | tuple[str, ...], Sequence[Any]] | None = None,
    *,
    folder: str | Path,
    device: str = "auto",
    quiet: bool = True,
    scheduler: str | None = None,
    jobs: int | None = None,
    overwrite: bool = False,
) -> sweeps.Swept:
    """Run a protocol at every point of a grid.

    Parameters
    ----------
    protocol, model, settings
        As of `load`.
    over : mapping, optional
        Dotted paths to values; the ``sweep:`` block of the protocol unless given.  Several paths that go together to
        tuples: ``{("trials", "seed"): [(1, 5), (2, 9)]}``.
    folder : str or path
        The sweep directory; points that are there from the same sweep are not run again.
    device, quiet
        As of `run`.
    scheduler : str, optional
        Address of a Dask scheduler, or the file (.json) that it wrote: its workers run the points.
    jobs : int, optional
        So many processes of this machine run the points.
    overwrite : bool
        Whether the table of another sweep in the folder may be replaced; its points stay.

    Returns
    -------
    Swept
        Measures along the axes, what theory says, a figure.

    Raises
    ------
    SpecError, StoreError, EnvironmentLacks
        See their docstrings; points that fail are told in the result.
    """
    axes = _axes(over or {})
    wanted = sweeps.asked(str(protocol), None if model is None else str(model), texts_of(settings), axes)
    with shown(quiet) as (say, start):
        return sweeps.sweep(
            wanted, Path(folder), device, say, start, scheduler=scheduler, jobs=jobs, overwrite=overwrite
        )


def _over(path: str | tuple[str, ...], values: Any) -> str:
    """An axis as ``--over`` has it."""
    if isinstance(path, str):
        return f"{path}={','.join(map(_text, _listed(path, values)))}"
    name = ",".join(path)
    return f"{name}={','.join(':'.join(map(_text, _listed(name, point))) for point in _listed(name, values))}"


def plan(
    protocol: str | Path,
    model: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    over: Mapping[str, Sequence[Any]] | None = None,
    *,
    batch: int | None = None,
) -> planning.Planned:
    """What a run would take, and which values may change without compiling again.

    Parameters
    ----------
    protocol, model, settings, batch
        As of `run`.
    over : mapping, optional
        Dotted paths to values: how many programs each axis needs, in place of which values are free.

    Raises
    ------
    SpecError
        With every problem of both files and of the settings.
    """
    asked = planning.Asked(str(protocol), None if model is None else str(model), texts_of(settings), batch)
    return planning.planned(asked, _axes(over or {}))


def _axes(over: Mapping[Any, Any]) -> list[str]:
    """Axes as ``--over`` has them."""
    return [_over(path, values) for path, values in over.items()]


def _listed(path: str, values: Any) -> list[Any]:
    """The values of an axis."""
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise SpecError([Problem(Where("over"), path, f"expected a list of values, not {values!r}", "write [1, 2, 4]")])
    return list(values)


def warn(remark: str) -> None:
    """Tell whoever reopens a run, by a Python warning."""
    warnings.warn(remark, stacklevel=3)


def reopen(folder: str | Path, say: Callable[[str], None] = warn) -> Result:
    """A stored run with its circuit and trials made again from the files beside it.

    Parameters
    ----------
    folder : str or path
        A run directory.
    say : callable, optional
        Gets a line on whatever is not as the run wrote it, but can be read; a Python warning unless given.

    Raises
    ------
    StoreError
        If the directory is not a whole run.
    """
    from neuroam.resolve import resolve

    stored = store.read(Path(folder))
    loaded = load_files(str(stored.folder / "protocol.yaml"), str(stored.folder / "model.yaml"))
    spec = Spec(
        replace(loaded.model, name=str(stored.provenance["model"])),
        replace(loaded.protocol, name=str(stored.provenance["protocol"])),
        loaded.stages,
    )
    networks = []
    for number, recording in enumerate(stored.recordings):
        learned = stored.learned.get(number, {})
        adjusted = stored.adjusted.get(number, {})
        circuit, trials = resolve(spec, number, learned, adjusted)
        networks.append(Network(circuit, trials, recording, learned, adjusted))
    facts = stored.provenance
    finished = pipeline.Run(
        spec,
        str(facts["device"]),
        tuple(networks),
        stored.measures,
        facts["cache"] == "hit",
        facts["seconds"],
        str(facts.get("precision", "double")),
        facts.get("compiled_with", {}),
        datetime.fromisoformat(facts.get("started", facts["written"])),
    )
    result = Result(finished)
    for remark in store.remarks(stored):
        say(remark)
    return result
