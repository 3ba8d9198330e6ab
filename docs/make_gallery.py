"""Write ``gallery.md`` and its pictures: every shipped protocol and model, with the commands that make its picture.

``python docs/make_gallery.py`` runs them all, which takes half an hour the first time; with names of protocols or
models behind it, those only.  A test fails while the page is behind the shipped files, or a picture is missing.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from neuroam import shipped
from neuroam.spec.yaml import read

TARGET = Path(__file__).resolve().with_name("gallery.md")
ENTRIES = TARGET.with_suffix(".yaml")
PICTURES = TARGET.with_name("gallery")
SIZES = ((720, 256), (720, 32), (600, 32))  # pixels, and shades of one picture
MOST = 60_000  # bytes of a picture
SCALED = ("_gibbs", "_rate")  # forms of a model that a table names once


@dataclass(frozen=True)
class Shot:
    """A protocol and how it is shown: an entry of ``gallery.yaml``."""

    protocol: str
    figures: tuple[str, ...]
    text: str
    settings: str = ""
    runs: str = "run"
    name: str = ""

    @property
    def key(self) -> str:
        """Of its pictures and its run directory."""
        return self.name or self.protocol

    def commands(self) -> list[str]:
        """The run, and a command for every picture."""
        settings = f" {self.settings}" if self.settings else ""
        plots = (f"neuroam plot runs/{self.key} --kind {kind} -o {self.picture(kind)}" for kind in self.figures)
        return [f"neuroam {self.runs} {self.protocol}{settings} -o runs/{self.key}", *plots]

    def picture(self, kind: str) -> str:
        """The file of one figure."""
        return f"gallery/{self.key}_{kind}.png"


@dataclass(frozen=True)
class Family:
    """Models and protocols that belong together."""

    title: str
    models: tuple[str, ...]
    shots: tuple[Shot, ...]


def families() -> list[Family]:
    """All that is shown, in order."""
    found = []
    for title, parts in read(ENTRIES).data.items():
        mine = [name for name in shipped.names("models") if name.startswith(tuple(parts["models"]))]
        names = tuple(sorted(mine, key=lambda name: (list(rows()).index(row_of(name)), name)))
        found.append(Family(title, names, tuple(Shot(**entry) for entry in parts["protocols"])))
    return found


def page() -> str:
    """The text of ``gallery.md``."""
    lines = [
        "# Gallery",
        "",
        "Every shipped protocol and model, made by `python docs/make_gallery.py`. Every picture is what the commands",
        "above it leave, made smaller; settings keep runs short. The first run of a protocol compiles its program.",
        "",
        " · ".join(f"[{family.title}](#{_anchor(family.title)})" for family in families()),
        "",
    ]
    for family in families():
        lines += [f"## {family.title}", ""]
        for shot in family.shots:
            lines += _protocol(shot)
        for name in family.models:
            lines += _model(name)
    return "\n".join(lines)


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _title(kind: str, name: str) -> str:
    title = str(read(shipped.folder(kind) / f"{name}.yaml").data["title"])
    return f"**{title}**" if title.endswith("?") else f"**{title}.**"


def _protocol(shot: Shot) -> Iterator[str]:
    yield from (f"### `{shot.protocol}`", "", f"{_title('protocols', shot.protocol)} {shot.text}", "")
    yield from ("```sh", *shot.commands(), "```", "")
    for kind in shot.figures:
        yield from (f"![{shot.protocol}: {kind.replace('_', ' ')}]({shot.picture(kind)})", "")


def _model(name: str) -> Iterator[str]:
    text = described(name)
    yield from (f"### `{name}`", "", f"{_title('models', name)} {text[0].upper()}{text[1:]}.", "")
    yield from ("```sh", graph(name), "```", "", f"![Circuit of {name}](gallery/model_{name}.png)", "")


def graph(model: str) -> str:
    """The command that draws a model."""
    return f"neuroam graph {model} -o gallery/model_{model}.png"


@cache
def rows() -> dict[str, str]:
    """The table of models in ``README.md``, in its order: what it says of the names in its first column."""
    text = TARGET.parents[1].joinpath("README.md").read_text(encoding="utf-8")
    table = text.partition("| model | what it is |")[2].partition("\n\n")[0]
    return dict(line.strip("| ").split(" | ", 1) for line in table.splitlines()[2:])


def row_of(model: str) -> str:
    """The row that is of a model, or of the one that it is another form of; rows say "the same" of those above."""
    for suffix in ("", *SCALED):
        for names in rows():
            if model.removesuffix(suffix) in re.findall(r"`(\w+)`", names):
                return names
    raise LookupError(f"no row of the table in README.md is of '{model}'")


def described(model: str) -> str:
    """What the table in ``README.md`` says of a model."""
    return rows()[row_of(model)]


def draw(names: list[str]) -> None:
    """Run the commands of these protocols and models, or of all, and keep their pictures."""
    for family in families():
        for shot in family.shots:
            if not names or {shot.protocol, shot.name} & {*names}:
                _run(shot.commands())
        for name in family.models:
            if not names or name in names:
                _run([graph(name)])


def _keep(made: Path) -> None:
    """A smaller picture, of few colours; fewer, and smaller still, where it would not be small."""
    from PIL import Image

    PICTURES.mkdir(exist_ok=True)
    with Image.open(made) as image:
        whole = image.convert("RGB")
    for width, colours in SIZES:
        small = whole.resize((width, round(whole.height * width / whole.width)), Image.Resampling.LANCZOS)
        few = small.quantize(colours, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(PICTURES / made.name, optimize=True)
        if (PICTURES / made.name).stat().st_size <= MOST:
            return


def _run(commands: list[str]) -> None:
    """In this process, as a shell would; a command that fails ends everything."""
    from neuroam import cli

    Path("gallery").mkdir(exist_ok=True)
    for command in commands:
        sys.stderr.write(f"{command}\n")
        sys.argv = shlex.split(command)
        try:
            cli.main()
        except SystemExit as ended:
            if ended.code:
                raise
    for made in Path("gallery").iterdir():
        _keep(made)
        made.unlink()


if __name__ == "__main__":
    asked = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        draw(asked)
    TARGET.write_text(page(), encoding="utf-8")
