"""What a program may do wrong in silence: each has a guard, tried here on real programs."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from neuroam import pipeline
from neuroam.errors import RunError
from neuroam.resolve import resolve
from neuroam.sim import pulse
from neuroam.sim.build import build, generate
from neuroam.sim.devices import DEVICE
from neuroam.sim.execute import execute
from neuroam.sim.structure import Wanted
from neuroam.sim.trial import prepare
from neuroam.spec.load import load

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine")
DEVICES = ["numpy", pytest.param("cpp", marks=needs_compiler)]

SPIKING = {
    "populations": {
        "cells": {"size": 30, "cell": "lif", "params": {"bias": {"uniform": {"low": "10 mV", "high": "30 mV"}}}}
    },
    "projections": {"inhibit": {"from": "cells", "to": "cells", "connect": "all", "weights": "-0.1 mV"}},
    "ports": {"cells": "cells"},
}


def prepared(folder, model, protocol):
    """Blueprint and numbers of all trials at once."""
    cells = model.get("cells", {})
    (folder / "cells").mkdir(exist_ok=True)
    for name, cell in cells.items():
        (folder / "cells" / f"{name}.yaml").write_text(json.dumps({"title": name, **cell}), encoding="utf-8")
    own = {key: item for key, item in model.items() if key != "cells"}
    (folder / "m.yaml").write_text(json.dumps({"format": 1, "title": "m", **own}), encoding="utf-8")
    world = {"format": 1, "title": "p", "model": "m", **protocol}
    (folder / "p.yaml").write_text(json.dumps(world), encoding="utf-8")
    circuit, trials = resolve(load(str(folder / "p.yaml")))
    made = prepare(circuit, trials, Wanted(), trials.count)
    return made.blueprint, next(made.runs)


@pytest.fixture(scope="module")
def spiking(tmp_path_factory):
    """A program of a million steps, which takes about a second, and its numbers."""
    folder = tmp_path_factory.mktemp("spiking")
    blueprint, numbers = prepared(folder, SPIKING, {"epochs": [{"name": "all", "duration": "100 s"}]})
    return build(blueprint, numbers.arrays)[0], numbers


def behind(program, folder, script):
    """The program, after a script in the folder where it runs."""
    main = folder / "main"
    main.write_text(f'#!/bin/sh\n{script}\nexec "{program.main}" "$@"\n')
    main.chmod(main.stat().st_mode | stat.S_IXUSR)
    return replace(program, main=main)


def child():
    """The process number of the program that runs now."""
    return int(subprocess.run(["pgrep", "-P", str(os.getpid()), "main"], capture_output=True, check=True).stdout)


@needs_compiler
def test_progress_rises_from_nothing_to_all(spiking):
    told = []
    execute(*spiking, told.append)
    assert told[0] == 0.0
    assert len(told) > 1
    assert told == sorted(told)
    assert told[-1] <= 1.0


@pytest.mark.parametrize("device", DEVICES)
def test_progress_of_all_batches_and_networks_is_one(device):
    settings = ["patterns.memory.bernoulli={size: 10, count: 2}", "measure={}"]
    settings += [f"epochs.{name}.duration=1 ms" for name in ("cue", "settle")]
    spec = load("recall_random", None, [*settings, "trials=5", "networks=3"])
    counts, told = [], []

    def start(trials):
        counts.append(trials)
        return told.append

    pipeline.run(spec, device, 2, lambda line: None, start)
    assert counts == [15]
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    assert {round(fraction * 9) for fraction in told} == set(range(10))


@needs_compiler
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_program_that_is_stopped_is_not_taken_for_finished(spiking, number):
    """Brian2's own handler ends it with status 0 and a full set of files after SIGINT."""
    with pytest.raises(RunError, match=f"stopped by {number.name}"):
        execute(*spiking, lambda _: os.kill(child(), number))


@needs_compiler
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('rm -r "$2"', "complained: .*Error writing output file"),
        ("for file in static_arrays/init_*; do echo more >> $file; done", "complained: .*does not match expected size"),
        ("rm static_arrays/init_*", "complained: .*file size -1"),
        ("rm static_arrays/live_pulse", "complained: .*Error opening static array"),
    ],
)
def test_files_that_are_not_there_or_have_another_size(spiking, tmp_path, script, said):
    """The program says so, goes on with other numbers, and ends with status 0."""
    program, numbers = spiking
    numbers = replace(numbers, variables=numbers.variables | {("pop_cells", "v"): np.zeros(30)})
    with pytest.raises(RunError, match=f"(?s){said}"):
        execute(behind(program, tmp_path, script), numbers)


@needs_compiler
def test_a_program_without_a_reader_ends(spiking, tmp_path):
    """So it does when neuroam is killed: the next report finds a closed pipe."""
    program, numbers = spiking
    held = behind(program, tmp_path, f"cp -rL . {tmp_path}/copy; exit 5")
    with pytest.raises(RunError, match="status 5"):
        execute(held, numbers)
    command = [program.main, "--results_dir", f"{tmp_path}/copy/results/"]
    with subprocess.Popen(command, cwd=tmp_path / "copy", stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=20) == -signal.SIGPIPE


@needs_compiler
def test_the_pulse_comes_once_per_step(tmp_path):
    """Once per cell, it would take longer than all the rest."""
    blueprint, numbers = prepared(tmp_path, SPIKING, {"epochs": [{"name": "all", "duration": "1 ms"}]})
    generate(blueprint, numbers.arrays, tmp_path / "source")
    text = next((tmp_path / "source").rglob("do_pulse*.cpp")).read_text(encoding="utf-8")
    body = text[text.index("void _run_do_pulse") :]
    call, loop = re.search(r"= pulse_step\(", body), re.search(r"\bfor\s*\(", body)
    assert call is not None
    assert loop is None or call.start() < loop.start()


RESET = {
    "params": {"tau": "5 ms"},
    "inputs": {"drive": "1"},
    "states": {"v": "1"},
    "equations": ["tau*dv/dt = exp(drive) - v"],
    "events": {"spike": {"when": "v > 1", "then": ["v = 0"]}},
}
FLEETING = {
    "params": {"tau": "0.1 ms"},
    "inputs": {"drive": "1"},
    "states": {"x": "1"},
    "equations": ["tau*dx/dt = drive - x"],
    "output": {"g": "exp(x)"},
}
BURST = {
    "epochs": [
        {"name": "before", "duration": "2.2 ms"},
        {"name": "burst", "duration": "0.3 ms", "drive": {"cells": "1000"}},
        {"name": "after", "duration": "5 ms"},
    ]
}


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    ("cell", "method", "variable", "when"), [(RESET, "euler", "v", "2.2"), (FLEETING, "exponential_euler", "g", "2.4")]
)
def test_what_comes_back_from_infinity_is_found(simulate, cell, method, variable, when, device):
    """A reset makes an infinite membrane finite again; an output is infinite between two samples only.

    exp(x) is infinite above x = 709.8; x is 632 and 865 after one and two steps of the burst, and seen one step later.
    """
    populations = {"cells": {"size": 3, "cell": "own"}}
    model = {
        "cells": {"own": cell},
        "time": {"method": method},
        "populations": populations,
        "ports": {"cells": "cells"},
    }
    with pytest.raises(RunError, match=rf"populations.cells: '{variable}' of cell 0 is not finite from {when} ms on"):
        simulate(model, BURST, device=device)
    gentle = {"epochs": [BURST["epochs"][0], {**BURST["epochs"][1], "drive": {"cells": "10"}}]}
    simulate(model, gentle, device=device)


INVERSE = {"inputs": {"drive": "1"}, "states": {"x": "1"}, "update": ["x = drive"], "output": {"g": "1/x"}}
ELASTIC = {
    "cells": {"inverse": INVERSE},
    "time": {"discrete": "synchronous"},
    "matrices": {"w": {"rows": {"of": "memory"}}},
    "populations": {
        "features": {"size": {"units": "memory"}, "cell": "sign"},
        "hidden": {"size": {"count": "memory"}, "cell": "inverse"},
    },
    "projections": {"up": {"from": "features.g", "to": "hidden.drive", "weights": {"of": "w"}}},
    "ports": {"memory": {"population": "features", "cue": "state"}},
    "start": {"hidden": {"x": 1}},
}


@pytest.mark.parametrize("device", DEVICES)
def test_cells_for_which_there_is_only_room_stop_nothing(tmp_path, device):
    patterns = {"memory": {"bernoulli": {"size": 9, "count": 3}}}
    protocol = {"patterns": patterns, "epochs": [{"name": "all", "duration": "4 steps", "show": {}, "as": "clamp"}]}
    blueprint, numbers = prepared(tmp_path, ELASTIC, protocol)
    assert blueprint.recorded.finite["hidden", "g"] == "all"
    raw = DEVICE[device](blueprint, numbers.arrays).run(numbers, pulse.ignore)
    last = raw.final["hidden", "g"].reshape(blueprint.batch, -1)
    assert np.isfinite(last[:, :3]).all()
    assert np.isinf(last[:, 3:]).all()
