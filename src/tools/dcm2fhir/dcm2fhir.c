/* dcm2fhir: which way the options ask for. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_places.h"
#include "cli_sandbox.h"
#include "convert.h"
#include "laws_check.h"
#include "rules_words.h"

static void convert_as_asked(struct conversion *conversion,
			     const dfh_rules *rules, char **paths)
{
	const struct dcm2fhir_options *options = conversion->options;
	if (options->since)
		convert_since(conversion, rules);
	else if (options->records)
		make_records(conversion);
	else if (options->from_records)
		convert_records(conversion, paths);
	else if (options->grouped)
		convert_grouped(conversion);
	else
		convert_all(conversion);
}

/* ---- what is read, and what is written ---- */

static void hold_to_outputs(const struct dcm2fhir_options *options)
{
	const char *const outputs[] = {options->output, options->report,
				       options->since, options->outbox};
	if (options->no_sandbox)
		return;
	bool connects = options->send || options->has_urls;
	struct cli_sandbox *sandbox =
		cli_sandbox_new(connects ? CLI_CONNECTS : CLI_OFFLINE);
	for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
		cli_sandbox_allow(sandbox, outputs[i]);
	cli_sandbox_enter(sandbox, options->sandbox);
}

/* What was found in a folder and is not DICOM is not read, and what is DICOM is
 * nowhere written over. */
static void add_named_files(struct cli_places *places,
			    const struct cli_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		if (!files->at[i].found_by_walk &&
		    !http_is_url(files->at[i].path))
			cli_places_read(places, "PATH", files->at[i].path);
}

/* DFH_OK, DFH_USAGE or DFH_IO. */
static int check_places(const struct conversion *conversion,
			const dfh_rules *rules, char **paths)
{
	const struct dcm2fhir_options *options = conversion->options;
	struct cli_places *places = cli_places_new();
	cli_places_read_rules(places, rules);
	for (; *paths; paths++)
		if (!http_is_url(*paths))
			cli_places_read(places, "PATH", *paths);
	cli_places_read(places, "--files-from", options->files_from);
	if (options->format && strcmp(options->format, "html") == 0)
		cli_places_read(places, "DCMFHIR_PAGE", getenv("DCMFHIR_PAGE"));
	asking_places(&options->asking, places);
	add_named_files(places, &conversion->files);
	cli_places_found(places, &conversion->files);
	if (!options->send)
		cli_places_write(places,
				 options->output ? "-o" : "standard output",
				 options->output ? options->output : "-");
	cli_places_write(places, "--report", options->report);
	cli_places_write(places, "--since", options->since);
	cli_places_stream(places, STDERR_FILENO);
	int status = cli_places_check(places);
	cli_places_free(places);
	if (status == DFH_OK)
		status = cli_can_write(options->report);
	return status == DFH_OK ? cli_can_write(options->since) : status;
}

/* ---- servers ---- */

/* Of two servers, what says who asks is for the one that is sent to. */
static struct dicomweb *
dicomweb_of_options(const struct dcm2fhir_options *options, dfh_report *report)
{
	struct dicomweb_options how = {.http = asking_http(&options->asking),
				       .gentle =
					       asking_gentle(&options->asking),
				       .limit = options->limit,
				       .jobs = (size_t)options->jobs,
				       .report = report,
				       .quiet = options->quiet};
	if (options->send)
		how.http.headers = how.http.token_file = how.http.client_file =
			NULL;
	return options->has_urls ? dicomweb_new(&how) : NULL;
}

static struct delivery_options delivery_of(struct conversion *conversion,
					   const dfh_rules *rules)
{
	const struct dcm2fhir_options *options = conversion->options;
	struct http_options http = asking_http(&options->asking);
	http.base = options->send;
	return (struct delivery_options){
		.http = http,
		.rules = rules,
		.release = options->release,
		.outbox = options->outbox,
		.entries_max =
			options->entries < 0 ? 0 : (size_t)options->entries,
		.jobs = (int)options->jobs,
		.quiet = options->quiet,
		.delivered = &conversion->progress.delivered};
}

/* ---- all of it ---- */

/* Without a PATH only what waits in the outbox is delivered. */
static int list_and_convert(struct conversion *conversion,
			    const dfh_rules *rules, char **paths)
{
	const struct dcm2fhir_options *options = conversion->options;
	int wrong = check_places(conversion, rules, paths);
	if (wrong == DFH_OK && !options->from_records)
		wrong = list_files(conversion, paths);
	if (wrong == DFH_OK)
		wrong = check_places(conversion, rules, paths);
	bool has_input = *paths || options->files_from || options->from_records;
	if (wrong == DFH_OK && has_input)
		convert_as_asked(conversion, rules, paths);
	return wrong;
}

/* An exit status where nothing was done; else that of the conversion tells. */
static int deliver_or_write(struct conversion *conversion,
			    const dfh_rules *rules, char **paths)
{
	const struct delivery_options sends = delivery_of(conversion, rules);
	int wrong = DFH_OK;
	if (sends.http.base)
		wrong = delivery_begin(&sends, &conversion->delivery);
	if (wrong == DFH_OK)
		wrong = list_and_convert(conversion, rules, paths);
	deliver_all(conversion);
	delivery_free(conversion->delivery);
	conversion->delivery = NULL;
	return wrong;
}

/* One line; of a delivery another one tells. */
static void say_conversion_summary(const struct conversion *conversion,
				   const dfh_report *report)
{
	const struct dcm2fhir_options *options = conversion->options;
	size_t instances = conversion->progress.instances;
	size_t lost = dfh_report_losses(report);
	if (options->quiet || options->send)
		return;
	cli_say("%zu instance%s, %zu input%s refused, %zu value%s not "
		"carried%s",
		instances, instances == 1 ? "" : "s", conversion->refused,
		conversion->refused == 1 ? "" : "s", lost, lost == 1 ? "" : "s",
		lost && !options->report ? ": --report FILE tells which" : "");
}

/* Converts, with all that is told and made on the way in `report`. */
static int convert_into(dfh_report *report, const dfh_rules *rules,
			const struct dcm2fhir_options *options, char **paths)
{
	dfh_error *error = NULL;
	dfh_export_options how = {.size = sizeof how,
				  .release = options->release,
				  .timezone = options->timezone,
				  .report = report,
				  .plain = options->plain,
				  .reader = options->reader,
				  .jobs = (int)options->jobs,
				  .limit = options->limit};
	dfh_report_show_values(report, options->report_values);
	dfh_report_want_unmapped(report, options->report != NULL);
	struct conversion conversion = {
		.options = options,
		.export = dfh_export_new(rules, &how, &error)};
	if (!conversion.export)
		return cli_fail(error);
	conversion.web = dicomweb_of_options(options, report);
	if (options->has_urls && !conversion.web) {
		dfh_export_free(conversion.export);
		return DFH_IO;
	}
	hold_to_outputs(options);
	cli_progress_begin(&conversion.progress, options->quiet);
	int status = deliver_or_write(&conversion, rules, paths);
	cli_progress_end();
	dicomweb_free(conversion.web);
	if (status == DFH_OK) {
		say_conversion_summary(&conversion, report);
		status = cli_report(report, options->report, options->strict,
				    conversion.status);
	}
	cli_files_free(&conversion.files);
	roots_free(&conversion.roots);
	dfh_export_free(conversion.export);
	return status;
}

static int run_conversion(const dfh_rules *rules,
			  const struct dcm2fhir_options *options, char **paths)
{
	dfh_report *report = dfh_report_new();
	int status = convert_into(report, rules, options, paths);
	dfh_report_free(report);
	return status;
}

/* What the rules say is printed as other text from outside; in HTML it is JSON,
 * and all else there is ASCII. */
static enum cli_form form_of_format(const char *format)
{
	return strcmp(format, "json") == 0 || strcmp(format, "html") == 0
		       ? CLI_JSON
		       : CLI_LINES;
}

static int print_rules_list(const struct dcm2fhir_options *options)
{
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(options->rules, &error);
	struct conversion conversion = {.options = options};
	char *none[] = {NULL};
	if (rules && check_places(&conversion, rules, none) != DFH_OK) {
		dfh_rules_free(rules);
		return DFH_USAGE;
	}
	hold_to_outputs(options);
	char *text =
		rules ? dfh_rules_list(rules, options->format, &error) : NULL;
	struct cli_output *output = text ? cli_open(options->output) : NULL;
	int status = text ? DFH_IO : cli_fail(error);
	if (output) {
		cli_write_as(output, form_of_format(options->format), text);
		status = cli_close(output) < 0 ? DFH_IO : DFH_OK;
	}
	free(text);
	dfh_rules_free(rules);
	return status;
}

/* The values that the laws are tried on: the same in every run, and few enough
 * to wait for. */
enum { LAWS_SEED = 1, LAWS_COUNT = 100 };

static void print_and_free(FILE *out, char *text)
{
	cli_print_as(out, CLI_LINES, text);
	free(text);
}

static int check_rules(const struct dcm2fhir_options *options)
{
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(options->rules, &error);
	int status = DFH_OK;
	if (!rules || dfh_rules_run_examples(rules, &error) < 0 ||
	    laws_check(rules, LAWS_SEED, LAWS_COUNT, &error) < 0)
		status = cli_fail(error);
	if (rules)
		print_and_free(stderr, rules_words(rules));
	if (status == DFH_OK && !options->quiet)
		print_and_free(stdout, rules_all_well(rules));
	dfh_rules_free(rules);
	return status;
}

static int export_files(const struct dcm2fhir_options *options, char **paths)
{
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(options->rules, &error);
	int status =
		rules ? run_conversion(rules, options, paths) : cli_fail(error);
	dfh_rules_free(rules);
	return status;
}

int main(int argc, char **argv)
{
	struct dcm2fhir_options options;
	cli_begin("dcm2fhir");
	cli_take_size_limit_as_error();
	int status = dcm2fhir_options(argc, argv, &options);
	if (status < 0 && options.check)
		status = check_rules(&options);
	else if (status < 0 && options.format)
		status = print_rules_list(&options);
	else if (status < 0)
		status = export_files(&options, argv + optind);
	return cli_end(status);
}
