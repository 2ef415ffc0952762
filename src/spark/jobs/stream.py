"""Streaming job: packets from a Kafka topic (`tracenest tap`, pycapa) -> traces, window by window, without end.

    spark-submit --packages org.apache.spark:spark-sql-kafka-0-10_2.13:VERSION --files spark.cjs stream.py \\
        --brokers HOST:PORT --topic packets --state STATE --out OUT [--traces-topic traces] ...

Each micro-batch appends its records to STATE/records. A window of packet time is closed once the newest packet is `lateness` past what
it needs. It goes on from the state of the window before: what connections said (STATE/connections, by bucket of flows; its packets are read
from `overlap` before the window, where that was taken down) and the sliding window over calls that `tracenest watch` has
(STATE/transactions, by tenant). From state and records follow, and from nothing else, the spans that are settled now and the state for the
next window. All that is written is named by micro-batch or window and replaced when Spark runs a micro-batch again: a job killed anywhere and
started again (same STATE) writes the traces of an undisturbed one. Stores take a span that comes again as the same one; the topic of traces
is at least once: doubles have the same id.
"""

import argparse
import json
import os
import secrets
import sys
from datetime import datetime, timezone

from pyspark.errors import StreamingQueryException
from pyspark.sql import Row
from pyspark.sql import functions as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tracenest_engine as engine  # noqa: E402


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--brokers", required=True)
    p.add_argument("--topic", required=True)
    p.add_argument("--format", choices=["tracenest", "raw-frame", "pcap-record"], default="tracenest", help="raw-frame: pycapa")
    p.add_argument("--kafka-config", help="JSON file with further properties of the Kafka client (security, passwords)")
    p.add_argument("--starting-offsets", default="earliest", help="of a new STATE: earliest, latest or Spark's JSON")
    p.add_argument("--max-offsets", type=int, default=10_000, help="records in a micro-batch")
    p.add_argument("--trigger-s", type=float, default=10, help="seconds between micro-batches")
    p.add_argument("--until-end", action="store_true", help="read what is there, close all windows and end")
    p.add_argument("--state", required=True, help="folder of checkpoint and pending records")
    p.add_argument("--out", required=True, help="OUT/spans: Parquet by window; OUT/bad: records that could not be read")
    p.add_argument("--traces-topic", help="publish every span as JSON here, keyed by its trace")
    p.add_argument("--store", help="append every span to this trace store, e.g. influx+http://HOST:8086/DATABASE")
    p.add_argument("--window-s", type=float, default=60)
    p.add_argument("--overlap-s", type=float, default=10, help="longer than a call, and than one waits before it makes the next")
    p.add_argument("--longest-s", type=float, default=60, help="a call in progress is waited for as long; so are the first calls, to learn from")
    p.add_argument("--lateness-s", type=float, default=10, help="how much later than others a record may come")
    p.add_argument("--partitions", type=int, default=8)
    p.add_argument("--algorithm", default="default")
    p.add_argument("--model", help="file with a learned model (tracenest nest --save-model), the same for every task")
    engine.add_arguments(p)
    return p.parse_args()


# Times in ns since 1970; `late` and `bad` are of all micro-batches so far.
PROGRESS = "batch bigint, closed bigint, newest bigint, late bigint, bad bigint"
CONNECTIONS = "bucket int, key binary, memory string"
TRANSACTIONS = "tenant string, state string"
START = Row(batch=-1, closed=0, newest=0, late=0, bad=0)


class Windows:
    """Pending records and the windows made of them. Times are ns since 1970."""

    def __init__(self, spark, a):
        self.spark, self.a = spark, a
        self.command = engine.command(spark, a, None if a.ignore_contents else self.content_key())
        self.nest = engine.nesting(spark, a)
        self.length, self.overlap, self.lateness, self.longest = (int(s * 1e9) for s in (a.window_s, a.overlap_s, a.lateness_s, a.longest_s))
        self.kafka = {"kafka.bootstrap.servers": a.brokers}
        if a.kafka_config:
            with open(a.kafka_config, encoding="utf-8") as f:
                self.kafka.update({f"kafka.{k}": str(v) for k, v in json.load(f).items()})

    def path(self, *names):
        """A path of the state in Hadoop's file system, whichever it is."""
        path = self.spark._jvm.org.apache.hadoop.fs.Path("/".join(names))
        return path, path.getFileSystem(self.spark._jsc.hadoopConfiguration())

    def exists(self, *names):
        path, files = self.path(*names)
        return files.exists(path)

    def numbers(self, name):
        """Micro-batches, or windows, of a folder of the state."""
        path, files = self.path(self.a.state, name)
        return [int(s.getPath().getName().split("=")[1]) for s in files.listStatus(path)] if files.exists(path) else []

    def delete(self, name, number, of="batch"):
        path, files = self.path(self.a.state, name, f"{of}={number}")
        files.delete(path, True)

    def content_key(self):
        """Of this STATE: calls that a window holds are opened by the next, also when the driver was killed between them."""
        folder = f"{self.a.state}/content-key"
        kept = self.spark.read.text(folder).first() if self.exists(folder) else None
        if kept is not None:
            return kept.value
        key = secrets.token_hex(32)
        self.spark.createDataFrame([(key,)], "value string").coalesce(1).write.mode("overwrite").text(folder)
        return key

    def progress(self):
        """Micro-batch -> what was reached with it."""
        if not self.exists(self.a.state, "progress"):
            return {}
        return {row.batch: row for row in self.spark.read.schema(PROGRESS).json(f"{self.a.state}/progress").collect()}

    def take(self, kafka, batch):
        """One micro-batch. Runs again with the same rows and number when it did not come to its end."""
        a = self.a
        progress = self.progress()
        before = progress.get(batch - 1, START)
        if before is START and batch > 0:
            raise RuntimeError(f"{a.state} is not whole: it holds a checkpoint of micro-batch {batch - 1}, but not what was reached with it")
        closed = before.closed
        place = F.format_string("%06d:%020d", F.col("partition"), F.col("offset"))
        stamp = F.unix_millis("timestamp").alias("timestamp_ms")
        rows = kafka.select(place.alias("place"), stamp, "key", "value").mapInArrow(engine.engine(self.command, "records", a.format), engine.RECORDS)
        rows.write.mode("overwrite").parquet(f"{a.state}/records/batch={batch}")
        rows = self.spark.read.schema(engine.RECORDS).parquet(f"{a.state}/records/batch={batch}")
        bad = rows.where("why <> ''").select("place", "why", "key", "value")
        late = F.count_if(F.col("first_ns") < closed)  # packets of windows that are written already
        facts = rows.agg(F.max("last_ns").alias("newest"), late.alias("late"), F.count_if(F.col("why") != "").alias("bad")).first()
        if facts.bad:
            bad.write.mode("overwrite").parquet(f"{a.out}/bad/batch={batch}")
        if facts.late:
            said = f"{facts.late} records of micro-batch {batch} are late: windows up to {stamp_of(closed)} are written already"
            engine.note(f"{said}; their packets before that are left out (see --lateness-s)")
        self.forget(closed, batch, progress)
        newest = max(before.newest, facts.newest or 0)
        until = (newest - self.overlap - self.lateness) // self.length * self.length
        self.close(closed, until, batch)
        reached = {"closed": max(closed, until), "newest": newest, "late": before.late + facts.late, "bad": before.bad + facts.bad}
        self.spark.createDataFrame([reached]).coalesce(1).write.mode("overwrite").json(f"{a.state}/progress/batch={batch}")
        print(json.dumps({"batch": batch, "closed": reached["closed"], "newest": newest, "late": facts.late, "bad": facts.bad}), flush=True)

    def close(self, closed, until, batch, ends=False):
        """All windows from `closed` to `until` in which packets lie; `ends`: nothing comes behind them."""
        pending = self.spark.read.schema(engine.RECORDS + ", batch bigint").parquet(f"{self.a.state}/records")
        pending = pending.where(F.col("batch") <= batch).where("why = ''")
        touched = F.explode(F.sequence(F.expr(f"first_ns div {self.length}L"), F.expr(f"last_ns div {self.length}L")))
        starts = sorted(r[0] * self.length for r in pending.select(touched).distinct().collect())
        starts = [start for start in starts if closed <= start < until]
        for start, following in zip(starts, [*starts[1:], None if ends else until]):
            self.write(start, following, pending)

    def write(self, start, following, pending):
        """One window. `following`: start of the next, which goes on from the state that this one leaves; None: there is none."""
        a = self.a
        end = start + self.length
        before = max((w for w in self.numbers("transactions") if w <= start), default=None)
        since = start - self.overlap if before is None else before - self.overlap
        cut = None if following is None else following - self.overlap
        records = pending.where((F.col("last_ns") >= since) & (F.col("first_ns") < end + self.overlap))
        none = F.lit(None).cast("binary")
        if a.format == "raw-frame":  # such a tap scatters flows over partitions
            ordered = records.repartition(1).sortWithinPartitions("first_ns", "place").select("value")
            records = ordered.mapInArrow(engine.engine(self.command, "frames", a.partitions * 4), engine.FRAMES).withColumn("key", none).withColumn("place", F.lit(""))
        else:
            records = records.withColumn("bucket", F.substring("place", 1, 6).cast("int"))
        records = records.select("bucket", "key", "value", "place", F.lit(None).cast("string").alias("memory"))
        if before is not None:
            kept = self.spark.read.schema(CONNECTIONS).parquet(f"{a.state}/connections/window={before}")
            records = records.unionByName(kept.withColumn("value", none).withColumn("place", F.lit("")))
        times = ("" if time is None else time for time in (since if before is not None else None, end, cut))
        calls = records.repartition(a.partitions, "bucket").mapInArrow(engine.engine(self.command, "window-calls", *times), engine.WINDOW_CALLS).cache()
        first = start if before is None else since
        near = calls.where("call is not null").where(F.col("start_ns").isNull() | (F.col("start_ns") >= first))
        near = near.select("tenant", "call", "start_ns", "open", F.lit(None).cast("string").alias("state"))
        if before is not None:
            states = self.spark.read.schema(TRANSACTIONS).parquet(f"{a.state}/transactions/window={before}")
            near = near.unionByName(states, allowMissingColumns=True)
        how = (start, end, self.overlap, self.longest, "over" if following is None else "", *self.nest)
        placed = near.repartition(a.partitions, "tenant").mapInArrow(engine.engine(self.command, "window-traces", *how), engine.WINDOW_TRACES).cache()
        if following is not None:
            self.keep("connections", following, calls.where("memory is not null").select("bucket", "key", "memory"))
            self.keep("transactions", following, placed.where("state is not null").select("tenant", "state"))
        name = f"{a.out}/spans/window={start}"
        placed.where("state is null").drop("state").write.mode("overwrite").parquet(name)
        placed.unpersist()
        calls.unpersist()
        written = self.spark.read.schema(engine.TRACES).parquet(name)
        if a.store:
            engine.stored(written, self.command, a.partitions, a.store)
        if a.traces_topic:
            written.select(F.col("trace").alias("key"), F.col("span").alias("value")).write.format("kafka").options(**self.kafka).option(
                "topic", a.traces_topic
            ).save()

    def keep(self, name, window, rows):
        """State for a window. What there is for later ones was made in a run that did not come to its end, or at an end that was none."""
        for later in self.numbers(name):
            if later > window:
                self.delete(name, later, "window")
        rows.write.mode("overwrite").parquet(f"{self.a.state}/{name}/window={window}")

    def forget(self, closed, batch, progress):
        """Deletes micro-batches that no window needs any more, not even when this micro-batch runs again; then what was reached with them."""
        states = sorted(w for w in self.numbers("transactions") if w <= closed)
        needed = (states[-1] if states else closed) - self.overlap
        kept = set()
        for number in self.numbers("records"):
            if number < batch - 1 and progress[number].newest < needed:
                self.delete("records", number)
            else:
                kept.add(number)
        for number in progress:
            if number < batch - 1 and number not in kept:
                self.delete("progress", number)
        for window in states[:-1]:
            for name in ("connections", "transactions"):
                self.delete(name, window, "window")


def stamp_of(ns):
    return datetime.fromtimestamp(ns / 1e9, timezone.utc).isoformat(timespec="seconds")


def run_to_its_end(start, last):
    """Awaits the query that `start` starts; one that fails after it finished a micro-batch is started again from its checkpoint. Not only
    for brokers that come and go: after a kill amid a micro-batch Spark 4.1 replays it, commits it and then throws a NullPointerException
    out of the Kafka source's metrics (SPARK-55271)."""
    while True:
        before = last[0]
        try:
            return start().awaitTermination()
        except StreamingQueryException as error:
            if last[0] == before:
                raise
            engine.note(f"started again after micro-batch {last[0]}: {str(error).splitlines()[0]}")


def main():
    a = arguments()
    spark = engine.session("tracenest stream")
    windows = Windows(spark, a)
    source = spark.readStream.format("kafka").options(**windows.kafka)
    rows = source.option("subscribe", a.topic).option("startingOffsets", a.starting_offsets).option("maxOffsetsPerTrigger", a.max_offsets).load()
    last = [-1]

    def each(frame, batch):
        windows.take(frame, batch)
        last[0] = batch

    trigger = {"availableNow": True} if a.until_end else {"processingTime": f"{a.trigger_s} seconds"}
    run_to_its_end(rows.writeStream.foreachBatch(each).option("checkpointLocation", f"{a.state}/checkpoint").trigger(**trigger).start, last)
    if a.until_end:
        progress = windows.progress()
        batch = max(progress, default=-1)  # of an earlier run, when nothing new came
        reached = progress.get(batch, START)
        if progress:
            windows.close(reached.closed, reached.newest + windows.length, batch, ends=True)
        print(json.dumps({"ended": batch, "lateInAll": reached.late, "badInAll": reached.bad}), flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
