#include "case_files.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dump.h"

static char temp[CASE_PATH];

static const char *source_folder(void)
{
	const char *srcdir = getenv("srcdir");
	return srcdir ? srcdir : ".";
}

bool case_updates(const struct case_folder *it)
{
	const char *update = getenv("UPDATE_GOLDEN");
	return update &&
	       (strcmp(update, "all") == 0 || strcmp(update, it->name) == 0);
}

/* ---- folders ---- */

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), of_end = strlen(end);
	return length > of_end && strcmp(name + length - of_end, end) == 0;
}

/* "timezone: +0100" */
static void read_options(struct case_folder *it)
{
	char line[256], key[32], value[64];
	FILE *file = fopen(case_path(it, "options").at, "r");
	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, "%31[^:]: %63[^\n]", key, value) != 2)
			continue;
		if (strcmp(key, "timezone") == 0)
			strcpy(it->timezone, value);
		else if (strcmp(key, "charset") == 0)
			strcpy(it->charset, value);
		else if (strcmp(key, "plain") == 0)
			strcpy(it->plain, value);
		else if (strcmp(key, "match") == 0)
			strcpy(it->match, value);
		else if (strcmp(key, "force") == 0)
			strcpy(it->force, value);
		else if (strcmp(key, "allow") == 0)
			strcpy(it->allow, value);
		else if (strcmp(key, "policy") == 0)
			strcpy(it->policy, value);
		else {
			fprintf(stderr, "%s: no option '%s'\n", it->path, key);
			exit(1);
		}
	}
	if (file)
		fclose(file);
}

static void read_folder(struct case_folder *it)
{
	struct dirent **entries;
	int count = scandir(it->path, &entries, is_visible, alphasort);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		if (ends_in(name, ".dump") && it->dump_count < CASE_DUMPS_MAX)
			snprintf(it->dumps[it->dump_count++],
				 sizeof it->dumps[0], "%s", name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	read_options(it);
}

struct case_folder *case_folders(const char *kind, int *count)
{
	char path[CASE_PATH];
	struct dirent **entries;
	snprintf(path, sizeof path, "%s/tests/roundtrip/%s", source_folder(),
		 kind);
	*count = scandir(path, &entries, is_visible, alphasort);
	if (*count <= 0) {
		fprintf(stderr, "%s: no cases\n", path);
		exit(1);
	}
	struct case_folder *all = calloc((size_t)*count, sizeof *all);
	for (int i = 0; all && i < *count; i++) {
		struct case_folder *it = &all[i];
		snprintf(it->name, sizeof it->name, "%s", entries[i]->d_name);
		if (snprintf(it->path, sizeof it->path, "%s/%s", path,
			     it->name) >= (int)sizeof it->path)
			exit(1);
		read_folder(it);
		free(entries[i]);
	}
	free(entries);
	return all;
}

dfh_rules *case_rules(void)
{
	char path[CASE_PATH];
	const char *given = getenv("DCMFHIR_RULES");
	dfh_error *error = NULL;
	snprintf(path, sizeof path, "%s/rules.yaml", source_folder());
	dfh_rules *rules = dfh_rules_load(given ? given : path, &error);
	if (!rules) {
		fprintf(stderr, "%s\n", dfh_error_text(error));
		exit(1);
	}
	return rules;
}

dfh_stamp_options case_stamp_options(const struct case_folder *it)
{
	static const char *const policies[] = {"merge", "supplement",
					       "overwrite"};
	dfh_stamp_options options = {
		.size = sizeof options,
		.match = *it->match ? it->match : NULL,
		.force = *it->force != 0,
		.reason = *it->force   ? it->force
			  : *it->allow ? "it is the patient"
				       : NULL,
		.allow = *it->allow ? it->allow : NULL,
	};
	for (int i = 0; i < 3; i++)
		if (strcmp(it->policy, policies[i]) == 0)
			options.policy = (dfh_policy)(DFH_MERGE + i);
	return options;
}

void case_print_difference(const dfh_difference *d, void *context)
{
	fprintf(context, "%s %s %s: %s -> %s\n", d->path, d->vr, d->keyword,
		d->was ? d->was : "absent", d->is ? d->is : "absent");
}

/* ---- paths ---- */

static struct case_name join(const char *folder, const char *name)
{
	struct case_name out;
	snprintf(out.at, sizeof out.at, "%s/%s", folder, name);
	return out;
}

struct case_name case_path(const struct case_folder *it, const char *name)
{
	return join(it->path, name);
}

struct case_name case_temp(const char *name)
{
	return join(temp, name);
}

void case_temp_open(void)
{
	const char *base = getenv("TMPDIR");
	snprintf(temp, sizeof temp, "%s/test_cases.XXXXXX",
		 base ? base : "/tmp");
	if (!mkdtemp(temp)) {
		perror(temp);
		exit(1);
	}
}

static void remove_all(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, NULL);
	for (int i = 0; i < count; i++) {
		char inner[2 * CASE_PATH];
		const char *name = entries[i]->d_name;
		snprintf(inner, sizeof inner, "%s/%s", path, name);
		if (strcmp(name, ".") && strcmp(name, "..") &&
		    unlink(inner) < 0)
			remove_all(inner);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	rmdir(path);
}

void case_temp_close(void)
{
	remove_all(temp);
}

/* ---- files ---- */

void case_encode(const struct case_folder *it, const char *dump,
		 const char *path)
{
	ck_assert_msg(dump_encode(case_path(it, dump).at, path,
				  *it->charset ? it->charset : NULL) == 0,
		      "%s/%s is no dump", it->name, dump);
}

char *case_read(const char *path, size_t *length)
{
	struct stat st;
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	*length = 0;
	if (file && fstat(fileno(file), &st) == 0 &&
	    (text = malloc((size_t)st.st_size + 1))) {
		*length = fread(text, 1, (size_t)st.st_size, file);
		text[*length] = '\0';
	}
	if (file)
		fclose(file);
	return text;
}

char *case_dicom_json(const char *path)
{
	size_t length;
	char *bytes = case_read(path, &length);
	const dfh_source source = {.size = sizeof source,
				   .name = path,
				   .bytes = bytes,
				   .length = length};
	char *json = bytes ? dfh_dicom_json(&source, NULL) : NULL;
	free(bytes);
	return json;
}

void case_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	if (!file || fprintf(file, "%s", text) < 0 || fclose(file) != 0)
		ck_abort_msg("%s cannot be written", path);
}

bool case_same_bytes(const char *a, const char *b)
{
	size_t of_a, of_b;
	char *x = case_read(a, &of_a), *y = case_read(b, &of_b);
	bool same = x && y && of_a == of_b && memcmp(x, y, of_a) == 0;
	free(x);
	free(y);
	return same;
}

/* ---- golden files ---- */

static bool same_members(json_object *a, json_object *b)
{
	if (json_member_count(a) != json_member_count(b))
		return false;
	json_foreach (a, name, value) {
		json_object *other;
		if (!json_object_object_get_ex(b, name, &other) ||
		    !case_same_json(value, other))
			return false;
	}
	return true;
}

bool case_same_json(json_object *a, json_object *b)
{
	if (!a || !b || json_object_get_type(a) != json_object_get_type(b))
		return a == b;
	if (json_object_is_type(a, json_type_object))
		return same_members(a, b);
	if (!json_object_is_type(a, json_type_array))
		return strcmp(json_object_to_json_string(a),
			      json_object_to_json_string(b)) == 0;
	size_t count = json_count(a);
	bool same = count == json_count(b);
	for (size_t i = 0; same && i < count; i++)
		same = case_same_json(json_at(a, i), json_at(b, i));
	return same;
}

static bool same_json_text(const char *a, const char *b)
{
	json_object *x = json_tokener_parse(a), *y = json_tokener_parse(b);
	bool same = x && y && case_same_json(x, y);
	json_object_put(x);
	json_object_put(y);
	return same;
}

void case_golden(const struct case_folder *it, const char *name,
		 const char *actual, bool is_json)
{
	char kept[CASE_PATH];
	size_t length;
	struct case_name path = case_path(it, name);
	char *wanted = case_read(path.at, &length);
	bool same = wanted && (is_json ? same_json_text(wanted, actual)
				       : strcmp(wanted, actual) == 0);
	free(wanted);
	if (same)
		return;
	if (case_updates(it)) {
		case_write(path.at, actual);
		return;
	}
	snprintf(kept, sizeof kept, "%s-%s.actual", it->name, name);
	case_write(kept, actual);
	ck_abort_msg("%s: differs; see: diff -u %s %s", it->name, path.at,
		     kept);
}

/* ---- reports ---- */

static const char *first_of(json_object *list)
{
	return list && json_count(list)
		       ? json_object_get_string(json_at(list, 0))
		       : "";
}

/* "lost: rule study-started, StudyTime: text; file" -> "lost study-started
 * StudyTime" */
static void print_issue(FILE *out, json_object *issue)
{
	char kind[256] = "", rule[64] = "", attribute[256] = "";
	json_object *text = NULL, *expression = NULL;
	json_object_object_get_ex(issue, "diagnostics", &text);
	json_object_object_get_ex(issue, "expression", &expression);
	ck_assert_ptr_nonnull(text);
	const char *line = json_object_get_string(text);
	if (sscanf(line, "%255[^:]: rule %63[^:,], %255[^:]", kind, rule,
		   attribute) < 2) {
		sscanf(line, "%255[^:]: ", kind);
		snprintf(rule, sizeof rule, "%.63s", first_of(expression));
	}
	fprintf(out, "%s%s%s%s%s\n", kind, *rule ? " " : "", rule,
		*attribute ? " " : "", attribute);
}

char *case_report(const dfh_report *report)
{
	char *json = dfh_report_json(report), *out = NULL;
	size_t size;
	json_object *outcome = json_tokener_parse(json), *issues = NULL;
	FILE *file = open_memstream(&out, &size);
	ck_assert_ptr_nonnull(outcome);
	json_object_object_get_ex(outcome, "issue", &issues);
	for (size_t i = 0; i < json_count(issues); i++)
		print_issue(file, json_at(issues, i));
	fclose(file);
	json_object_put(outcome);
	free(json);
	return out;
}
