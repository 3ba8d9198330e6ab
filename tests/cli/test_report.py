"""`neuroam report`: one file with everything in it, and nothing from elsewhere."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from neuroam import shipped
from neuroam.report import page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LOADS = {"src", "href", "srcset", "data", "action", "poster", "background", "xlink:href"}


class Read(HTMLParser):
    """What a page shows, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.pictures: dict[str, str] = {}
        self.tags: set[str] = set()
        self.words: dict[str, str] = {}
        self.unbalanced = False
        self.feed(text)
        self.unbalanced |= bool(self.open)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        given = dict(attrs)
        self.links += [value for name, value in attrs if name in LOADS]
        if tag == "img":
            self.pictures[given["alt"]] = given["src"]
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        self.unbalanced |= not self.open or self.open.pop() != tag

    def handle_data(self, data):
        place = self.open[-1] if self.open else ""
        self.words[place] = self.words.get(place, "") + data + "\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory, small):
    """A run and a sweep that take no time."""
    import neuroam

    folder = tmp_path_factory.mktemp("reports")
    course = {"measure.overlap_course": {"port": "memory"}}
    neuroam.run("recall_random", settings=small | course, device="numpy").save(folder / "run")
    over = {"populations.hidden.params.beta": [0.1, 0.5], "seed": [1]}
    neuroam.sweep("recall_random", settings=small, over=over, folder=folder / "sweep", device="numpy")
    return folder


@pytest.fixture
def report(neuroam, runs):
    """The page of one of them."""

    def made(name):
        done = neuroam("report", str(runs / name))
        assert (done.code, done.out, done.err) == (0, f"{runs / name / 'report.html'}\n", "")
        return (runs / name / "report.html").read_text(encoding="utf-8")

    return made


@pytest.mark.parametrize("name", ["run", "sweep"])
def test_a_report_holds_all_that_it_shows(report, name):
    text = report(name)
    read = Read(text)
    assert not read.unbalanced
    assert not read.tags & {"script", "link", "iframe", "object", "embed", "form"}
    assert read.links
    assert all(link.startswith("data:") for link in read.links)
    assert "url(" not in text
    assert "@import" not in text
    assert f'content="{page.escaped(page.POLICY)}"' in text
    for source in read.pictures.values():
        assert base64.b64decode(source.removeprefix("data:image/png;base64,"), validate=True)[1:4] == b"PNG"


def test_the_report_of_a_run_has_figures_measures_files_and_commands(report, runs):
    text = report("run")
    read = Read(text)
    shown = {words.split(":")[0] for words in read.pictures}
    assert shown == {"raster", "overlap", "success", "similarity", "populations and projections"}
    assert "overlap" in read.words["th"]
    assert "95 % interval\nnote\n" in read.words["th"]
    assert re.search(r"^-?[\d.]+ to -?[\d.]+$", read.words["td"], re.MULTILINE)
    assert {"protocol.yaml", "model.yaml", "cells/softmax.yaml", "recording.h5"} <= set(
        (read.words["th"] + read.words["summary"]).replace(" ", "\n").split("\n")
    )
    assert (runs / "run" / "protocol.yaml").read_text(encoding="utf-8") in read.words["pre"]
    assert "neuroam run protocol.yaml --device numpy -o again --json" in read.words["pre"]


def test_the_files_and_the_command_of_a_report_give_the_same_result(report, neuroam, tmp_path):
    text = report("run")
    for name, data in re.findall(
        r"<summary>(\S+) <a download=\"[^\"]*\" href=\"data:text/plain;base64,([^\"]*)\"", text
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(base64.b64decode(data))
    (command,) = re.findall(r"<pre>neuroam (run [^<]*)</pre>", text)
    done = neuroam(*command.split())
    assert done.code == 0, done.err
    (found,) = re.findall(r'"result_sha256": "(\w+)"', done.out)
    assert f"<pre>{found}</pre>" in text


def test_the_report_of_a_sweep_has_the_table_and_the_command(report):
    read = Read(report("sweep"))
    assert set(read.pictures) == {"measures along the axes", "a map of two axes"}
    assert "0.5" in read.words["th"]
    assert "neuroam sweep recall_random --model two_body_softmax --set " in read.words["pre"]
    assert "--over populations.hidden.params.beta=0.1,0.5 --over seed=1" in read.words["pre"]
    assert shipped.find("protocols", "recall_random").read_text(encoding="utf-8") in read.words["pre"]


def test_what_a_file_says_is_text(runs, neuroam, tmp_path):
    folder = tmp_path / "hostile"
    shutil.copytree(runs / "run", folder)
    protocol = folder / "protocol.yaml"
    bad = "</title><script>alert(1)</script>"
    protocol.write_text(re.sub("title: .*", f"title: '{bad}'", protocol.read_text("utf-8")), "utf-8")
    assert neuroam("report", str(folder)).code == 0
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("folder", "output", "what"),
    [
        ("nothing", "r.html", "there is no directory nothing"),
        (".", "r.html", "not a whole run"),
        ("run", "r.pdf", "end the name in .html"),
    ],
)
def test_what_cannot_be_reported_is_told(runs, neuroam, monkeypatch, folder, output, what):
    monkeypatch.chdir(runs)
    done = neuroam("report", folder if folder != "run" else str(runs / "run"), "-o", output)
    assert done.code == 2
    assert what in done.err
    assert not (runs / output).exists()


def test_a_report_is_whole_or_not_there(runs, neuroam, monkeypatch):
    target = runs / "kept.html"
    target.write_text("before", encoding="utf-8")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        done = neuroam("report", str(runs / "run"), "-o", str(target))
    assert (done.code, "No space left" in done.err) == (2, True)
    assert target.read_text(encoding="utf-8") == "before"


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: no 'chromium' on the PATH")
def test_a_browser_shows_it_without_a_network(report, runs, tmp_path):
    report("run")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]
    options += [f"--user-data-dir={tmp_path}", "--enable-logging=stderr", "--dump-dom"]
    page = f"file://{runs / 'run' / 'report.html'}"
    done = subprocess.run([CHROMIUM, *options, page], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "Recall of random patterns" in done.stdout
    assert "Content Security Policy" not in done.stderr  # it blocked nothing
    assert "CONSOLE" not in done.stderr
