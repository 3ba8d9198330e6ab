"""Sums of projections and reductions in numpy: the same numbers as a plain loop, to the last bit."""

import numpy as np
import pytest
from scipy import sparse

from neuroam.sim.kernels import cpp_text, numpy_step, weight_arrays
from neuroam.sim.structure import Kernel

N, B = 37, 3
RNG = np.random.default_rng(7)
X = RNG.standard_normal((B, N)) * 10.0 ** RNG.integers(-8, 8, (B, N))


def kernel(kind, *, spikes=False, delay=0, size_out=5):
    return Kernel("k", kind, spikes, ("p", "x"), N, size_out, delay)


def arrays_for(kind, size_out):
    weights = RNG.standard_normal((N, size_out))
    if kind == "dense":
        return weights, {"w_k": weights.ravel()}
    weights[RNG.random(weights.shape) < 0.8] = 0.0
    rows = sparse.csr_array(weights)
    return weights, {"w_k": rows.data, "p_k": rows.indptr.astype(np.int32), "j_k": rows.indices.astype(np.int32)}


def in_order(x, weights):
    """Source after source, as the C++ loop does it."""
    total = np.zeros(weights.shape[1])
    for n in range(N):
        total = total + weights[n] * x[n]
    return total


@pytest.mark.parametrize("kind", ["dense", "sparse"])
@pytest.mark.parametrize("size_out", [1, 2, 5, 64, 100])
def test_graded_sums_go_in_order(kind, size_out):
    weights, arrays = arrays_for(kind, size_out)
    found = numpy_step(kernel(kind, size_out=size_out), B, lambda: X.ravel(), arrays)(0).reshape(B, size_out)
    assert np.array_equal(found, [in_order(x, weights) for x in X])


@pytest.mark.parametrize("kind", ["dense", "sparse", "ones"])
@pytest.mark.parametrize("delay", [0, 1, 4])
def test_spikes_arrive_after_their_delay(kind, delay):
    weights, arrays = arrays_for(kind, 5) if kind != "ones" else (np.ones((N, 5)), {})
    lists = [np.sort(RNG.choice(B * N, size=RNG.integers(0, 30), replace=False)) for _ in range(12)]
    now = []
    step = numpy_step(
        kernel(kind, spikes=True, delay=delay),
        B,
        lambda: np.concatenate([now[-1], np.zeros(3, int), [len(now[-1])]]),
        arrays,
    )
    for number, fired in enumerate(lists):
        now.append(fired)
        found = step(number).reshape(B, 5)
        arriving = lists[number - delay] if number >= delay else []
        for b in range(B):
            want = np.zeros(5)
            for n in (i - b * N for i in arriving if i // N == b):
                want = want + weights[n]
            assert np.array_equal(found[b], want)


@pytest.mark.parametrize(
    ("kind", "function"),
    [
        ("sum", lambda x: [np.cumsum(row)[-1] for row in x]),
        ("max", lambda x: x.max(axis=1)),
        ("min", lambda x: x.min(axis=1)),
        ("argmax", lambda x: x.argmax(axis=1)),
        ("kth3", lambda x: np.sort(x, axis=1)[:, -3]),
        ("kth99", lambda x: np.sort(x, axis=1)[:, 0]),
    ],
)
def test_reductions_are_per_trial(kind, function):
    found = numpy_step(kernel(kind), B, lambda: X.ravel(), {})(0).reshape(B, 5)
    assert np.array_equal(found, np.repeat(np.asarray(function(X))[:, None], 5, axis=1))


def test_only_kernels_with_weights_have_arrays():
    assert weight_arrays("k", "ones") == weight_arrays("k", "sum") == ()
    assert len(weight_arrays("k", "sparse")) == 3


@pytest.mark.parametrize("kind", ["dense", "sparse", "ones", "kth2", "argmax"])
def test_no_mark_is_left_in_the_text(kind):
    assert not any("%" in text.replace("% D", "") for text in cpp_text(kernel(kind), B, "_ptr"))
