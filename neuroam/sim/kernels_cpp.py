"""The C++ of projections and reductions: `kernels` says what they compute, this file how C++ does it.

Every sum runs over the source cells in ascending order and starts at zero, whatever the number of trials, so no result
depends on it; long sums of graded signals are sums of the sums of blocks (`BLOCK`), in ascending order too.  Inputs of
zero are left out, which changes no sum.  The product of a dense matrix with graded signals uses fused multiply-add
where the processor has it; everything else rounds as numpy does.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping

from neuroam.sim import kernels_awake
from neuroam.sim.structure import ALL_ENDED, BLOCK, Kernel

REALS = ("w", "v")  # of the arrays that a run brings for a kernel; the others are whole numbers
HEADERS = ["<vector>", "<iostream>", "<algorithm>", "<functional>", "<cstdint>", "<cstring>"]
DENSE_HEADERS = ["<immintrin.h>"] if platform.machine().lower() in ("x86_64", "amd64") else []  # takes long to read

# out[b][k] = sum over n of x[b][n] * W[n][k].  Tiles of trials x columns stay in registers; a block of rows of W stays
# in cache while all tiles of trials pass over it.  Rows whose inputs are zero in a whole tile are not visited.
DENSE = """
#if defined(__AVX512F__)
enum { VBYTES = 64, TB = 8, TV = 3 };
typedef %VECTOR512% vec;
static inline vec vload(const real* p) { return _mm512_loadu_%S%(p); }
static inline void vstore(real* p, vec v) { _mm512_storeu_%S%(p, v); }
static inline vec vset(real v) { return _mm512_set1_%S%(v); }
static inline vec vmadd(vec a, vec b, vec c) { return _mm512_fmadd_%S%(a, b, c); }
#elif defined(__AVX2__) && defined(__FMA__)
enum { VBYTES = 32, TB = 4, TV = 3 };
typedef %VECTOR256% vec;
static inline vec vload(const real* p) { return _mm256_loadu_%S%(p); }
static inline void vstore(real* p, vec v) { _mm256_storeu_%S%(p, v); }
static inline vec vset(real v) { return _mm256_set1_%S%(v); }
static inline vec vmadd(vec a, vec b, vec c) { return _mm256_fmadd_%S%(a, b, c); }
#else
enum { VBYTES = sizeof(real), TB = 4, TV = 4 };
typedef real vec;
static inline vec vload(const real* p) { return *p; }
static inline void vstore(real* p, vec v) { *p = v; }
static inline vec vset(real v) { return v; }
static inline vec vmadd(vec a, vec b, vec c) { return a*b + c; }
#endif
enum { VL = VBYTES/sizeof(real), ROWS = 256, COLUMNS = 12*VL };

template<int nb, int nv> static inline void dense_tile(const real* __restrict__ W, size_t stride,
    const int32_t* __restrict__ list, const real* __restrict__ xs, int m0, int m1, real* __restrict__ o, size_t width) {
  vec acc[nb][nv];
  for (int b=0; b<nb; b++) for (int k=0; k<nv; k++) acc[b][k] = vload(o + b*width + k*VL);
  for (int m=m0; m<m1; m++) {
    const real* __restrict__ row = W + (size_t)list[m]*stride;
    vec w[nv];
    for (int k=0; k<nv; k++) w[k] = vload(row + k*VL);
    for (int b=0; b<nb; b++) for (int k=0; k<nv; k++) acc[b][k] = vmadd(w[k], vset(xs[(size_t)m*nb + b]), acc[b][k]);
  }
  for (int b=0; b<nb; b++) for (int k=0; k<nv; k++) vstore(o + b*width + k*VL, acc[b][k]);
}

// one trial: eight rows at a time, so that a large matrix streams through once
static inline void dense_rows(const real* __restrict__ W, size_t stride, const int32_t* __restrict__ list,
    const real* __restrict__ xs, int count, real* __restrict__ o, size_t width) {
  int m = 0;
  for (; m+8<=count; m+=8) {
    const real* __restrict__ row[8];
    vec v[8];
    for (int j=0; j<8; j++) { row[j] = W + (size_t)list[m+j]*stride; v[j] = vset(xs[m+j]); }
    for (size_t k=0; k<width; k+=VL) {
      vec a = vload(o+k);
      for (int j=0; j<8; j++) a = vmadd(vload(row[j]+k), v[j], a);
      vstore(o+k, a);
    }
  }
  for (; m<count; m++) {
    const real* __restrict__ row = W + (size_t)list[m]*stride;
    const vec v = vset(xs[m]);
    for (size_t k=0; k<width; k+=VL) vstore(o+k, vmadd(vload(row+k), v, vload(o+k)));
  }
}

template<int nb> static inline int dense_pack(const real* __restrict__ x, int N, int n_in, int32_t* __restrict__ list,
    real* __restrict__ xs, int32_t* __restrict__ start) {
  int m = 0;
  for (int n=0; n<n_in; n++) {
    if (n % ROWS == 0) start[n/ROWS] = m;
    bool any = false;
    for (int b=0; b<nb; b++) { const real v = x[(size_t)b*N + n]; xs[(size_t)m*nb + b] = v; any |= v != 0; }
    list[m] = n;
    m += any;
  }
  start[(n_in + ROWS - 1)/ROWS] = m;
  return m;
}

template<int nb> static inline void dense_block(const real* W, size_t stride, const int32_t* list, const real* xs,
    int m0, int m1, real* o, size_t width, size_t from, size_t to) {
  size_t k = from;
  for (; k + TV*VL <= to; k += TV*VL) dense_tile<nb, TV>(W+k, stride, list, xs, m0, m1, o+k, width);
  for (; k < to; k += VL) dense_tile<nb, 1>(W+k, stride, list, xs, m0, m1, o+k, width);
}

struct DenseTile { int size, first; };  // of TB, 4, 2 or 1 trials

// adds to out
static inline void dense_sums(const real* __restrict__ W, size_t stride, const real* __restrict__ x, int B, int N,
    int n_in, int n_out, real* __restrict__ out, int K) {
  const size_t width = ((size_t)n_out + VL - 1)/VL*VL, blocks = ((size_t)n_in + ROWS - 1)/ROWS;
  static std::vector<real> sums, packed;
  static std::vector<int32_t> lists, starts;
  sums.assign((size_t)B*width, 0);
  packed.resize((size_t)B*(n_in + 1)); lists.resize((size_t)B*(n_in + 1)); starts.resize((size_t)B*(blocks + 1));
  std::vector<DenseTile> tiles;
  for (int b=0; b<B;) { const int left = B-b, size = left>=TB ? (int)TB : left>=4 ? 4 : left>=2 ? 2 : 1;
    tiles.push_back({size, b}); b += size; }
  for (const DenseTile& t : tiles) {
    const real* xt = x + (size_t)t.first*N;
    int32_t *list = &lists[(size_t)t.first*(n_in + 1)], *start = &starts[(size_t)t.first*(blocks + 1)];
    real* xs = &packed[(size_t)t.first*(n_in + 1)];
    if (t.size == 1) dense_rows(W, stride, list, xs, dense_pack<1>(xt, N, n_in, list, xs, start),
                                &sums[(size_t)t.first*width], width);
    else if (t.size == 2) dense_pack<2>(xt, N, n_in, list, xs, start);
    else if (t.size == 4) dense_pack<4>(xt, N, n_in, list, xs, start);
    else dense_pack<TB>(xt, N, n_in, list, xs, start);
  }
  for (size_t block=0; block<blocks; block++) for (size_t from=0; from<width; from+=COLUMNS) {
    const size_t to = from + COLUMNS < width ? from + COLUMNS : width;
    for (const DenseTile& t : tiles) {
      if (t.size == 1) continue;
      const int32_t *list = &lists[(size_t)t.first*(n_in + 1)], *start = &starts[(size_t)t.first*(blocks + 1)];
      const real* xs = &packed[(size_t)t.first*(n_in + 1)];
      real* o = &sums[(size_t)t.first*width];
      const int m0 = start[block], m1 = start[block + 1];
      if (t.size == 2) dense_block<2>(W, stride, list, xs, m0, m1, o, width, from, to);
      else if (t.size == 4) dense_block<4>(W, stride, list, xs, m0, m1, o, width, from, to);
      else dense_block<TB>(W, stride, list, xs, m0, m1, o, width, from, to);
    }
  }
  for (int b=0; b<B; b++) for (int k=0; k<n_out; k++) out[(size_t)b*K + k] += sums[(size_t)b*width + k];
}

static inline void neuroam_dense(const real* W, size_t stride, const real* x, int B, int N, int n_in, int n_out,
    real* out, int K) {
  for (int first=0; first<n_in; first+=%BLOCK%)
    dense_sums(W + (size_t)first*stride, stride, x + first, B, N, std::min(n_in - first, %BLOCK%), n_out, out, K);
}
"""

_ROW = {
    "dense": "const real* __restrict__ w = W + (size_t)n*STRIDE; for (int k=0; k<n_out; k++) o[k] += w[k];",
    "sparse": "for (int e=P[n]; e<P[n+1]; e++) o[J[e]] += W[%EDGE%];",
}
# one spike list for all trials, ascending
_SPIKES = """
const int32_t count = x[(size_t)B*N];
for (int s=0; s<count; s++) {
  const int b = x[s]/N, n = x[s] - b*N;
  if (n >= n_in) continue;
  real* __restrict__ o = buf + (size_t)b*K;
  %OWN%%ROW%
}
"""
# the lines that are active in this step
_LISTED = """
for (int b=0; b<B; b++) {
  const int32_t row = %ON%R[(size_t)step*B + b];
  if (row < 0) continue;
  real* __restrict__ o = buf + (size_t)b*K;
  %OWN%int a = A[row];
  %FOUR%for (; a<A[row+1]; a++) {
    const int n = C[a];
    const real v = V[a];
    if (v == 0) continue;
    %ROW%
  }
}
"""
# four rows of weights at a time, added one after the other; those of the next step are on their way meanwhile
_FOUR = """const int32_t next = R[(size_t)(step + 1)*B + b];
  if (next >= 0) for (int a=A[next]; a<A[next+1]; a++) {
    const char* w = (const char*)(W + (size_t)C[a]*n_out);
    for (size_t k=0; k<n_out*sizeof(real); k+=64) __builtin_prefetch(w + k, 0, 2);
  }
  for (; a+4<=A[row+1]; a+=4) {
    const real* __restrict__ w0 = W + (size_t)C[a]*n_out;
    const real* __restrict__ w1 = W + (size_t)C[a+1]*n_out;
    const real* __restrict__ w2 = W + (size_t)C[a+2]*n_out;
    const real* __restrict__ w3 = W + (size_t)C[a+3]*n_out;
    const real v0 = V[a], v1 = V[a+1], v2 = V[a+2], v3 = V[a+3];
    for (int k=0; k<n_out; k++) o[k] = o[k] + w0[k]*v0 + w1[k]*v1 + w2[k]*v2 + w3[k]*v3;
  }
  """
_LISTED_ROW = {
    "dense": "const real* __restrict__ w = W + (size_t)n*%STRIDE%; for (int k=0; k<n_out; k++) o[k] += w[k]*v;",
    "sparse": "for (int e=P[n]; e<P[n+1]; e++) o[J[e]] += W[e]*v;",
    "ones": "for (int k=0; k<n_out; k++) o[k] += v;",
}
# the weights of cells that fired: all by their scale, those of active lines one by one
_TURNED = """
const real least = sizeof(real) == 8 ? (real)1e-100 : (real)1e-20;
const int32_t count = ON[step] ? x[(size_t)B*K] : 0;
for (int s=0; s<count; s++) {
  const int b = x[s]/K, k = x[s] - b*K;
  if (k >= n_out) continue;
  real* __restrict__ w = own + (size_t)b*EDGES + k;
  real now = scale[x[s]]*keep[x[s]];
  if (!(now > least)) {
    for (int n=0; n<live[2]; n++) w[(size_t)n*n_out] *= now;
    now = 1;
  }
  scale[x[s]] = now;
  const int32_t row = R[(size_t)step*B + b];
  if (row < 0) continue;
  const real by = lift[x[s]]/now;
  for (int a=A[row]; a<A[row+1]; a++) w[(size_t)C[a]*n_out] += by*V[a];
}
"""
# the edges of all cells that fired
_TOUCHED = """
int32_t found = 0;
const int32_t count = ON[step] ? x[(size_t)B*N] : 0;
for (int s=0; s<count; s++) {
  const int b = x[s]/N, n = x[s] - b*N;
  if (n < n_in) for (int a=P[n]; a<P[n+1]; a++) events[found++] = b*K + J[a];
}
events[(size_t)B*K] = found;
"""
_HALT = """
bool all = ON[step] != 0;
for (int b=0; b<B; b++) all = all && x[b] != 0;
if (all && !Network::_globally_stopped) {
  std::cout << "%ALL_ENDED%" << std::endl;
  Network::_globally_stopped = true;
}
"""
_TOUCHED_EDGES = """
const int32_t count = events[(size_t)B*N];
for (int s=0; s<count; s++) {
  const int b = events[s]/N, e = events[s] - b*N;
  buf[(size_t)b*K + J[e]] += x[events[s]];
}
"""
_COUNT = """
std::vector<real> totals(B, 0);
const int32_t count = x[(size_t)B*N];
for (int s=0; s<count; s++) { const int b = x[s]/N; totals[b] += x[s] - b*N < n_in ? 1 : 0; }
for (int b=0; b<B; b++) for (int k=0; k<%COPIES%; k++) buf[(size_t)b*%WIDTH% + k] = totals[b];
"""
_GRADED = {
    "dense": "neuroam_dense(W, STRIDE, x, B, N, n_in, n_out, buf, K);",
    "sparse": """
for (int b=0; b<B; b++) {
  real* __restrict__ o = buf + (size_t)b*K;
  %OWN%for (int n=0; n<n_in; n++) {
    const real v = x[(size_t)b*N + n];
    if (v == 0) continue;
    for (int e=P[n]; e<P[n+1]; e++) o[J[e]] += W[%EDGE%]*v;
  }
}
""",
}
_EDGES = """
for (int b=0; b<B; b++) {
  real* __restrict__ o = buf + (size_t)b*K;
  const real* __restrict__ v = x + (size_t)b*N;
  for (int e=0; e<n_in; e++) o[J[e]] += v[e];
}
"""
_SPREAD = "for (int b=0; b<B; b++) for (int k=0; k<n_out; k++) buf[(size_t)b*K + k] = x[(size_t)b*N];"
# only cells whose flag is set; the weights are stored by target
_MASKED = """
for (int b=0; b<B; b++) for (int k=0; k<n_out; k++) {
  if (flag[(size_t)b*K + k] == 0) continue;
  const real* __restrict__ v = x + (size_t)b*N;
  real sum = 0;
  %GATHER%
  buf[(size_t)b*K + k] = sum;
}
"""
_GATHER = {
    "dense": "const real* __restrict__ w = W + (size_t)k*STRIDE; for (int n=0; n<n_in; n++) sum += w[n]*v[n];",
    "sparse": "for (int e=P[k]; e<P[k+1]; e++) sum += W[e]*v[J[e]];",
    "ones": "for (int n=0; n<n_in; n++) sum += v[n];",
}
_WHOLE = {
    "edges": _EDGES,
    "spread": _SPREAD,
    "turned": _TURNED,
    "touched": _TOUCHED,
    "awake": kernels_awake.AWAKE,
    "changed": kernels_awake.CHANGED,
    "halt": _HALT.replace("%ALL_ENDED%", ALL_ENDED),
}
_TOTAL = """
for (int b=0; b<B; b++) {
  const real* __restrict__ v = x + (size_t)b*N;
  %REDUCE%
  for (int k=0; k<%COPIES%; k++) buf[(size_t)b*%WIDTH% + k] = total;
}
"""
_SUM = f"""real total = 0;
  for (int first=0; first<n_in; first+={BLOCK}) {{
    const int last = std::min(first + {BLOCK}, n_in);
    real part = 0;
    for (int n=first; n<last; n++) part += v[n];
    total += part;
  }}"""
_BEST = """real lane[16], total = v[0];
  for (int l=0; l<16; l++) lane[l] = total;
  int n = 0;
  for (; n+16<=n_in; n+=16) for (int l=0; l<16; l++) lane[l] = v[n+l] %IS% lane[l] ? v[n+l] : lane[l];
  for (; n<n_in; n++) if (v[n] %IS% total) total = v[n];
  for (int l=0; l<16; l++) if (lane[l] %IS% total) total = lane[l];"""
_REDUCE = {
    "sum": _SUM,
    "mean": _SUM + "\n  total /= n_in;",
    "max": _BEST.replace("%IS%", ">"),
    "min": _BEST.replace("%IS%", "<"),
    "argmax": "int best = 0; for (int n=1; n<n_in; n++) if (v[n] > v[best]) best = n; const real total = best;",
    "kth": """const int rank = %RANK% < n_in ? %RANK% : n_in - 1;
  std::vector<real> c(v, v+n_in);
  std::nth_element(c.begin(), c.begin()+rank, c.end(), std::greater<real>()); const real total = c[rank];""",
}


def is_product(kernel: Kernel) -> bool:
    """Whether a kernel multiplies a whole matrix with graded signals."""
    return kernel.kind == "dense" and not kernel.spikes and not kernel.only and not kernel.listed


def support(real: str, product: bool) -> str:
    """What kernels share; ``real`` is "double" or "float"; ``product`` if the product of a matrix is among it."""
    start = f"typedef {real} real;\n"
    if not product:
        return start
    single = real == "float"
    marks = {
        "%REAL%": real,
        "%BLOCK%": BLOCK,
        "%S%": "ps" if single else "pd",
        "%VECTOR512%": "__m512" if single else "__m512d",
        "%VECTOR256%": "__m256" if single else "__m256d",
    }
    return start + _fill(DENSE, marks)


def _fill(text: str, marks: Mapping[str, object]) -> str:
    for mark, value in marks.items():
        text = text.replace(mark, str(value))
    return text


def _body(kernel: Kernel) -> str:
    own = "const real* __restrict__ W = own + (size_t)b*EDGES;\n  " if kernel.own else ""
    edge = "I[e]" if kernel.own else "e"
    row = _ROW.get(kernel.kind, "").replace("%EDGE%", edge)
    if kernel.listed and kernel.kind != "turned":
        row = _fill(_LISTED_ROW[kernel.kind], {"%STRIDE%": "n_out" if kernel.own else "STRIDE"})
        four = _FOUR if kernel.own else ""
        on = "!ON[step] ? -1 : " if kernel.learns else ""
        return _fill(_LISTED, {"%ON%": on, "%OWN%": own, "%FOUR%": four, "%ROW%": row})
    if kernel.kind in _WHOLE:
        return _TOUCHED_EDGES if kernel.kind == "edges" and kernel.events else _WHOLE[kernel.kind]
    if kernel.spikes:
        return _COUNT if kernel.kind == "ones" else _fill(_SPIKES, {"%OWN%": own, "%ROW%": row})
    if kernel.only:
        if kernel.events and kernel.kind == "sparse":
            return kernels_awake.MASKED_SPARSE
        return (kernels_awake.MASKED if kernel.events else _MASKED).replace("%GATHER%", _GATHER[kernel.kind])
    if kernel.opens:
        return kernels_awake.OPENING
    if kernel.kind in kernels_awake.FROM_AWAKE and kernel.events:
        return kernels_awake.FROM_AWAKE[kernel.kind]
    if kernel.kind in _GRADED:
        return _fill(_GRADED[kernel.kind], {"%OWN%": own, "%EDGE%": edge})
    rank = int(kernel.kind[3:]) - 1 if kernel.kind.startswith("kth") else 0
    name = "kth" if kernel.kind.startswith("kth") else "sum" if kernel.kind == "ones" else kernel.kind
    return _TOTAL.replace("%REDUCE%", _REDUCE[name].replace("%RANK%", str(rank)))


def text(kernel: Kernel, batch: int, pointers: dict[str, str], arrays: tuple[str, ...]) -> tuple[str, str, str]:
    """C++ of the buffer, of the step and of the get function.

    ``pointers`` says what the code generator calls the variables that the kernel reads: "x", and "own" and "flag" if
    it has them.
    """
    name = kernel.name
    held = "".join(
        f"const {'real' if part in REALS else 'int32_t'}* __restrict__ {part if part == 'live' else part.upper()}"
        f" = _namespace{array};\n"
        for part, array in ((array.partition("_")[0], array) for array in arrays)
    )
    sizes = (
        f"const int B={batch}, N={kernel.size_in}, K={kernel.size_out}, EDGES={kernel.edges}; "
        f"const size_t STRIDE={kernel.stride};\nconst int n_in=live[0], n_out=live[1];\n"
    )
    kind = "int32_t" if kernel.spikes else "real"
    own = "real" if kernel.kind == "turned" else "const real"
    types = {
        "own": own,
        "flag": "const real",
        "events": "int32_t",
        "scale": "real",
        "keep": "const real",
        "lift": "const real",
    }
    extra = "".join(f", {types[key]}* __restrict__ {key}" for key in pointers if key != "x")
    given = "".join(f", {pointer}" for pointer in pointers.values())
    size = 1 if kernel.kind in ("touched", "turned", "halt", "awake", "changed") else batch * kernel.size_out
    size = batch if kernel.by_trial else size
    buffer = f"alignas(64) static real buf_{name}[{size}];\n"  # no vector: asking whether it is made costs per cell
    clear = "" if kernel.opens or (kernel.only and kernel.events) else f"std::memset(buf, 0, sizeof(real)*{size});\n"
    kept = {"%COPIES%": "1", "%WIDTH%": "1"} if kernel.by_trial else {"%COPIES%": "n_out", "%WIDTH%": "K"}
    step = f"""static inline int {name}_step_of(const int64_t step, const {kind}* __restrict__ x{extra}) {{
real* __restrict__ buf = buf_{name};
{held}{sizes}{clear}{_fill(_body(kernel), kept)}
return 0;
}}
#define {name}_step(t) {name}_step_of(t{given})
"""
    # Brian2 reads i from an array, and calls the place in it _idx: the same, but a loop over it becomes vector code
    place = f"_idx/{kernel.size_out}" if kernel.by_trial else "_idx"
    return buffer, step, f"#define {name}_get(i) buf_{name}[{place}]\n"
