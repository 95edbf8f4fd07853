/* The native engine's kernels: plain loops over memory the caller owns.
 *
 * Conventions of all headers here: matrices are row-major; `rows` x `width` and the like are counts
 * of elements; a `stride` is the distance between rows in elements; pointers of different arguments
 * do not overlap unless a comment says so; nothing allocates, locks or fails unless a comment says
 * so. Each function is compiled for baseline x86-64, for AVX2 (x86-64-v3) and for AVX-512
 * (x86-64-v4); the loader picks one by CPUID. The products of Multiply.h are for AVX-512 alone. Every
 * function is serial: parallel work is split into tasks for the pool of Pool.h. */
#ifndef REFLUX_CKERNELS_H
#define REFLUX_CKERNELS_H

#include "Pool.h"
#include "Elementwise.h"
#include "Attention.h"
#include "Head.h"
#include "Optimizer.h"
#include "Machine.h"
#include "Memory.h"
#include "Multiply.h"
#include "MultiplyInt8.h"
#include "Generation.h"
#include "Dequantize.h"

#endif
