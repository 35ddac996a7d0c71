#include "cli_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli_path.h"
#include "config.h"

/* tools/profile-guided has counts written where no program may write. */
#ifdef COUNTS_ARE_WRITTEN
#undef HAVE_LINUX_LANDLOCK_H
#endif

#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>

/* What younger versions know, and the headers of an old system do not. */
#define ACCESS_REFER (1ull << 13)    /* version 2: Linux 5.19 */
#define ACCESS_TRUNCATE (1ull << 14) /* version 3: Linux 6.2 */
#define ACCESS_IOCTL (1ull << 15)    /* version 5: Linux 6.10, of devices */
#define ACCESS_BIND 1ull	     /* version 4: Linux 6.7 */
#define ACCESS_CONNECT 2ull	     /* the same */

/* What a file alone can be allowed. */
#define FILE_ACCESS                                                            \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE | ACCESS_IOCTL)

/* What a folder is allowed: nothing here makes links, devices or sockets. */
#define FOLDER_ACCESS                                                          \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |       \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |        \
	 LANDLOCK_ACCESS_FS_MAKE_REG | ACCESS_REFER | ACCESS_TRUNCATE)

#define ALL_ACCESS                                                             \
	(FILE_ACCESS | FOLDER_ACCESS | LANDLOCK_ACCESS_FS_EXECUTE |            \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |         \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |        \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)

/* struct landlock_ruleset_attr of version 4, which is longer. */
struct ruleset {
	uint64_t files, network;
};

struct cli_sandbox {
	int fd;
	long version;
	uint64_t handled;
	dev_t device; /* the folder that was allowed last */
	ino_t inode;
	int fault; /* 0, or why something could not be allowed */
};

static uint64_t known_by(long version)
{
	uint64_t access = ALL_ACCESS;

	if (version < 5)
		access &= ~ACCESS_IOCTL;
	if (version < 3)
		access &= ~ACCESS_TRUNCATE;
	if (version < 2)
		access &= ~ACCESS_REFER;
	return access;
}

/* Of what it is held back. */
static uint64_t network_access(enum cli_network network)
{
	static const uint64_t held[] = {[CLI_OFFLINE] =
						ACCESS_BIND | ACCESS_CONNECT,
					[CLI_CONNECTS] = ACCESS_BIND,
					[CLI_LISTENS] = 0};
	return held[network];
}

struct cli_sandbox *cli_sandbox_new(enum cli_network network)
{
	struct cli_sandbox sandbox = {
		.version = syscall(SYS_landlock_create_ruleset, NULL, 0,
				   LANDLOCK_CREATE_RULESET_VERSION)};
	struct ruleset ruleset;

	if (sandbox.version < 1)
		return NULL;
	sandbox.handled = known_by(sandbox.version);
	ruleset = (struct ruleset){sandbox.handled, network_access(network)};
	sandbox.fd = (int)syscall(
		SYS_landlock_create_ruleset, &ruleset,
		sandbox.version < 4 ? sizeof ruleset.files : sizeof ruleset, 0);
	if (sandbox.fd < 0)
		return NULL;
	struct cli_sandbox *made = cli_memory(malloc(sizeof *made));
	*made = sandbox;
	return made;
}

static void allow_path(struct cli_sandbox *sandbox, const char *path,
		       const struct stat *status)
{
	bool is_folder = S_ISDIR(status->st_mode);
	struct landlock_path_beneath_attr rule = {
		.allowed_access = sandbox->handled &
				  (is_folder ? FOLDER_ACCESS : FILE_ACCESS),
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};

	if (is_folder && sandbox->device == status->st_dev &&
	    sandbox->inode == status->st_ino && rule.parent_fd >= 0) {
		close(rule.parent_fd);
		return;
	}
	sandbox->device = status->st_dev;
	sandbox->inode = status->st_ino;
	if (rule.parent_fd < 0 ||
	    syscall(SYS_landlock_add_rule, sandbox->fd,
		    LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		/* pipes are not held back: they have no path */
		sandbox->fault = errno == EBADFD ? sandbox->fault : errno;
	if (rule.parent_fd >= 0)
		close(rule.parent_fd);
}

static void allow_folder_of(struct cli_sandbox *sandbox, const char *path)
{
	char *real = cli_real_path(path), *found = NULL;
	char *slash = strrchr(real, '/');
	struct stat status;
	const char *rest;

	if (slash)
		slash[slash == real] = '\0';
	found = cli_existing_path(slash ? real : ".", &status, &rest);
	if (found)
		allow_path(sandbox, found, &status);
	free(found);
	free(real);
}

void cli_sandbox_allow(struct cli_sandbox *sandbox, const char *path)
{
	struct stat status;

	if (!sandbox || !path || strcmp(path, "-") == 0)
		return;
	if (stat(path, &status) < 0 || S_ISREG(status.st_mode))
		allow_folder_of(sandbox, path);
	else
		allow_path(sandbox, path, &status);
}

/* Without it what is executed could gain rights, so the kernel asks for it. */
static bool enter_sandbox(const struct cli_sandbox *sandbox)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_landlock_restrict_self, sandbox->fd, 0) == 0;
}

void cli_sandbox_enter(struct cli_sandbox *sandbox, bool says)
{
	int fault = sandbox ? sandbox->fault : 0;

	/* half of what is to be written would fail */
	if (sandbox && !fault && !enter_sandbox(sandbox))
		fault = errno;
	if (says && !sandbox)
		cli_say("no sandbox: this kernel has no Landlock, or it is "
			"switched off");
	else if (says && fault)
		cli_say("no sandbox: %s", strerror(fault));
	else if (says)
		cli_say("sandbox: nothing but the outputs can be written "
			"(Landlock, version %ld)",
			sandbox->version);
	if (sandbox)
		close(sandbox->fd);
	free(sandbox);
}

#else

struct cli_sandbox *cli_sandbox_new(enum cli_network network)
{
	(void)network;
	return NULL;
}

void cli_sandbox_allow(struct cli_sandbox *sandbox, const char *path)
{
	(void)sandbox;
	(void)path;
}

void cli_sandbox_enter(struct cli_sandbox *sandbox, bool says)
{
	(void)sandbox;
	if (says)
		cli_say("no sandbox: it was built for a system without "
			"Landlock");
}

#endif
