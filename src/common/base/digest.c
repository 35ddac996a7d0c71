#include "digest.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto_late.h"
#include "memory.h"

enum { READ_AT_ONCE = 256 * 1024 };

static bool digest_add_range(const struct crypto *crypto, EVP_MD_CTX *context,
			     int fd, off_t offset, off_t end)
{
	unsigned char *buffer = xmalloc(READ_AT_ONCE);
	bool good = true;

	while (offset < end) {
		size_t size = end - offset < READ_AT_ONCE
				      ? (size_t)(end - offset)
				      : READ_AT_ONCE;
		ssize_t got = pread(fd, buffer, size, offset);

		if (got < 0 && errno == EINTR)
			continue;
		good = got >= 0;
		if (got <= 0)
			break;
		good = crypto->EVP_DigestUpdate(context, buffer, (size_t)got) ==
		       1;
		if (!good)
			break;
		offset += got;
	}
	free(buffer);
	return good;
}

static void print_digest(const unsigned char *digest, unsigned int length,
			 char out[DIGEST_SIZE])
{
	for (unsigned int i = 0; i < length && i < DIGEST_SIZE / 2; i++)
		snprintf(out + (size_t)2 * i, 3, "%02x", digest[i]);
}

int digest_bytes(const void *bytes, size_t length, char out[DIGEST_SIZE])
{
	const struct crypto *crypto = crypto_late();
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (!crypto)
		return -1;
	errno = ENOMEM;
	if (crypto->EVP_Digest(bytes, length, digest, &size,
			       crypto->EVP_sha256(), NULL) != 1)
		return -1;
	print_digest(digest, size, out);
	return 0;
}

int digest_part(int fd, unsigned long long offset, unsigned long long length,
		char out[DIGEST_SIZE])
{
	off_t end = length > (unsigned long long)INT64_MAX - offset
			    ? INT64_MAX
			    : (off_t)(offset + length);
	const struct crypto *crypto = crypto_late();
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	EVP_MD_CTX *context;
	bool good;

	if (!crypto)
		return -1;
	context = memory_of(crypto->EVP_MD_CTX_new());

	/* of a known digest nothing but memory can be missing */
	if (crypto->EVP_DigestInit_ex(context, crypto->EVP_sha256(), NULL) != 1)
		out_of_memory();
	good = digest_add_range(crypto, context, fd, (off_t)offset, end) &&
	       crypto->EVP_DigestFinal_ex(context, digest, &size) == 1;
	crypto->EVP_MD_CTX_free(context);
	print_digest(digest, size, out);
	return good ? 0 : -1;
}

int digest_file(int fd, char out[DIGEST_SIZE])
{
	return digest_part(fd, 0, INT64_MAX, out);
}
