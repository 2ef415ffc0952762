"""Files that the batch job reads: what Spark would leave out without a word is counted and written aside."""

import re

from pyspark.sql import functions as F

import tracenest_engine as engine

BAD = "why string, bad binary, records bigint"
MAX_REASONS = 100  # files that are read once more to learn why they can't be; the others are counted all the same


def set_aside(spark, rows):
    """Rows of OUT/bad for (why, how many records were lost by it)."""
    return spark.createDataFrame([(why, None, records) for why, records in rows], BAD)


def spans_of_parquet(spark, a, command):
    """(spans, what could not be read: why, bad, records)."""
    # By name: a folder of the streaming job has one folder a window, and `window` is no column of a span.
    rows = parquet(spark, a.spans).withColumn("file", F.col("_metadata.file_path")).cache()
    checked = rows.mapInArrow(engine.engine(command, "check-spans"), engine.STORED).cache()
    bad = checked.where("why <> ''").select("why", F.encode("span", "utf-8").alias("bad"), F.lit(1).cast("bigint").alias("records"))
    lost = lost_rows(spark, a.spans, {r.file: r["count"] for r in rows.groupBy("file").count().collect()})
    if lost:
        bad = bad.unionByName(set_aside(spark, lost))
    return checked.where("why = ''").drop("why"), bad


def parquet(spark, *paths, damaged="true"):
    """Spans in a folder. Over a damaged file, or one with columns of other types, Spark ends the job, or says nothing and leaves out its rest."""
    options = {"recursiveFileLookup": "true", "ignoreCorruptFiles": damaged, "parquet.page.verify-checksum.enabled": "true"}
    return spark.read.schema(engine.TRACES).options(**options).parquet(*paths)


def lost_rows(spark, folder, read):
    """(why, rows) of each file that gave fewer rows than its footer promises, or can't be read at all; `read`: how many each gave."""
    spans = parquet(spark, folder)
    # No column is read: these are the footers alone.
    promised = {r.file: r["count"] for r in spans.groupBy(F.col("_metadata.file_path").alias("file")).count().collect()}
    lost = []
    for file in sorted(file for file, rows in promised.items() if rows > read.get(file, 0)):
        gone = promised[file] - read.get(file, 0)
        path = path_of(spark, file)
        why = failure_of(spark, whole, path) if len(lost) < MAX_REASONS else ""
        lost.append((f"{path}: {gone} of {promised[file]} rows could not be read: {why or 'damaged, or columns of other types'}", gone))
    rowless = [path_of(spark, file) for file in sorted({re.sub("^file:/+", "file:/", f) for f in spans.inputFiles()} - promised.keys())]
    empty = [path for path in rowless if path.getFileSystem(spark._jsc.hadoopConfiguration()).getFileStatus(path).getLen() == 0]
    lost += [(f"{path}: the file is empty", 1) for path in empty]
    others = [path for path in rowless if path not in empty]
    # Files without rows are as a job writes them; most often all of them are.
    if others and failure_of(spark, footer, *others):
        for path in others:
            why = failure_of(spark, footer, path)
            lost += [(f"no Parquet: {path}: {why}", 1)] if why else []
    return lost


def path_of(spark, uri):
    return spark._jvm.org.apache.hadoop.fs.Path(spark._jvm.java.net.URI(uri))


def whole(frame):
    frame.write.format("noop").mode("overwrite").save()


def footer(frame):
    frame.count()


def failure_of(spark, use, *paths):
    """Why files can't be read; '' when they can."""
    try:
        # A name may hold what would be a pattern.
        use(parquet(spark, *(re.sub(r"([\\{}\[\]*?])", r"\\\1", path.toString()) for path in paths), damaged="false"))
        return ""
    except Exception as error:
        cause = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
        while cause is not None and cause.getCause() is not None:
            cause = cause.getCause()
        return (str(error) if cause is None else cause.toString()).split("\n")[0]


def unread_captures(spark, pattern):
    """(why, 1) of files that a pattern, or a folder, names and Spark hands out to nobody: empty ones, and those it takes for hidden."""
    fs = spark._jvm.org.apache.hadoop.fs
    path = fs.Path(pattern)
    system = path.getFileSystem(spark._jsc.hadoopConfiguration())
    unread = []
    for found in system.globStatus(path) or []:
        for status in system.listStatus(found.getPath()) if found.isDirectory() else [found]:
            name, empty = status.getPath().getName(), status.getLen() == 0
            # As Spark has it. A hidden file without content is a mark, such as _SUCCESS.
            hidden = name.startswith(".") or (name.startswith("_") and "=" not in name) or name.endswith("._COPYING_")
            if status.isDirectory() or (hidden and empty):
                continue
            if hidden or empty:
                why = "the file is empty" if empty else 'Spark reads no file whose name begins with "_" or "."; rename it'
                unread.append((f"{name}: {why}", 1))
    return unread
