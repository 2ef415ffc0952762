"""Runs the Tracenest engine bundle (node spark.cjs STAGE) inside a Spark task: rows as Arrow IPC in and out."""

import os
import secrets
import subprocess
import sys
import threading

import pyarrow as pa
from pyspark import SparkFiles
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

CALLS = "tenant string, call string, start_ns bigint, bad binary, why string"
SPLIT = "bucket int, source string, sequence int, value binary, problem string"
RECORDS = "place string, key binary, value binary, first_ns bigint, last_ns bigint, why string"
FRAMES = "bucket int, value binary"
LINKS = "tenant string, id string, trace string, trace_start_ns bigint"
TRACES = (
    "tenant string, pane bigint, trace string, id string, parent string, caller string, callee string, endpoint string, "
    "protocol string, start_ns bigint, trace_start_ns bigint, duration_ns bigint, status int, flags int, confidence double, span string"
)
# Of a window of a stream: calls, names (start_ns is null) and connections (memory); spans, and the state of a tenant (state).
WINDOW_CALLS = "tenant string, call string, start_ns bigint, open boolean, bucket int, key binary, memory string"
WINDOW_TRACES = TRACES + ", state string"
COMMUNITIES = "tenant string, service string, community string"
PATHS = "tenant string, path string, transactions bigint, total_ns bigint"
STORED = TRACES + ", why string"


class Command(list):
    """What tasks start, and the key under which hashes of what requests say go from stage to stage ("": nobody looks at them). The key travels
    with the code of the tasks and in their engines' environment: no result, log or command line shows it."""

    content_key = ""


class Shipped:
    """A file that travels with the job (spark-submit --files, addFile): where it lies is known to each task only."""

    def __init__(self, name):
        self.name = name

    def __str__(self):
        return SparkFiles.get(self.name)


def session(name):
    """Spark as it is configured. In local mode tasks run in the driver's own Python, unless another one is named."""
    spark = SparkSession.builder.appName(name).getOrCreate()
    context = spark.sparkContext
    if on_this_machine(context) and not os.environ.get("PYSPARK_PYTHON") and not context.getConf().contains("spark.pyspark.python"):
        context.pythonExec = sys.executable
    return spark


def on_this_machine(context):
    return context.master.startswith("local")


def note(text):
    """For who submitted the job: as src/spark/submit.ts looks for it."""
    print(f"Note: {text}", file=sys.stderr, flush=True)


def add_arguments(p):
    p.add_argument("--names", help="names of services by address, JSON or YAML as of tracenest analyze")
    p.add_argument("--ignore-contents", action="store_true", help="don't use values in headers and bodies that reappear in calls")
    p.add_argument("--node", help="Node >= 24.6 on the executors (default: node; in local mode the one that submits)")
    p.add_argument("--engine", default="spark.cjs", help="the engine bundle: the name of a file given by --files, or a path on the executors")


def command(spark, a, content_key=None):
    """What tasks start: Node and the bundle. Without a key one is drawn for this run."""
    own = os.environ.get("TRACENEST_NODE") if on_this_machine(spark.sparkContext) else None
    found = Command([a.node or own or "node", a.engine if "/" in a.engine else Shipped(a.engine)])
    found.content_key = "" if a.ignore_contents else content_key or secrets.token_hex(32)
    return found


def nesting(spark, a):
    """Arguments of the stage `traces`. The driver reads model and names; they go to every task."""

    def shipped(path):
        if not path:
            return ""
        spark.sparkContext.addFile(path)
        return Shipped(os.path.basename(path))

    return [a.algorithm, shipped(a.model), shipped(a.names)]


def engine(command, *arguments):
    """A function for DataFrame.mapInArrow. `command` starts the bundle. A task whose engine
    ends with an error fails, and Spark runs it again."""

    def run(batches):
        line = [*map(str, command), *map(str, arguments)]
        environment = {**os.environ, "TRACENEST_CONTENT_KEY": command.content_key}
        child = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        failure = []
        said = []

        def feed():
            # In a thread of its own: the engine may answer before it has read everything, and pipes are small.
            try:
                writer = None
                for batch in batches:
                    if writer is None:
                        writer = pa.ipc.new_stream(child.stdin, batch.schema)
                    writer.write_batch(batch)
                if writer is not None:
                    writer.close()
                child.stdin.close()
            except BrokenPipeError:
                pass  # its exit code tells why
            except Exception as error:
                failure.append(error)
                child.kill()

        def listen():
            said.append(child.stderr.read()[-4000:])

        threads = [threading.Thread(target=feed, daemon=True), threading.Thread(target=listen, daemon=True)]
        for thread in threads:
            thread.start()
        try:
            try:
                reader = pa.ipc.open_stream(child.stdout)
            except pa.ArrowInvalid:
                reader = ()  # nothing at all was written: the exit code decides
            for batch in reader:
                yield batch
        except BaseException:
            child.kill()  # a cancelled task, or an answer cut short: nobody reads the rest
            raise
        finally:
            for thread in threads:
                thread.join(timeout=30)
            code = child.wait()
        if failure:
            raise failure[0]
        if code != 0:
            raise RuntimeError(f"{' '.join(line)} ended with {code}: {said[0].decode(errors='replace') if said else ''}")

    return run


def traces_of_calls(calls, command, partitions, nest, pane_s=0, overlap_s=0):
    """Stage two. `calls`: those, and names that their tasks learnt (start_ns is null), which go wherever calls of the tenant are.
    Without panes a tenant is nested as a whole in one task. With panes, `pane_s` long, each is nested with the calls
    `overlap_s` around it, and every call's link is taken from the pane in whose core it starts."""
    if pane_s == 0:
        rows = calls.select("tenant", F.lit(None).cast("bigint").alias("pane"), "call").repartition(partitions, "tenant")
        return rows.mapInArrow(engine(command, "traces", *nest), TRACES)
    length, overlap = int(pane_s * 1e9), int(overlap_s * 1e9)
    first, last = F.expr(f"(start_ns - {overlap}L) div {length}L"), F.expr(f"(start_ns + {overlap}L) div {length}L")
    names = calls.where("start_ns is null").select("tenant", "call").distinct()
    cut = calls.where("start_ns is not null").select("tenant", F.explode(F.sequence(first, last)).alias("pane"), "call")
    named = cut.select("tenant", "pane").distinct().join(names, "tenant")
    rows = cut.unionByName(named).repartition(partitions, "tenant", "pane")
    spans = rows.mapInArrow(engine(command, "traces", *nest), TRACES)
    return spans.where(f"start_ns div {length}L = pane")


def stitched(spans, command, partitions):
    """Spans of panes with the traces that their links lead to."""
    links = spans.select("tenant", "id", "parent", "start_ns")
    found = links.repartition(partitions, "tenant").mapInArrow(engine(command, "stitch"), LINKS)
    whole = spans.drop("trace", "trace_start_ns").join(found, ["tenant", "id"])
    span = F.concat(F.lit('{"trace":"'), F.col("trace"), F.lit('",'), F.expr("substring(regexp_replace(span, '\"trace\":\"[0-9a-f]*\",', ''), 2)"))
    return whole.withColumn("span", span).select(*spans.columns)


def stored(spans, command, partitions, store):
    """Writes spans to a trace store; returns how many. All of a series are in one task: see src/spark/storeWrite.ts."""
    series = spans.repartition(partitions, "tenant", "caller", "callee", "protocol", "endpoint").select("span", "trace_start_ns")
    return series.mapInArrow(engine(command, "write", store), "spans bigint").agg(F.sum("spans")).first()[0] or 0
