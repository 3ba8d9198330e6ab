r"""Randomness in time: one counter-based stream that is the same on every device.

A random number is a pure function of its address (key, stream, trial, step, cell), with no state between calls.  So
it depends neither on the device nor on the batch size, the order of evaluation or what else is computed.

The generator is Philox4x32-10 [1]_: the counter words are (cell, step, trial, stream), the key words the low and the
high half of the 64-bit key.  Of its 128 output bits a number uses the first 52, called *bits* below:

* ``uniform``: u = (2 bits + 1) / 2^53, strictly between 0 and 1, symmetric about 1/2;
* ``gaussian``: the inverse normal distribution function of u, within 2e-10 (``NORMAL_ERROR``) up to |z| = 8.21;
* ``bernoulli``: u < p;
* ``poisson``: the inverse Poisson distribution function of u, by sequential search.

Every one exists as vectorised numpy code and as text for C++ and CUDA (``CPP_SUPPORT``) with equal bits.  So no
mathematical library takes part: their ``exp`` and ``log`` differ in the last bit.  ``uniform`` and ``gaussian`` round
in integers only, which no compiler option can change; ``poisson`` is not defined under ``-ffast-math``.

References
----------
.. [1] Salmon, Moraes, Dror & Shaw (2011) Parallel random numbers: as easy as 1, 2, 3. SC '11,
   doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence
from decimal import Decimal
from statistics import NormalDist
from string import Template
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from neuroam.errors import EnvironmentLacks

Kind = Literal["uniform", "gaussian", "poisson"]
Bits = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.integer] | Sequence[int] | np.integer | int
Reals = npt.NDArray[np.number] | Sequence[float] | np.number | float
Draw = Callable[[int, int, Ints, Ints, Ints], Floats]

MAX_STREAM = 1 << 16  # the upper half of the stream word numbers the parts of one Poisson number
MAX_LAMBDA = float(1 << 20)
NORMAL_ERROR = 2e-10
BLOCK_NUMBERS = 1 << 15  # the temporary arrays of larger blocks leave the second-level cache

WORD = 0xFFFFFFFF
MULTIPLIERS, WEYL = (0xD2511F53, 0xCD9E8D57), (0x9E3779B9, 0xBB67AE85)

# ---- Philox and the uniform -------------------------------------------------------------------------------------


def _word(value: Ints) -> Bits:
    """The low 32 bits, at least one-dimensional: numpy scalars would warn where they wrap."""
    return np.atleast_1d(np.asarray(value).astype(np.int64) & WORD).astype(np.uint64)


def _rounds(c0: Bits, c1: Bits, c2: Bits, c3: Bits, k0: int, k1: int) -> tuple[Bits, Bits, Bits, Bits]:
    """Ten rounds on words held in 64 bits; the words broadcast late, so that the first rounds cost little."""
    high, low = np.uint64(32), np.uint64(WORD)
    for _ in range(10):
        p0, p1 = c0 * np.uint64(MULTIPLIERS[0]), c2 * np.uint64(MULTIPLIERS[1])
        c0, c2 = (p1 >> high) ^ (c1 ^ np.uint64(k0)), (p0 >> high) ^ (c3 ^ np.uint64(k1))
        c1, c3 = p1 & low, p0 & low
        k0, k1 = (k0 + WEYL[0]) & WORD, (k1 + WEYL[1]) & WORD
    return c0, c1, c2, c3


def _shape(*arguments: Ints | Reals) -> tuple[int, ...]:
    return np.broadcast_shapes(*(np.shape(argument) for argument in arguments))


def philox(c0: Ints, c1: Ints, c2: Ints, c3: Ints, k0: int, k1: int) -> tuple[npt.NDArray[np.uint32], ...]:
    """Philox4x32-10: four 32-bit words from a counter of four words, which broadcast, and a key of two."""
    shape = _shape(c0, c1, c2, c3)
    words = _rounds(_word(c0), _word(c1), _word(c2), _word(c3), k0 & WORD, k1 & WORD)
    return tuple(word.astype(np.uint32).reshape(shape) for word in np.broadcast_arrays(*words))


def _bits(key: int, stream: int, trial: Ints, step: Ints, cell: Ints) -> Bits:
    """The 52 random bits of an address, at least one-dimensional."""
    c0, c1, _, _ = _rounds(_word(cell), _word(step), _word(trial), _word(stream), key & WORD, (key >> 32) & WORD)
    return (c0 << np.uint64(20)) | (c1 >> np.uint64(12))


def _uniform_of_bits(bits: Bits) -> Floats:
    return ((bits << np.uint64(1)) | np.uint64(1)).view(np.int64) * np.float64(2.0**-53)


def uniform(key: int, stream: int, trial: Ints, step: Ints, cell: Ints) -> Floats:
    """Uniform numbers in the open interval (0, 1): odd multiples of 2^-53.

    Parameters
    ----------
    key : int
        64-bit seed.
    stream : int
        Names the place of use, 0 to 65535 (`poisson` takes the upper half of the word).
    trial, step, cell : int or array_like of int
        The address; they broadcast against each other.  Only their low 32 bits count.

    Returns
    -------
    ndarray of float64
        With the common shape of ``trial``, ``step`` and ``cell``.
    """
    return _uniform_of_bits(_bits(key, stream, trial, step, cell)).reshape(_shape(trial, step, cell))


# ---- the Gaussian -----------------------------------------------------------------------------------------------
#
# p = min(u, 1 - u) lies in one of 52 octaves [2^-n, 2^-(n-1)), and each octave is cut into 16 segments.  On a segment
# the magnitude -z(p) is a polynomial of degree 4 in the place t in [-1, 1) within the segment.  The binary64 number p
# holds the three parts side by side: octave (exponent), segment (4 bits), t (next 32 bits).

SEGMENT_BITS = 4
DEGREE = 4
COEFFICIENT_BITS = 36  # coefficients are multiples of 2^-36: then degrees 1 to 4 fit an int32
RESULT_BITS = COEFFICIENT_BITS + 8
# Coefficients round down after this is added.  With it no coefficient comes closer than 9e-4 units to a step, while
# binary64 and its libraries move them by 2.4e-4 at most: the table is the one that exact arithmetic gives.
ROUNDING = 0.3653
TABLE_CRC = 0x9B9C38F5


def _normal_series(magnitude: Floats, slope: Floats, order: int) -> Floats:
    """Taylor coefficients of -z in t: as dz/dp = sqrt(2 pi) exp(z^2/2), the slope g = dz/dt obeys dg/dt = z g^2."""
    z, g = [-magnitude], [slope]
    for n in range(order):
        z.append(g[n] / (n + 1))
        product = sum(z[a] * g[b] * g[n - a - b] for a in range(n + 1) for b in range(n + 1 - a))
        g.append(np.asarray(product) / (n + 1))
    return -np.array(z)


def _normal_coefficients() -> Floats:
    """Coefficients of -z on every segment in units of 2^-36, one row per degree, unrounded."""
    octave, segment = np.divmod(np.arange(52 << SEGMENT_BITS), 1 << SEGMENT_BITS)
    half = np.ldexp(0.5, octave - 53 - SEGMENT_BITS)
    centre = np.ldexp(1.0 + segment / 2.0**SEGMENT_BITS, octave - 53) + half
    inverse = NormalDist().inv_cdf
    magnitude = np.array([-inverse(p) for p in centre.tolist()])
    slope = half * math.sqrt(2 * math.pi) * np.exp(magnitude**2 / 2)
    taylor = _normal_series(magnitude, slope, DEGREE + 2)
    # replacing t^5 and t^6 by t^5 - T5(t)/16 and t^6 - T6(t)/32 (T: Chebyshev) spreads the error over the segment
    fifth, sixth = np.array([[0, -5, 0, 20, 0]]).T / 16, np.array([[1, 0, -18, 0, 48]]).T / 32
    kept: Floats = taylor[: DEGREE + 1] + fifth * taylor[5] + sixth * taylor[6]
    return kept * 2.0**COEFFICIENT_BITS


def _normal_table() -> npt.NDArray[np.int64]:
    """The table that numpy and C++ share: integers, one row per degree; row 0 already has the scale of the result."""
    table = np.floor(_normal_coefficients() + ROUNDING).astype(np.int64)
    if zlib.crc32(table.astype("<i8").tobytes()) != TABLE_CRC:
        raise EnvironmentLacks("the table of the normal distribution differs here from the one of every other machine")
    table[0] <<= RESULT_BITS - COEFFICIENT_BITS
    return table


NORMAL_TABLE = _normal_table()


def _gaussian_of_bits(bits: Bits) -> Floats:
    positive, half = bits >> np.uint64(51), np.uint64((1 << 51) - 1)
    place = _uniform_of_bits((bits ^ (positive * half)) & half).view(np.int64)
    segment = (place >> (52 - SEGMENT_BITS)) - (970 << SEGMENT_BITS)  # 970: the exponent field of 2^-53
    t = ((place >> (20 - SEGMENT_BITS)) & WORD) - (1 << 31)
    value = NORMAL_TABLE[DEGREE].take(segment)
    for degree in range(DEGREE - 1, -1, -1):
        value *= t
        value >>= 31 if degree else 31 - (RESULT_BITS - COEFFICIENT_BITS)
        value += NORMAL_TABLE[degree].take(segment)
    value *= (positive << np.uint64(1)).view(np.int64) - 1
    return value * np.float64(2.0**-RESULT_BITS)


def gaussian(key: int, stream: int, trial: Ints, step: Ints, cell: Ints) -> Floats:
    """Standard normal numbers: the inverse normal distribution function of `uniform` at the same address.

    Within ``NORMAL_ERROR`` of the exact inverse, by polynomials on octaves of the tail cut into equal segments [1]_.
    u and 1 - u give exactly opposite values; |z| <= 8.21; next to 0 neighbouring values are 1e-11 apart.

    References
    ----------
    .. [1] Lee, Cheung, Villasenor & Luk (2006) Inversion-based hardware Gaussian random number generator: a case study
       of function evaluation via hierarchical segmentation. FPT 2006:33, doi:10.1109/FPT.2006.270388.
    """
    return _gaussian_of_bits(_bits(key, stream, trial, step, cell)).reshape(_shape(trial, step, cell))


# ---- Bernoulli and Poisson --------------------------------------------------------------------------------------


def bernoulli(key: int, stream: int, trial: Ints, step: Ints, cell: Ints, p: Reals) -> Mask:
    """True with probability ``p``; ``p`` broadcasts against the address (see `uniform`)."""
    return np.asarray(uniform(key, stream, trial, step, cell) < np.asarray(p, dtype=np.float64))


# exp(-x) for 0 <= x <= 32 is a product of three table entries and a polynomial of |r| <= 1/2048, with
# x = a + b/32 + c/1024 + r.  Decimal rounds correctly, so the tables are the same everywhere.
EXP_TABLES = np.array([[float((Decimal(-n) / 32**level).exp()) for n in range(33)] for level in range(3)])


def _exp_minus(x: Floats) -> Floats:
    """exp(-x) for 0 <= x <= 32, within its seven roundings: 7 * 2^-53 of the value.

    A division or an exact product stands between every inexact product and the next sum: there is nothing to fuse.
    """
    whole = x.astype(np.int64)
    part = ((x - whole) * 1024 + 0.5).astype(np.int64)
    twice, series = 2 * ((x - whole) - part / 1024), np.ones_like(x)
    for n in (8.0, 6.0, 4.0, 2.0):
        series = 1.0 - (twice * series) / n
    return np.asarray(EXP_TABLES[0][whole] * EXP_TABLES[1][part >> 5] * EXP_TABLES[2][part & 31] * series)


def _search(u: Floats, mean: Floats) -> Floats:
    """The smallest count whose Poisson distribution function reaches ``u``; both one-dimensional, mean <= 32."""
    term = _exp_minus(mean)
    count, here, n = np.zeros_like(u), np.flatnonzero(u > term), 0
    u, mean, term, reached = u[here], mean[here], term[here], term[here]
    while here.size:
        n += 1
        count[here] = n
        term = (term * mean) / n
        more = reached + term
        going = (more != reached) & (u > more)
        here, u, mean, term, reached = here[going], u[going], mean[going], term[going], more[going]
    return count


def _poisson_of(part: Callable[[int, Mask], Floats], lam: Floats) -> Floats:
    """Poisson numbers of means in one dimension; ``part(n, here)`` gives the n-th uniform of the chosen addresses."""
    valid = (lam >= 0) & (lam <= MAX_LAMBDA)
    parts = np.where(valid, 1 + np.floor(np.where(valid, lam, 0.0) * 0.03125), 0.0)
    count = np.where(valid, 0.0, np.nan)
    for n in range(int(parts.max(initial=0.0))):
        here = parts > n
        count[here] += _search(part(n, here), lam[here] / parts[here])
    return count


def poisson(key: int, stream: int, trial: Ints, step: Ints, cell: Ints, lam: Reals) -> Floats:
    """Poisson numbers of mean ``lam``, from 0 to 2^20; NaN where it is not.  It broadcasts against the address.

    Notes
    -----
    From ``lam`` = 32 on, a number is the sum of floor(lam / 32) + 1 independent Poisson numbers of equal mean, the
    n-th taken from stream ``stream + 65536 n``: exact, in a time proportional to ``lam``.  The distribution function
    of one such part is within 2e-14 of the exact one: exp(-lam) ends in a wrong bit or two, and sums round.
    """
    *address, mean = (word.ravel() for word in np.broadcast_arrays(trial, step, cell, lam))

    def part(n: int, here: Mask) -> Floats:
        return uniform(key, stream + MAX_STREAM * n, *(word[here] for word in address))

    return _poisson_of(part, mean.astype(np.float64)).reshape(_shape(trial, step, cell, lam))


# ---- the same in C++ --------------------------------------------------------------------------------------------

CPP_HEADERS = ["<cmath>", "<cstdint>", "<cstring>"]

_CPP = """
#ifndef NEUROAM_NOISE
#define NEUROAM_NOISE
#ifdef __CUDACC__
#define NEUROAM_INLINE __host__ __device__ static inline
#else
#define NEUROAM_INLINE static inline
#endif
#define NEUROAM_ADDRESS uint64_t key, uint32_t stream, uint32_t trial, uint32_t step, uint32_t cell
NEUROAM_INLINE uint64_t neuroam_bits(NEUROAM_ADDRESS) {
    uint32_t c0 = cell, c1 = step, c2 = trial, c3 = stream, k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
        const uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1, c3 = (uint32_t)p0;
    }
    return ((uint64_t)c0 << 20) | (c1 >> 12);
}
NEUROAM_INLINE double neuroam_uniform_of_bits(uint64_t bits) {
    return (double)(int64_t)((bits << 1) | 1) * $UNIFORM_STEP;
}
NEUROAM_INLINE double neuroam_gaussian_of_bits(uint64_t bits) {
    $NORMAL_TABLE
    const int64_t minus = (int64_t)(bits >> 51) - 1;
    const double p = neuroam_uniform_of_bits((bits ^ ~(uint64_t)minus) & 0x7FFFFFFFFFFFFu);
    uint64_t place;
    std::memcpy(&place, &p, sizeof place);
    const int64_t segment = (int64_t)(place >> 48) - (970 << 4);
    const int64_t t = (int64_t)((place >> 16) & 0xFFFFFFFFu) - 2147483648LL;
    int64_t value = n3[segment] + ((n4[segment] * t) >> 31);
    value = n2[segment] + ((value * t) >> 31);
    value = n1[segment] + ((value * t) >> 31);
    value = n0[segment] + ((value * t) >> 23);
    return (double)((value ^ minus) - minus) * $NORMAL_STEP;
}
#define NEUROAM_BITS neuroam_bits(key, stream, trial, step, cell)
NEUROAM_INLINE double neuroam_uniform(NEUROAM_ADDRESS) { return neuroam_uniform_of_bits(NEUROAM_BITS); }
NEUROAM_INLINE double neuroam_gaussian(NEUROAM_ADDRESS) { return neuroam_gaussian_of_bits(NEUROAM_BITS); }
NEUROAM_INLINE bool neuroam_bernoulli(NEUROAM_ADDRESS, double p) { return neuroam_uniform_of_bits(NEUROAM_BITS) < p; }
#ifndef __FAST_MATH__
NEUROAM_INLINE double neuroam_exp_minus(double x) {
    $EXP_TABLES
    const int32_t whole = (int32_t)x;
    const double rest = x - whole;
    const int32_t part = (int32_t)(rest * 1024 + 0.5);
    const double twice = 2 * (rest - part * $EXP_STEP);
    double series = 1.0 - twice / 8.0;
    series = 1.0 - (twice * series) / 6.0;
    series = 1.0 - (twice * series) / 4.0;
    series = 1.0 - (twice * series) / 2.0;
    return e0[whole] * e1[part >> 5] * e2[part & 31] * series;
}
NEUROAM_INLINE double neuroam_poisson(NEUROAM_ADDRESS, double lam) {
    if (!(lam >= 0.0 && lam <= $MAX_LAMBDA)) return NAN;
    const int32_t parts = 1 + (int32_t)(lam * 0.03125);
    const double mean = lam / parts, first = neuroam_exp_minus(mean);
    double total = 0.0;
    for (int32_t n = 0; n < parts; n++) {
        const double u = neuroam_uniform(key, stream + ${MAX_STREAM}u * (uint32_t)n, trial, step, cell);
        double count = 0.0, term = first, reached = first, before = -1.0;
        while (u > reached && reached != before) {
            count += 1.0;
            term = (term * mean) / count;
            before = reached;
            reached += term;
        }
        total += count;
    }
    return total;
}
#endif
#endif
"""


def _cpp_array(c_type: str, name: str, values: npt.NDArray[Any]) -> str:
    """A table inside a function, with the digits that identify every number."""
    numbers = [repr(value) for value in values.tolist()]
    lines = [", ".join(numbers[start : start + 8]) for start in range(0, len(numbers), 8)]
    return f"static const {c_type} {name}[{len(numbers)}] = {{\n" + ",\n".join(lines) + "};\n"


def _cpp_support() -> str:
    normal = [_cpp_array("int32_t" if n else "int64_t", f"n{n}", row) for n, row in enumerate(NORMAL_TABLE)]
    exponential = [_cpp_array("double", f"e{level}", row) for level, row in enumerate(EXP_TABLES)]
    steps = {"UNIFORM_STEP": 2.0**-53, "NORMAL_STEP": 2.0**-RESULT_BITS, "EXP_STEP": 2.0**-10, "MAX_LAMBDA": MAX_LAMBDA}
    tables = {"NORMAL_TABLE": "".join(normal), "EXP_TABLES": "".join(exponential)}
    return Template(_CPP).substitute(
        tables, MAX_STREAM=MAX_STREAM, **{name: repr(step) for name, step in steps.items()}
    )


CPP_SUPPORT = _cpp_support()
_COMPILER = {"headers": CPP_HEADERS}

# ---- in Brian2 --------------------------------------------------------------------------------------------------


class BlockNoise:
    """Numbers of one fixed set of cells, computed for several steps in one vectorised call.

    ``draw`` is `uniform` or `gaussian`, ``trial`` and ``cell`` (one-dimensional) are the address of every cell.  The
    block doubles as long as steps come in sequence, up to ``limit`` numbers, and starts anew at one step when they do
    not: a jump costs no more than the step itself.
    """

    def __init__(self, draw: Draw, key: int, stream: int, trial: Ints, cell: Ints, limit: int = BLOCK_NUMBERS) -> None:
        self._draw, self._key, self._stream = draw, key, stream
        self._trial, self._cell = np.asarray(trial)[None, :], np.asarray(cell)[None, :]
        self._longest = max(1, limit // max(1, self._cell.size))
        self._start = 0
        self._block: Floats = np.empty((0, self._cell.size))

    def at(self, step: int) -> Floats:
        """The numbers of ``step``, one per cell: a view that must not be written to."""
        row, length = step - self._start, len(self._block)
        if not 0 <= row < length:
            length = max(1, min(2 * length, self._longest)) if row == length else 1
            steps = step + np.arange(length)[:, None]
            self._block = self._draw(self._key, self._stream, self._trial, steps, self._cell)
            self._start, row = step, 0
        return self._block[row]


_CPP_FUNCTION = """
NEUROAM_INLINE double $NAME(const int64_t step, const int64_t i$PARAMETER) {
    const uint32_t cell = (uint32_t)i, trial = cell / ${CELLS}u;
    const uint64_t key = (uint64_t)_namespace${NAME}_key[0] | ((uint64_t)_namespace${NAME}_key[1] << 32);
    return neuroam_$KIND(key, ${STREAM}u, (uint32_t)_namespace${NAME}_trial[trial], (uint32_t)step,
                         cell - trial * ${CELLS}u$ARGUMENT);
}
"""


def key_words(key: int) -> npt.NDArray[np.int64]:
    """The key as generated programs read it: its low and its high 32 bits."""
    return np.array([key & WORD, (key >> 32) & WORD], dtype=np.int64)


def brian_support() -> Any:
    """A Brian2 ``Function`` that carries ``CPP_SUPPORT``, for the ``dependencies`` of others: once per code object.

    The guard is lifted, for several code objects, each with its own namespace, may be compiled as one file.
    """
    from brian2 import Function

    support, text = Function(lambda: 0.0, arg_units=[], return_unit=1), "#undef NEUROAM_NOISE\n" + CPP_SUPPORT
    for target in ("cpp", "cuda"):
        support.implementations.add_implementation(target, text, name="neuroam_noise", compiler_kwds=_COMPILER)
    return support


def brian_function(kind: Kind, name: str, stream: int, trial_index: Ints, cells_per_trial: int, key: int) -> Any:
    """A Brian2 ``Function`` for a group of trials times cells, in which cell i is b * cells_per_trial + n.

    In vector code, ``name(t_in_timesteps, i)`` is the number of trial ``trial_index[b]``, this step and cell n; a
    Poisson function takes its mean as a third argument.

    Parameters
    ----------
    kind : {"uniform", "gaussian", "poisson"}
        The distribution.
    name : str
        The name in Brian2 code and in C++; no two functions of a program share it.
    stream : int
        See `uniform`.  It is compiled in, as ``cells_per_trial`` is.
    trial_index : array_like of int, one-dimensional
        The number of every trial of the batch.
    cells_per_trial : int
        Group size over batch size.
    key : int
        64-bit seed.

    Returns
    -------
    brian2.Function
        For numpy and C++; stateless: it may be evaluated in any order and any number of times.  A standalone program
        reads key and trials (int64) as it starts, from ``static_arrays/<name>_key`` (`key_words`) and ``<name>_trial``.
    """
    from brian2 import Function

    trials = np.asarray(trial_index, dtype=np.int64)
    if kind not in get_args(Kind):
        raise ValueError(f"no distribution {kind!r}; use one of {get_args(Kind)}")
    _refuse_unusable(name, stream, trials, cells_per_trial, key)
    python = _numpy_function(kind, stream, trials, cells_per_trial, key)
    function = Function(python, arg_units=[1] * (3 if kind == "poisson" else 2), return_unit=1, stateless=True)
    function.implementations.add_implementation("numpy", python)
    parameter, argument = (", const double lam", ", lam") if kind == "poisson" else ("", "")
    text = Template(_CPP_FUNCTION).substitute(
        NAME=name, KIND=kind, STREAM=stream, CELLS=cells_per_trial, PARAMETER=parameter, ARGUMENT=argument
    )
    namespace = {f"{name}_key": key_words(key), f"{name}_trial": trials}
    for target in ("cpp", "cuda"):
        function.implementations.add_implementation(
            target, text, namespace, {"neuroam_noise": brian_support()}, name=name, compiler_kwds=_COMPILER
        )
    return function


def _numpy_function(
    kind: Kind, stream: int, trials: npt.NDArray[np.int64], cells_per_trial: int, key: int
) -> Callable[..., Floats]:
    """What the numpy target calls: (step, i) or (step, i, lam), where i may be any selection of the cells."""
    trial, cell = np.repeat(trials, cells_per_trial), np.tile(np.arange(cells_per_trial), trials.size)
    block = BlockNoise(gaussian if kind == "gaussian" else uniform, key, stream, trial, cell)

    def draw(step: Any, i: Any) -> Any:
        return block.at(int(np.asarray(step).item()))[i]

    def draw_poisson(step: Any, i: Any, lam: Any) -> Floats:
        cells = np.atleast_1d(i)

        def part(n: int, here: Mask) -> Floats:
            j = cells[here]
            return draw(step, j) if n == 0 else uniform(key, stream + MAX_STREAM * n, trial[j], step, cell[j])

        return _poisson_of(part, np.broadcast_to(np.asarray(lam, dtype=np.float64), cells.shape)).reshape(np.shape(i))

    return draw_poisson if kind == "poisson" else draw


def _refuse_unusable(name: str, stream: int, trials: npt.NDArray[np.int64], cells_per_trial: int, key: int) -> None:
    if not (name.isascii() and name.isidentifier()):
        raise ValueError(f"{name!r} is not a name in C++")
    if not (0 <= stream < MAX_STREAM and 0 <= key < 1 << 64):
        raise ValueError(f"stream {stream} does not fit 16 bits, or key {key} does not fit 64")
    if trials.ndim != 1 or trials.size == 0 or trials.min() < 0 or trials.max() > WORD:
        raise ValueError("trial_index must be one row of numbers from 0 to 2^32 - 1")
    if not 0 < cells_per_trial * trials.size < 1 << 31:
        raise ValueError(f"{trials.size} trials of {cells_per_trial} cells are not a group of 1 to 2^31 - 1 cells")
