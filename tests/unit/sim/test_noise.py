"""Does one address give one number, everywhere, and are the numbers random?

Statistical tests use fixed addresses.  A p value below 1e-4, or a score beyond the matching 3.9 standard deviations,
fails; about a hundred such tests make one false alarm in a hundred choices of the addresses.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats

from neuroam.sim import noise

KEY = 0x0123_4567_89AB_CDEF
P_MIN, Z_MAX = 1e-4, 3.9
ALL_BITS = (1 << 52) - 1
COMPILER = shutil.which("g++")
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="g++ is not installed")


# ---- Philox -----------------------------------------------------------------------------------------------------

# Random123 1.14, tests/kat_vectors, lines "philox4x32 10": counter, key, output.
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def philox_by_the_paper(counter: list[int], key: list[int]) -> list[int]:
    """Salmon et al. (2011), section 3.3, in Python integers: for each half, hi and lo of M x R; then bump the key."""
    left0, right0, left1, right1 = counter[1], counter[0], counter[3], counter[2]
    for turn in range(10):
        key0, key1 = (key[0] + turn * 0x9E3779B9) % 2**32, (key[1] + turn * 0xBB67AE85) % 2**32
        high0, low0 = divmod(0xD2511F53 * right0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * right1, 2**32)
        right0, left0, right1, left1 = high1 ^ left0 ^ key0, low1, high0 ^ left1 ^ key1, low0
    return [right0, left0, right1, left1]


@pytest.mark.parametrize(("counter", "key", "output"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(counter: str, key: str, output: str) -> None:
    assert [int(word) for word in noise.philox(*words(counter), *words(key))] == words(output)
    assert philox_by_the_paper(words(counter), words(key)) == words(output)


def test_philox_agrees_with_a_second_implementation() -> None:
    draw = np.random.default_rng(1)
    counters = draw.integers(0, 1 << 32, (200, 4))
    key = [int(word) for word in draw.integers(0, 1 << 32, 2)]
    here = np.array(noise.philox(*counters.T, *key)).T
    assert here.tolist() == [philox_by_the_paper(counter, key) for counter in counters.tolist()]


def test_an_address_is_a_counter() -> None:
    trial, step, cell, stream = 5, 70_000, 123, 9
    first, second, _, _ = noise.philox(cell, step, trial, stream, KEY & 0xFFFFFFFF, KEY >> 32)
    bits = (int(first) << 20) | (int(second) >> 12)
    assert float(noise.uniform(KEY, stream, trial, step, cell)) == (2 * bits + 1) / 2**53


# ---- the functions of 52 bits -----------------------------------------------------------------------------------


def as_bits(values: list[int] | np.ndarray) -> np.ndarray:
    return np.asarray(values, dtype=np.uint64)


def seams() -> np.ndarray:
    """Bits at the ends and in the middle of every segment of every octave of the lower tail."""
    tails = []
    for octave in range(52):
        for segment in range(16):
            low = (16 + segment) << octave  # 2^4 times the odd number 2 bits + 1
            high = ((17 + segment) << octave) - 1
            tails += [low >> 4, high >> 4, (low + high) >> 5]
    return np.unique(as_bits(tails) >> np.uint64(1))


def test_uniform_is_never_0_or_1() -> None:
    ends = noise._uniform_of_bits(as_bits([0, ALL_BITS, ALL_BITS >> 1]))
    assert ends.tolist() == [2.0**-53, 1 - 2.0**-53, 0.5 - 2.0**-53]


def test_gaussian_is_the_inverse_normal_distribution_function() -> None:
    anywhere = np.random.default_rng(2).integers(0, 1 << 51, 200_000)
    anywhere[::2] >>= np.arange(100_000) % 51  # as many in every octave of the tail
    bits = np.concatenate([as_bits(anywhere), seams()])
    lower = special.ndtri(noise._uniform_of_bits(bits))
    assert np.abs(noise._gaussian_of_bits(bits) - lower).max() < noise.NORMAL_ERROR
    assert np.abs(noise._gaussian_of_bits(bits ^ as_bits(ALL_BITS)) + lower).max() < noise.NORMAL_ERROR


def test_gaussian_is_exactly_symmetric_and_reaches_8_sigma() -> None:
    bits = np.concatenate([as_bits(np.random.default_rng(3).integers(0, 1 << 52, 100_000)), seams()])
    assert np.array_equal(noise._gaussian_of_bits(bits), -noise._gaussian_of_bits(bits ^ as_bits(ALL_BITS)))
    assert noise._gaussian_of_bits(as_bits([0]))[0] == pytest.approx(special.ndtri(2.0**-53), abs=noise.NORMAL_ERROR)


def test_the_table_does_not_depend_on_the_mathematical_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another inverse and another exponential function: different last bits, the same table."""

    class ByScipy:
        inv_cdf = staticmethod(lambda p: float(special.ndtri(p)))

    exact = noise._normal_coefficients()
    monkeypatch.setattr(noise, "NormalDist", ByScipy)
    monkeypatch.setattr(noise.np, "exp", lambda x: np.expm1(x) + 1)
    other = noise._normal_coefficients()
    assert (other != exact).any()
    assert np.array_equal(noise._normal_table(), noise.NORMAL_TABLE)
    apart = np.abs((exact + noise.ROUNDING) - np.rint(exact + noise.ROUNDING)).min()
    assert apart > 3 * np.abs(other - exact).max()


def test_a_wrong_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise, "ROUNDING", 0.6)
    with pytest.raises(noise.EnvironmentLacks, match="table of the normal distribution"):
        noise._normal_table()


def test_exponential_is_within_its_seven_roundings() -> None:
    x = np.concatenate([np.random.default_rng(4).uniform(0, 32, 3000), np.arange(32.0), [1e-300, 1e-17, 31.999999]])
    wrong = [Decimal(here) * Decimal(there).exp() - 1 for here, there in zip(noise._exp_minus(x), x, strict=True)]
    assert max(abs(float(value)) for value in wrong) < 7.1 * 2.0**-53


# ---- numpy and C++ ----------------------------------------------------------------------------------------------

PROGRAM = """
#include <cstdio>
#include <vector>
@HEADERS@
namespace one {
@SUPPORT@
@SUPPORT@
}
namespace two {
#undef NEUROAM_NOISE
@SUPPORT@
}
template <typename T> std::vector<T> read(const char *name, size_t n) {
    std::vector<T> values(n);
    FILE *file = fopen(name, "rb");
    if (fread(values.data(), sizeof(T), n, file) != n) throw 1;
    fclose(file);
    return values;
}
int main() {
    const size_t n = @N@, m = @M@;
    auto a = read<uint32_t>("address", 3 * n);
    auto bits = read<uint64_t>("bits", m);
    auto lam = read<double>("lam", n);
    const uint64_t key = @KEY@ULL;
    const uint32_t stream = 65535;
    std::vector<double> out(4 * n + 2 * m, 0.0);
    double *u = &out[0], *g = u + n, *b = g + n, *p = b + n, *ub = p + n, *gb = ub + m;
    for (size_t i = 0; i < n; i++) u[i] = two::neuroam_uniform(key, stream, a[i], a[n + i], a[2 * n + i]);
    for (size_t i = 0; i < n; i++) g[i] = two::neuroam_gaussian(key, stream, a[i], a[n + i], a[2 * n + i]);
    for (size_t i = 0; i < n; i++) b[i] = one::neuroam_bernoulli(key, stream, a[i], a[n + i], a[2 * n + i], 0.3);
#ifndef __FAST_MATH__
    for (size_t i = 0; i < n; i++) p[i] = two::neuroam_poisson(key, stream, a[i], a[n + i], a[2 * n + i], lam[i]);
#endif
    for (size_t i = 0; i < m; i++) ub[i] = one::neuroam_uniform_of_bits(bits[i]);
    for (size_t i = 0; i < m; i++) gb[i] = one::neuroam_gaussian_of_bits(bits[i]);
    FILE *file = fopen("out", "wb");
    fwrite(out.data(), sizeof(double), out.size(), file);
    fclose(file);
}
"""


def addresses(n: int) -> np.ndarray:
    """Trial, step and cell: the small numbers of a simulation, then all 32 bits."""
    draw = np.random.default_rng(5)
    small = np.array([draw.integers(0, high, n // 2) for high in (1000, 100_000, 10_000)])
    return np.concatenate([small, draw.integers(0, 1 << 32, (3, n - n // 2))], axis=1)


def means(n: int) -> np.ndarray:
    lam = np.random.default_rng(6).choice([0.0, 1e-3, 0.5, 1.5, 8.0, 31.5], n)
    lam[:: n // 500] = np.random.default_rng(7).uniform(0, 200, len(lam[:: n // 500]))
    lam[:8] = [np.nan, -1.0, np.inf, 32.0, 3e3, 2.0**20 + 1, 1e-17, 1e-300]
    return lam


@needs_compiler
@pytest.mark.parametrize("flags", ["-ffp-contract=off", "-ffp-contract=fast", "-ffast-math"])
def test_cpp_gives_the_same_bits_as_numpy(flags: str, tmp_path: Path) -> None:
    n = 1 << 20
    address = addresses(n)
    bits, lam = np.concatenate([seams(), seams() ^ as_bits(ALL_BITS)]), means(n)
    filled = {"HEADERS": "\n".join(f"#include {name}" for name in noise.CPP_HEADERS), "SUPPORT": noise.CPP_SUPPORT}
    text = PROGRAM
    for word, value in {**filled, "N": str(n), "M": str(bits.size), "KEY": str(KEY)}.items():
        text = text.replace(f"@{word}@", value)
    (tmp_path / "program.cpp").write_text(text)
    address.astype(np.uint32).tofile(tmp_path / "address")
    bits.tofile(tmp_path / "bits")
    lam.tofile(tmp_path / "lam")
    command = [COMPILER, "-std=c++11", "-w", "-O3", "-march=native", flags, "program.cpp", "-o", "program"]
    subprocess.run(command, cwd=tmp_path, check=True)
    subprocess.run([tmp_path / "program"], cwd=tmp_path, check=True)
    out = np.fromfile(tmp_path / "out")

    place = (KEY, 65535, *address)
    expected = [noise.uniform(*place), noise.gaussian(*place), noise.bernoulli(*place, 0.3)]
    expected += [np.zeros(n) if flags == "-ffast-math" else noise.poisson(*place, lam)]
    expected += [noise._uniform_of_bits(bits), noise._gaussian_of_bits(bits)]
    assert out.tobytes() == np.concatenate(expected).tobytes()


# ---- are the numbers random? ------------------------------------------------------------------------------------

AXES = ["cell", "step", "trial", "stream", "key"]


def along(axis: str, n: int, draw: noise.Draw = noise.uniform) -> np.ndarray:
    """The numbers of ``n`` neighbouring addresses along one axis."""
    here = {"cell": 17, "step": 2_000, "trial": 3, "stream": 1, "key": KEY}
    run = np.arange(n)
    if axis in ("key", "stream"):  # one of them at a time
        return np.array([draw(**{**here, axis: here[axis] + int(shift)}) for shift in run])
    return draw(**{**here, axis: here[axis] + run})


@pytest.mark.parametrize("axis", AXES)
def test_neighbours_are_uniform_and_normal(axis: str) -> None:
    n = 1 << 12 if axis in ("key", "stream") else 1 << 17
    assert stats.kstest(along(axis, n), "uniform").pvalue > P_MIN
    assert stats.kstest(along(axis, n, noise.gaussian), "norm").pvalue > P_MIN


@pytest.mark.parametrize("axis", AXES)
def test_neighbours_are_not_correlated(axis: str) -> None:
    n = 1 << 12 if axis in ("key", "stream") else 1 << 17
    z = along(axis, n, noise.gaussian)
    for values in (z, np.abs(z), np.sign(z)):
        centred = (values - values.mean()) / values.std()
        for lag in (1, 2, 3, 16, 128):
            assert abs(np.mean(centred[lag:] * centred[:-lag])) * np.sqrt(n - lag) < Z_MAX


@pytest.mark.parametrize("axis", ["cell", "step", "trial"])
def test_pairs_of_neighbours_fill_the_square(axis: str) -> None:
    u = along(axis, 1 << 18)
    cells = (u[::2] * 64).astype(int) * 64 + (u[1::2] * 64).astype(int)
    assert stats.chisquare(np.bincount(cells, minlength=4096)).pvalue > P_MIN


def test_axes_are_not_exchangeable() -> None:
    """The same numbers in another place of the address: an XOR or a sum of them would not tell."""
    n = 1 << 14
    grid = np.arange(128)
    u = noise.uniform(KEY, 1, 0, grid[:, None], grid[None, :])
    v = noise.uniform(KEY, 1, grid[:, None], 0, grid[None, :])
    assert np.unique([u, v]).size > 2 * n - 200  # the row and column that are the same address: 128 numbers
    below = np.tril_indices(128, -1)
    assert abs(stats.pearsonr(u[below], u.T[below]).statistic) * np.sqrt(below[0].size) < Z_MAX


@pytest.mark.parametrize("shift", [0, 8, 22, 36, 44])
def test_every_byte_of_the_52_bits_is_uniform(shift: int) -> None:
    bits = noise._bits(KEY, 2, 0, np.arange(512)[:, None], np.arange(512)[None, :])
    counts = np.bincount(((bits >> np.uint64(shift)) & np.uint64(255)).astype(int).ravel(), minlength=256)
    assert stats.chisquare(counts).pvalue > P_MIN


def test_one_flipped_bit_of_the_address_flips_half_of_the_output() -> None:
    n = 1 << 12
    draw = np.random.default_rng(8)
    counter = draw.integers(0, 1 << 32, (4, n))
    key = [int(word) for word in draw.integers(0, 1 << 32, 2)]
    before = np.array(noise.philox(*counter, *key))
    shares = []
    for bit in range(192):
        mask = [(1 << bit) >> 32 * word & 0xFFFFFFFF for word in range(6)]
        changed = [int(word) ^ flip for word, flip in zip(key, mask[4:], strict=True)]
        after = np.array(noise.philox(*(counter ^ np.array(mask[:4])[:, None]), *changed))
        flips = np.unpackbits((before ^ after).view(np.uint8).reshape(4, n, 4), axis=2, bitorder="little")
        shares.append(flips.mean(axis=1).ravel())
    z = (np.array(shares) - 0.5) * 2 * np.sqrt(n)  # one score for each pair of input bit and output bit
    assert z.shape == (192, 128)
    assert stats.chi2(z.size).sf((z**2).sum()) > P_MIN
    assert np.abs(z).max() < stats.norm.isf(P_MIN / 2 / z.size)
    assert np.abs(z.mean(axis=1)).max() * np.sqrt(128) < stats.norm.isf(P_MIN / 2 / 192)


def test_moments_of_the_gaussian() -> None:
    n = 1 << 20
    z = noise.gaussian(KEY, 3, 0, np.arange(1024)[:, None], np.arange(1024)[None, :]).ravel()
    # mean and variance of z^k are E z^k and E z^2k - (E z^k)^2, with E z^2k = 1, 3, 15, 105, 945, 10395
    for power, (mean, variance) in {1: (0, 1), 2: (1, 2), 3: (0, 15), 4: (3, 96), 6: (15, 10_170)}.items():
        assert abs(np.mean(z**power) - mean) / np.sqrt(variance / n) < Z_MAX


def test_tails_of_the_gaussian() -> None:
    n = 1 << 21
    z = np.abs(noise.gaussian(KEY, 4, 0, np.arange(2048)[:, None], np.arange(1024)[None, :]))
    for sigma in (2.0, 3.0, 4.0, 4.5):
        assert stats.binomtest(int((z > sigma).sum()), n, 2 * stats.norm.sf(sigma)).pvalue > P_MIN


@pytest.mark.parametrize("lam", [0.01, 0.7, 5.0, 31.99, 32.0, 150.0])
def test_poisson_has_its_distribution(lam: float) -> None:
    n = 20_000
    count = noise.poisson(KEY, 5, 0, np.arange(n), 0, lam).astype(int)
    low, high = (int(edge) for edge in stats.poisson(lam).ppf([10 / n, 1 - 10 / n]))
    inner = np.clip(count, low, high)
    expected = stats.poisson(lam).pmf(np.arange(low, high + 1))
    expected[0], expected[-1] = stats.poisson(lam).cdf(low), stats.poisson(lam).sf(high - 1)
    assert stats.chisquare(np.bincount(inner - low, minlength=expected.size), n * expected).pvalue > P_MIN


def test_poisson_is_the_inverse_of_its_distribution_function() -> None:
    n = 50_000
    u, lam = noise.uniform(KEY, 5, 1, np.arange(n), 0), np.linspace(0, 31.9, n)
    assert np.array_equal(noise.poisson(KEY, 5, 1, np.arange(n), 0, lam), stats.poisson(lam).ppf(u))


def test_the_search_ends_where_the_sum_of_the_terms_stays_below_u() -> None:
    mean = np.linspace(0.1, 31.9, 500)
    count = noise._search(np.full(500, 1 - 2.0**-53), mean)
    assert (count >= stats.poisson(mean).isf(1e-14)).all()
    assert (stats.poisson(mean).pmf(count - 1) > 2.0**-55).all()  # a smaller term changes no sum near 1


def test_poisson_without_a_mean_is_nan() -> None:
    assert np.isnan(noise.poisson(KEY, 5, 0, 0, np.arange(4), [np.nan, -0.1, np.inf, 2.0**20 + 1])).all()
    assert noise.poisson(KEY, 5, 0, 0, 0, 0.0) == 0


@pytest.mark.parametrize("p", [0.0, 1e-3, 0.5, 1.0])
def test_bernoulli_has_its_probability(p: float) -> None:
    hits = noise.bernoulli(KEY, 6, 0, np.arange(100_000), 1, p)
    assert hits.dtype == bool
    assert stats.binomtest(int(hits.sum()), hits.size, p).pvalue > P_MIN


# ---- one address, one number ------------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [noise.uniform, noise.gaussian])
def test_a_number_does_not_depend_on_what_else_is_computed(draw: noise.Draw) -> None:
    full = draw(KEY, 7, np.arange(3)[:, None, None], np.arange(5)[None, :, None], np.arange(11)[None, None, :])
    assert full.shape == (3, 5, 11)
    assert full.dtype == np.float64
    alone = [[[float(draw(KEY, 7, b, k, n)) for n in range(11)] for k in range(5)] for b in range(3)]
    assert full.tolist() == alone
    assert np.array_equal(draw(KEY, 7, 2, 4, np.array([10, 3, 3], dtype=np.int32)), full[2, 4, [10, 3, 3]])


def test_only_the_low_32_bits_of_an_address_count() -> None:
    assert noise.uniform(KEY, 7, 1, -1, 2) == noise.uniform(KEY, 7, 1, 0xFFFFFFFF, 2 + (1 << 32))


def test_a_block_gives_the_numbers_of_its_steps() -> None:
    trial, cell = np.repeat([4, 9], 30), np.tile(np.arange(30), 2)
    block = noise.BlockNoise(noise.gaussian, KEY, 8, trial, cell, limit=500)
    for step in [*range(40), 40, 41, 7, 7, 8, 1_000_000, *range(100, 160, 7), 3]:
        assert np.array_equal(block.at(step), noise.gaussian(KEY, 8, trial, step, cell))
        assert block._block.size <= 500


def test_a_block_computes_few_steps_twice_or_in_vain() -> None:
    computed = []

    def counted(key: int, stream: int, trial: noise.Ints, step: noise.Ints, cell: noise.Ints) -> np.ndarray:
        computed.append(np.size(step))
        return noise.uniform(key, stream, trial, step, cell)

    block = noise.BlockNoise(counted, KEY, 8, np.zeros(10, int), np.arange(10), limit=640)
    for step in range(1000):
        block.at(step)
    assert max(computed) == 64
    assert sum(computed) < 1000 + 64
    assert len(computed) < 7 + 1000 / 64 + 1
    block.at(5000)
    assert computed[-1] == 1


# ---- in Brian2 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"kind": "cauchy"}, "no distribution 'cauchy'"),
        ({"name": "a-b"}, "not a name"),
        ({"stream": 1 << 16}, "stream 65536"),
        ({"key": -1}, "key -1"),
        ({"trial_index": [[1]]}, "one row"),
        ({"trial_index": [-1]}, "one row"),
        ({"cells_per_trial": 0}, "1 trials of 0 cells"),
    ],
)
def test_what_cannot_work_is_refused(change: dict[str, object], what: str) -> None:
    usable = {"kind": "gaussian", "name": "eta", "stream": 1, "trial_index": [0], "cells_per_trial": 3, "key": KEY}
    with pytest.raises(ValueError, match=what):
        noise.brian_function(**{**usable, **change})


def test_a_function_takes_any_selection_of_the_cells() -> None:
    trial, cell = np.repeat([6, 2], 5), np.tile(np.arange(5), 2)
    for kind, draw in (("uniform", noise.uniform), ("gaussian", noise.gaussian)):
        function = noise.brian_function(kind, "draw", 4, [6, 2], 5, KEY)
        for i in (np.arange(10, dtype=np.int32), np.array([7, 0, 7]), np.array([], dtype=int), 8):
            assert np.array_equal(function(np.int64(12), i), draw(KEY, 4, trial[i], 12, cell[i]))
    function = noise.brian_function("poisson", "draw", 4, [6, 2], 5, KEY)
    for i, lam in ((np.arange(10), 3.0), (np.array([7, 0, 7]), np.array([0.1, 70.0, np.nan])), (8, 40.0)):
        expected = noise.poisson(KEY, 4, trial[i], 12, cell[i], lam)
        assert np.array_equal(function(12.0, i, lam), expected, equal_nan=True)


# What Brian2 may do with a function: a rate, a value held over a step, a masked statement, a code object with two
# functions, a mean that differs between cells.  The sources are compiled as one file, which is faster.
MODEL = """
import re
import subprocess
import sys
from pathlib import Path
import numpy as np
import brian2 as b2
from neuroam.sim import noise

device, cells, key = sys.argv[1], 40, int(sys.argv[3])
trials = [int(trial) for trial in sys.argv[2].split(",")]
b2.prefs.codegen.target = "numpy"
if device == "cpp":
    b2.set_device("cpp_standalone", build_on_run=False)
b2.defaultclock.dt = 0.1 * b2.ms
draws = {"eta": ("gaussian", 1), "xi_": ("gaussian", 2), "drop": ("uniform", 3), "spikes_in": ("poisson", 4)}
space = {n: noise.brian_function(kind, n, stream, trials, cells, key) for n, (kind, stream) in draws.items()}
group = b2.NeuronGroup(
    cells * len(trials),
    '''dv/dt = -v/(10*ms) + (eta(t_in_timesteps, i)*0.3 + held*0.2)/sqrt(dt*10*ms) : 1 (unless refractory)
    held = xi_(t_in_timesteps, i) : 1 (constant over dt)
    input : 1
    heard : 1''',
    threshold="v > 0.5", reset="v = -drop(t_in_timesteps, i)", refractory=0.5 * b2.ms, method="euler",
    namespace=space, name="cells",
)
group.run_regularly("input = spikes_in(t_in_timesteps, i, 0.03*(i % 40)**2)\\nheard += input*drop(t_in_timesteps, i)")
b2.run(30 * b2.ms)
if device == "numpy":
    np.array([group.v[:], group.held[:], group.input[:], group.heard[:]]).tofile("numpy")
else:
    b2.device.build(directory="program", compile=False, run=False)
    one, program = "", Path("program")
    for n, file in enumerate([*sorted(program.glob("*.cpp")), *sorted(program.glob("code_objects/*.cpp"))]):
        text = file.read_text().replace("namespace {", f"namespace own_{n} {{", 1)
        if f"own_{n} " in text:
            text = re.sub(r"(void _\\w+\\(\\)\\s*\\{)", rf"\\1 using namespace own_{n};", text)
        one += text
    Path("program/one.cc").write_text(one)
    flags = ["-w", "-O1", "-march=native", "-ffp-contract=off", "-std=c++17", "-I."]
    subprocess.run(["g++", *flags, "one.cc", "-o", "main"], cwd="program", check=True)
    subprocess.run(["./main"], cwd="program", check=True)
"""


def start(where: Path, device: str, trials: str, key: int) -> subprocess.Popen[bytes]:
    where.mkdir(exist_ok=True)
    (where / "model.py").write_text(MODEL)
    path = os.pathsep.join([str(Path(noise.__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COV")}  # tracing is slow
    with (where / "log").open("w") as log:
        command = [sys.executable, "model.py", device, trials, str(key)]
        return subprocess.Popen(command, cwd=where, env={**inherited, "PYTHONPATH": path}, stdout=log, stderr=log)


def states(where: Path) -> np.ndarray:
    """Final values, by variable, trial and cell."""
    if (where / "numpy").exists():
        return np.fromfile(where / "numpy").reshape(4, -1, 40)
    files = [next(where.glob(f"program/results/_array_cells_{name}_*")) for name in ("v", "held", "input", "heard")]
    return np.array([np.fromfile(file) for file in files]).reshape(4, -1, 40)


OTHER_KEY = KEY ^ (1 << 63) ^ 1
RUNS = {
    "numpy": ("numpy", "7,0,300", KEY),
    "numpy_alone": ("numpy", "300", KEY),
    "numpy_other": ("numpy", "1,7,0", OTHER_KEY),
    "cpp": ("cpp", "7,0,300", KEY),
    "cpp_alone": ("cpp", "300", KEY),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all runs, one beside the other: most of the time goes into compiling."""
    folder = tmp_path_factory.mktemp("runs")
    chosen = {name: run for name, run in RUNS.items() if run[0] == "numpy" or COMPILER}
    started = {name: start(folder / name, *run) for name, run in chosen.items()}
    for name, process in started.items():
        assert process.wait() == 0, (folder / name / "log").read_text()
    return folder


def test_brian2_gives_the_numbers_of_the_address(runs: Path) -> None:
    v, held, count, heard = states(runs / "numpy")
    address = np.array([7, 0, 300])[:, None], 299, np.arange(40)[None, :]
    assert np.array_equal(held, noise.gaussian(KEY, 2, *address))
    assert np.array_equal(count, noise.poisson(KEY, 4, *address, 0.03 * np.arange(40) ** 2))
    assert np.isfinite([v, heard]).all()
    assert len(np.unique(v)) == v.size  # no two cells or trials share their noise


def test_a_trial_in_brian2_does_not_depend_on_its_batch(runs: Path) -> None:
    assert np.array_equal(states(runs / "numpy_alone")[:, 0], states(runs / "numpy")[:, 2])


@needs_compiler
def test_numpy_and_cpp_leave_the_same_states_in_brian2(runs: Path) -> None:
    assert np.array_equal(states(runs / "cpp"), states(runs / "numpy"))
    assert np.array_equal(states(runs / "cpp_alone"), states(runs / "numpy_alone"))


@needs_compiler
def test_a_compiled_program_takes_other_trials_and_another_key(runs: Path) -> None:
    folder = runs / "again"
    shutil.copytree(runs / "cpp", folder)
    for name in ("eta", "xi_", "drop", "spikes_in"):
        noise.key_words(OTHER_KEY).tofile(folder / "program" / "static_arrays" / f"{name}_key")
        np.array([1, 7, 0]).tofile(folder / "program" / "static_arrays" / f"{name}_trial")
    subprocess.run([folder / "program" / "main"], cwd=folder / "program", check=True, capture_output=True)
    assert np.array_equal(states(folder), states(runs / "numpy_other"))
    assert not np.array_equal(states(folder)[:, 1], states(runs / "cpp")[:, 0])
