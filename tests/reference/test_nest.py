"""The LIF circuit in NEST: the same spikes, once the conventions that the documents name are taken into account."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parents[2] / "docs" / "coming_from.md"
nest = pytest.importorskip("nest", reason="nest-simulator is not installed")
STEP = 0.1  # ms
CELL = {
    "E_L": 0.0,
    "V_m": 0.0,
    "V_reset": 0.0,
    "V_th": 15.0,
    "tau_m": 10.0,
    "C_m": 1.0,
    "tau_syn_ex": 5.0,
    "tau_syn_in": 5.0,
}


@pytest.fixture
def ours(simulate):
    def run(size, duration, step=STEP, start=0.0, refractory=2.0, bias=0.0, projections=None, record=()):
        cells = {"size": size, "cell": "lif"}
        cells["params"] = {"tau_m": "10 ms", "refractory": f"{refractory} ms", "bias": f"{bias} mV"}
        source = {"size": 1, "cell": "lif", "params": {"tau_m": "10 ms", "bias": "18 mV"}}
        model = {
            "time": {"dt": f"{step} ms"},
            "populations": {"cells": cells, "source": source},
            "projections": projections or {},
            "start": {
                "cells": {"v": {"uniform": {"low": "0 mV", "high": "10 mV"}} if start is None else f"{start} mV"}
            },
            "ports": {"cells": "cells"},
        }
        world = {"epochs": [{"name": "all", "duration": f"{duration} ms"}], "trials": 1}
        world["record"] = {"cells": {"variables": ["v"], "every": f"{step} ms"}}
        return simulate(model, world).recordings[0]

    return run


def theirs(step=STEP):
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution = step


def spikes_of(cells, duration, step=STEP):
    """(cell, step) of every spike, counted as here: the step at whose end it is found."""
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(duration + 2 * step)
    found = recorder.events
    steps = np.rint(np.asarray(found["times"]) / step).astype(int) - 1
    first = min(cells.tolist())
    kept = steps < round(duration / step)
    order = np.lexsort((np.asarray(found["senders"])[kept], steps[kept]))
    return (np.asarray(found["senders"])[kept] - first)[order], steps[kept][order]


@pytest.mark.parametrize("refractory", [0.5, 2.0])
@pytest.mark.parametrize("start", [0.0, 3.0])
def test_refractory_cells_fire_in_the_same_steps(ours, refractory, start):
    """The membrane is held one step longer in NEST for the same refractory time."""
    mine = ours(1, 300, start=start, refractory=refractory, bias=18.0).spikes["cells"].step
    theirs()
    cell = nest.Create("iaf_psc_exp", 1, CELL | {"I_e": 1.8, "V_m": start, "t_ref": refractory - STEP})
    _, steps = spikes_of(cell, 300)
    assert len(mine) > 10
    assert mine.tolist() == steps.tolist()


@pytest.mark.parametrize("delay", [0.1, 1.5, 4.0])
def test_a_delayed_spike_arrives_in_the_same_step(ours, delay):
    synapse = {"from": "source", "to": "cells", "connect": "all", "weights": "4 mV"}
    synapse |= {"synapse": {"exponential": {"tau": "5 ms"}}, "delay": f"{delay} ms"}
    found = ours(1, 40, projections={"listen": synapse})
    mine = found.traces["cells", "v"].values[0, :, 0]
    theirs()
    source = nest.Create("iaf_psc_exp", 1, CELL | {"I_e": 1.8, "t_ref": 2.0 - STEP})
    cell = nest.Create("iaf_psc_exp", 1, CELL)
    nest.Connect(source, cell, "all_to_all", {"weight": 0.4, "delay": delay})
    meter = nest.Create("multimeter", {"record_from": ["V_m"], "interval": STEP})
    nest.Connect(meter, cell)
    nest.Simulate(42.0)
    events = meter.events
    membrane = dict(zip(np.rint(np.asarray(events["times"]) / STEP).astype(int), events["V_m"], strict=True))
    assert int(np.flatnonzero(mine > 0)[0]) == min(step for step, value in membrane.items() if value > 0)
    # a current that decays is held within a step here, and followed exactly there
    assert np.abs([mine[step] * 1e3 - membrane[step] for step in range(1, 400)]).max() < 0.05


def test_a_network_fires_at_the_same_times_the_more_so_the_shorter_the_step(ours):
    late = []
    for step in (0.1, 0.025):
        inhibition = {"from": "cells", "to": "cells", "connect": "all", "weights": "-0.2 mV"}
        inhibition |= {"synapse": {"exponential": {"tau": "5 ms"}}, "delay": "1.5 ms"}
        found = ours(20, 100, step=step, start=None, bias=18.0, projections={"inhibition": inhibition})
        mine = found.spikes["cells"]
        start = found.traces["cells", "v"].values[0, 0] * 1e3
        theirs(step)
        cells = nest.Create("iaf_psc_exp", 20, CELL | {"I_e": 1.8, "t_ref": 2.0 - step})
        cells.V_m = start.tolist()
        nest.Connect(cells, cells, "all_to_all", {"weight": -0.02, "delay": 1.5})
        cell, steps = spikes_of(cells, 100, step)
        assert np.bincount(cell, minlength=20).tolist() == np.bincount(mine.cell, minlength=20).tolist()
        order, other = np.lexsort((steps, cell)), np.lexsort((mine.step, mine.cell))
        late.append(step * np.abs(steps[order] - mine.step[other]).mean())
    assert late[0] < 0.3
    assert late[1] < 0.4 * late[0]


def test_the_script_of_the_documents_runs():
    blocks = re.findall(r"^```python\n(.*?)^```", DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    script = next(block for block in blocks if block.startswith("import nest\n"))
    theirs()
    names = {}
    exec(script, names)
    assert 140 < names["spikes"].n_events < 220
