// What a CUDA program of Brian2CUDA needs to run on a CPU, one thread after the other, for tests on machines without a
// GPU: the words of the language, the runtime, atomics, cuRAND and thrust, as far as such a program names them.
//
// Threads run in ascending, descending or shuffled order (EMULATED_ORDER=0, 1, 2): a result that depends on the order
// is a race. New memory is full of ones (NaN, -1), so that a number that nobody set is seen. Device memory is separate
// from the host's, so that a missing copy is seen, too.
#pragma once
#include <algorithm>
#include <assert.h>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#define __global__
#define __device__
#define __host__
#define __CUDACC__
#define __CUDA_ARCH__ 900

// ---- threads ----
struct Place { int x; };
inline Place threadIdx{0}, blockIdx{0}, blockDim{0};

inline int emulated_order() {
  static const char* given = std::getenv("EMULATED_ORDER");
  return given ? std::atoi(given) : 0;
}
inline long emulated_place(long n, long total, long launches) {
  if (emulated_order() == 1) return total - 1 - n;
  if (emulated_order() == 2) {
    long stride = (launches * 7919 + 104729) % total | 1;
    while (std::__gcd(stride, total) != 1) stride += 2;
    return (n * stride + launches) % total;
  }
  return n;
}
template <class Kernel> struct Launched {
  Kernel kernel;
  int blocks, threads;
  template <class... Arguments> void operator()(Arguments... arguments) const {
    static long launches = 0;
    const long total = (long)blocks * threads;
    if (total <= 0) { std::fprintf(stderr, "ERROR: a kernel without threads\n"); std::exit(1); }
    launches++;
    blockDim.x = threads;
    for (long n = 0; n < total; n++) {
      const long place = emulated_place(n, total, launches);
      blockIdx.x = (int)(place / threads);
      threadIdx.x = (int)(place % threads);
      kernel(arguments...);
    }
  }
};
template <class Kernel> Launched<Kernel*> launch(Kernel* kernel, int blocks, int threads) { return {kernel, blocks, threads}; }

// ---- runtime ----
enum cudaError { cudaSuccess = 0 };
typedef cudaError cudaError_t;
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };
enum cudaLimit { cudaLimitMallocHeapSize };
struct cudaDeviceProp { int multiProcessorCount = 4, maxThreadsPerBlock = 64, maxThreadsPerMultiProcessor = 128, warpSize = 32; size_t sharedMemPerBlock = 1 << 14; };
struct cudaFuncAttributes { int numRegs = 8, sharedSizeBytes = 0, localSizeBytes = 0, constSizeBytes = 0, maxThreadsPerBlock = 64; };
inline const char* cudaGetErrorString(cudaError) { return "no error"; }
inline cudaError cudaGetLastError() { return cudaSuccess; }
inline cudaError cudaDeviceSynchronize() { return cudaSuccess; }
inline cudaError cudaProfilerStop() { return cudaSuccess; }
inline cudaError cudaSetDevice(int) { return cudaSuccess; }
inline cudaError cudaGetDeviceProperties(cudaDeviceProp* found, int) { *found = cudaDeviceProp(); return cudaSuccess; }
inline cudaError cudaDeviceSetLimit(cudaLimit, size_t) { return cudaSuccess; }
inline cudaError cudaMemGetInfo(size_t* free, size_t* total) { *free = *total = (size_t)1 << 32; return cudaSuccess; }
inline cudaError cudaMalloc(void** memory, size_t size) {
  *memory = std::malloc(size ? size : 1);
  std::memset(*memory, 0xFF, size);
  return cudaSuccess;
}
inline cudaError cudaFree(void* memory) { std::free(memory); return cudaSuccess; }
inline cudaError cudaMemset(void* memory, int value, size_t size) { std::memset(memory, value, size); return cudaSuccess; }
inline cudaError cudaMemcpy(void* to, const void* from, size_t size, cudaMemcpyKind) { std::memcpy(to, from, size); return cudaSuccess; }
template <class T> cudaError cudaMemcpyToSymbol(T& symbol, const void* from, size_t size) { std::memcpy(&symbol, from, size); return cudaSuccess; }
template <class Kernel> cudaError cudaOccupancyMaxPotentialBlockSize(int* least, int* threads, Kernel, size_t, int) { *least = 1; *threads = 32; return cudaSuccess; }
template <class Kernel> cudaError cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Kernel, int, size_t) { *blocks = 1; return cudaSuccess; }
template <class Kernel> cudaError cudaFuncGetAttributes(cudaFuncAttributes* found, Kernel) { *found = cudaFuncAttributes(); return cudaSuccess; }

// ---- atomics ----
template <class T> T atomicAdd(T* place, T more) { const T old = *place; *place += more; return old; }
template <class T, class U, class V> T atomicCAS(T* place, U expected, V wanted) { const T old = *place; if (old == (T)expected) *place = (T)wanted; return old; }
inline long long __double_as_longlong(double x) { long long n; std::memcpy(&n, &x, sizeof n); return n; }
inline double __longlong_as_double(long long n) { double x; std::memcpy(&x, &n, sizeof x); return x; }
inline int __float_as_int(float x) { int n; std::memcpy(&n, &x, sizeof n); return n; }
inline float __int_as_float(int n) { float x; std::memcpy(&x, &n, sizeof x); return x; }

// ---- cuRAND: named by every program, used by none of ours ----
#define CURAND_RNG_PSEUDO_DEFAULT 100
typedef int curandGenerator_t;
struct curandState {};
enum curandStatus_t { CURAND_STATUS_SUCCESS };
inline const char* _curandGetErrorEnum(curandStatus_t) { return "no error"; }
inline curandStatus_t curandCreateGenerator(curandGenerator_t*, int) { return CURAND_STATUS_SUCCESS; }
inline curandStatus_t curandDestroyGenerator(curandGenerator_t) { return CURAND_STATUS_SUCCESS; }
inline curandStatus_t curandSetPseudoRandomGeneratorSeed(curandGenerator_t, unsigned long long) { return CURAND_STATUS_SUCCESS; }
inline curandStatus_t curandSetGeneratorOffset(curandGenerator_t, unsigned long long) { return CURAND_STATUS_SUCCESS; }
inline curandStatus_t curandGenerateUniform(curandGenerator_t, float*, size_t) { std::abort(); }
inline curandStatus_t curandGenerateNormal(curandGenerator_t, float*, size_t, float, float) { std::abort(); }
inline curandStatus_t curandGenerateUniformDouble(curandGenerator_t, double*, size_t) { std::abort(); }
inline curandStatus_t curandGenerateNormalDouble(curandGenerator_t, double*, size_t, double, double) { std::abort(); }
inline curandStatus_t curandGeneratePoisson(curandGenerator_t, unsigned*, size_t, double) { std::abort(); }
inline void curand_init(unsigned long long, unsigned long long, unsigned long long, curandState*) { std::abort(); }

// ---- thrust ----
namespace thrust {
template <class T> using device_vector = std::vector<T>;
template <class T> using host_vector = std::vector<T>;
template <class T> T* raw_pointer_cast(T* pointer) { return pointer; }
}

// delays are none of Brian2CUDA's business in our programs
class CudaSpikeQueue { public: void destroy() {} };
using namespace std;
