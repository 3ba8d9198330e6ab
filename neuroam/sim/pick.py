"""One random number per trial and step, the same for every cell: which cell moves in sequential updates."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.sim import noise

STREAM = 0  # every other place that draws has a stream from 1 on

_CPP = """
NEUROAM_INLINE double @NAME@(const int64_t step, const int64_t i) {
    const uint64_t key = (uint64_t)_namespace@NAME@_key[0] | ((uint64_t)_namespace@NAME@_key[1] << 32);
    return neuroam_uniform(key, @STREAM@u, (uint32_t)_namespace@NAME@_trial[i/@CELLS@], (uint32_t)step, 0u);
}
"""


def brian_function(name: str, trials: NDArray[np.int64], cells: int, words: NDArray[np.int64]) -> Any:
    """A Brian2 function of (step, cell) that is uniform in (0, 1) and equal within a trial."""
    from brian2 import Function

    key = int(words[0]) | int(words[1]) << 32

    def draw(step: Any, i: Any) -> NDArray[np.float64]:
        number = noise.uniform(key, STREAM, trials, int(np.asarray(step).flat[0]), 0)
        return np.asarray(number[np.asarray(i) // cells])

    function = Function(draw, arg_units=[1, 1], return_unit=1, stateless=True)
    function.implementations.add_implementation("numpy", draw)
    text = _CPP.replace("@NAME@", name).replace("@CELLS@", str(cells)).replace("@STREAM@", str(STREAM))
    for target in ("cpp", "cuda"):
        function.implementations.add_implementation(
            target,
            text,
            namespace={f"{name}_key": words, f"{name}_trial": trials},
            dependencies={"neuroam_noise": noise.brian_support()},
            name=name,
            compiler_kwds={"headers": noise.CPP_HEADERS},
        )
    return function
