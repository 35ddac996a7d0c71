#!/bin/sh
# Convert an archive as a Slurm job array, and a job that waits for it:
#
#	./slurm.sh all.ndjson FOLDER...
#
# The nodes see the folders, and the place of the output, under the same paths.
# A task that dies with its node is queued again, and what is left of it counts
# for nothing.  The last job runs when all tasks have ended, however they did:
# all.ndjson.log has what it says.  If a task failed, say the same again when it
# is mended: shards that are done are not done again.
#
# AT_ONCE    tasks at the same time; 64 if not set
# TASKS      at most, which take the shards in turn; 1000 if not set, as many as
#            Slurm has in an array if its MaxArraySize is not set
# SBATCH_*   what sbatch takes from the environment: partition, account, ...
#
# What else can be set, and what the exit status of the last job says, is in
# `shards', beside this.
set -u
: "${SHARD:=20000}"
export SHARD
[ $# -ge 2 ] || {
	echo "usage: $0 OUT FOLDER..." >&2
	exit 2
}
command -v sbatch >/dev/null || {
	echo "$0: sbatch is not there" >&2
	exit 2
}
shards=$(cd "$(dirname "$0")" && pwd)/shards
work=$("$shards" list "$@") || exit
case $1 in
/*) log=$1.log ;;
*) log=$PWD/$1.log ;;
esac

# sbatch puts the number of a job for %j, and the like.
literal() {
	printf '%s' "$1" | sed 's/%/%%/g'
}

count=$("$shards" todo "$work" | wc -l)
tasks=${TASKS:-1000}
[ "$count" -ge "$tasks" ] || tasks=$count
set -- --job-name dcm2fhir-reduce --output "$(literal "$log")"
if [ "$count" -gt 0 ]; then
	array=$(sbatch --parsable --requeue --job-name dcm2fhir-map \
		--array "0-$((tasks - 1))%${AT_ONCE:-64}" \
		--output "$(literal "$work")/map-%a.log" \
		"$work/shards" map-each "$work" "$tasks") || exit 3
	array=${array%%;*}
	set -- "$@" --dependency "afterany:$array"
fi
sbatch "$@" "$work/shards" reduce "$work" || {
	[ "$count" -eq 0 ] || scancel "$array"
	exit 3
}
