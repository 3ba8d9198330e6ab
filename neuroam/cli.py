"""Who asked?  The command line: prints and exit codes, no science.

Results go to stdout, messages to stderr.  Exit codes: 0 done, 1 a run failed, 2 the input is wrong, 3 the environment
lacks something.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from neuroam.errors import NeuroamError, Problem, SpecError

FIGURES = "raster, overlap, energy, rates, success, similarity, graph, sequence ...; of a sweep: curves or map."
INTERRUPTED = 130  # typer's exit code after Ctrl-C
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
cache = typer.Typer(no_args_is_help=True, help="Compiled programs that are kept for the next run.")
app.add_typer(cache, name="cache")
DEBUG = typer.Option("--debug", help="Show a traceback when something goes wrong.")
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Set a value of either file; may be repeated.")
]
ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="FILE", help="The model, if not the protocol's own.")
]


class Device(StrEnum):
    """Values of ``--device``."""

    auto = "auto"
    numpy = "numpy"
    cpp = "cpp"
    cuda = "cuda"


class Precision(StrEnum):
    """Values of ``--precision``."""

    double = "double"
    single = "single"


class Compiled(StrEnum):
    """Values of ``--device`` that are compiled."""

    cpp = "cpp"
    cuda = "cuda"


class Format(StrEnum):
    """Values of ``--format``."""

    text = "text"
    json = "json"
    github = "github"


class Target(StrEnum):
    """Values of ``--to``."""

    nwb = "nwb"
    neo = "neo"
    sonata = "sonata"
    csv = "csv"
    parquet = "parquet"


def main() -> None:
    """The entry point: turns errors into one clear message and an exit code."""
    _read_utf_8()
    _print_any_letter()
    debug = "--debug" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    try:
        code = app(standalone_mode=False, prog_name="neuroam")
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        sys.exit(code if isinstance(code, int) else 0)
    except NeuroamError as error:
        if debug:
            raise
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("interrupted: nothing was written", file=sys.stderr)
        sys.exit(1)
    except MemoryError:
        print("the machine has not enough memory: ask for fewer trials, cells or patterns", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if debug and not hasattr(error, "format_message"):
            raise
        sys.exit(_unexpected(error))


def _read_utf_8() -> None:
    """Start anew where Python was told to take names and texts for ASCII: our files and Brian2's own are UTF-8."""
    if sys.getfilesystemencoding() == "ascii" and os.environ.get("PYTHONUTF8") != "1":
        environment = {"PYTHONIOENCODING": "ascii", **os.environ, "PYTHONUTF8": "1"}  # the terminal stays as it is
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606 - ourselves


def _print_any_letter() -> None:
    """Escape, rather than fail on, letters that the terminal does not know."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _unexpected(error: Exception) -> int:
    """Print a wrong option or argument, or a bug; the exit code."""
    if not hasattr(error, "format_message"):
        print(f"internal error: {type(error).__name__}: {error}", file=sys.stderr)
        print("      fix: run again with --debug and report what it prints", file=sys.stderr)
        return 1
    context, message = getattr(error, "ctx", None), str(error.format_message())
    usage = f"{context.get_usage()}\n" if context and not message.startswith("Usage") else ""
    print(f"{usage}{message}", file=sys.stderr)
    return 2


def say(line: str) -> None:
    """A message, to stderr."""
    print(line, file=sys.stderr)


@app.command("list")
def list_() -> None:
    """Shipped models, protocols, cells, synapses, and every registered function; one line each."""
    from neuroam.spec.catalogue import catalogue

    for kind, entries in catalogue().items():
        print(f"{kind}:")
        width = max((len(name) for name, _ in entries), default=0)
        for name, text in entries:
            print(f"  {name:{width}}  {text}".rstrip())
        print()


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="YAML files, or names of shipped ones.")],
    format_: Annotated[Format, typer.Option("--format", help="How problems are printed.")] = Format.text,
    device: Annotated[Device, typer.Option(help="cuda: what a GPU cannot run is a problem too.")] = Device.auto,
) -> int:
    """Every problem of every file at once, with file:line:column and a remedy."""
    from neuroam.commands.checking import check as check_one

    found: list[Problem] = []
    for file in files:
        finding = check_one(file, device)
        found += finding.problems
        for note in finding.notes:
            say(f"note: {note}")
        if not finding.problems:
            say(f"{file}: a valid {finding.kind}")
    unique = list(dict.fromkeys(found))
    for text in _problems(unique, format_):
        print(text)
    if unique and format_ is Format.text:
        say(f"{len(unique)} problem{'s' * (len(unique) != 1)}")
    return 2 if unique else 0


def _problems(problems: list[Problem], format_: Format) -> list[str]:
    if format_ is Format.json:
        rows = [
            {
                "file": p.where.file,
                "line": p.where.line,
                "column": p.where.column,
                "path": p.path,
                "what": p.what,
                "fix": p.fix,
            }
            for p in problems
        ]
        return [json.dumps(rows, indent=1)]
    if format_ is Format.github:
        return [_annotation(p) for p in problems]
    return [str(p) for p in problems]


def _annotation(problem: Problem) -> str:
    """A line that GitHub shows beside the line of the file."""
    where = problem.where
    place = {"file": where.file, "line": where.line or "", "col": where.column or ""}
    properties = ",".join(f"{key}={_escaped(str(item), ':,')}" for key, item in place.items() if item)
    message = ": ".join(part for part in (problem.path, problem.what) if part)
    return f"::error {properties}::" + _escaped(message + (f" (fix: {problem.fix})" if problem.fix else ""))


def _escaped(text: str, more: str = "") -> str:
    return "".join(f"%{ord(char):02X}" if char in "%\r\n" + more else char for char in text)


@app.command()
def show(
    file: Annotated[str, typer.Argument(help="A model or a protocol.")],
    model: ModelOption = None,
    settings: Settings = None,
    equations: Annotated[bool, typer.Option("--equations", help="Also the statements that Brian2 will see.")] = False,
) -> None:
    """What was understood: sizes, units, equations."""
    from neuroam.commands.show import show_text

    print(show_text(file, model, settings or [], equations))


@app.command()
def graph(
    model: Annotated[str, typer.Argument(help="A model.")],
    output: Annotated[
        Path | None, typer.Option("-o", metavar="FILE", help=".svg, .png, .pdf, .graphml or .dot")
    ] = None,
) -> None:
    """Draw a model's populations and projections."""
    from neuroam.commands.drawing import draw_graph

    print(draw_graph(model, output))


@app.command()
def run(
    protocol: Annotated[str, typer.Argument(help="A protocol file, or the name of a shipped one.")],
    model: ModelOption = None,
    device: Annotated[Device, typer.Option(help="Where to run.")] = Device.auto,
    settings: Settings = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Number of trials.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Top-level seed; role seeds derive from it.")] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Trials per program; results do not depend on it.")] = None,
    precision: Annotated[Precision, typer.Option(help="64 or 32 bits per number.")] = Precision.double,
    output: Annotated[Path | None, typer.Option("-o", metavar="DIR", help="The run directory itself.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the run that is there.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Simulate a protocol, print its measures, leave a run directory."""
    from neuroam import store
    from neuroam.spec.load import load

    laid = [*(settings or [])]
    laid += [f"trials={trials}"] * (trials is not None) + [f"seed={seed}"] * (seed is not None)
    spec = load(protocol, model, laid)
    command = [word for word in sys.argv[1:] if word != "--debug"]
    if output is None:
        output = store.default_folder(spec)
        command += ["-o", str(output)]
    from neuroam.commands.running import run_and_save

    again, quiet = shlex.join(["neuroam", *command]), json_ and not sys.stderr.isatty()
    result, folder = run_and_save(spec, device.value, batch, precision.value, output, overwrite, again, quiet)
    if json_:
        print(json.dumps(result.as_json(folder)))
        return
    from neuroam.commands.tables import run_table

    print(run_table(result))
    say(f"run directory: {folder}")


@app.command()
def sweep(
    protocol: Annotated[str, typer.Argument(help="A protocol file, or the name of a shipped one.")],
    model: ModelOption = None,
    device: Annotated[Device, typer.Option(help="Where to run.")] = Device.auto,
    settings: Settings = None,
    over: Annotated[
        list[str] | None,
        typer.Option("--over", metavar="PATH=V1,V2,...", help="An axis, instead of those of the protocol; repeatable."),
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Points at a time, in processes of their own (Dask).")] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run points on this Dask cluster; a scheduler file will do.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", metavar="DIR", help="The sweep directory; goes on with what is there.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the table of the sweep that is there; its points stay.")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run a protocol at every point of a grid; the same command with -o goes on after an interrupt."""
    from neuroam.commands import sweeping

    if jobs is not None and scheduler is not None:
        raise typer.BadParameter("--jobs starts workers here, --scheduler names those that are there: give one of them")
    command = [word for word in sys.argv[1:] if word != "--debug"]
    quiet = json_ and not sys.stderr.isatty()
    found, folder = sweeping.sweep_and_save(
        protocol, model, settings or [], over or [], device.value, output, command, quiet, scheduler, jobs, overwrite
    )
    if json_:
        print(json.dumps(found.as_json(folder)))
        for point, reason in found.failed.items():
            say(f"failed: {point}: {reason}")
    else:
        print(sweeping.table(found))
        say(f"sweep directory: {folder}")
    if found.failed:
        raise typer.Exit(1)


@app.command()
def plan(
    protocol: Annotated[str, typer.Argument(help="A protocol file, or the name of a shipped one.")],
    model: ModelOption = None,
    settings: Settings = None,
    over: Annotated[
        list[str] | None,
        typer.Option("--over", metavar="PATH=V1,V2,...", help="An axis of a sweep; may be repeated."),
    ] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Trials per program.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """What a run would take, and which values may change without compiling again."""
    from neuroam import planning

    found = planning.planned(planning.Asked(protocol, model, settings or [], batch), over or [])
    print(json.dumps(planning.as_json(found)) if json_ else planning.text(found))


@app.command()
def build(
    protocol: Annotated[str, typer.Argument(help="A protocol file, or the name of a shipped one.")],
    model: ModelOption = None,
    device: Annotated[Compiled, typer.Option(help="For what; a GPU need not be here.")] = Compiled.cpp,
    settings: Settings = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Trials per program.")] = None,
    precision: Annotated[Precision, typer.Option(help="64 or 32 bits per number.")] = Precision.double,
    no_compile: Annotated[bool, typer.Option("--no-compile", help="Only write the source (with -o).")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", metavar="DIR", help="Leave source and program here, not in the cache.")
    ] = None,
) -> None:
    """Compile the program of a protocol, run nothing, and say where it is."""
    from neuroam.commands import building
    from neuroam.planning import Asked

    asked = Asked(protocol, model, settings or [], batch)
    print(building.built(asked, device.value, precision.value, output, compiled=not no_compile))


@app.command()
def verify(
    protocol: Annotated[str, typer.Argument(help="A protocol file, or the name of a shipped one.")],
    model: ModelOption = None,
    device: Annotated[
        list[Device] | None, typer.Option(help="What to check, repeatable.  Default: numpy, and C++ if it is there.")
    ] = None,
    settings: Settings = None,
    trials: Annotated[int, typer.Option(min=1, help="How many trials, the first ones.")] = 2,
    steps: Annotated[int | None, typer.Option(min=1, help="How many steps, the first ones; else all.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare devices with an independent integrator, and print the largest deviation with its place."""
    from neuroam.commands import verifying
    from neuroam.spec.load import load

    spec = load(protocol, model, settings or [])
    quiet = json_ and not sys.stderr.isatty()
    chosen = [one.value for one in device or ()]
    found = verifying.verified(spec, chosen, trials, steps, (lambda _: None) if quiet else say)
    fine = all(checked.fine for checked in found)
    if json_:
        print(json.dumps({"protocol": spec.protocol.name, "fine": fine, "checks": verifying.as_json(found)}))
    else:
        print(verifying.table(found))
    if not fine:
        raise typer.Exit(1)


@app.command()
def plot(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run directory.")],
    kind: Annotated[str | None, typer.Option(help=FIGURES)] = None,
    trial: Annotated[int | None, typer.Option(min=0, help="Which trial, from 0; else the first, or all.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", metavar="FILE", help="Default: KIND.png in the directory.")
    ] = None,
) -> None:
    """Draw a stored run."""
    from neuroam.commands.drawing import draw_run

    print(draw_run(folder, kind, trial, output, say))


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run directory.")],
    to: Annotated[Target, typer.Option("--to", help="What other tools are to read.")],
    output: Annotated[
        Path | None, typer.Option("-o", metavar="PATH", help="Default: run.nwb, run.pkl or a folder, in the directory.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the export that is there.")] = False,
) -> None:
    """Write a stored run for other tools: NWB, Neo, SONATA, csv or parquet."""
    from neuroam.commands.exporting import export_run

    print(export_run(folder, to.value, output, overwrite, say))


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run directory, or that of a sweep.")],
    output: Annotated[
        Path | None, typer.Option("-o", metavar="FILE", help="Default: report.html in the directory.")
    ] = None,
) -> None:
    """One HTML file with figures, measures, provenance and the files that were run; needs no network to be read."""
    from neuroam.commands.reporting import reported

    print(reported(folder, output, say))


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="model, protocol, cell or synapse.")],
    output: Annotated[Path | None, typer.Option("-o", metavar="FILE", help="Default: stdout.")] = None,
) -> None:
    """The JSON Schema of a file kind, for editors."""
    from neuroam.spec.catalogue import schema_of

    text = json.dumps(schema_of(kind), indent=1) + "\n"
    if output is None:
        print(text, end="")
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SpecError([Problem(_nowhere(output), "", f"cannot write the file: {error.strerror}")]) from None
    print(output)


def _nowhere(path: Path) -> Any:
    from neuroam.errors import Where

    return Where(str(path))


@cache.command("show")
def show_cache(json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Title, size and last use of every program; what all take, and may take."""
    from neuroam.commands import cache as programs

    print(json.dumps(programs.as_json()) if json_ else programs.table())


@cache.command("clear")
def clear_cache() -> None:
    """Remove the programs that no run is using."""
    from neuroam.commands import cache as programs

    print(programs.clear())


@app.command()
def doctor() -> int:
    """Does this machine have what a run needs?"""
    from neuroam.commands.doctor import examine

    rows = examine()
    for ok, name, text in rows:
        print(f"{'ok  ' if ok else 'MISS'} {name:12} {text}")
    return 0 if all(ok for ok, name, _ in rows if name in ("python", "brian2", "numpy")) else 3
