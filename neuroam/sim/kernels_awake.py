"""C++ of the kernels that make or visit lists of cells: those that are awake, or whose trial has ended or goes on.

A list is in ascending order, trial after trial; what else the text may use is in `kernels_cpp`.
"""

from __future__ import annotations

# only source cells that are awake: the others put out zero
_SPARSE = """
const int32_t count = events[(size_t)B*N];
for (int s=0; s<count; s++) {
  const int b = events[s]/N, n = events[s] - b*N;
  const real v = x[events[s]];
  if (v == 0) continue;
  real* __restrict__ o = buf + (size_t)b*K;
  for (int e=P[n]; e<P[n+1]; e++) o[J[e]] += W[e]*v;
}
"""
_TOTAL = """
real totals[B] = {};
const int32_t count = events[(size_t)B*N];
for (int s=0; s<count; s++) totals[events[s]/N] += x[events[s]];
for (int b=0; b<B; b++) for (int k=0; k<%COPIES%; k++) buf[(size_t)b*%WIDTH% + k] = totals[b];
"""
# makes the list of cells that it reaches; sources come one after the other, so that their targets may not
OPENING = """
for (int s=0; s<events[(size_t)B*K]; s++) buf[events[s]] = 0;
int32_t found = 0;
for (int b=0; b<B; b++) {
  const int32_t from = found;
  int sources = 0;
  for (int n=0; n<n_in; n++) {
    const real v = x[(size_t)b*N + n];
    if (v == 0) continue;
    sources++;
    for (int e=P[n]; e<P[n+1]; e++) {
      const int32_t k = b*K + J[e];
      if (buf[k] == 0) events[found++] = k;
      buf[k] += W[e]*v;
    }
  }
  if (sources > 1) {
    std::sort(events + from, events + found);
    found = std::unique(events + from, events + found) - events;
  }
}
events[(size_t)B*K] = found;
"""
FROM_AWAKE = {"sparse": _SPARSE, "ones": _TOTAL}
# which cells are awake; most are not, and are passed over sixteen at a time
AWAKE = """
int32_t found = 0;
for (int b=0; b<B; b++) {
  const real* __restrict__ v = x + (size_t)b*N;
  for (int first=0; first<n_in; first+=16) {
    const int last = std::min(first + 16, n_in);
    int any = 0;
    for (int n=first; n<last; n++) any |= v[n] != 0;
    if (any) for (int n=first; n<last; n++) { events[found] = b*N + n; found += v[n] != 0; }
  }
}
events[(size_t)B*N] = found;
"""
# the cells of trials in which a flag of the trial is not what its cells know
CHANGED = """
int32_t found = 0;
for (int b=0; b<B; b++) if (x[b] != flag[(size_t)b*K]) for (int k=0; k<K; k++) events[found++] = b*K + k;
events[(size_t)B*K] = found;
"""
# the same, of which there is a list
MASKED = """
const int32_t count = events[(size_t)B*K];
for (int s=0; s<count; s++) {
  const int b = events[s]/K, k = events[s] - b*K;
  const real* __restrict__ v = x + (size_t)b*N;
  real sum = 0;
  %GATHER%
  buf[(size_t)b*K + k] = sum;
}
"""
# four rows at a time: the sums of one row wait for each other, those of four do not
MASKED_SPARSE = """
const int32_t count = events[(size_t)B*K];
int s = 0;
for (; s+4<=count; s+=4) {
  const real* __restrict__ v[4];
  int first[4], most = INT32_MAX;
  real sum[4] = {0, 0, 0, 0};
  for (int j=0; j<4; j++) {
    const int b = events[s+j]/K, k = events[s+j] - b*K;
    v[j] = x + (size_t)b*N;
    first[j] = P[k];
    most = std::min(most, P[k+1] - P[k]);
  }
  for (int e=0; e<most; e++) for (int j=0; j<4; j++) sum[j] += W[first[j]+e]*v[j][J[first[j]+e]];
  for (int j=0; j<4; j++) {
    const int k = events[s+j] % K;
    for (int e=first[j]+most; e<P[k+1]; e++) sum[j] += W[e]*v[j][J[e]];
    buf[events[s+j]] = sum[j];
  }
}
for (; s<count; s++) {
  const int b = events[s]/K, k = events[s] - b*K;
  const real* __restrict__ v = x + (size_t)b*N;
  real sum = 0;
  for (int e=P[k]; e<P[k+1]; e++) sum += W[e]*v[J[e]];
  buf[events[s]] = sum;
}
"""
