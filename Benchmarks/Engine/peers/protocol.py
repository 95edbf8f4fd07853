"""A peer reads a command a line from standard input and answers each with a line of JSON."""
import json
import resource
import sys
import time


def serve(handlers):
    """Runs `handlers[work](command)` for every line; the answer gets seconds and peak memory."""
    out = sys.stdout
    sys.stdout = sys.stderr  # libraries print; answers alone go to standard output
    for line in sys.stdin:
        command = json.loads(line)
        if command["work"] == "quit":
            break
        start = time.perf_counter()
        answer = handlers[command["work"]](command) or {}
        answer.setdefault("seconds", time.perf_counter() - start)
        answer["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps(answer), file=out, flush=True)
