/* Nodes -> a transaction Bundle: ids, references, contained resources. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"
#include "codecs.h"
#include "fhir_schema.h"
#include "only_item.h"
#include "uuid.h"

/* ---- the order of elements ---- */

struct ordered {
	json_object *element;
	json_object *first; /* the member that mostly decides */
	const struct place *place;
};

/* Numbers by their size, before what has none; texts by their bytes. */
static int compare_members(json_object *a, json_object *b)
{
	if (!a || !b)
		return !a - !b;
	if (json_object_is_type(a, json_type_int)) {
		int64_t x = json_object_get_int64(a);
		int64_t y = json_object_get_int64(b);
		return x < y ? -1 : x > y;
	}
	return strcmp(json_object_get_string(a), json_object_get_string(b));
}

static int compare_by_place_order(const void *left, const void *right)
{
	const struct ordered *a = left, *b = right;
	const struct place *place = a->place;
	int order = compare_members(a->first, b->first);
	for (size_t i = 1; !order && i < place->order_count; i++)
		order = compare_members(
			json_member(a->element, place->order[i]),
			json_member(b->element, place->order[i]));
	return order;
}

static void order_array(json_object *array, const struct place *place)
{
	size_t count = json_count(array);
	struct ordered *all = xmalloc((count + 1) * sizeof *all);
	for (size_t i = 0; i < count; i++) {
		json_object *element = json_at(array, i);
		all[i] = (struct ordered){json_object_get(element),
					  json_member(element, place->order[0]),
					  place};
	}
	if (count)
		qsort(all, count, sizeof *all, compare_by_place_order);
	for (size_t i = 0; i < count; i++)
		json_put_at(array, i, all[i].element);
	free(all);
}

static void order_nested(const struct assembly *assembly,
			 const struct node *node)
{
	for (size_t i = 0; i < assembly->rules->place_count; i++) {
		const struct place *place = &assembly->rules->places[i];
		const struct fhir_path *in = place->in[assembly->release];
		json_object *array =
			in && in->place == node->place && place->order_count
				? json_member(node->object, in->steps[0].name)
				: NULL;
		if (json_object_is_type(array, json_type_array))
			order_array(array, place);
	}
}

static void assembly_order(const struct assembly *assembly)
{
	for (size_t i = 0; i < assembly->node_count; i++)
		if (assembly->nodes[i]->home == assembly)
			order_nested(assembly, assembly->nodes[i]);
}

/* ---- derived elements ---- */

static bool is_excepted_code(const struct derive *derive,
			     enum fhir_release release, const char *type,
			     json_object *value)
{
	json_object *coding = coded_as(type, value, "Coding");
	const char *code = json_text(coding, "code");
	bool is = false;
	for (size_t i = 0; !is && i < derive->except_count[release]; i++)
		is = same_text(code, derive->except[release][i]);
	json_object_put(coding);
	return is;
}

/* What is below, and then what the datasets say, who may know of more than was
 * read: without repetition. */
static void write_distinct(const struct assembly *assembly,
			   const struct rule *rule, struct node *node,
			   const struct json_list *found,
			   const struct json_list *said)
{
	const struct fhir_path *of = rule->derive.of[assembly->release];
	const struct fhir_path *path = rule->fhir[assembly->release];
	for (size_t i = 0; i < found->count + said->count; i++) {
		bool below = i < found->count;
		const char *type = below ? of->type : path->type;
		json_object *value = below ? fhir_path_value(found->at[i], of)
					   : said->at[i - found->count];
		if (!value || is_excepted_code(&rule->derive, assembly->release,
					       type, value))
			continue;
		value = coded_as(type, value, path->type);
		fhir_path_write(node->object, path, value, &node->known);
		json_object_put(value);
	}
}

static void derive_value(const struct assembly *assembly,
			 const struct rule *rule, struct node *node)
{
	const struct fhir_path *of = rule->derive.of[assembly->release];
	const struct fhir_path *path = rule->fhir[assembly->release];
	struct json_list found = {0};
	fhir_path_slots(node->object, of, &found);
	const struct account *said =
		&node->accounts[rule - assembly->rules->rules];
	/* Where nothing was read and nothing is said, nobody counted. */
	if (rule->derive.kind == DERIVE_COUNT &&
	    (found.count || said->values.count)) {
		int64_t most = (int64_t)found.count;
		for (size_t i = 0; i < said->values.count; i++)
			if (json_object_get_int64(said->values.at[i]) > most)
				most = json_object_get_int64(
					said->values.at[i]);
		json_object *count = json_new_integer(most);
		fhir_path_write(node->object, path, count, &node->known);
		json_object_put(count);
	}
	if (rule->derive.kind == DERIVE_DISTINCT)
		write_distinct(assembly, rule, node, &found, &said->values);
	json_list_free(&found);
}

static void derive_all(const struct assembly *assembly)
{
	const dfh_rules *rules = assembly->rules;
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];
		if (rule->derive.kind == DERIVE_NONE ||
		    !rule->fhir[assembly->release])
			continue;
		for (size_t k = 0; k < assembly->node_count; k++)
			if (assembly->nodes[k]->home == assembly &&
			    assembly->nodes[k]->place ==
				    rule->fhir[assembly->release]->place)
				derive_value(assembly, rule,
					     assembly->nodes[k]);
	}
}

/* ---- ids ---- */

static bool has_member(json_object *object, const char *name)
{
	return json_object_object_get_ex(object, name, NULL);
}

/* The id of a study is made of its Study Instance UID alone, unless two
 * patients claim that. */
static void set_uuid(const struct assembly *assembly, struct node *node)
{
	const char *study = strchr(node->identity, '\n');
	if (node->place->key_count && node->place->level == LEVEL_STUDY) {
		study = strchr(study + 1, '\n');
		size_t size = strlen(node->place->type) + strlen(study) + 1;
		char *name = xmalloc(size);
		snprintf(name, size, "%s%s", node->place->type, study);
		uuid_from_name(name, node->id);
		free(name);
		node->disputed = assembly->dispute != UNDISPUTED;
		if (assembly->dispute != DISPUTED_AGAIN)
			return;
		report_add(assembly->report, REPORT_DISAGREE, NULL,
			   assembly->release, NULL, NULL,
			   "one Study Instance UID under two patients");
	}
	uuid_from_name(node->identity, node->id);
}

/* before: how many of its kind its owner has already. */
static void set_local_id(struct node *node, size_t before)
{
	if (before)
		snprintf(node->id, sizeof node->id, "%s-%zu", node->place->name,
			 before + 1);
	else
		snprintf(node->id, sizeof node->id, "%s", node->place->name);
}

bool node_may_be_entry(const struct node *node)
{
	const struct place *place = node->place;
	const struct place *with = place->entry_and;
	struct known_identifier known[KNOWN_MAX];
	if (place->entry == ENTRY_UPDATE)
		return true;
	return place->entry == ENTRY_CREATE_UNLESS &&
	       known_of_node(node, known) &&
	       (!with || (node->at[with->level] &&
			  node_may_be_entry(node->at[with->level])));
}

static void set_ids(const struct assembly *assembly)
{
	struct counts contained = {0};
	for (size_t i = 0; i < assembly->node_count; i++) {
		struct node *node = assembly->nodes[i];
		const struct place *place = node->place;
		if (!place->is_resource || node->home != assembly)
			continue;
		/* What is contained contains nothing. */
		if (node->leader)
			node->owner = node->leader->contained
					      ? node->leader->owner
					      : node->leader;
		node->contained = node->owner && !node_may_be_entry(node);
		if (node->contained)
			set_local_id(node, (*counts_of(&contained, node->owner,
						       place, NULL))++);
		else
			set_uuid(assembly, node);
	}
	counts_free(&contained);
}

/* ---- references ---- */

static void write_refs(const struct assembly *assembly, const struct node *node,
		       json_object *object, struct node *owner,
		       json_object *contained);
static void write_links(const struct assembly *assembly,
			const struct node *node, json_object *object,
			struct json_known *known, struct node *owner,
			json_object *contained);

static void append_all(json_object *to, json_object *from)
{
	for (size_t i = 0; to && i < json_count(from); i++)
		json_append(to, json_object_get(json_at(from, i)));
}

static json_object *with_head(const struct node *node, json_object *object,
			      json_object *contained)
{
	json_object *out = json_new_object();
	json_add(out, "resourceType", json_new_string(node->place->type));
	json_add(out, "id", json_new_string(node->id));
	if (has_member(object, "meta"))
		json_add(out, "meta",
			 json_object_get(json_member(object, "meta")));
	append_all(contained, json_member(object, "contained"));
	if (contained && json_count(contained))
		json_add(out, "contained", contained);
	else
		json_object_put(contained);
	json_foreach (object, name, value)
		if (!has_member(out, name))
			json_add(out, name, json_object_get(value));
	return out;
}

static bool has_instance(const struct node *node)
{
	const struct node *part = node;
	while (part && !(part->place->key_count &&
			 part->place->level == LEVEL_INSTANCE))
		part = part->next_part;
	return part != NULL;
}

static bool list_has_extension(json_object *list, const char *url)
{
	for (size_t i = 0; i < json_count(list); i++)
		if (same_text(json_text(json_at(list, i), "url"), url))
			return true;
	return false;
}

/* Extensions are told apart by their URLs. */
static void add_extensions(json_object *object, json_object *defaults)
{
	json_object *list = json_member(object, "extension");
	for (size_t i = 0; i < json_count(defaults); i++) {
		json_object *one = json_at(defaults, i);
		if (!list_has_extension(list, json_text(one, "url")))
			json_append(list, json_copy(one));
	}
}

static void fill_absent(json_object *object, json_object *defaults)
{
	if (!defaults)
		return;
	json_foreach (defaults, name, value) {
		if (strcmp(name, "extension") == 0 && has_member(object, name))
			add_extensions(object, value);
		/* What stands for an absent primitive only where it is. */
		else if (!has_member(object, name) &&
			 (name[0] != '_' || !has_member(object, name + 1)))
			json_add(object, name, json_copy(value));
	}
}

static void complete_object(const struct assembly *assembly,
			    const struct node *node, json_object *object)
{
	const struct place *place = node->place;
	enum fhir_release release = assembly->release;
	bool is_without =
		place->without && !json_member(object, place->without);
	json_fill(object,
		  is_without ? place->is_without[release] : place->is[release]);
	if (place->without_instance[release] && !has_instance(node))
		fill_absent(object, place->without_instance[release]);
	fill_absent(object, place->defaults[release]);
}

/* Contain a copy, unless it is there already. */
static void contain_copy(const struct assembly *assembly, struct node *node,
			 struct node *owner, json_object *contained)
{
	if (node->copied_to == contained)
		return;
	node->copied_to = contained;
	json_object *copy = json_copy(node->object);
	complete_object(assembly, node, copy);
	/* Its place among the others is taken before its own references are
	 * followed. */
	json_object *resource = with_head(node, copy, NULL);
	struct json_known known = {0};
	json_append(contained, resource);
	write_refs(assembly, node, resource, owner, contained);
	write_links(assembly, node, resource, &known, owner, contained);
	json_known_free(&known);
	json_object_put(copy);
}

static json_object *reference_to_node(const struct assembly *assembly,
				      struct node *to, struct node *owner,
				      json_object *contained)
{
	char text[96];
	json_object *reference = json_new_object();
	snprintf(text, sizeof text, to->contained ? "#%s" : "urn:uuid:%s",
		 to->id);
	json_add(reference, "reference", json_new_string(text));
	if (to->contained)
		contain_copy(assembly, to, owner, contained);
	return reference;
}

static void write_refs(const struct assembly *assembly, const struct node *node,
		       json_object *object, struct node *owner,
		       json_object *contained)
{
	const struct place *place = node->place;
	for (size_t i = 0; i < place->ref_count; i++) {
		struct node *to = place->refs[i].to->key_count
					  ? node->at[place->refs[i].to->level]
				  : node->refs ? node->refs[i]
					       : NULL;
		const char *name = place->refs[i].element;
		const struct fhir_element *element =
			fhir_element_find(assembly->release, place->type, name);
		if (!to || !element)
			continue;
		json_object *reference =
			reference_to_node(assembly, to, owner, contained);
		if (element->many) {
			json_object *array = json_new_array();
			json_append(array, reference);
			reference = array;
		}
		json_add(object, name, reference);
	}
}

/* A copy for one of those that it is an element of, with what it leads to. */
static json_object *element_of(const struct assembly *assembly,
			       const struct node *node, struct node *owner,
			       json_object *contained)
{
	json_object *element = json_copy(node->object);
	struct json_known known = {0};
	write_links(assembly, node, element, &known, owner, contained);
	json_known_free(&known);
	return element;
}

/* owner: the resource that contains what has no entry. */
static void write_links(const struct assembly *assembly,
			const struct node *node, json_object *object,
			struct json_known *known, struct node *owner,
			json_object *contained)
{
	for (size_t k = 0; k < node->link_count; k++) {
		const struct fhir_path *via = node->links[k].via;
		/* Where there is room for one, the first in order speaks; what
		 * nobody refers to is not contained. */
		if (via->slot < 0 && fhir_path_value(object, via))
			continue;
		const struct node *to = node->links[k].to;
		json_object *value =
			to->place->is_element
				? element_of(assembly, to, owner, contained)
				: reference_to_node(assembly, node->links[k].to,
						    owner, contained);
		fhir_path_write(object, via, value, known);
		json_object_put(value);
	}
}

/* ---- required elements that DICOM did not give ---- */

static json_object *absent_reason(const char *url)
{
	json_object *list = json_new_array();
	json_object *extension = json_new_object();
	json_object *holder = json_new_object();
	json_add(extension, "url", json_new_string(url));
	json_add(extension, "valueCode", json_new_string("unknown"));
	json_append(list, extension);
	json_add(holder, "extension", list);
	return holder;
}

static void mark_absent(const struct assembly *assembly,
			const struct node *node)
{
	const char *url = assembly->rules->data_absent;
	size_t count;
	const struct fhir_element *all =
		fhir_elements_of(assembly->release, node->place->type, &count);
	for (size_t i = 0; url && all && i < count; i++) {
		char name[192];
		if (!all[i].min || has_member(node->object, all[i].name))
			continue;
		bool primitive = fhir_type_is_primitive(all[i].type);
		snprintf(name, sizeof name, "%s%s", primitive ? "_" : "",
			 all[i].name);
		json_add(node->object, name, absent_reason(url));
		snprintf(name, sizeof name, "%s.%s", node->place->type,
			 all[i].name);
		report_add_path(assembly->report, REPORT_INVALID, name, NULL,
				"is required, and the source does not have "
				"it");
	}
}

/* ---- entries ---- */

static json_object *complete_resource(const struct assembly *assembly,
				      struct node *node)
{
	json_object *contained = json_new_array();
	for (struct node *part = node; part; part = part->next_part)
		complete_object(assembly, part, part->object);
	write_refs(assembly, node, node->object, node, contained);
	for (struct node *part = node; part; part = part->next_part)
		write_links(assembly, part, part->object, &part->known, node,
			    contained);
	for (struct node *part = node; part; part = part->next_part)
		mark_absent(assembly, part);
	json_object *resource = with_head(node, node->object, contained);
	json_object_put(node->object);
	return resource;
}

static json_object *bundle_entry_of(const struct assembly *assembly,
				    struct node *node)
{
	json_object *entry = json_new_object();
	bool is_own = node->home == assembly;
	char full_url[96];
	if (is_own)
		node->object = complete_resource(assembly, node);
	snprintf(full_url, sizeof full_url, "urn:uuid:%s", node->id);
	json_add_text(entry, "fullUrl", full_url);
	/* References are not counted for several threads. */
	json_add(entry, "resource",
		 is_own ? json_object_get(node->object)
			: json_copy(node->object));
	return entry;
}

static bool is_entry(const struct node *node)
{
	return node->root == node && !node->contained &&
	       !node->place->is_element;
}

/* What is shared has its request in the first study that it is met in. */
static void add_requests(const struct assembly *assembly, json_object *entries,
			 const struct instances *instances)
{
	size_t at = 0;
	for (size_t i = 0; i < assembly->node_count; i++) {
		const struct node *node = assembly->nodes[i];
		if (!is_entry(node))
			continue;
		json_object *entry = json_at(entries, at++);
		if (node->home == assembly || (node->first >= instances->from &&
					       node->first < instances->to))
			request_add(node, entry);
	}
}

void assembly_complete(struct assembly *assembly)
{
	assembly_write_accounts(assembly);
	assembly_order(assembly);
	derive_all(assembly);
	set_ids(assembly);
}

void assembly_complete_resources(struct assembly *assembly)
{
	assembly_complete(assembly);
	for (size_t i = 0; i < assembly->node_count; i++) {
		struct node *node = assembly->nodes[i];
		if (node->home == assembly && node->root == node &&
		    !node->place->is_element)
			node->object = complete_resource(assembly, node);
	}
}

json_object *bundle_new(void)
{
	json_object *bundle = json_new_object();
	json_add_text(bundle, "resourceType", "Bundle");
	json_add_text(bundle, "type", "transaction");
	return bundle;
}

json_object *assembly_bundle(struct assembly *assembly,
			     const struct instances *instances)
{
	json_object *bundle = bundle_new();
	json_object *entries = json_new_array();
	only_item_end_study(assembly, instances->from);
	assembly_complete(assembly);
	for (size_t i = 0; i < assembly->node_count; i++)
		if (is_entry(assembly->nodes[i]))
			json_append(
				entries,
				bundle_entry_of(assembly, assembly->nodes[i]));
	if (json_count(entries))
		json_add(bundle, "entry", entries);
	else
		json_object_put(entries);
	assembly_carry_beside(assembly, bundle, instances);
	/* What only a server is to know comes last. */
	add_requests(assembly, json_member(bundle, "entry"), instances);
	return bundle;
}
