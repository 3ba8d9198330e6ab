"""Sliders on a protocol: every change runs it again, on the program that is there, and draws it again."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neuroam import markup, pipeline, planning, summary
from neuroam.api import Result, texts_of
from neuroam.errors import EnvironmentLacks, NeuroamError, Problem, SpecError, Where
from neuroam.notebook.knobs import Knob, knobs
from neuroam.plots import KINDS
from neuroam.sim import devices
from neuroam.spec.schema_errors import suggestion

ERROR = "white-space:pre-wrap;color:#b00020"


def explore(
    protocol: str | Path,
    model: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    kind: str = "raster",
    device: str = "auto",
    **values: Any,
) -> Explorer:
    """Vary values of a protocol or its model, and look.

    Parameters
    ----------
    protocol, model, settings
        As of `neuroam.load`.
    kind : str
        The figure at first; there is a list of the others.
    device : {"auto", "numpy", "cpp", "cuda"}
        Where to run.
    **values
        What to vary, by the last words of its path if no other path ends with them: ``beta`` stands for
        ``populations.hidden.params.beta``.  A range ``(1, 16)`` or ``(1, 16, 0.5)`` is a slider, in the unit that the
        value has; a list is a choice.

    Returns
    -------
    Explorer
        A widget, and the last result in ``result``.

    Raises
    ------
    EnvironmentLacks
        Without ipywidgets.
    SpecError
        With all that is wrong with the files, the names, the ranges.

    Examples
    --------
    ``neuroam.explore("recall_random", beta=(0.1, 2), fraction=(0, 0.5))``
    """
    _require_widgets()
    if kind not in KINDS:
        raise SpecError([Problem(Where("explore"), "kind", f"no figure named '{kind}'", suggestion(kind, KINDS))])
    asked = planning.Asked(str(protocol), None if model is None else str(model), texts_of(settings))
    return Explorer(asked, knobs(asked, values), kind, device)


def _require_widgets() -> None:
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        what = "explore shows sliders with ipywidgets, which is not installed"
        raise EnvironmentLacks(f"{what}: pip install 'neuroam[jupyter]'") from None


class Explorer:
    """Controls by name, the figure, the measures, and the ``result`` that they show (None after an error)."""

    def __init__(self, asked: planning.Asked, chosen: list[Knob], kind: str, device: str) -> None:
        import ipywidgets as widgets

        self.asked, self.device = asked, devices.choose(device)[0]
        self.knobs = {knob.name: knob for knob in chosen}
        self.controls = {name: _control(knob) for name, knob in self.knobs.items()}
        self.kind = widgets.Dropdown(options=list(KINDS), value=kind, description="figure")
        self.status, self.plan, self.measures = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.bar = widgets.FloatProgress(min=0.0, max=1.0, layout={"width": "20em", "visibility": "hidden"})
        self.picture = widgets.Image(format="png", layout={"max_width": "100%"})
        self.result: Result | None = None
        for control in self.controls.values():
            control.observe(self._changed, names="value")
        self.kind.observe(self._redraw, names="value")
        state = widgets.HBox([self.bar, self.status])
        self.box = widgets.VBox(
            [*self.controls.values(), self.plan, self.kind, state, self.picture, self.measures],
            layout={"max_width": "72em"},
        )
        self.plan.value = self._programs()
        self.run()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget; the picture where there is nobody to show it."""
        bundle = dict(self.box._repr_mimebundle_(**kwargs) or {})
        drawn = b64encode(self.picture.value).decode()
        return bundle | ({"image/png": drawn} if drawn else {})

    @property
    def settings(self) -> list[str]:
        """What the controls say, as ``PATH=VALUE``."""
        return [knob.setting(self.controls[name].value) for name, knob in self.knobs.items()]

    def run(self) -> None:
        """Run with the values of the controls, and show what comes out, or what is wrong."""
        self.result = None
        self.bar.value, self.bar.layout.visibility = 0.0, "visible"
        try:
            spec = self.asked.spec(*self.settings)
            self.result = Result(pipeline.run(spec, self.device, say=self._say, start=self._start))
        except (NeuroamError, MemoryError) as error:
            self.measures.value = ""
            self._failed(error)
            return
        finally:
            self.bar.layout.visibility = "hidden"
        self._redraw()

    def _changed(self, _: Any) -> None:
        self.run()

    def _say(self, line: str) -> None:
        self.status.value = markup.escaped(line)

    def _start(self, _: int) -> Any:
        return self._tick

    def _tick(self, done: float) -> None:
        self.bar.value = done

    def _redraw(self, _: Any = None) -> None:
        """The figure of the result that is there; a kind that it lacks the measure for says so."""
        if self.result is None:
            return
        run = self.result.run
        rows = [(line.name, line.mean, line.interval, line.note) for line in summary.lines(self.result.measures)]
        self.measures.value = markup.table(("measure", "mean", "95 %", "note"), rows)
        try:
            self.picture.value = self.result.figure(self.kind.value)._repr_png_()
        except NeuroamError as error:
            self._failed(error)
            return
        spent = sum(run.seconds.get(step, 0.0) for step in pipeline.STEPS)
        program = "" if self.device == "numpy" else ", program from the cache" if run.cache_hit else ", a new program"
        self.status.value = markup.escaped(f"{spent:.2f} s on {run.device}{program}")

    def _failed(self, error: BaseException) -> None:
        """What is wrong, in place of the figure."""
        self.picture.value = b""
        self.status.value = markup.tag("pre", str(error) or "out of memory", style=ERROR)

    def _programs(self) -> str:
        """Which values stay on one program, and which have to be compiled first."""
        if self.device == "numpy":
            return ""
        found = []
        for knob in self.knobs.values():
            try:
                keys = {planning.program(self.asked, setting) for setting in knob.samples}
            except NeuroamError as error:
                found.append(markup.tag("pre", error, style=ERROR))
                continue
            if len(keys) > 1:
                what = f"{knob.path}: other values need another program, each compiled once (some seconds)"
                found.append(markup.tag("div", what))
        return markup.joined(found)


def _control(knob: Knob) -> Any:
    import ipywidgets as widgets

    style, layout = {"description_width": "14em"}, {"width": "40em"}
    name = f"{knob.name} ({knob.unit.strip()})" if knob.unit else knob.name
    plain = {"description": name, "tooltip": knob.path, "style": style, "layout": layout}
    if knob.choices:
        options = [(markup.flow(value), value) for value in knob.choices]
        return widgets.Dropdown(options=options, value=knob.start, **plain)
    kind = widgets.IntSlider if knob.whole else widgets.FloatSlider
    numbers = {key: getattr(knob, key) for key in ("low", "high", "step", "start")}
    low, high, step, start = (round(value) if knob.whole else value for value in numbers.values())
    digits = "d" if knob.whole else ".4g"
    return kind(min=low, max=high, step=step, value=start, continuous_update=False, readout_format=digits, **plain)
