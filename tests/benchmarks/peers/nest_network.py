"""``circuits/spiking.yaml`` in NEST; a peer."""

from __future__ import annotations

import secrets
from pathlib import Path
from time import process_time
from typing import Any

import nest
import numpy as np

from tests.benchmarks.peers import answer

DT, TAU, C_M, BIAS, NOISE = 0.1, 20.0, 250.0, 24.0, 1.1  # ms, ms, pF, mV, mV
WARM_UP = 100.0  # ms


def spiking(_: Path, arrays: dict[str, np.ndarray], milliseconds: float) -> dict[str, Any]:
    """Processor seconds per simulated second on one thread, and the rate from the beginning."""
    nest.set_verbosity("M_ERROR")
    nest.ResetKernel()
    nest.resolution = DT
    nest.local_num_threads = 1
    nest.rng_seed = 1 + secrets.randbelow(2**31 - 1)  # every run draws its own noise, as with the others
    cells = nest.Create(
        "iaf_psc_delta",
        arrays["v"].size,
        params={"tau_m": TAU, "C_m": C_M, "E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "t_ref": 2.0,
                "I_e": C_M * BIAS / TAU, "refractory_input": True},
    )  # fmt: skip
    cells.V_m = (arrays["v"] * 1e3).tolist()
    generator = nest.Create("noise_generator", params={"mean": 0.0, "std": _noise(), "dt": DT})
    nest.Connect(generator, cells, syn_spec={"delay": DT})
    nest.Connect(
        arrays["pre"] + 1,
        arrays["post"] + 1,
        conn_spec="one_to_one",
        syn_spec={"weight": arrays["w"] * 1e3, "delay": np.full(arrays["w"].size, 1.5)},
    )
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(WARM_UP)
    started = process_time()
    nest.Simulate(milliseconds)
    seconds = process_time() - started
    whole = (WARM_UP + milliseconds) / 1e3
    return {"seconds": seconds / milliseconds * 1e3, "rate": recorder.n_events / arrays["v"].size / whole}


def _noise() -> float:
    """The sd of a current, constant for one step, that makes the membrane's sd at rest `NOISE`."""
    kept = np.exp(-DT / TAU)
    return float(NOISE * C_M / TAU * np.sqrt((1 + kept) / (1 - kept)))


if __name__ == "__main__":
    answer({"spiking": spiking})
