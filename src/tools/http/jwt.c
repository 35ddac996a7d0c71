#include "jwt.h"

#include <openssl/core_names.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "buffer.h"
#include "crypto_late.h"
#include "json_text.h"
#include "config.h"
#include "memory.h"

struct jwt_key {
	const struct crypto *crypto;
	EVP_PKEY *key;
	bool is_ec;
};

/* A number of P-384. */
enum { COORDINATE = 48 };

/* ---- keys ---- */

/* RFC 7518 3.3 and 3.4. */
static const char *key_fault(const struct crypto *crypto, EVP_PKEY *key)
{
	char curve[32] = "";
	if (crypto->EVP_PKEY_is_a(key, "RSA"))
		return crypto->EVP_PKEY_get_bits(key) < 2048
			       ? "is an RSA key of less than 2048 bits"
			       : NULL;
	crypto->EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
					       curve, sizeof curve, NULL);
	if (crypto->EVP_PKEY_is_a(key, "EC") &&
	    (strcmp(curve, "secp384r1") == 0 || strcmp(curve, "P-384") == 0))
		return NULL;
	return "is neither an RSA key nor an EC key on P-384";
}

/* A key that a passphrase keeps is not asked for one: nobody would answer. */
static int no_passphrase(char *to, int size, int writes, void *context)
{
	(void)to;
	(void)size;
	(void)writes;
	(void)context;
	return -1;
}

struct jwt_key *jwt_key_read(const char *path, char fault[256])
{
	FILE *file = fopen(path, "re");
	if (!file) {
		snprintf(fault, 256, "%s: %m", path);
		return NULL;
	}
	const struct crypto *crypto = crypto_late();
	if (!crypto) {
		fclose(file);
		snprintf(fault, 256, "%s cannot be loaded: %m",
			 LIBCRYPTO_SONAME);
		return NULL;
	}
	EVP_PKEY *pkey =
		crypto->PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
	fclose(file);
	const char *wrong = pkey ? key_fault(crypto, pkey)
				 : "holds no private key in PEM without a "
				   "passphrase";
	if (wrong) {
		snprintf(fault, 256, "%s: %s", path, wrong);
		crypto->EVP_PKEY_free(pkey);
		return NULL;
	}
	struct jwt_key *key = xmalloc(sizeof *key);
	*key = (struct jwt_key){crypto, pkey,
				crypto->EVP_PKEY_is_a(pkey, "EC") == 1};
	return key;
}

void jwt_key_free(struct jwt_key *key)
{
	if (key)
		key->crypto->EVP_PKEY_free(key->key);
	free(key);
}

/* ---- base64url, without padding (RFC 7515 2) ---- */

static void add_base64url(struct buffer *out, const unsigned char *bytes,
			  size_t length)
{
	char *text = base64_encode(bytes, length);
	for (size_t i = 0; text[i]; i++)
		text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	buffer_add(out, text, strcspn(text, "="));
	free(text);
}

static void add_object(struct buffer *out, json_object *object)
{
	char *text = json_to_line(object);
	add_base64url(out, (const unsigned char *)text, strlen(text));
	free(text);
}

/* ---- signatures ---- */

/* libcrypto signs in DER, a JWS has the two numbers (RFC 7518 3.4). */
static bool add_plain_ecdsa(const struct crypto *crypto, struct buffer *out,
			    const unsigned char *der, size_t length)
{
	unsigned char plain[2 * COORDINATE];
	const unsigned char *at = der;
	ECDSA_SIG *signature = crypto->d2i_ECDSA_SIG(NULL, &at, (long)length);
	bool good = signature &&
		    crypto->BN_bn2binpad(crypto->ECDSA_SIG_get0_r(signature),
					 plain, COORDINATE) == COORDINATE &&
		    crypto->BN_bn2binpad(crypto->ECDSA_SIG_get0_s(signature),
					 plain + COORDINATE,
					 COORDINATE) == COORDINATE;
	if (good)
		add_base64url(out, plain, sizeof plain);
	crypto->ECDSA_SIG_free(signature);
	return good;
}

static bool add_signature(struct buffer *out, const struct jwt_key *key)
{
	const struct crypto *crypto = key->crypto;
	EVP_MD_CTX *context = memory_of(crypto->EVP_MD_CTX_new());
	unsigned char *signature = NULL;
	size_t length = 0;
	bool good =
		crypto->EVP_DigestSignInit(context, NULL, crypto->EVP_sha384(),
					   NULL, key->key) == 1 &&
		crypto->EVP_DigestSign(context, NULL, &length, out->bytes,
				       out->length) == 1;
	if (good) {
		signature = xmalloc(length);
		good = crypto->EVP_DigestSign(context, signature, &length,
					      out->bytes, out->length) == 1;
	}
	if (good)
		buffer_add(out, ".", 1);
	if (good && key->is_ec)
		good = add_plain_ecdsa(crypto, out, signature, length);
	else if (good)
		add_base64url(out, signature, length);
	free(signature);
	crypto->EVP_MD_CTX_free(context);
	return good;
}

char *jwt_signed(const struct jwt_key *key, const char *key_id,
		 json_object *claims)
{
	struct buffer out = {0};
	json_object *head = json_new_object();
	json_add_text(head, "alg", key->is_ec ? "ES384" : "RS384");
	json_add_text(head, "typ", "JWT");
	json_add_text(head, "kid", key_id);
	add_object(&out, head);
	buffer_add(&out, ".", 1);
	add_object(&out, claims);
	if (!add_signature(&out, key)) {
		buffer_free(&out);
		return NULL;
	}
	buffer_add(&out, "", 1);
	return (char *)out.bytes;
}
