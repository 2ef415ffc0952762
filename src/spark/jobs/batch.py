"""Batch job: captures (or stored spans) of an interval -> traces -> call graph and latency per edge, window and tenant.

    spark-submit --files spark.cjs batch.py --captures 'captures/*.pcap*' --out OUT [--result FILE] ...

Writes OUT/spans, OUT/edges, OUT/services (and OUT/communities with GraphFrames) as Parquet, OUT/bad (records that could not be
read), and the analysis-result file (docs/analysis-result.md) that the extension opens.
"""

import argparse
import json
import os
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tracenest_engine as engine  # noqa: E402

UNSURE = 1 | 2 | 4 | 8 | 16 | 32  # engine/calls: flags under which a latency doesn't count as measured
FAILED = 1 << 11


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = p.add_mutually_exclusive_group(required=True)
    source.add_argument("--captures", help="glob of capture files")
    source.add_argument("--spans", help="folder of Parquet spans written by an earlier job")
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
    p.add_argument("--model", help="file with a learned model, the same for every task")
    p.add_argument("--max-spans", type=int, default=200_000, help="spans in the result file: whole transactions")
    p.add_argument("--node", default="node", help="Node >= 24.6 on the executors")
    p.add_argument("--engine", default="spark.cjs", help="the engine bundle, as the executors see it")
    return p.parse_args()


def traces_of_captures(spark, a, command):
    files = spark.read.format("binaryFile").load(a.captures).select(F.element_at(F.split("path", "/"), -1).alias("name"), "content")
    split = files.repartition(a.partitions).mapInArrow(engine.engine(command, "split", a.partitions * 4), engine.SPLIT).cache()
    records = split.where("value is not null").select("bucket", "source", "value", F.lit(None).cast("binary").alias("key"))
    # One flow is in one bucket, and a bucket in one task: everything a message needs is there.
    calls = records.repartition(a.partitions, "bucket").select("source", "value", "key").mapInArrow(engine.engine(command, "calls"), engine.CALLS).cache()
    bad = split.where("problem <> ''").select(F.col("problem").alias("why"), F.lit(None).cast("binary").alias("bad")).unionByName(
        calls.where("bad is not null").select("why", "bad")
    )
    nest = [a.algorithm] + ([a.model] if a.model else [])
    spans = engine.traces_of_calls(calls.where("call is not null"), command, a.partitions, nest, a.pane_s, a.overlap_s)
    return (engine.stitched(spans.cache(), command, a.partitions) if a.pane_s else spans), bad


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


def communities_of(spark, edges):
    """Label propagation by GraphFrames, when its jar is there; None otherwise."""
    try:
        from graphframes import GraphFrame

        vertices = edges.select(F.concat_ws("\x00", "tenant", "caller").alias("id")).union(edges.select(F.concat_ws("\x00", "tenant", "callee"))).distinct()
        pairs = edges.select(F.concat_ws("\x00", "tenant", "caller").alias("src"), F.concat_ws("\x00", "tenant", "callee").alias("dst"))
        labels = GraphFrame(vertices, pairs).labelPropagation(maxIter=5)
        return labels.select(F.split("id", "\x00")[0].alias("tenant"), F.split("id", "\x00")[1].alias("service"), F.col("label").cast("string").alias("community"))
    except Exception as error:  # no jar, or a version that doesn't fit this Spark
        print(f"communities left out: GraphFrames can't be used ({error})".splitlines()[0], file=sys.stderr)
        return None


def main():
    a = arguments()
    spark = SparkSession.builder.appName("tracenest batch").getOrCreate()
    command = [a.node, a.engine]
    if a.captures:
        spans, bad = traces_of_captures(spark, a, command)
    else:
        spans, bad = spark.read.parquet(a.spans), None

    roots = spans.where("parent = ''").select("tenant", "trace", F.col("start_ns").alias("trace_start_ns"))
    spans = spans.drop("trace_start_ns", "window").join(roots, ["tenant", "trace"]).where(F.col("trace_start_ns").between(a.from_ns, a.to_ns - 1))
    if a.tenant is not None:
        spans = spans.where(F.col("tenant") == a.tenant)
    length = a.window_s * 1_000_000_000
    window = (F.col("trace_start_ns") - F.col("trace_start_ns") % length) if length else F.lit(None).cast("bigint")
    spans = spans.withColumn("window", window).cache()

    edges = edges_of(spans).cache()
    spans.write.mode("overwrite").parquet(f"{a.out}/spans")
    edges.write.mode("overwrite").parquet(f"{a.out}/edges")
    communities = communities_of(spark, edges)
    if communities is not None:
        communities.write.mode("overwrite").parquet(f"{a.out}/communities")
    rejected = 0
    if bad is not None:
        bad.write.mode("overwrite").parquet(f"{a.out}/bad")
        rejected = bad.count()

    total = spans.count()
    traces = spans.groupBy("tenant", "trace").agg(F.count("*").alias("n"), F.max("duration_ns").alias("d"), F.min("trace_start_ns").alias("t"))
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
        "version": 1,
        "title": a.captures or a.spans,
        "fromNs": str(bounds.first or 0),
        "toNs": str(bounds.last or 0),
        "spanCount": total,
        "transactionCount": traces.count(),
        "complete": len(span_lines) == total,
        "rejectedRecords": rejected,
        "edges": [{k: (str(v) if k == "window" and v is not None else v) for k, v in e.items()} for e in rows(edges)],
        "communities": rows(communities) if communities is not None else [],
        "spans": span_lines,
    }
    path = a.result or f"{a.out}/result.tracenest.json"
    with open(path, "w", encoding="utf-8") as f:
        json.dump(result, f, separators=(",", ":"), allow_nan=False)
    print(json.dumps({"result": path, "spans": total, "transactions": result["transactionCount"], "rejected": rejected}))
    spark.stop()


if __name__ == "__main__":
    main()
