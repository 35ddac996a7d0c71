/* dcmfhird: what the command line asks for, and the loop around the roles. */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli_sandbox.h"
#include "daemon.h"
#include "cli_journal.h"
#include "notify.h"
#include "quarantine_commands.h"
#include "receive.h"
#include "roles.h"
#include "status.h"
#include "stranded.h"
#include "studies.h"

static const char usage[] =
	"usage: dcmfhird -c FILE [--check]\n"
	"       dcmfhird status -c FILE\n"
	"       dcmfhird list -c FILE\n"
	"       dcmfhird release -c FILE [--unstamped] STUDY...|--all\n"
	"       dcmfhird drop -c FILE STUDY...|--all\n"
	"\n"
	"Run in the foreground and do what FILE says, until SIGTERM.  SIGHUP\n"
	"reads FILE again.  status tells what waits, and since when; list, "
	"what\n"
	"is held in the quarantine, and why.  What is released is matched "
	"anew.\n"
	"\n"
	"  -c, --config FILE  what to do: see dcmfhird(8)\n"
	"      --check        tell all faults of FILE, and do nothing\n"
	"      --unstamped    release: send it on as it came\n"
	"      --all          release, drop: all that is held\n"
	"      --no-sandbox   do not let the kernel hold writes to the state\n"
	"  -h, --help         this text\n"
	"  -V, --version      the version\n";

enum { OPT_CHECK = 256, OPT_NO_SANDBOX, OPT_UNSTAMPED, OPT_ALL };

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"check", no_argument, NULL, OPT_CHECK},
	{"no-sandbox", no_argument, NULL, OPT_NO_SANDBOX},
	{"unstamped", no_argument, NULL, OPT_UNSTAMPED},
	{"all", no_argument, NULL, OPT_ALL},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0}};

/* What else it can do than to run. */
enum dcmfhird_command { RUN, STATUS, LIST, RELEASE, DROP };

struct dcmfhird_options {
	const char *file;
	bool checks, no_sandbox;
	enum dcmfhird_command command;
	struct quarantine_request request;
};

/* ---- the configuration ---- */

/* An exit status; what is wrong is said. */
static int read_configuration(const char *file,
			      struct configuration **configuration,
			      dfh_rules **rules)
{
	dfh_error *error = NULL;
	*rules = NULL;
	*configuration = configuration_read(file, &error);
	if (*configuration)
		*rules = dfh_rules_load((*configuration)->rules, &error);
	if (*rules)
		return DFH_OK;
	configuration_free(*configuration);
	*configuration = NULL;
	return cli_fail(error);
}

static int check_configuration(const struct dcmfhird_options *options)
{
	struct configuration *configuration;
	dfh_rules *rules;
	int status = read_configuration(options->file, &configuration, &rules);
	if (status == DFH_OK) {
		printf("%s: no faults\n", options->file);
		stranded_tell(configuration);
	}
	dfh_rules_free(rules);
	configuration_free(configuration);
	return status;
}

/* What waits, or is held, whether a daemon runs or not. */
static int ask_state(const struct dcmfhird_options *options)
{
	dfh_error *error = NULL;
	struct configuration *configuration =
		configuration_read(options->file, &error);
	int status;
	if (!configuration)
		return cli_fail(error);
	status = options->command == STATUS
			 ? status_print(configuration)
			 : quarantine_command(configuration, &options->request);
	configuration_free(configuration);
	return status;
}

/* NULL is a folder of its own. */
static bool are_other_names(const char *a, const char *b)
{
	return (a != NULL) != (b != NULL) || (a && strcmp(a, b) != 0);
}

/* What cannot change while it runs: the kernel holds it to the folders that it
 * began with. */
static bool has_other_folders(const struct daemon *daemon,
			      const struct configuration *other)
{
	const struct configuration *now = daemon->configuration;
	return are_other_names(now->state, other->state) ||
	       are_other_names(now->worklist.folder, other->worklist.folder);
}

/* SIGHUP: the old configuration goes on where the new one has faults.  true:
 * this is the new one. */
static bool read_again(const struct dcmfhird_options *options,
		       const struct daemon *daemon, struct daemon *next)
{
	struct configuration *configuration;
	dfh_rules *rules;
	notify_reloading();
	int status = read_configuration(options->file, &configuration, &rules);
	if (status == DFH_OK && has_other_folders(daemon, configuration)) {
		cli_say("%s: the folders that are written to change only "
			"when dcmfhird is started again",
			options->file);
		status = DFH_USAGE;
	}
	if (status == DFH_OK) {
		next->configuration = configuration;
		next->rules = rules;
		return true;
	}
	dfh_rules_free(rules);
	configuration_free(configuration);
	cli_journal("reload", "status=kept");
	notify_ready();
	return false;
}

/* ---- running ---- */

static void block_hangup(void)
{
	sigset_t hangup;
	sigemptyset(&hangup);
	sigaddset(&hangup, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &hangup, NULL);
	/* whoever goes away while something is sent to him is told by errno */
	signal(SIGPIPE, SIG_IGN);
}

/* Did SIGHUP come, before so much time was over? */
static bool wait_for_hangup(void)
{
	static const struct timespec pause = {.tv_nsec = 200 * 1000 * 1000};
	sigset_t hangup;
	sigemptyset(&hangup);
	sigaddset(&hangup, SIGHUP);
	return sigtimedwait(&hangup, NULL, &pause) == SIGHUP;
}

/* Until it is to end, or to go on by another configuration: *next.  An exit
 * status: whoever looks after it starts it again where a process is gone. */
static int wait_for_change(const struct dcmfhird_options *options,
			   const struct daemon *daemon, struct daemon *next,
			   pid_t *receiver)
{
	while (!cli_interrupted() && !next->configuration) {
		if (wait_for_hangup())
			read_again(options, daemon, next);
		if (!receive_is_dead(*receiver))
			continue;
		*receiver = 0;
		cli_say("receive: its process is gone");
		return DFH_IO;
	}
	return DFH_OK;
}

/* Processes are made while there is no thread but this one. */
static int run_roles_once(const struct dcmfhird_options *options,
			  struct daemon *daemon, struct daemon *next)
{
	static const struct cli_progress nothing;
	pid_t receiver;
	int status = receive_begin(daemon, &receiver);
	if (status != DFH_OK)
		return status;
	stranded_tell(daemon->configuration);
	cli_progress_begin(&nothing, true);
	struct roles *roles = roles_begin(daemon);
	if (roles)
		notify_ready();
	status = roles ? wait_for_change(options, daemon, next, &receiver)
		       : DFH_IO;
	if (!next->configuration)
		notify_stopping();
	if (roles)
		roles_end(roles);
	cli_progress_end();
	receive_end(receiver);
	return status;
}

static void use_next(struct daemon *daemon, const struct daemon *next)
{
	dfh_rules_free(daemon->rules);
	configuration_free(daemon->configuration);
	daemon->rules = next->rules;
	daemon->configuration = next->configuration;
}

static int run_roles(const struct dcmfhird_options *options,
		     struct daemon *daemon)
{
	struct daemon next = {0};
	int status;
	cli_journal("start", "version=%s state=%s", dfh_version(),
		    daemon->state->path);
	while ((status = run_roles_once(options, daemon, &next)) == DFH_OK &&
	       next.configuration) {
		use_next(daemon, &next);
		next = (struct daemon){0};
		cli_journal("reload", "status=new");
	}
	cli_journal("end", "version=%s status=%d", dfh_version(), status);
	return status;
}

static void hold_to_state(const struct dcmfhird_options *options,
			  const struct daemon *daemon)
{
	if (options->no_sandbox)
		return;
	const char *worklist = daemon->configuration->worklist.folder;
	struct cli_sandbox *sandbox = cli_sandbox_new(CLI_LISTENS);
	/* what is there is allowed, and not the folder that it is in */
	if (worklist)
		cli_make_folders(worklist);
	cli_sandbox_allow(sandbox, daemon->state->path);
	cli_sandbox_allow(sandbox, worklist);
	cli_sandbox_enter(sandbox, false);
}

static int run_daemon(const struct dcmfhird_options *options)
{
	struct daemon daemon = {.tally = tally_new()};
	int status = read_configuration(options->file, &daemon.configuration,
					&daemon.rules);
	if (status == DFH_OK)
		status = state_open(daemon.configuration->state, &daemon.state);
	if (status == DFH_OK && studies_begin(daemon.state) < 0) {
		cli_say("%s: %s", daemon.state->path, strerror(errno));
		status = DFH_IO;
	}
	if (status == DFH_OK) {
		hold_to_state(options, &daemon);
		block_hangup();
		status = run_roles(options, &daemon);
	}
	state_close(daemon.state);
	dfh_rules_free(daemon.rules);
	configuration_free(daemon.configuration);
	tally_free(daemon.tally);
	return status;
}

/* ---- the command line ---- */

/* -1: go on; else an exit status. */
static int take_letter(struct dcmfhird_options *options, int letter)
{
	switch (letter) {
	case 'c':
		options->file = optarg;
		return -1;
	case OPT_CHECK:
		options->checks = true;
		return -1;
	case OPT_NO_SANDBOX:
		options->no_sandbox = true;
		return -1;
	case OPT_UNSTAMPED:
		options->request.unstamped = true;
		return -1;
	case OPT_ALL:
		options->request.all = true;
		return -1;
	case 'h':
		fputs(usage, stdout);
		return DFH_OK;
	case 'V':
		cli_version(NULL);
		return DFH_OK;
	default:
		return cli_usage_hint();
	}
}

/* The word that says what to do, and the names behind it. */
static void take_command(int argc, char **argv,
			 struct dcmfhird_options *options)
{
	static const char *const words[] = {[STATUS] = "status",
					    [LIST] = "list",
					    [RELEASE] = "release",
					    [DROP] = "drop"};
	static const enum quarantine_command commands[] = {
		[LIST] = QUARANTINE_LIST,
		[RELEASE] = QUARANTINE_RELEASE,
		[DROP] = QUARANTINE_DROP};
	for (int i = STATUS; optind < argc && i <= DROP; i++)
		if (strcmp(argv[optind], words[i]) == 0)
			options->command = (enum dcmfhird_command)i;
	if (options->command != RUN)
		optind++;
	if (options->command >= LIST)
		options->request.command = commands[options->command];
	options->request.names = argv + optind;
	options->request.count = argc - optind;
}

/* Says what is too much, or missing. */
static bool is_command_whole(const struct dcmfhird_options *options)
{
	const struct quarantine_request *request = &options->request;
	bool takes = options->command >= RELEASE && !options->checks;
	if (request->count && (!takes || request->all))
		cli_say("'%s' is too much", request->names[0]);
	else if (request->all && !takes)
		cli_say("--all is for release and drop");
	else if (request->unstamped && options->command != RELEASE)
		cli_say("--unstamped is for release");
	else if (takes && !request->all && !request->count)
		cli_say("name studies, or --all: dcmfhird list tells them");
	else
		return true;
	return false;
}

static int take_daemon_arguments(int argc, char **argv,
				 struct dcmfhird_options *options)
{
	int letter, status = -1;
	while (status < 0 &&
	       (letter = cli_getopt(argc, argv, "c:hV", long_options)) != -1)
		status = take_letter(options, letter);
	if (status >= 0)
		return status;
	take_command(argc, argv, options);
	if (!options->file)
		cli_say("name the configuration: -c FILE");
	else if (is_command_whole(options))
		return -1;
	return cli_usage_hint();
}

static int obey(const struct dcmfhird_options *options)
{
	if (options->checks)
		return check_configuration(options);
	return options->command == RUN ? run_daemon(options)
				       : ask_state(options);
}

int main(int argc, char **argv)
{
	struct dcmfhird_options options = {0};
	cli_begin("dcmfhird");
	cli_take_size_limit_as_error();
	int status = take_daemon_arguments(argc, argv, &options);
	if (status < 0)
		status = obey(&options);
	return cli_flush_standard_output(status);
}
