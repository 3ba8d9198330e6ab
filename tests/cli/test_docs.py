"""The pages in docs/ say what is so."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.glob("*.md"))
TEXT = (DOCS / "coming_from.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```yaml\n# file: (\S+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))


def headings(page: Path) -> set[str]:
    """Anchors of a page, as a browser of Markdown makes them."""
    found = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in found}


@pytest.mark.parametrize("page", [*PAGES, DOCS.parent / "README.md"], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in headings(target), link


def test_every_page_is_in_the_index():
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f"({page.name})" not in index] == ["README.md"]


def test_the_reference_is_what_the_code_says():
    spec = importlib.util.spec_from_file_location("make_reference", DOCS / "make_reference.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    if os.environ.get("UPDATE_GOLDEN"):
        made.TARGET.write_text(made.reference(), encoding="utf-8")
    assert made.TARGET.read_text(encoding="utf-8") == made.reference(), "run: python docs/make_reference.py"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_circuit_of_the_comparison_spikes_as_it_does_in_brian(folder):
    """The script as it stands on the page, but for the start, which is that of the run here."""
    import brian2

    import neuroam

    assert set(FILES) == {"inhibited.yaml", "watch.yaml"}
    result = neuroam.run("watch.yaml", device="numpy")
    start = np.ravel(result.run.networks[0].trials.initial["cells", "v"])[:20]
    (script,) = re.findall(r"^```python\n(from brian2 .*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert 'cells.v = "rand()*10*mV"' in script
    brian2.prefs.codegen.target = "numpy"
    brian2.start_scope()
    space = {"START": start}
    exec(script.replace('"rand()*10*mV"', "START*volt"), space)
    theirs = sorted(
        zip(np.round(space["spikes"].t / brian2.defaultclock.dt).astype(int), space["spikes"].i, strict=True)
    )
    ours = result.spikes["cells"]
    assert len(theirs) > 100
    assert theirs == sorted(zip(ours.step, ours.cell, strict=True))
