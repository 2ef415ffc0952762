"""Runs the Tracenest engine bundle (node spark.cjs STAGE) inside a Spark task: rows as Arrow IPC in and out."""

import subprocess
import threading

import pyarrow as pa

CALLS = "tenant string, call string, bad binary, why string"
SPLIT = "bucket int, source string, sequence int, value binary, problem string"
TRACES = (
    "tenant string, trace string, id string, parent string, caller string, callee string, endpoint string, "
    "protocol string, start_ns bigint, duration_ns bigint, status int, flags int, confidence double, span string"
)


def engine(command, *arguments):
    """A function for DataFrame.mapInArrow. `command` starts the bundle, e.g. ["node", "spark.cjs"]. A task whose engine
    ends with an error fails, and Spark runs it again."""
    line = [*command, *map(str, arguments)]

    def run(batches):
        child = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
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
        finally:
            for thread in threads:
                thread.join(timeout=30)
            code = child.wait()
        if failure:
            raise failure[0]
        if code != 0:
            raise RuntimeError(f"{' '.join(line)} ended with {code}: {said[0].decode(errors='replace') if said else ''}")

    return run
