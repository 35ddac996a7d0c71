/*
 * What is used of libcrypto, which is loaded when it is first asked: to link
 * its four thousand names takes as long as all else of a start does, and most
 * runs sign and compare nothing.  Nothing is linked with it, so a package has
 * to name what LIBCRYPTO_SONAME says.
 */
#ifndef CRYPTO_LATE_H
#define CRYPTO_LATE_H

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "late.h"

#define CRYPTO_FUNCTIONS(X)                                                    \
	X(BN_bn2binpad)                                                        \
	X(ECDSA_SIG_free)                                                      \
	X(ECDSA_SIG_get0_r)                                                    \
	X(ECDSA_SIG_get0_s)                                                    \
	X(EVP_Digest)                                                          \
	X(EVP_DigestFinal_ex)                                                  \
	X(EVP_DigestInit_ex)                                                   \
	X(EVP_DigestSign)                                                      \
	X(EVP_DigestSignInit)                                                  \
	X(EVP_DigestUpdate)                                                    \
	X(EVP_MD_CTX_free)                                                     \
	X(EVP_MD_CTX_new)                                                      \
	X(EVP_PKEY_free)                                                       \
	X(EVP_PKEY_get_bits)                                                   \
	X(EVP_PKEY_get_utf8_string_param)                                      \
	X(EVP_PKEY_is_a)                                                       \
	X(EVP_sha256)                                                          \
	X(EVP_sha384)                                                          \
	X(PEM_read_PrivateKey)                                                 \
	X(RAND_bytes)                                                          \
	X(d2i_ECDSA_SIG)

/* By their own names. */
struct crypto {
	CRYPTO_FUNCTIONS(LATE_MEMBER)
};

/* NULL: it is not there; errno is ELIBACC. */
const struct crypto *crypto_late(void);

#endif
