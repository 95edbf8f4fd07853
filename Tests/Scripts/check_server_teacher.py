"""Checks the teacher `openai-compatible` against a real server, killed half-way and resumed.

    python3 Tests/Scripts/check_server_teacher.py --reflux .build/debug/reflux \
        --url http://127.0.0.1:8023/v1 --model smollm2 --server llama.cpp \
        --data FOLDER_WITH_GSM8K --student MODEL_FOLDER

Runs `reflux teach` on some GSM8K prompts at two temperatures through a proxy that notes every
request, kills it with SIGKILL when half of the replies are there, and runs it again. Wants that

* what was in the response cache at the kill is not asked again, and everything else is asked;
* every response is there once, and none that was kept has changed;
* greedy answers are, but for rounding, what the server says when it is asked directly;
* a third run into another folder asks nothing.

Only the standard library is needed.
"""

import argparse
import collections
import http.server
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request


class Proxy(http.server.ThreadingHTTPServer):
    """Forwards to a server; notes the body and the status of every request."""

    daemon_threads = True

    def __init__(self, target):
        super().__init__(("127.0.0.1", 0), Forwarder)
        self.target = target
        self.lock = threading.Lock()
        self.asked = []
        self.replies = 0

    def handle_error(self, request, client_address):
        pass  # a client that was killed


class Forwarder(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        with self.server.lock:
            self.server.asked.append(body)
        status, reply = post(self.server.target + self.path.removeprefix("/v1"), body)
        with self.server.lock:
            self.server.replies += 1
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)


def post(url, body):
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=600) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def run_file(options, proxy, cache):
    return f"""
run: {{name: server-teacher, seed: 5}}
task: {{use: gsm8k, data: {options.data}, train: {options.prompts}, test: 5}}
teachers:
  - use: openai-compatible
    base_url: http://127.0.0.1:{proxy.server_port}/v1
    model: {options.model}
    api: {options.api}
    server: {options.server}
    logprobs: {str(options.logprobs).lower()}
    concurrency: {options.concurrency}
    samples: 2
    temperatures: [0, 0.8]
    max_tokens: {options.max_tokens}
    batch_prompts: 8
    cache: {cache}
student: {{model: {options.student}}}
reward: {{body: student}}
"""


def kept(cache):
    """The answers of the cache by the JSON of their requests."""
    if not cache.exists():
        return {}
    with sqlite3.connect(cache) as database:
        rows = database.execute("SELECT request, response FROM response").fetchall()
    return {request: json.loads(response)["text"] for request, response in rows}


def body_key(body):
    """A body as the cache's requests hold it."""
    return json.dumps(json.loads(body), sort_keys=True)


def request_key(request):
    return json.dumps(json.loads(request)["body"], sort_keys=True)


def want(condition, message):
    if not condition:
        sys.exit(f"FAILED: {message}")
    print(f"ok: {message}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ["reflux", "url", "model", "server", "data", "student"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--api", default="chat")
    parser.add_argument("--logprobs", action="store_true")
    parser.add_argument("--prompts", type=int, default=20)
    parser.add_argument("--concurrency", type=int, default=4)
    parser.add_argument("--max-tokens", type=int, default=48)
    options = parser.parse_args()
    total = options.prompts * 4

    proxy = Proxy(options.url.rstrip("/"))
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        cache = folder / "responses.sqlite"
        (folder / "run.yaml").write_text(run_file(options, proxy, cache))

        def teach(runs):
            return subprocess.Popen(
                [options.reflux, "teach", folder / "run.yaml", "--runs", folder / runs])

        start = time.time()
        process = teach("runs")
        while proxy.replies < total // 2:
            if process.poll() is not None:
                sys.exit(f"FAILED: the run ended by itself: {process.returncode}")
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        # Requests that were under way reach the server's end, and nobody hears their replies.
        while proxy.replies < len(proxy.asked):
            time.sleep(0.1)
        before = kept(cache)
        first = len(proxy.asked)
        print(f"killed: {first} requests, {len(before)} answers kept, {time.time() - start:.0f} s")
        want(len(before) >= total // 2 - options.concurrency - 1, "answers are kept as they come")

        want(teach("runs").wait() == 0, "the second run ends well")
        second = [body_key(body) for body in proxy.asked[first:]]
        want(len(second) == total - len(before), f"it sends {total - len(before)} requests")
        known = {request_key(request) for request in before}
        want(not known.intersection(second), "none of them for an answer that was kept")
        twice = [key for key, n in collections.Counter(map(body_key, proxy.asked)).items() if n > 1]
        want(len(twice) <= options.concurrency, f"{len(twice)} were under way at the kill")
        after = kept(cache)
        want(len(after) == total and before.items() <= after.items(), f"{total} answers are kept")

        lines = folder / "runs/server-teacher/teach/responses.jsonl"
        responses = [json.loads(line) for line in lines.read_text().splitlines()]
        want(
            len({(r["prompt"], r["sample"]) for r in responses}) == len(responses) == total,
            f"{total} responses, each sample once")
        want(
            collections.Counter(r["text"] for r in responses) == collections.Counter(after.values()),
            "their texts are those of the cache")
        finishes = dict(collections.Counter(r["finish"] for r in responses))
        counted = sum("tokens" in r for r in responses)
        scored = sum("mean_logprob" in r for r in responses)
        print(f"finish {finishes}, {counted} with tokens, {scored} with log-probabilities")
        if options.logprobs:
            want(scored == total, "all have log-probabilities")

        seen = len(proxy.asked)
        want(teach("again").wait() == 0 and len(proxy.asked) == seen, "a third run asks nothing")
        want(
            (folder / "again/server-teacher/teach/responses.jsonl").read_text()
            == lines.read_text(), "and has the same responses")

        greedy = [r for r in after if json.loads(r)["body"]["temperature"] == 0][:10]
        equal = [direct(options, request) == after[request] for request in greedy]
        # A server that goes on from the prompt before may differ from itself in the last bits.
        want(
            sum(equal) >= 0.8 * len(equal),
            f"{sum(equal)} of {len(equal)} greedy texts are the server's own")
        drawn = [r for r in after if json.loads(r)["body"]["temperature"] > 0][:10]
        equal = [direct(options, request) == after[request] for request in drawn]
        print(f"{sum(equal)} of {len(equal)} drawn texts come again with the same seed")
        print(f"done in {time.time() - start:.0f} s")


def direct(options, request):
    """The text that the server gives when it is asked without Reflux."""
    body = json.dumps(json.loads(request)["body"]).encode()
    path = "/chat/completions" if options.api == "chat" else "/completions"
    status, reply = post(options.url.rstrip("/") + path, body)
    if status != 200:
        sys.exit(f"FAILED: {status} {reply[:300]}")
    choice = json.loads(reply)["choices"][0]
    text = choice["message"]["content"] if options.api == "chat" else choice["text"]
    for stop in json.loads(request)["body"].get("stop", []):
        text = text.split(stop)[0]
    return text


if __name__ == "__main__":
    main()
