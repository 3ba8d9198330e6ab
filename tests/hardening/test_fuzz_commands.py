"""The same through the command line: it ends with 0 or 2, and never shows a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from neuroam import cli
from tests.hardening import strategies
from tests.hardening.limits import needs_linux
from tests.hardening.strategies import Files

ROOT = Path(__file__).parents[2]
pytestmark = needs_linux


def ended(arguments: list[str], patch: pytest.MonkeyPatch) -> int:
    """The exit code of a call in this process."""
    patch.setattr(sys, "argv", ["neuroam", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def bundles(folder: Path) -> list[Path]:
    """The protocols of fifty changed bundles, each in a folder of its own."""
    paths: list[Path] = []

    @given(strategies.files())
    @settings(max_examples=50, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    def draw(files: Files) -> None:
        here = folder / str(len(paths))
        for name, text in files.items():
            (here / name).parent.mkdir(parents=True, exist_ok=True)
            (here / f"{name}.yaml").write_bytes(text.encode("utf-8", errors="surrogatepass"))
        paths.append(here / "protocol.yaml")

    draw()
    return paths


def test_every_file_ends_with_0_or_2(bundles, monkeypatch, capsys):
    codes = []
    for path in bundles:
        codes.append(ended(["check", "--format", "json", str(path)], monkeypatch))
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        assert "internal error" not in printed.err
        assert (json.loads(printed.out) == []) == (codes[-1] == 0)
    assert set(codes) == {0, 2}


def test_many_files_in_one_process_of_its_own(bundles, monkeypatch):
    """Those that are refused for their text: the limits of this test hold in this process only."""
    from neuroam.spec.load import check_file

    wrong = [path for path in bundles if check_file(str(path))[1]]
    assert len(wrong) > 10
    command = [sys.executable, "-m", "neuroam", "check", "--format", "json", *map(str, wrong)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len({problem["what"] for problem in json.loads(done.stdout)}) >= 10


@pytest.mark.parametrize(
    ("command", "number"),
    [("show", 8), ("graph", 8), pytest.param("plan", 10, marks=pytest.mark.slow)],
)
def test_other_commands_read_files_as_check_does(bundles, monkeypatch, capsys, command, number, tmp_path):
    """What is right is shown, what is wrong is told."""
    for path in bundles[:number]:
        name = str(path.with_name("model.yaml") if command == "graph" else path)
        output = ["-o", str(tmp_path / "x.dot")] if command == "graph" else []
        code = ended([command, name, *output], monkeypatch)
        assert code in (0, 2), capsys.readouterr().err
        assert "Traceback" not in capsys.readouterr().err
