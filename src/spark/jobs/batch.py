"""Batch job: captures or stored traces of an interval -> traces -> call graph and latency per edge, window and tenant.

    spark-submit --files spark.cjs batch.py --captures 'captures/*.pcap*' --out OUT [--result FILE] ...

Writes as Parquet OUT/spans, OUT/vertices and OUT/edges (the call graph of each window and tenant), OUT/communities and OUT/paths (of the
whole interval) and OUT/bad (records that could not be read); and the analysis-result file (docs/analysis-result.md) that the extension opens.
"""

import argparse
import json
import os
import sys

from pyspark.sql import Window
from pyspark.sql import functions as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tracenest_engine as engine  # noqa: E402
import tracenest_files as files  # noqa: E402

UNSURE = 1 | 2 | 4 | 8 | 16 | 32  # engine/calls: flags under which a latency doesn't count as measured
FAILED = 1 << 11
MAX_PATHS = 100  # of a tenant


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = p.add_mutually_exclusive_group(required=True)
    source.add_argument("--captures", help="glob of capture files")
    source.add_argument("--spans", help="folder of Parquet spans written by an earlier job, batch or stream")
    source.add_argument("--store", help="trace store, e.g. influx+http://HOST:8086/DATABASE")
    p.add_argument("--out", required=True)
    p.add_argument("--result", help="where to write the analysis-result file (default OUT/result.tracenest.json)")
    p.add_argument("--from-ns", type=int, default=0, help="transactions that began at or after this, ns since 1970")
    p.add_argument("--to-ns", type=int, default=2**63 - 1)
    p.add_argument("--tenant", help="only this tenant")
    p.add_argument("--window-s", type=int, default=0, help="length of the windows of the statistics (default: one window)")
    p.add_argument("--partitions", type=int, default=8)
    p.add_argument("--pane-s", type=float, default=0, help="cut huge tenants into panes of this length (default: not cut)")
    p.add_argument("--overlap-s", type=float, default=5, help="calls around a pane that are nested with it: longer than a transaction")
    p.add_argument("--algorithm", default="default")
    p.add_argument("--model", help="file with a learned model (tracenest nest --save-model), the same for every task")
    p.add_argument("--max-spans", type=int, default=200_000, help="spans in the result file: whole transactions")
    engine.add_arguments(p)
    return p.parse_args()


def spans_of_captures(spark, a, command):
    """(spans, what could not be read: why, bad, records)."""
    found = spark.read.format("binaryFile").load(a.captures)
    name = F.element_at(F.split("path", "/"), -1).alias("name")
    # A file is one value, and Spark would fail over one that is too large for that.
    most = int(spark.conf.get("spark.sql.sources.binaryFile.maxLength"))
    large = found.where(F.col("length") > most).select(F.format_string(f"%s: %d bytes; Spark reads files of up to {most}", name, "length").alias("why"))
    whole = found.where(F.col("length") <= most).select(name, "content")
    split = whole.repartition(a.partitions).mapInArrow(engine.engine(command, "split", a.partitions * 4), engine.SPLIT).cache()
    place = F.format_string("%010d", F.col("sequence")).alias("place")
    records = split.where("value is not null").select("bucket", "source", "value", F.lit(None).cast("binary").alias("key"), place)
    # One flow is in one bucket, and a bucket in one task: everything a message needs is there.
    calls = records.repartition(a.partitions, "bucket").select("source", "value", "key", "place").mapInArrow(engine.engine(command, "calls"), engine.CALLS).cache()
    bad = split.where("problem <> ''").select(F.col("problem").alias("why"), F.lit(None).cast("binary").alias("bad")).unionByName(
        calls.where("bad is not null").select("why", "bad")
    ).unionByName(large.withColumn("bad", F.lit(None).cast("binary"))).withColumn("records", F.lit(1).cast("bigint"))
    unread = files.unread_captures(spark, a.captures)
    if unread:
        bad = bad.unionByName(files.set_aside(spark, unread))
    nest = engine.nesting(spark, a)
    spans = engine.traces_of_calls(calls.where("call is not null"), command, a.partitions, nest, a.pane_s, a.overlap_s)
    return (engine.stitched(spans.cache(), command, a.partitions) if a.pane_s else spans), bad


def spans_of_store(spark, a, command):
    """The interval in as many slices as there are partitions, each read by a task."""
    first, end = a.from_ns, a.to_ns
    held = spark.range(1).mapInArrow(engine.engine(command, "interval", a.store), "from_ns bigint, to_ns bigint").first()
    first, end = (max(first, held.from_ns), min(end, held.to_ns + 1)) if held else (first, first)
    step = max(1, -(-(end - first) // a.partitions))
    begin = F.lit(first) + F.col("id") * F.lit(step)
    slices = spark.range(0, a.partitions, 1, a.partitions).select(begin.alias("from_ns"), F.least(begin + F.lit(step), F.lit(end)).alias("to_ns"))
    tenant = [] if a.tenant is None else [a.tenant]
    rows = slices.where("from_ns < to_ns").mapInArrow(engine.engine(command, "read", a.store, *tenant), engine.STORED).cache()
    bad = rows.where("why <> ''").select("why", F.encode("span", "utf-8").alias("bad"), F.lit(1).cast("bigint").alias("records"))
    return rows.where("why = ''").drop("why"), bad


def refuse(why):
    sys.exit(f"Error: {why}")  # as src/spark/submit.ts looks for it


def result_path(a):
    """Where the result file goes: found out before hours of work, not after them."""
    path = a.result or f"{a.out}/result.tracenest.json"
    if "://" in path:
        refuse(f"the result file is written by the driver to its own disk, which {path} is not: name a file with --result")
    there = os.path.exists(path)
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        open(path, "a", encoding="utf-8").close()
    except OSError as error:
        refuse(f"the result file can't be written: {error}")
    if not there:
        os.remove(path)
    return path


def keep_input(spark, a):
    """Refuses an output folder that would overwrite the spans that are read."""
    hadoop = spark._jvm.org.apache.hadoop.fs

    def qualified(path):
        path = hadoop.Path(path)
        return path.getFileSystem(spark._jsc.hadoopConfiguration()).makeQualified(path)

    pattern, out = qualified(a.spans), str(qualified(a.out))
    found = pattern.getFileSystem(spark._jsc.hadoopConfiguration()).globStatus(pattern)
    within = lambda inner, outer: f"{inner}/".startswith(f"{outer}/")
    for source in (str(status.getPath()) for status in found or []):
        if within(out, source) or within(source, f"{out}/spans"):
            refuse(f"the job would overwrite the spans that it reads: --out {a.out} and --spans {a.spans} lie in one another")


def edges_of(spans):
    """<vertex, edge> pairs -> one row for each window, tenant, caller and callee."""
    measured = F.when(F.col("flags").bitwiseAND(UNSURE) == 0, F.col("duration_ns"))
    at = lambda q: F.percentile(measured, F.lit(q))
    return spans.groupBy("window", "tenant", "caller", "callee").agg(
        F.count("*").alias("calls"),
        F.count(measured).alias("n"),
        F.sum((F.col("flags").bitwiseAND(FAILED) != 0).cast("int")).alias("errors"),
        F.min(measured).alias("minNs"),
        at(0.5).alias("p50Ns"),
        # Fewer, and the figure would be the largest value under another name: as src/engine/stats/latency.ts has it.
        F.when(F.count(measured) >= 20, at(0.95)).alias("p95Ns"),
        F.when(F.count(measured) >= 100, at(0.99)).alias("p99Ns"),
        F.max(measured).alias("maxNs"),
        F.avg(measured).alias("meanNs"),
        F.avg("confidence").alias("confidence"),
    )


def vertices_of(spans):
    """Services by name, with what they consist of and how much they are called and call."""
    instance = lambda end: F.nullif(F.get_json_object("span", f"$.{end}Instance"), F.lit(""))
    ends = spans.select("window", "tenant", F.col("callee").alias("service"), instance("callee").alias("instance"), "endpoint", F.lit(1).alias("called"), F.lit(0).alias("calls")).union(
        spans.select("window", "tenant", "caller", instance("caller"), F.lit(None).cast("string"), F.lit(0), F.lit(1))
    )
    return ends.groupBy("window", "tenant", "service").agg(
        F.array_sort(F.collect_set("instance")).alias("instances"),
        F.array_sort(F.collect_set("endpoint")).alias("endpoints"),
        F.sum("called").alias("called"),
        F.sum("calls").alias("calls"),
    )


def communities_of(edges, command, partitions):
    """Of the call graph of all windows: a few rows a tenant by now, hence one task a tenant."""
    whole = edges.groupBy("tenant", "caller", "callee").agg(F.sum("calls").alias("calls"))
    return whole.repartition(partitions, "tenant").mapInArrow(engine.engine(command, "communities"), engine.COMMUNITIES)


def paths_of(spans, command, partitions):
    """Heaviest paths: found in each transaction, then added up. The first of each tenant."""
    found = spans.repartition(partitions, "tenant", "trace").select("span").mapInArrow(engine.engine(command, "paths"), engine.PATHS)
    sums = found.groupBy("tenant", "path").agg(F.sum("transactions").alias("transactions"), F.sum("total_ns").alias("total_ns"))
    rank = F.row_number().over(Window.partitionBy("tenant").orderBy(F.desc("total_ns"), "path"))
    return sums.withColumn("rank", rank).where(F.col("rank") <= MAX_PATHS)


def main():
    a = arguments()
    path = result_path(a)
    spark = engine.session("tracenest batch")
    if a.spans:
        keep_input(spark, a)
    command = engine.command(spark, a)
    spans_of = spans_of_captures if a.captures else spans_of_store if a.store else files.spans_of_parquet
    spans, bad = spans_of(spark, a, command)
    spans = spans.where(F.col("trace_start_ns").between(a.from_ns, a.to_ns - 1))
    if a.tenant is not None:
        spans = spans.where(F.col("tenant") == a.tenant)
    length = a.window_s * 1_000_000_000
    window = (F.col("trace_start_ns") - F.col("trace_start_ns") % length) if length else F.lit(None).cast("bigint")
    spans = spans.withColumn("window", window).cache()

    edges = edges_of(spans).cache()
    spans.write.mode("overwrite").parquet(f"{a.out}/spans")
    edges.write.mode("overwrite").parquet(f"{a.out}/edges")
    vertices_of(spans).write.mode("overwrite").parquet(f"{a.out}/vertices")
    communities = communities_of(edges, command, a.partitions).cache()
    communities.write.mode("overwrite").parquet(f"{a.out}/communities")
    paths = paths_of(spans, command, a.partitions).cache()
    paths.write.mode("overwrite").parquet(f"{a.out}/paths")
    bad.write.mode("overwrite").parquet(f"{a.out}/bad")
    rejected = bad.agg(F.sum("records")).first()[0] or 0

    total = spans.count()
    kept = spans
    if total > a.max_spans:
        # Whole transactions by a rule that gives the same sample every time: by the hash of their id.
        share = int(2**32 * a.max_spans / total)
        kept = spans.where(F.pmod(F.xxhash64("trace"), F.lit(2**32)) < share)
    rows = lambda frame: [r.asDict() for r in frame.orderBy(*frame.columns).collect()]
    span_lines = [json.loads(r.span) for r in kept.orderBy("trace_start_ns", "trace", "start_ns", "id").select("span").collect()]
    bounds = spans.agg(F.min("trace_start_ns").alias("first"), F.max(F.col("start_ns") + F.coalesce("duration_ns", F.lit(0))).alias("last")).first()
    result = {
        "format": "tracenest-analysis",
        "version": 2,
        "title": a.captures or a.store or a.spans,
        "fromNs": str(bounds.first or 0),
        "toNs": str(bounds.last or 0),
        "spanCount": total,
        "transactionCount": spans.select("tenant", "trace").distinct().count(),
        "complete": len(span_lines) == total,
        "rejectedRecords": rejected,
        "windowNs": length,
        "edges": [{k: (str(v) if k == "window" and v is not None else v) for k, v in e.items()} for e in rows(edges)],
        "communities": rows(communities),
        "paths": [
            {"tenant": p.tenant, "services": json.loads(p.path), "transactions": p.transactions, "totalNs": p.total_ns}
            for p in paths.orderBy("tenant", "rank").collect()
        ],
        "spans": span_lines,
    }
    with open(path, "w", encoding="utf-8") as f:
        json.dump(result, f, separators=(",", ":"), allow_nan=False)
    print(json.dumps({"result": path, "spans": total, "transactions": result["transactionCount"], "rejected": rejected}))
    spark.stop()


if __name__ == "__main__":
    main()
