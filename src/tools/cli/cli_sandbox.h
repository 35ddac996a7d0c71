/*
 * What a run may write to is known once its options are read; from there on the
 * kernel holds it to that (Landlock, since Linux 5.13).  So what a hostile file
 * or a link that is exchanged could bring about is less.
 */
#ifndef CLI_SANDBOX_H
#define CLI_SANDBOX_H

#include "cli.h"

struct cli_sandbox;

/* Which connections can be made from then on: none, to servers, or also by
 * others to here. */
enum cli_network { CLI_OFFLINE, CLI_CONNECTS, CLI_LISTENS };

/* NULL: this kernel has none, which needs no care. */
struct cli_sandbox *cli_sandbox_new(enum cli_network network);

/* Something is written to this file or folder, which need not be there yet: all
 * in its folder is allowed, for it is written beside and renamed.  path NULL
 * and "-" are nothing. */
void cli_sandbox_allow(struct cli_sandbox *sandbox, const char *path);

/*
 * From here on nothing else can be written, made, removed or executed, and no
 * connection made, by this thread and those that it starts; reading stays free.
 * sandbox is freed.  says: a word on standard error about what came of it.
 */
void cli_sandbox_enter(struct cli_sandbox *sandbox, bool says);

#endif
