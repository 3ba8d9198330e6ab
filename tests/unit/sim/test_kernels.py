"""Projections and reductions: numpy against a plain loop, C++ and CUDA against numpy; sizes and contents are random.

CUDA is compiled as C++ here, without its words for the GPU; cells are visited in a shuffled order, as threads have none.
"""

import ctypes
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from neuroam.sim import cuda_kernels, kernels_cpp
from neuroam.sim.build import FLAGS
from neuroam.sim.kernels import array_names
from neuroam.sim.kernels_numpy import stepper
from neuroam.sim.structure import BLOCK, Kernel, size_class
from neuroam.sim.weights import stored_dense, stored_sparse

ROOM_IN, ROOM_OUT = 300, 210  # more than one block of rows and of columns
EDGES = ROOM_IN * ROOM_OUT
STRIDE = 224
NOW = 7  # the step in which cells fire
BATCHES = (1, 2, 3, 7, 8, 13)
KINDS = {
    "dense": Kernel("dense", "dense", False, ("p", "x"), "q", ROOM_IN, ROOM_OUT, STRIDE),
    "sparse": Kernel("sparse", "sparse", False, ("p", "x"), "q", ROOM_IN, ROOM_OUT, edges=EDGES),
    "ones": Kernel("ones", "ones", False, ("p", "x"), "q", ROOM_IN, ROOM_OUT),
    "spread": Kernel("spread", "spread", False, ("p", "x"), "q", ROOM_IN, ROOM_OUT),
    "edges": Kernel("edges", "edges", False, ("p", "x"), "q", ROOM_IN, ROOM_OUT),
    "listed_dense": Kernel("listed_dense", "dense", False, ("p", "_list"), "q", ROOM_IN, ROOM_OUT, STRIDE, listed="l"),
    "listed_sparse": Kernel(
        "listed_sparse", "sparse", False, ("p", "_list"), "q", ROOM_IN, ROOM_OUT, edges=EDGES, listed="l"
    ),
    "listed_ones": Kernel("listed_ones", "ones", False, ("p", "_list"), "q", ROOM_IN, ROOM_OUT, listed="l"),
    "listed_own": Kernel(
        "listed_own", "dense", False, ("p", "_list"), "q", ROOM_IN, ROOM_OUT, edges=EDGES, own="e", listed="l"
    ),
    "dense_spikes": Kernel("dense_spikes", "dense", True, ("p", "_spikespace"), "q", ROOM_IN, ROOM_OUT, STRIDE),
    "sparse_spikes": Kernel("sparse_spikes", "sparse", True, ("p", "_spikespace"), "q", ROOM_IN, ROOM_OUT, edges=EDGES),
    "ones_spikes": Kernel("ones_spikes", "ones", True, ("p", "_spikespace"), "q", ROOM_IN, ROOM_OUT),
    "own": Kernel("own", "sparse", False, ("p", "x"), "q", ROOM_IN, ROOM_OUT, edges=EDGES, own="e"),
    "own_spikes": Kernel(
        "own_spikes", "sparse", True, ("p", "_spikespace"), "q", ROOM_IN, ROOM_OUT, edges=EDGES, own="e"
    ),
    "dense_only": Kernel("dense_only", "dense", False, ("p", "x"), "q", ROOM_IN, ROOM_OUT, 304, only="f"),
    "sparse_only": Kernel("sparse_only", "sparse", False, ("p", "x"), "q", ROOM_IN, ROOM_OUT, edges=EDGES, only="f"),
    "ones_only": Kernel("ones_only", "ones", False, ("p", "x"), "q", ROOM_IN, ROOM_OUT, only="f"),
} | {
    k: Kernel(k, k, False, ("p", "x"), "q", ROOM_IN, ROOM_OUT) for k in ("sum", "mean", "max", "min", "argmax", "kth3")
}
LONG_IN = 2 * BLOCK + 300
LONG = {
    f"long_{kind}": Kernel(f"long_{kind}", kind, False, ("p", "x"), "q", LONG_IN, 20, 32 if kind == "dense" else 0)
    for kind in ("dense", "sum", "mean", "max", "ones")
}


def pointers(kernel):
    """What the kernel reads, in the order of the C++ arguments."""
    found = {} if kernel.listed else {"x": "x"}
    return found | ({"own": "own"} if kernel.own else {}) | ({"flag": "flag"} if kernel.only else {})


class Case:
    """Random contents for one kernel: ``x`` (batch, n_in), weights (n_in, n_out), and what a program would get."""

    def __init__(self, kernel, batch, n_in, n_out, density, seed, real=np.float64):
        rng = np.random.default_rng(seed)
        self.kernel, self.batch, self.n_in, self.n_out = kernel, batch, n_in, n_out
        x = rng.standard_normal((batch, n_in)) * 10.0 ** rng.integers(-8, 8, (batch, n_in))
        self.x = np.where(rng.random(x.shape) < density, x, 0.0).astype(real)
        self.fired = [np.flatnonzero(rng.random(n_in) < density) for _ in range(batch)]
        weights = rng.standard_normal((n_in, n_out))
        if kernel.kind == "sparse":
            weights[rng.random(weights.shape) < 0.7] = 0.0
        self.weights = weights.astype(real)
        self.flags = rng.random((batch, n_out)) < 0.5
        rows = self.weights.T if kernel.only else self.weights
        room = kernel.size_out if kernel.only else kernel.size_in
        self.arrays = {"live": np.array([n_in, n_out], dtype=np.int32)}
        self.target = rng.integers(0, n_out, self.kernel.size_in).astype(np.int32)
        self.own = None
        if kernel.kind == "dense" and kernel.own:
            self.own = np.full((batch, EDGES), np.nan, dtype=real)
            for b in range(batch):
                self.own[b, : n_in * n_out] = self.weights.ravel() * np.dtype(real).type(b + 1)
        elif kernel.kind == "dense":
            self.arrays["w"] = stored_dense(rows, room, kernel.stride)
        if kernel.kind == "sparse":
            self.arrays |= stored_sparse(sparse.csr_array(rows), room, EDGES)
            if kernel.own:
                w, self.arrays["i"] = self.arrays.pop("w"), rng.permutation(EDGES).astype(np.int32)
                self.own = np.zeros((batch, EDGES), dtype=real)
                for b in range(batch):  # the owner numbers its edges in an order of its own
                    self.own[b, self.arrays["i"]] = w * (b + 1)
        if kernel.kind == "edges":
            self.arrays["j"] = self.target
        if kernel.listed:
            self.arrays |= self.listed(rng)
        self.arrays = {k: a.astype(real) if k in kernels_cpp.REALS else a for k, a in self.arrays.items()}

    def listed(self, rng):
        """Which lines are active in the first two steps, some of them twice; rows are shared, and -1 is none."""
        start = np.concatenate([[0], np.cumsum(rng.integers(0, 13, 5))]).astype(np.int32)
        rows = rng.integers(-1, 5, 2 * self.batch).astype(np.int32)
        lines = rng.integers(0, self.n_in, start[-1] + 3).astype(np.int32)
        return {
            "r": rows,
            "a": start,
            "c": lines,
            "v": rng.standard_normal(lines.size) * rng.integers(0, 2, lines.size),
        }

    def fired_at(self):
        """In place of a list of spikes on a GPU: the step at which every cell last fired; this one is ``NOW``."""
        listed = self.variables()["x"]
        steps = np.random.default_rng(self.n_in).integers(-1, NOW, self.batch * self.kernel.size_in).astype(np.int32)
        steps[listed[: listed[-1]]] = NOW
        return steps

    def named(self):
        names = {part: self.kernel.listed if part in "rac" else self.kernel.name for part in self.arrays}
        return {f"{part}_{names[part]}": array for part, array in self.arrays.items()}

    def variables(self):
        full = np.full(
            (self.batch, self.kernel.size_in), np.nan, dtype=self.x.dtype
        )  # what is not there must not be read
        full[:, : self.n_in] = self.x
        if self.kernel.spikes:
            ids = [b * self.kernel.size_in + n for b, fired in enumerate(self.fired) for n in fired]
            ghosts = [
                b * self.kernel.size_in + n for b in range(self.batch) for n in range(self.n_in, self.kernel.size_in)
            ]
            ids = sorted(ids + ghosts)
            x = np.zeros(self.batch * self.kernel.size_in + 1, dtype=np.int32)
            x[: len(ids)], x[-1] = ids, len(ids)
        else:
            x = full.ravel()
        flag = np.zeros((self.batch, self.kernel.size_out), dtype=self.x.dtype)
        flag[:, : self.n_out] = self.flags
        return {"x": x, "own": None if self.own is None else self.own.ravel(), "flag": flag.ravel()}

    def numpy(self):
        held = self.variables()
        read = {key: (lambda key=key: held[key]) for key in pointers(self.kernel)}
        return stepper(self.kernel, self.batch, read, self.named())(0).reshape(self.batch, self.kernel.size_out)

    def by_hand(self):
        """Source after source, without any cleverness."""
        found = np.zeros((self.batch, self.n_out), dtype=self.x.dtype)
        if self.kernel.listed:
            return self.by_lines(found)
        for b in range(self.batch):
            scale = self.x.dtype.type(b + 1 if self.kernel.own else 1)
            for n in self.fired[b] if self.kernel.spikes else range(self.n_in):
                row = np.ones(self.n_out) if self.kernel.kind == "ones" else self.weights[n] * scale
                found[b] += row if self.kernel.spikes else row * self.x[b, n]
        return np.where(self.flags, found, 0) if self.kernel.only else found

    def by_lines(self, found):
        for b, row in enumerate(self.arrays["r"][: self.batch]):
            for a in range(self.arrays["a"][row], self.arrays["a"][row + 1]) if row >= 0 else ():
                n, v = self.arrays["c"][a], self.arrays["v"][a]
                row_of = np.ones(self.n_out, self.x.dtype) if self.kernel.kind == "ones" else self.weights[n]
                found[b] += row_of * self.x.dtype.type(b + 1 if self.kernel.own else 1) * v
        return found


case = st.fixed_dictionaries(
    {
        "batch": st.sampled_from(BATCHES),
        "n_in": st.integers(1, ROOM_IN),
        "n_out": st.integers(1, ROOM_OUT),
        "density": st.sampled_from([0.0, 0.02, 0.3, 1.0]),
        "seed": st.integers(0, 2**32 - 1),
    }
)
SUMS = [name for name in KINDS if name.split("_")[0] in ("dense", "sparse", "ones", "own", "listed")]


@pytest.mark.parametrize("name", SUMS)
@settings(max_examples=25, deadline=None)
@given(case=case)
def test_numpy_adds_source_after_source(name, case):
    made = Case(KINDS[name], **case)
    assert np.array_equal(made.numpy()[:, : made.n_out], made.by_hand())
    assert not made.numpy()[:, made.n_out :].any()


@pytest.mark.parametrize(
    ("kind", "function"),
    [
        ("sum", lambda x: np.cumsum(x)[-1]),
        ("mean", lambda x: np.cumsum(x)[-1] / x.size),
        ("max", np.max),
        ("min", np.min),
        ("argmax", np.argmax),
        ("kth3", lambda x: np.sort(x)[-min(3, x.size)]),
        ("spread", lambda x: x[0]),
    ],
)
@settings(max_examples=25, deadline=None)
@given(case=case)
def test_reductions_are_per_trial(kind, function, case):
    made = Case(KINDS[kind], **case)
    assert np.array_equal(made.numpy()[:, : made.n_out], np.repeat([[function(x)] for x in made.x], made.n_out, axis=1))


def source(kernel, batch, real):
    """The kernel as a C++ file of its own."""
    names, given = array_names(kernel), {"x": "(const real*)0", **pointers(kernel)}
    buffer, step, get = kernels_cpp.text(kernel, batch, given, names)
    text = f"{buffer} {step} {get}"
    # the loop variable of a program of Brian2 is called _idx
    loop = f"{kernel.name}_step((int64_t)0); for (int _idx=0; _idx<{batch * kernel.size_out}; _idx++) out[_idx] = "
    return in_frame("cpp", kernel, batch, real, names, text, f"{loop}{kernel.name}_get(_idx);")


def cuda_source(kernel, batch, real):
    """The same for the text of a GPU."""
    size = batch * kernel.size_out
    text = cuda_kernels.cuda_text(kernel, batch, pointers(kernel), real, "now") + cuda_kernels.step_text(kernel)
    loop = f"const int64_t now = {NOW if kernel.spikes else 0}; {kernel.name}_step(now);"
    loop += (
        f" for (int c=0; c<{size}; c++) {{ const int i = (c*7919LL + 13) % {size}; out[i] = {kernel.name}_get(i); }}"
    )
    return in_frame("cuda", kernel, batch, real, cuda_kernels.array_names(kernel), text, loop)


def in_frame(where, kernel, batch, real, names, text, loop):
    kinds = {name: real if name.split("_")[0] in ("w", "wt", "v") else "int32_t" for name in names}
    held = "".join(f"static const {kinds[n]}* _namespace{n};\n" for n in names)
    types = {"x": "int32_t" if kernel.spikes else real, "own": real, "flag": real}
    arguments = [f"const {types[key]}* {key}" for key in pointers(kernel)]
    arguments += [f"const {kinds[n]}* a{i}" for i, n in enumerate(names)]
    sets = "".join(f"_namespace{n} = a{i};\n" for i, n in enumerate(names))
    label = f"{where}_{kernel.name}_{batch}"
    run = f'extern "C" void {label}({", ".join(arguments)}, {real}* out) {{ {sets} {loop} }}'
    return f"namespace of_{label} {{ {held} {text}\n{run} }}\n#undef {kernel.name}_step\n#undef {kernel.name}_get\n"


HEAD = """
#include <cmath>
#define __host__
#define __device__
#if defined(__AVX512F__) || (defined(__AVX2__) && defined(__FMA__))
extern "C" int is_fused() { return 1; }
#else
extern "C" int is_fused() { return 0; }
#endif
"""


@pytest.fixture(scope="module", params=["double", "float"])
def compiled(request, tmp_path_factory):
    if shutil.which("g++") is None:
        pytest.skip("no C++ compiler on this machine")
    folder = tmp_path_factory.mktemp("kernels")
    text = "".join(f"#include {header}\n" for header in kernels_cpp.HEADERS + kernels_cpp.DENSE_HEADERS)
    text += HEAD + kernels_cpp.support(request.param, product=True)
    for kernel in KINDS.values():
        text += "".join(make(kernel, batch, request.param) for batch in BATCHES for make in (source, cuda_source))
    text += "".join(source(kernel, batch, request.param) for kernel in LONG.values() for batch in BATCHES)
    (folder / "k.cpp").write_text(text)
    command = ["g++", *FLAGS, "-shared", "-fPIC", "k.cpp", "-o", "k.so"]
    subprocess.run(command, cwd=folder, check=True)
    return np.dtype({"double": "float64", "float": "float32"}[request.param]), ctypes.CDLL(str(folder / "k.so"))


def in_cpp(case, library):
    held = [case.variables()[key] for key in pointers(case.kernel)]
    return called(f"cpp_{case.kernel.name}", case, library, [*held, *map(case.named().get, array_names(case.kernel))])


def in_cuda(case, library):
    held = case.variables() | ({"x": case.fired_at()} if case.kernel.spikes else {})
    arrays = case.named() | cuda_kernels.gathered(case.kernel, case.named())
    names = cuda_kernels.array_names(case.kernel)
    given = [held[key] for key in pointers(case.kernel)]
    return called(f"cuda_{case.kernel.name}", case, library, [*given, *map(arrays.get, names)])


def called(name, case, library, held):
    out = np.full((case.batch, case.kernel.size_out), np.nan, dtype=case.x.dtype)
    held = [np.ascontiguousarray(array) for array in held]
    getattr(library, f"{name}_{case.batch}")(*(a.ctypes.data_as(ctypes.c_void_p) for a in [*held, out]))
    return out


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"dense"}))
def test_cpp_and_cuda_are_numpy_to_the_last_bit(name, compiled):
    real, library = compiled

    @settings(max_examples=40, deadline=None)
    @given(case=case)
    def check(case):
        made = Case(KINDS[name], **case, real=real)
        assert np.array_equal(in_cpp(made, library), made.numpy())
        assert np.array_equal(in_cuda(made, library), made.numpy())

    check()


def test_the_dense_product_of_cuda_is_that_of_cpp(compiled):
    """Both fuse, if this processor can."""
    real, library = compiled
    if not library.is_fused():
        pytest.skip("this processor has no fused multiply-add")

    @settings(max_examples=40, deadline=None)
    @given(case=case)
    def check(case):
        made = Case(KINDS["dense"], **case, real=real)
        assert np.array_equal(in_cuda(made, library), in_cpp(made, library))

    check()


def test_the_dense_product_is_right_and_the_same_in_every_batch(compiled):
    """Fused multiply-add rounds once per term, numpy twice: apart by an error per term, and equal between batches."""
    real, library = compiled
    bound = 2 * np.finfo(real).eps

    @settings(max_examples=60, deadline=None)
    @given(case=case)
    def check(case):
        made = Case(KINDS["dense"], **case, real=real)
        found = in_cpp(made, library)
        size = np.cumsum(np.abs(made.weights) * np.abs(made.x[:, :, None]), axis=1).sum(axis=1)
        assert (np.abs(found[:, : made.n_out] - made.by_hand()) <= bound * size + np.finfo(real).tiny).all()
        for b in range(made.batch):
            alone = Case(KINDS["dense"], **case | {"batch": 1}, real=real)
            alone.arrays, alone.x = made.arrays, made.x[b : b + 1]
            assert np.array_equal(in_cpp(alone, library)[0], found[b])

    check()


def in_blocks(made):
    """The sum of the sums of `BLOCK` terms, term after term; a product of whole numbers is exact, fused or not."""
    terms = made.x[:, :, None] * (made.weights if made.kernel.kind == "dense" else np.ones_like(made.weights))
    parts = [np.cumsum(terms[:, at : at + BLOCK], axis=1)[:, -1] for at in range(0, made.n_in, BLOCK)]
    return np.cumsum(np.stack(parts, axis=1), axis=1)[:, -1]


@pytest.mark.parametrize("kind", ["dense", "sum", "mean", "max", "ones"])
@pytest.mark.parametrize("n_in", [1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, LONG_IN])
def test_long_sums_are_sums_of_the_sums_of_blocks(kind, n_in, compiled):
    real, library = compiled
    for batch in BATCHES:
        made = Case(LONG[f"long_{kind}"], batch, n_in, 17, 0.8, seed=n_in + batch, real=real)
        if kind == "dense":  # products of few bits, which sums do not keep
            made.x = (np.random.default_rng(batch).integers(-4, 5, made.x.shape) * made.x.dtype.type(0.1)).astype(real)
            made.weights = np.random.default_rng(n_in).integers(-2, 3, made.weights.shape).astype(real)
            made.arrays["w"] = stored_dense(made.weights, LONG_IN, 32).astype(real)
        expected = made.x.max(axis=1)[:, None] if kind == "max" else in_blocks(made)
        expected = expected / real.type(n_in) if kind == "mean" else expected
        assert np.array_equal(made.numpy()[:, :17], np.broadcast_to(expected, (batch, 17)))
        assert np.array_equal(in_cpp(made, library), made.numpy())


def test_size_classes_grow_by_a_quarter_at_most():
    classes = [size_class(n) for n in range(1, 5000)]
    assert classes == sorted(classes)
    assert all(n <= size <= max(16, 1.25 * n + 1) for n, size in enumerate(classes, 1))
    assert len(set(classes)) < 40
    assert [size_class(n, 4) for n in (1, 4, 5, 8, 9)] == [4, 4, 5, 8, 10]
