#!/bin/sh
# Convert an archive on all cores, or on several machines, with GNU parallel:
#
#	./gnu-parallel.sh all.ndjson FOLDER...
#	PARALLEL='--sshlogin a,b,c' ./gnu-parallel.sh all.ndjson FOLDER...
#
# The machines see the folders, and the one for the work, under the same paths.
# A shard that dies is run again; what is left of it counts for nothing.  After
# an interruption, or when something was mended, say the same again: shards that
# are done are not done again.
#
# What can be set, and what the exit status says, is in `shards', beside this.
set -u
[ $# -ge 2 ] || {
	echo "usage: $0 OUT FOLDER..." >&2
	exit 2
}
parallel --version 2>/dev/null | grep -q 'GNU parallel' || {
	echo "$0: GNU parallel is not there" >&2
	exit 2
}
shards=$(cd "$(dirname "$0")" && pwd)/shards
work=$("$shards" list "$@") || exit
"$shards" todo "$work" |
	parallel --quote --retries 4 --joblog "$work/log" \
		"$work/shards" map "$work" '{}'
exec "$shards" reduce "$work"
