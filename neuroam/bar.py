"""How far is it?  Lines on stderr, and a bar below them where stderr is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Say = Callable[[str], None]
Start = Callable[[int], Callable[[float], None]]


@contextmanager
def shown(quiet: bool) -> Iterator[tuple[Say, Start]]:
    """Two callables: one takes a line, the other takes the number of trials and gives what takes the fraction done."""
    if quiet:
        yield _ignore, _no_bar
    elif sys.stderr.isatty():
        with _bar() as (say, start):
            yield say, start
    else:
        yield _stderr, _no_bar


def _ignore(_: object) -> None:
    pass


def _stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _no_bar(_: int) -> Callable[[float], None]:
    return _ignore


@contextmanager
def _bar() -> Iterator[tuple[Say, Start]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    trials = TextColumn("{task.fields[done]} of {task.fields[trials]} trials")
    console = Console(stderr=True)
    columns = (BarColumn(), TaskProgressColumn(), trials, TimeRemainingColumn(), TextColumn("left"))
    # it goes away at the end, so that a log of the terminal holds lines only
    with Progress(*columns, console=console, transient=True, refresh_per_second=5) as progress:

        def say(line: str) -> None:
            console.print(line, markup=False, highlight=False, soft_wrap=True)

        def start(count: int) -> Callable[[float], None]:
            task = progress.add_task("", total=1.0, done=0, trials=count)
            return lambda done: progress.update(task, completed=done, done=int(done * count))

        yield say, start
