"""What a notebook shows of files, plans and results."""

from __future__ import annotations

import re
from html import unescape

import pytest
from matplotlib.figure import Figure

import neuroam
from neuroam import shipped
from neuroam.errors import FunctionError

TINY = {
    "patterns.memory.bernoulli": {"size": 10, "count": 2},
    "trials": 2,
    "epochs.cue.duration": "4 ms",
    "epochs.settle.duration": "6 ms",
    "measure": {"overlap": {"port": "memory"}, "settling_time": {"port": "memory"}, "energy_rise": {}},
}


def rows(page: str) -> list[list[str]]:
    """The text of every cell, by row."""
    return [
        [unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", page)
    ]


@pytest.mark.parametrize("name", shipped.names("protocols"))
def test_every_shipped_protocol_has_a_page(name):
    spec = neuroam.load(name)
    found = rows(spec._repr_html_())
    heads = [row[0] for row in found]
    assert set(heads) >= {epoch.name for epoch in spec.protocol.spec.epochs}
    assert set(heads) >= {*spec.model.spec.populations, *spec.model.ends, *spec.protocol.spec.measure}


def test_a_spec_says_sizes_signs_delays_and_what_is_plastic():
    found = rows(neuroam.load("recall_random", "two_body_lif")._repr_html_())
    assert ["hidden", "one per pattern of 'memory', 5 copies", "lif"] in [row[:3] for row in found]
    signs = {row[0]: row[4] for row in found if len(row) > 4}
    assert (signs["from_pool"], signs["recognise"]) == ("inhibits", "excites")
    assert ["cue", "0 ms", "200 ms"] in [row[:3] for row in found]
    assert ["settle", "200 ms", "600 ms"] in [row[:3] for row in found]
    plastic = rows(neuroam.load("odour_conditioning")._repr_html_())
    assert any("three_factor_depression" in row for row in plastic)
    assert [row[4] for row in plastic if row[0] in ("apl_to_kc", "dan_to_mbon")] == ["inhibits", "modulates"]
    delayed = rows(neuroam.load("replay_two_layer", "sequence_delay")._repr_html_())
    assert any("memory.dwell" in row for row in delayed)


def test_when_an_epoch_begins_is_told_as_far_as_it_is_known():
    spec = neuroam.load("odour_conditioning")
    found = {row[0]: row for row in rows(spec.protocol._repr_html_())}
    assert [found[name][1] for name in ("before", "train", "after")] == ["0 ms", "1500 ms", "3000 ms"]
    spec = neuroam.load("odour_conditioning", settings={"epochs.before.each": "pattern"})
    found = {row[0]: row for row in rows(spec.protocol._repr_html_())}
    assert found["before"][1] == "0 ms"
    assert found["train"][1] == ""  # 'before' takes as often as there are patterns


def test_a_hostile_title_is_text(tmp_path):
    bad = "<script>alert(1)</script>"
    (tmp_path / "p.yaml").write_text(
        f"format: 1\ntitle: '{bad}'\nmodel: m\nepochs: [{{name: a, duration: 1 ms}}]\n", encoding="utf-8"
    )
    (tmp_path / "m.yaml").write_text(
        f"format: 1\ntitle: '{bad}'\npopulations: {{a: {{size: 1, cell: tanh}}}}\n", "utf-8"
    )
    page = neuroam.load(tmp_path / "p.yaml")._repr_html_()
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2


def test_a_plan_says_what_is_free():
    planned = neuroam.plan("recall_random", settings=TINY)
    assert "populations.hidden.params.beta" in planned.free
    page = planned._repr_html_()
    assert "2 trials of 12 cells" in page
    assert "<div>populations.hidden.params.beta</div>" in page
    axes = neuroam.plan("recall_random", settings=TINY, over={"seed": [1, 2], "epochs.cue.duration": ["4 ms", "5 ms"]})
    assert axes.axes == {"seed": (2, 1), "epochs.cue.duration": (2, 2)}
    assert ["epochs.cue.duration", "2", "2"] in rows(axes._repr_html_())


def test_a_result_shows_measures_intervals_the_raster_and_where_it_ran():
    course = {"measure": TINY["measure"] | {"overlap_course": {"port": "memory"}}}
    result = neuroam.run("recall_random", settings=TINY | course, device="numpy")
    page = result._repr_html_()
    found = {row[0]: row for row in rows(page)}
    assert found["measure"] == ["measure", "mean", "95 %", "note"]
    assert found["overlap_course"][3].startswith("2 trial x")
    assert re.fullmatch(r"-?[\d.e-]+ to -?[\d.e-]+", found["overlap"][2])
    assert len(re.findall(r'<img [^>]*src="data:image/png;base64,[A-Za-z0-9+/=]+">', page)) == 1
    assert "2 trials on numpy" in page


def test_a_result_draws_into_axes_of_the_caller():
    result = neuroam.run("recall_random", settings=TINY, device="numpy")
    mine, other = Figure().subplots(1, 2)
    assert result.figure("success", ax=mine) is mine
    assert result.figure("raster", trial=1, ax=other) is other
    assert (mine.get_xlabel(), other.get_xlabel()) == ("trial", "time (ms)")
    with pytest.raises(FunctionError, match="the figure 'correlations' has several panels"):
        result.figure("correlations", ax=mine)
