"""The leaky integrate-and-fire cell against its closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from neuroam.theory import constant_drive_rate, membrane_sd, noisy_drive_rate, steps_between_spikes

DT = 0.1e-3
FAR = "1 V"  # a threshold out of reach


def cells(size, dt="0.1 ms", **params):
    return {
        "time": {"dt": dt},
        "populations": {"cells": {"size": size, "cell": "lif", "params": params}},
        "ports": {"cells": "cells"},
    }


def drive(amount, duration, **more):
    return {"epochs": [{"name": "drive", "duration": duration, "drive": {"cells": amount}}], **more}


def intervals(result, cell):
    """Steps between the spikes of one cell of the first trial; the first from the start."""
    spikes = result.spikes["cells"]
    return np.diff(spikes.step[(spikes.cell == cell) & (spikes.trial == 0)], prepend=-1)


def test_rate_without_noise(simulate):
    """60 cells with a bias of their own: intervals are those of the closed form, to the step."""
    params = {"tau_m": "10 ms", "refractory": "2 ms", "bias": {"uniform": {"low": "10 mV", "high": "60 mV"}}}
    result = simulate(cells(60, **params), drive("0 mV", "500 ms"))
    bias = result.run.networks[0].circuit.populations["cells"].params["bias"]
    assert (bias < 15e-3).sum() > 3
    for cell in range(60):
        constants = {"tau": 10e-3, "threshold": 15e-3}
        expected = steps_between_spikes(bias[cell], dt=DT, refractory=20, **constants)
        found = intervals(result, cell)
        if not expected:
            assert found.size == 0
            continue
        assert set(found[1:]) == {expected}
        assert found[0] == expected - 19  # no refractory time before the first spike
        rate = constant_drive_rate(bias[cell], refractory=2e-3, **constants)
        assert 0 <= 1 / rate - found[1] * DT + DT <= 2 * DT


@pytest.mark.parametrize("bias", [9, 13, 17, 25])
def test_rate_with_noise(simulate, bias):
    """Siegert's formula; looking once per step is like a threshold 0.5826 sd sqrt(2 dt/tau) higher."""
    params = {"tau_m": "10 ms", "refractory": "2 ms", "noise": "3 mV", "bias": f"{bias} mV"}
    protocol = drive("0 mV", "700 ms", measure={"rate": {"window": {"last": "500 ms"}}})
    found = simulate(cells(3000, **params), protocol).measures["rate"].item()
    threshold = 15e-3 + 0.5826 * 3e-3 * math.sqrt(2 * DT / 10e-3)
    expected = noisy_drive_rate(bias * 1e-3, 3e-3, tau=10e-3, threshold=threshold, refractory=2e-3)
    # 3000 cells in half a second, at most as irregular as Poisson: four standard errors, and 1 % for the correction
    assert found == pytest.approx(expected, rel=0.01 + 4 / math.sqrt(3000 * 0.5 * expected))


@pytest.mark.parametrize("dt", [0.1, 2.0, 10.0, 50.0])
def test_fluctuations_of_a_free_membrane(simulate, dt):
    """Mean, sd and correlation in time of what exponential Euler makes of white noise; tau = 10 ms."""
    model = cells(4000, dt=f"{dt} ms", tau_m="10 ms", noise="3 mV", bias="5 mV", threshold=FAR)
    steps = max(20, round(100 / dt))
    protocol = drive("0 mV", f"{steps} steps", trials=4, record={"cells": {"variables": ["v"], "every": "1 steps"}})
    v = simulate(model, protocol).recordings[0].traces["cells", "v"].values[:, -2:] - 5e-3
    error = 4 / math.sqrt(16000)  # four standard errors of a correlation and, over sqrt(2), of an sd
    expected = membrane_sd(3e-3, 10e-3, dt * 1e-3)
    assert v[:, 1].std() == pytest.approx(expected, rel=error / math.sqrt(2))
    assert v[:, 1].mean() == pytest.approx(0.0, abs=error * expected)
    found = np.corrcoef(v[:, 0].ravel(), v[:, 1].ravel())[0, 1]
    assert found == pytest.approx(math.exp(-dt / 10), abs=error)


@pytest.mark.parametrize(
    ("refractory", "steps"), [("0 ms", 1), ("0.1 ms", 1), ("0.5 ms", 5), ("2 ms", 20), ("2.04 ms", 20)]
)
def test_a_strong_drive_fires_once_per_refractory_time(simulate, refractory, steps):
    result = simulate(cells(2, refractory=refractory), drive("100 V", "50 ms"))
    assert set(intervals(result, 1)[1:]) == {steps}
    assert intervals(result, 1)[0] == 1


def test_the_membrane_rests_while_refractory(simulate):
    """It is at the reset value from the spike on, and moves again in the last refractory step."""
    result = simulate(
        cells(1, refractory="1 ms", reset="2 mV"),
        drive("30 mV", "30 ms", record={"cells": {"variables": ["v"], "every": "1 steps"}}),
    )
    v = result.recordings[0].traces["cells", "v"].values[0, :, 0]
    first = result.spikes["cells"].step[0]
    assert (v[first + 1 : first + 11] == 2e-3).all()
    assert v[first + 11] > 2e-3


DELAYS = {"none": 0, "one": 1, "some": 10, "odd": 37}
JUMP = {"params": {"tau": "5 ms"}, "pulses": {"hit": "x"}, "states": {"x": "1"}, "equations": ["tau*dx/dt = -x"]}


@pytest.mark.parametrize("device", ["numpy", "cpp"])
def test_spikes_arrive_after_their_delay(simulate, device):
    """A jump is seen in the sample after the spike (and its delay); a drive moves the membrane one step later."""
    passive = {"size": 1, "cell": "lif", "params": {"threshold": FAR}}
    populations = {"source": {"size": 1, "cell": "lif", "params": {"refractory": "100 ms"}}}
    projections = {}
    for name, steps in DELAYS.items():
        delay = {"from": "source", "connect": "all", "delay": f"{steps / 10} ms"}
        populations |= {f"jump_{name}": {"size": 1, "cell": "jump"}}
        populations |= {f"filtered_{name}": passive, f"plain_{name}": passive}
        projections |= {
            f"jump_{name}": {**delay, "to": f"jump_{name}.hit", "weights": 1},
            f"filtered_{name}": {
                **delay, "to": f"filtered_{name}", "weights": "2 mV", "synapse": {"exponential": {"tau": "4 ms"}}
            },
            f"plain_{name}": {**delay, "to": f"plain_{name}", "weights": "2 mV"},
        }  # fmt: skip
    model = {
        "cells": {"jump": JUMP}, "populations": populations, "projections": projections, "ports": {"cells": "source"}
    }  # fmt: skip
    record = {
        f"{kind}_{name}": {"variables": ["x" if kind == "jump" else "v"], "every": "1 steps"}
        for name in DELAYS
        for kind in ("jump", "filtered", "plain")
    }
    result = simulate(model, drive("30 mV", "20 ms", record=record), device=device)
    traces = {key[0]: trace.values[0, :, 0] for key, trace in result.recordings[0].traces.items()}
    (spike,) = result.spikes["source"].step
    for name, steps in DELAYS.items():
        arrives = spike + steps + 1
        assert traces[f"jump_{name}"][: arrives + 3] == pytest.approx(
            [0.0] * arrives + [1.0, math.exp(-0.1 / 5), math.exp(-0.2 / 5)]
        )
        assert traces[f"plain_{name}"][arrives : arrives + 2] == pytest.approx([0, 2e-3 * (1 - math.exp(-0.1 / 10))])
        assert traces[f"filtered_{name}"][arrives:] == pytest.approx(postsynaptic(201 - arrives), rel=1e-12)


def postsynaptic(samples):
    """Exponential Euler of tau_m dv/dt = s - v and tau ds/dt = -s from s = 2 mV."""
    v, s, path = 0.0, 2e-3, []
    for _ in range(samples):
        path.append(v)
        v, s = s + (v - s) * math.exp(-0.1 / 10), s * math.exp(-0.1 / 4)
    return path
