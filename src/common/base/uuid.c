#include "uuid.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

/* The project's namespace, drawn once at random; it never changes, because
 * the ids of every resource that was ever exported depend on it. */
static const uint8_t namespace_bytes[16] = {0x5c, 0x0e, 0x1d, 0x6a, 0x7b, 0x43,
					    0x4f, 0x19, 0x9d, 0x52, 0x3e, 0x8f,
					    0x61, 0xb7, 0x2a, 0xc4};

static uint32_t rotate_left(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

/* One block of SHA-1 (FIPS 180-4 6.1.2). */
static void sha1_block(uint32_t h[5], const uint8_t *block)
{
	uint32_t w[80];
	for (int t = 0; t < 16; t++)
		w[t] = (uint32_t)block[4 * t] << 24 |
		       (uint32_t)block[4 * t + 1] << 16 |
		       (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (int t = 16; t < 80; t++)
		w[t] = rotate_left(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16],
				   1);
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
	for (int t = 0; t < 80; t++) {
		uint32_t f, k;
		if (t < 20) {
			f = (b & c) | (~b & d);
			k = 0x5a827999;
		} else if (t < 40) {
			f = b ^ c ^ d;
			k = 0x6ed9eba1;
		} else if (t < 60) {
			f = (b & c) | (b & d) | (c & d);
			k = 0x8f1bbcdc;
		} else {
			f = b ^ c ^ d;
			k = 0xca62c1d6;
		}
		uint32_t next = rotate_left(a, 5) + f + e + k + w[t];
		e = d;
		d = c;
		c = rotate_left(b, 30);
		b = a;
		a = next;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

static void sha1(const uint8_t *bytes, size_t length, uint8_t digest[20])
{
	uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
			 0xc3d2e1f0};
	uint8_t last[128] = {0};
	size_t whole = length / 64 * 64, rest = length - whole;
	for (size_t i = 0; i < whole; i += 64)
		sha1_block(h, bytes + i);
	memcpy(last, bytes + whole, rest);
	last[rest] = 0x80;
	size_t end = rest < 56 ? 64 : 128;
	for (int i = 0; i < 8; i++)
		last[end - 1 - (size_t)i] =
			(uint8_t)((uint64_t)length * 8 >> 8 * i);
	for (size_t i = 0; i < end; i += 64)
		sha1_block(h, last + i);
	for (int i = 0; i < 20; i++)
		digest[i] = (uint8_t)(h[i / 4] >> 8 * (3 - i % 4));
}

void uuid_from_name(const char *name, char out[UUID_TEXT])
{
	size_t length = strlen(name);
	uint8_t *bytes = xmalloc(sizeof namespace_bytes + length);
	memcpy(bytes, namespace_bytes, sizeof namespace_bytes);
	memcpy(bytes + sizeof namespace_bytes, name, length);
	uint8_t u[20];
	sha1(bytes, sizeof namespace_bytes + length, u);
	free(bytes);
	u[6] = (uint8_t)((u[6] & 0x0f) | 0x50);
	u[8] = (uint8_t)((u[8] & 0x3f) | 0x80);
	snprintf(out, UUID_TEXT,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x%02x%02x%02x%02x",
		 u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9],
		 u[10], u[11], u[12], u[13], u[14], u[15]);
}
