#!/usr/bin/env python3
"""Convert an archive with Spark:

    find /archive -type f >files.txt
    spark-submit spark.py files.txt all.ndjson

files.txt holds a path a line, and the nodes see the files under these paths.
The output is a folder of parts, as Spark has it; one after the other they are
what `dcm2fhir --ndjson` makes of the same files.  A partition that dies is
made again by Spark.

DCM2FHIR   the tool on the nodes; dcm2fhir if not set
SHARDS     partitions; 4 for each core if not set
"""
import os
import sys

from pyspark.sql import SparkSession

TOOL = os.environ.get("DCM2FHIR", "dcm2fhir")

# 1 is "some files were refused", which running it again does not help.
PIPE = "sh -c '\"$0\" --quiet \"$@\"; [ $? -le 1 ]' " + TOOL


def study_of(line):
    """The keys of patient and study, with which a line begins.

    Strings are compared by code points, which is the order of their UTF-8.
    """
    return line[: line.index(',"series":')]


def main(files, out):
    context = SparkSession.builder.appName("dcm2fhir").getOrCreate().sparkContext
    shards = int(os.environ.get("SHARDS", 4 * context.defaultParallelism))
    records = (
        context.textFile(files)
        .repartition(shards)
        .pipe(PIPE + " --records --files-from -", checkCode=True)
    )
    # Ranges of keys: a study is in one partition, and partitions are in order.
    (
        records.keyBy(study_of)
        .sortByKey(numPartitions=shards)
        .values()
        .pipe(PIPE + " --from-records", checkCode=True)
        .saveAsTextFile(out)
    )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
