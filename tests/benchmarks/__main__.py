"""``python -m tests.benchmarks``: ask the questions, print a table for each, and write them to ``.benchmarks/``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.benchmarks import machine

machine.use_one_thread()  # before numpy is imported
os.environ["NEUROAM_CACHE"] = str(machine.OUTPUT / "programs")
os.environ["CCACHE_DISABLE"] = "1"  # a cold build is a cold build

from tests.benchmarks import report  # noqa: E402
from tests.benchmarks.questions import QUESTIONS  # noqa: E402


def main() -> None:
    """Read the command line and ask."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=list(QUESTIONS), metavar="NAME", help=f"of: {', '.join(QUESTIONS)}"
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns of every competitor (5)")
    parser.add_argument("--quick", action="store_true", help="smaller sizes and shorter runs: does it work at all?")
    given = parser.parse_args()
    effort = report.Effort(given.rounds, given.quick)
    described = machine.description()
    print("\n".join(f"{key}: {value}" for key, value in described.items()))
    sections = {}
    for name in given.only or QUESTIONS:
        sys.stderr.write(f"{name}\n")
        before = os.getloadavg()[0]
        with tempfile.TemporaryDirectory(prefix="neuroam-bench-") as folder:
            answer = QUESTIONS[name](effort, Path(folder))
        load = f"load average of the machine, before and after: {before:.1f}, {os.getloadavg()[0]:.1f}"
        sections[name] = replace(answer, notes=[*answer.notes, load])
        print(f"\n{report.table(sections[name])}", flush=True)
        report.write(machine.OUTPUT, described, effort, sections)
    print(f"\nWritten to {machine.OUTPUT.name}/results.json and {machine.OUTPUT.name}/table.md")


main()
