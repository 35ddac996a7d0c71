/*
 * DCMTK by the names of dcm_dcmtk.h, from a module that is loaded when it is
 * first asked: with XML and Unicode behind it, it takes a third of a start and
 * 30 MB of addresses, and most files are read without it.
 *
 * The module lies in PKGLIBDIR; a program that is not installed has it beside
 * itself, where libtool makes it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dcm_dcmtk.h"
#include "dcmfhir.h"
#include "late.h"
#include "memory.h"

#define MODULE "dcmfhir-dcmtk.so"

#define FUNCTIONS(X)                                                           \
	X(dcmtk_encode)                                                        \
	X(dcmtk_entry_named)                                                   \
	X(dcmtk_entry_of)                                                      \
	X(dcmtk_find)                                                          \
	X(dcmtk_free)                                                          \
	X(dcmtk_item_at)                                                       \
	X(dcmtk_item_insert)                                                   \
	X(dcmtk_item_next)                                                     \
	X(dcmtk_item_remove)                                                   \
	X(dcmtk_keywords)                                                      \
	X(dcmtk_look)                                                          \
	X(dcmtk_new)                                                           \
	X(dcmtk_next)                                                          \
	X(dcmtk_parse)                                                         \
	X(dcmtk_put)                                                           \
	X(dcmtk_put_sequence)                                                  \
	X(dcmtk_remove)                                                        \
	X(dcmtk_set)                                                           \
	X(dcmtk_unfold)                                                        \
	X(dcmtk_value)                                                         \
	X(dfh_version)                                                         \
	X(memory_set_handler)

static struct {
	FUNCTIONS(LATE_MEMBER)
} module;

/* Nothing unusual can be read without it, and nothing else be told of it. */
static void fail_without_dcmtk(const char *why)
{
	fprintf(stderr, "%s: DCMTK is needed, and cannot be loaded: %s\n",
		program_invocation_short_name, why);
	exit(DFH_IO);
}

/* In the folder of the program or library that this is in, or in one below. */
static void *load_beside(const char *folder)
{
	Dl_info here;
	const char *slash;
	void *handle;
	char *path;

	if (!dladdr((void *)&module, &here) || !here.dli_fname)
		return NULL;
	slash = strrchr(here.dli_fname, '/');
	path = xprintf("%.*s%s" MODULE,
		       slash ? (int)(slash + 1 - here.dli_fname) : 0,
		       here.dli_fname, folder);
	handle = access(path, R_OK) == 0 ? dlopen(path, RTLD_NOW | RTLD_LOCAL)
					 : NULL;
	free(path);
	return handle;
}

static void *open_module(void)
{
	const char *named = secure_getenv("DCMFHIR_MODULES");
	char *path = named ? xprintf("%s/" MODULE, named) : NULL;
	void *handle = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL)
			    : load_beside(".libs/");

	free(path);
	if (!handle && !named)
		handle = load_beside("");
	return handle ? handle
		      : dlopen(PKGLIBDIR "/" MODULE, RTLD_NOW | RTLD_LOCAL);
}

#define FIND(name)                                                             \
	if (!LATE_FIND(module, handle, name))                                  \
		fail_without_dcmtk(dlerror());

static void load_dcmtk(void)
{
	void *handle = open_module();
	if (!handle)
		fail_without_dcmtk(dlerror());
	if (!LATE_FIND(module, handle, dfh_version) ||
	    strcmp(module.dfh_version(), dfh_version()) != 0)
		fail_without_dcmtk(MODULE " is of another version");
	FUNCTIONS(FIND)
	module.memory_set_handler(out_of_memory);
}

#define LATE(name) (load_dcmtk_once(), module.name)

static void load_dcmtk_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load_dcmtk);
}

struct dcmtk_item *dcmtk_parse(const void *bytes, size_t length,
			       const struct dcmtk_syntax *syntax,
			       char fault[160])
{
	return LATE(dcmtk_parse)(bytes, length, syntax, fault);
}

struct dcmtk_item *dcmtk_new(void)
{
	return LATE(dcmtk_new)();
}

/* NULL may be freed where there was never a dataset. */
void dcmtk_free(struct dcmtk_item *dataset)
{
	if (dataset)
		LATE(dcmtk_free)(dataset);
}

struct dcmtk_element *dcmtk_next(struct dcmtk_item *item,
				 struct dcmtk_element *before)
{
	return LATE(dcmtk_next)(item, before);
}

struct dcmtk_element *dcmtk_find(struct dcmtk_item *item, uint16_t group,
				 uint16_t element)
{
	return LATE(dcmtk_find)(item, group, element);
}

void dcmtk_look(struct dcmtk_element *element, struct dcmtk_info *info)
{
	LATE(dcmtk_look)(element, info);
}

bool dcmtk_value(struct dcmtk_element *element, void *to, size_t length)
{
	return LATE(dcmtk_value)(element, to, length);
}

bool dcmtk_put(struct dcmtk_item *item, uint16_t group, uint16_t element,
	       const char vr[3], const void *bytes, size_t length)
{
	return LATE(dcmtk_put)(item, group, element, vr, bytes, length);
}

bool dcmtk_set(struct dcmtk_element *element, const char vr[3],
	       const void *bytes, size_t length)
{
	return LATE(dcmtk_set)(element, vr, bytes, length);
}

void dcmtk_remove(struct dcmtk_item *item, uint16_t group, uint16_t element)
{
	LATE(dcmtk_remove)(item, group, element);
}

struct dcmtk_element *dcmtk_put_sequence(struct dcmtk_item *item,
					 uint16_t group, uint16_t element)
{
	return LATE(dcmtk_put_sequence)(item, group, element);
}

struct dcmtk_element *dcmtk_unfold(struct dcmtk_item *item,
				   struct dcmtk_element *element)
{
	return LATE(dcmtk_unfold)(item, element);
}

struct dcmtk_item *dcmtk_item_at(struct dcmtk_element *sequence, size_t index)
{
	return LATE(dcmtk_item_at)(sequence, index);
}

struct dcmtk_item *dcmtk_item_next(struct dcmtk_element *sequence,
				   struct dcmtk_item *before)
{
	return LATE(dcmtk_item_next)(sequence, before);
}

struct dcmtk_item *dcmtk_item_insert(struct dcmtk_element *sequence,
				     size_t index)
{
	return LATE(dcmtk_item_insert)(sequence, index);
}

void dcmtk_item_remove(struct dcmtk_element *sequence, size_t index)
{
	LATE(dcmtk_item_remove)(sequence, index);
}

unsigned char *dcmtk_encode(struct dcmtk_item *item,
			    struct dcmtk_element *element,
			    const struct dcmtk_syntax *syntax, size_t *length)
{
	return LATE(dcmtk_encode)(item, element, syntax, length);
}

bool dcmtk_entry_of(uint16_t group, uint16_t element, const char *creator,
		    struct dcmtk_entry *out)
{
	return LATE(dcmtk_entry_of)(group, element, creator, out);
}

bool dcmtk_entry_named(const char *keyword, struct dcmtk_entry *out)
{
	return LATE(dcmtk_entry_named)(keyword, out);
}

void dcmtk_keywords(void (*visit)(const char *keyword, void *context),
		    void *context)
{
	LATE(dcmtk_keywords)(visit, context);
}
