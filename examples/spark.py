#!/usr/bin/env python3
"""Convert an archive with Spark:

    find -L /archive -type f -print0 >files
    spark-submit spark.py files all.ndjson

files holds the paths, as --files-from takes them, and the nodes see the files
under these paths.  The output is a folder of parts, as Spark has it; one after
the other they are what `dcm2fhir --ndjson` makes of the same files.  What was
refused or not carried is in another one, all.ndjson.report: an OperationOutcome
a line.  A partition that dies is made again by Spark.

DCM2FHIR          the tool on the nodes; dcm2fhir if not set
DCM2FHIR_OPTIONS  its options, as a shell reads them: -r R4 --rules 'a file'
RECORDS_OPTIONS   those of the runs that read files alone: --endpoint
SHARDS            partitions; 4 for each core if not set

and PATH, LD_LIBRARY_PATH, TZ and what the manual of dcm2fhir names, which the
nodes get from here.

The exit status is that of dcm2fhir: 1 if files were refused, or were gone
before they were read, 3 if some could not be read, or nothing was written.
"""
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile

from pyspark import StorageLevel
from pyspark.sql import SparkSession

TOOL = os.environ.get("DCM2FHIR", "dcm2fhir")
OPTIONS = shlex.split(os.environ.get("DCM2FHIR_OPTIONS", ""))
RECORDS_OPTIONS = shlex.split(os.environ.get("RECORDS_OPTIONS", ""))
PASSED = {
    name: os.environ[name]
    for name in (
        "PATH",
        "LD_LIBRARY_PATH",
        "TZ",
        "TZDIR",
        "DCMDICTPATH",
        "DCMFHIR_MODULES",
        "DCMFHIR_RULES",
    )
    if name in os.environ
}


def die(status, text):
    print(text, file=sys.stderr)
    sys.exit(status)


def run(command, made):
    """Its exit status: 0, 1 or 3, with what it made as a whole."""
    # What cannot be read now may be the next time.  If not, it stops an archive
    # as little as a single run, which also ends with 3 and its output there.
    for _ in range(2):
        try:
            status = subprocess.call(command, env={**os.environ, **PASSED})
        except OSError as error:
            raise RuntimeError(
                f"{command[0]} is no program on {platform.node()}: {error}"
            ) from error
        if status != 3:
            break
    if status not in (0, 1, 3) or not os.path.exists(made):
        raise RuntimeError(f"{command[0]} on {platform.node()} ended with {status}")
    return status


def through_tool(*arguments, end, key_of):
    """What a partition becomes: (key, line), and (None, (status, report)).

    The tool reads and writes files of the node, so that nothing half is taken.
    """

    def convert(items):
        with tempfile.TemporaryDirectory(prefix="dcm2fhir-") as folder:
            given, made, report = (
                os.path.join(folder, name) for name in ("given", "made", "report")
            )
            with open(given, "wb") as file:
                file.writelines(item + end for item in items)
            if not os.path.getsize(given):
                return
            command = [TOOL, *OPTIONS, "--quiet", *arguments, given]
            status = run(command + ["-o", made, "--report", report], made)
            with open(made, "rb") as file:
                for line in file:
                    yield key_of(line), line.rstrip(b"\n")
            with open(report, "rb") as file:
                yield None, (status, b"".join(file.read().split(b"\n")))

    return convert


def study_of(line):
    """The keys of patient and study, with which a record begins.

    Bytes are compared as sort in the C locale does.
    """
    return line[: line.index(b',"series":')]


def no_key(line):
    return b""


def paths_of(spark, files):
    """The bytes of each path, which are not always UTF-8."""
    rows = spark.read.option("lineSep", "\0").text(files)
    paths = rows.select(rows.value.cast("binary")).rdd.map(
        lambda row: bytes(row[0])
    )
    if len(paths.take(2)) == 1:  # without NUL: they end with newline
        paths = paths.flatMap(lambda path: path.split(b"\n"))
    return paths.filter(bool)


def lines_of(pairs):
    return pairs.filter(lambda pair: pair[0] is not None)


def told_by(pairs):
    return pairs.filter(lambda pair: pair[0] is None).values()


def is_there(context, name):
    path = context._jvm.org.apache.hadoop.fs.Path(name)
    return path.getFileSystem(context._jsc.hadoopConfiguration()).exists(path)


def convert(spark, files, out):
    context = spark.sparkContext
    report = out + ".report"
    for name in out, report:
        if is_there(context, name):
            die(2, f"{name}: is there already")
    shards = int(os.environ.get("SHARDS", 4 * context.defaultParallelism))
    mapped = (
        paths_of(spark, files)
        .repartition(shards)
        .mapPartitions(
            through_tool(
                *RECORDS_OPTIONS,
                "--records",
                "--files-from",
                end=b"\0",
                key_of=study_of,
            )
        )
        # sorting asks for it three times
        .persist(StorageLevel.DISK_ONLY)
    )
    # Ranges of keys: a study is in one partition, and partitions are in order.
    reduced = (
        lines_of(mapped)
        .sortByKey(numPartitions=shards)
        .values()
        .mapPartitions(through_tool("--from-records", end=b"\n", key_of=no_key))
        .persist(StorageLevel.DISK_ONLY)
    )
    lines_of(reduced).values().saveAsTextFile(out)
    told = context.union([told_by(mapped), told_by(reduced)])
    told.values().coalesce(1).saveAsTextFile(report)
    return told.keys().fold(0, max)


def main(files, out):
    if not shutil.which(TOOL):
        die(2, f"{TOOL}: is no program here; DCM2FHIR=PATH says where it is")
    spark = SparkSession.builder.appName("dcm2fhir").getOrCreate()
    try:
        status = convert(spark, files, out)
    except Exception as error:
        die(3, f"{out}: was not written: {error}")
    spark.stop()
    if status:
        die(status, f"not all files were read and carried: {out}.report tells which")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        die(2, __doc__)
    main(*sys.argv[1:])
