"""Programs written by hand for Brian2's C++ standalone mode, as its users would, with its default flags.

A peer: builds ``main`` in the given folder and says which result files hold what.  The program prints the processor time
of its run, without start-up, wiring and files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import brian2 as b2
import numpy as np

from tests.benchmarks.peers import answer

Arrays = dict[str, np.ndarray]
SAME_TRIAL = "k for k in range((i//n_pre)*n_post, (i//n_pre + 1)*n_post)"


CLOCK = "std::clock_t begun = std::clock();"
STOP = 'std::cout << "processor seconds: " << double(std::clock() - begun)/CLOCKS_PER_SEC << std::endl;'


def _begin() -> None:
    b2.BrianLogger.log_level_error()
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.get_device().insert_code("before_network_run", CLOCK)
    b2.get_device().insert_code("after_network_run", STOP)
    b2.defaultclock.dt = 0.1 * b2.ms


def _build(network: Any, steps: int, folder: Path, results: dict[str, Any]) -> dict[str, Any]:
    """``results`` says which variable to read after a run."""
    network.run(steps * b2.defaultclock.dt, namespace={})
    device = b2.get_device()
    device.build(directory=str(folder / "program"), run=False, with_output=False)
    files = {name: Path(device.get_array_filename(variable)).name for name, variable in results.items()}
    return {"steps": steps, "files": files}


def _all_to_all(pre: Any, post: Any, weights: np.ndarray, trials: int, line: str) -> Any:
    """Dense synapses of several trials side by side; ``weights`` is (pre, post)."""
    n_pre, n_post = weights.shape
    synapses = b2.Synapses(pre, post, f"w : 1\n{line} : 1 (summed)", namespace={})
    if trials == 1:
        synapses.connect()
    else:
        synapses.connect(j=SAME_TRIAL, namespace={"n_pre": n_pre, "n_post": n_post})
    synapses.w = np.tile(weights, (trials, 1)).ravel()
    return synapses


def dense(folder: Path, arrays: Arrays, steps: int, trials: int) -> dict[str, Any]:
    """``circuits/dense.yaml`` with a summed variable."""
    _begin()
    n_pre, n_post = arrays["w"].shape
    x = b2.NeuronGroup(n_pre * trials, "dx/dt = -x/(1000*second) : 1", method="exponential_euler", namespace={})
    y = b2.NeuronGroup(
        n_post * trials, "dy/dt = (drive - y)/(10*ms) : 1\ndrive : 1", method="exponential_euler", namespace={}
    )
    x.x = arrays["x"][:trials].ravel()
    synapses = _all_to_all(x, y, arrays["w"], trials, "drive_post = w*x_pre")
    return _build(b2.Network(x, y, synapses), steps, folder, {"final": y.variables["y"]})


def recall(folder: Path, arrays: Arrays, steps: int, trials: int, scale: float) -> dict[str, Any]:
    """``models/two_body_power.yaml`` with summed variables; outputs are computed once per step and cell."""
    _begin()
    count, size = arrays["xi"].shape
    features = b2.NeuronGroup(
        size * trials,
        """dx/dt = (drive - x)/(20*ms) : 1
        drive : 1
        g = tanh(4*x) : 1 (constant over dt)""",
        method="exponential_euler",
        namespace={},
    )
    hidden = b2.NeuronGroup(
        count * trials,
        """dx/dt = (drive - x)/(2*ms) : 1
        drive : 1
        r = clip(x/scale, 0, inf) : 1
        g = r*r : 1 (constant over dt)""",
        method="exponential_euler",
        namespace={"scale": scale},
    )
    features.x, hidden.x = arrays["x"][:trials].ravel(), arrays["h"][:trials].ravel()
    forward = _all_to_all(features, hidden, arrays["xi"].T, trials, "drive_post = w*g_pre")
    feedback = _all_to_all(hidden, features, arrays["xi"], trials, "drive_post = w*g_pre")
    network = b2.Network(features, hidden, forward, feedback)
    return _build(network, steps, folder, {"final": features.variables["x"]})


def spiking(folder: Path, arrays: Arrays, steps: int, excitatory: int, own_weights: bool) -> dict[str, Any]:
    """``circuits/spiking.yaml``; weights are constants, or one number per synapse."""
    _begin()
    cells = b2.NeuronGroup(
        arrays["v"].size,
        "dv/dt = (24*mV - v)/(20*ms) + 1.1*mV*sqrt(2/(20*ms))*xi : volt (unless refractory)",
        threshold="v > 20*mV",
        reset="v = 10*mV",
        refractory=2 * b2.ms,
        method="euler",
        namespace={},
    )
    cells.v = arrays["v"] * b2.volt
    spikes = b2.SpikeMonitor(cells)
    parts = []
    for sources, chosen in (
        (cells[:excitatory], arrays["pre"] < excitatory),
        (cells[excitatory:], arrays["pre"] >= excitatory),
    ):
        weight = arrays["w"][chosen]
        model, effect = ("w : volt", "w") if own_weights else ("", f"{float(weight[0])!r}*volt")
        synapses = b2.Synapses(sources, cells, model, on_pre=f"v_post += {effect}", delay=1.5 * b2.ms, namespace={})
        synapses.connect(i=arrays["pre"][chosen] - sources.start, j=arrays["post"][chosen])
        if own_weights:
            synapses.w = weight * b2.volt
        parts.append(synapses)
    return _build(b2.Network(cells, spikes, *parts), steps, folder, {"spikes": spikes.variables["i"]})


if __name__ == "__main__":
    answer({"dense": dense, "recall": recall, "spiking": spiking})
