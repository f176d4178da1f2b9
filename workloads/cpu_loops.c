/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/cpu_loops.h"

#define MULTIPLIER UINT64_C(6364136223846793005) /* Knuth, MMIX */
#define INCREMENT UINT64_C(1442695040888963407)

/* To the compiler, @x may have changed: nothing is worked out beforehand, left out, or put into
 * vector registers, which one of the two builds does not have. */
#define KEEP(x) __asm__ volatile("" : "+r"(x))

/* Each step waits for the one before: a multiplication, an addition, a shift, an exclusive or. */
uint64_t cpu_integer_chain(uint64_t n, uint64_t seed)
{
	uint64_t x = seed;

	for (uint64_t i = 0; i < n; i++) {
		for (unsigned k = 0; k < CPU_STEPS; k++) {
			x = x * MULTIPLIER + INCREMENT;
			x ^= x >> 29;
			KEEP(x);
		}
	}
	return x;
}

static inline uint64_t rotate(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

/*
 * Six chains that know nothing of each other, as much at once as a CPU can: four have a
 * multiplication each, which takes some four cycles and can be begun in every one.
 */
uint64_t cpu_integer_mix(uint64_t n, uint64_t seed)
{
	uint64_t a = seed, b = ~seed, c = rotate(seed, 21), d = seed * 3, e = seed + 5,
		 f = seed ^ 9;

	for (uint64_t i = 0; i < n; i++) {
		for (unsigned k = 0; k < CPU_STEPS; k++) {
			a = a * MULTIPLIER + 1;
			b = b * MULTIPLIER + 3;
			c = c * MULTIPLIER + 5;
			d = d * MULTIPLIER + 7;
			e = rotate(e, 13) + INCREMENT;
			f = (f ^ f >> 7) - 5;
			KEEP(a);
			KEEP(b);
			KEEP(c);
			KEEP(d);
			KEEP(e);
			KEEP(f);
		}
	}
	return a ^ b ^ c ^ d ^ e ^ f;
}

#define TABLE 1024 /* bytes: in the first-level cache at once */

/* Each branch is decided by a byte of the table that the branches before have led to: nothing that
 * a predictor could have learnt. xorshift64 (Marsaglia 2003) comes round after 2^64 - 1 steps. */
uint64_t cpu_branchy(uint64_t n, uint64_t seed)
{
	static unsigned char table[TABLE];
	static int filled;
	uint64_t x = seed | 1, sum = 0;

	for (unsigned i = 0; i < TABLE && !filled; i++)
		table[i] = (unsigned char)((i * MULTIPLIER + INCREMENT) >> 40);
	filled = 1;
	for (uint64_t i = 0; i < n; i++) {
		for (unsigned k = 0; k < CPU_STEPS; k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			/* What stands in each branch keeps it one: no conditional move. */
			if (table[x % TABLE] & 1) {
				sum += x;
				KEEP(sum);
			} else {
				sum ^= x >> 3;
				x += 2;
				KEEP(sum);
			}
		}
	}
	return sum ^ x;
}

const uint32_t cpu_sha256_start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
	0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

/* FIPS 180-4, 4.2.2. */
static const uint32_t round_constants[64] = { 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
	0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152,
	0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e,
	0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624,
	0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3,
	0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2 };

static inline uint32_t turn(uint32_t x, unsigned by)
{
	return x >> by | x << (32 - by);
}

static void compress(uint32_t state[8], const uint32_t block[16])
{
	uint32_t w[64], s[8];

	for (unsigned t = 0; t < 64; t++) {
		if (t < 16) {
			w[t] = block[t];
		} else {
			uint32_t p = w[t - 15], q = w[t - 2];

			w[t] = w[t - 16] + (turn(p, 7) ^ turn(p, 18) ^ p >> 3) + w[t - 7] +
			       (turn(q, 17) ^ turn(q, 19) ^ q >> 10);
		}
		KEEP(w[t]);
	}
	for (unsigned i = 0; i < 8; i++) {
		s[i] = state[i];
		KEEP(s[i]);
	}
	for (unsigned t = 0; t < 64; t++) {
		uint32_t a = s[0], e = s[4];
		uint32_t t1 = s[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) +
			      ((e & s[5]) ^ (~e & s[6])) + round_constants[t] + w[t];
		uint32_t t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) +
			      ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

		s[7] = s[6], s[6] = s[5], s[5] = e, s[4] = s[3] + t1;
		s[3] = s[2], s[2] = s[1], s[1] = a, s[0] = t1 + t2;
	}
	for (unsigned i = 0; i < 8; i++) {
		state[i] += s[i];
		KEEP(state[i]);
	}
}

void cpu_sha256(uint64_t n, uint32_t state[8], const uint32_t block[16])
{
	for (uint64_t i = 0; i < n; i++)
		compress(state, block);
}

uint64_t cpu_run_integer_chain(uint64_t n)
{
	return cpu_integer_chain(n, 1);
}

uint64_t cpu_run_integer_mix(uint64_t n)
{
	return cpu_integer_mix(n, 1);
}

uint64_t cpu_run_branchy(uint64_t n)
{
	return cpu_branchy(n, 1);
}

uint64_t cpu_run_sha256(uint64_t n)
{
	static const uint32_t block[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	uint32_t state[8];

	for (unsigned i = 0; i < 8; i++) {
		state[i] = cpu_sha256_start[i];
		KEEP(state[i]);
	}
	cpu_sha256(n, state, block);
	return (uint64_t)state[0] << 32 | state[7];
}
