/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compute PHASE COUNT: works without system calls and prints a number that
 * every correct processor prints.  hash: SHA-256; sort: quicksort; calls:
 * recursion and calls through pointers; float: matrices and iterations; all:
 * the four of them, one after the other.  COUNT is in units that take about
 * as long in each phase on an emulator.
 */
#include "start.h"

static uint32_t
random_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) +
		 UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 32);
}

static const uint32_t sha_round[64] = { 0x428a2f98, 0x71374491, 0xb5c0fbcf,
	0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
	0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7,
	0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
	0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e,
	0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
	0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c,
	0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee,
	0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2 };

static uint32_t
rotate(uint32_t value, int bits)
{
	return value >> bits | value << (32 - bits);
}

static void
sha_schedule(uint32_t w[64], const uint32_t block[16])
{
	for (int i = 0; i < 16; i++)
		w[i] = __builtin_bswap32(block[i]);
	for (int i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] +
		       (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

static void
sha_block(uint32_t hash[8], const uint32_t block[16])
{
	uint32_t w[64], s[8];

	sha_schedule(w, block);
	for (int i = 0; i < 8; i++)
		s[i] = hash[i];
	for (int i = 0; i < 64; i++) {
		uint32_t e = s[4], a = s[0];
		uint32_t t1 = s[7] +
			      (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
			      ((e & s[5]) ^ (~e & s[6])) + sha_round[i] + w[i];
		uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
			      ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

		for (int j = 7; j > 0; j--)
			s[j] = s[j - 1];
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		hash[i] += s[i];
}

static uint64_t
phase_hash(uint64_t count)
{
	static uint32_t data[65536 / 4];
	uint32_t hash[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	uint64_t random = 1;

	for (size_t i = 0; i < sizeof(data) / 4; i++)
		data[i] = random_next(&random);
	for (uint64_t n = 0; n < count; n++) {
		for (size_t i = 0; i < sizeof(data) / 4; i += 16)
			sha_block(hash, data + i);
	}
	return (uint64_t)hash[0] << 32 | hash[7];
}

static void
swap(uint32_t *a, uint32_t *b)
{
	uint32_t kept = *a;

	*a = *b;
	*b = kept;
}

/* Hoare's partition: the length of the lower part. */
static long
partition(uint32_t *data, long len)
{
	uint32_t pivot = data[(len - 1) / 2];
	long low = -1, high = len;

	for (;;) {
		do
			low++;
		while (data[low] < pivot);
		do
			high--;
		while (data[high] > pivot);
		if (low >= high)
			return high + 1;
		swap(data + low, data + high);
	}
}

static void
quicksort(uint32_t *data, long len)
{
	while (len > 1) {
		long lower = partition(data, len);

		quicksort(data, lower);
		data += lower;
		len -= lower;
	}
}

static uint64_t
phase_sort(uint64_t count)
{
	static uint32_t data[131072];
	const size_t len = sizeof(data) / sizeof(data[0]);
	uint64_t random = 1, sum = 0;

	for (uint64_t n = 0; n < count; n++) {
		for (size_t i = 0; i < len; i++)
			data[i] = random_next(&random);
		quicksort(data, (long)len);
		for (size_t i = 1; i < len; i++)
			sum += (data[i] - data[i - 1]) ^ i;
	}
	return sum;
}

__attribute__((noinline)) static uint64_t
fibonacci(uint64_t n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static uint64_t
op_add(uint64_t a, uint64_t b)
{
	return a + b;
}

static uint64_t
op_xor(uint64_t a, uint64_t b)
{
	return a ^ b << 1;
}

static uint64_t
op_mul(uint64_t a, uint64_t b)
{
	return a * (b | 1);
}

static uint64_t
op_rot(uint64_t a, uint64_t b)
{
	return (a << 13 | a >> 51) + b;
}

static uint64_t
phase_calls(uint64_t count)
{
	uint64_t (*volatile ops[4])(
	    uint64_t, uint64_t) = { op_add, op_xor, op_mul, op_rot };
	uint64_t random = 1, value = 1;

	for (uint64_t n = 0; n < count; n++) {
		value += fibonacci(22);
		for (uint64_t i = 0; i < 20000; i++)
			value = ops[random_next(&random) & 3](value, i);
	}
	return value;
}

#define SIZE 64

static void
matrix_multiply(
    double c[SIZE][SIZE], double a[SIZE][SIZE], double b[SIZE][SIZE])
{
	for (int i = 0; i < SIZE; i++) {
		for (int j = 0; j < SIZE; j++) {
			double sum = 0;

			for (int k = 0; k < SIZE; k++)
				sum += a[i][k] * b[k][j];
			c[i][j] = sum / SIZE;
		}
	}
}

static uint64_t
mandelbrot(double x, double y)
{
	double re = 0, im = 0;
	uint64_t n = 0;

	for (; n < 100 && re * re + im * im < 4; n++) {
		double next = re * re - im * im + x;

		im = 2 * re * im + y;
		re = next;
	}
	return n;
}

static uint64_t
phase_float(uint64_t count)
{
	static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];
	uint64_t random = 1, sum = 0;

	for (int i = 0; i < SIZE * SIZE; i++) {
		a[i / SIZE][i % SIZE] = random_next(&random) / 4294967296.0;
		b[i / SIZE][i % SIZE] = random_next(&random) / 4294967296.0;
	}
	for (uint64_t n = 0; n < count; n++) {
		matrix_multiply(c, a, b);
		matrix_multiply(a, c, b);
		for (int i = 0; i < 400; i++)
			sum += mandelbrot(i / 200.0 - 1.5, i / 400.0 - 0.5);
	}
	return sum + (uint64_t)(a[7][9] * 1e15);
}

static const struct phase {
	char letter;
	uint64_t unit;
	uint64_t (*run)(uint64_t count);
} phases[] = {
	{ 'h', 8, phase_hash },
	{ 's', 2, phase_sort },
	{ 'c', 40, phase_calls },
	{ 'f', 6, phase_float },
};

int
guest_main(int argc, char **argv)
{
	uint64_t count = argc > 2 ? number_parse(argv[2]) : 1, sum = 0;
	char letter = argc > 1 ? argv[1][0] : 'a';

	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		if (letter == 'a' || letter == phases[i].letter)
			sum += phases[i].run(phases[i].unit * count);
	}
	number_print(sum);
	return 0;
}
