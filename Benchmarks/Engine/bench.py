#!/usr/bin/env python3
"""Measures the native engine against its peers and writes the ratios.

    python3 Benchmarks/Engine/bench.py --engine .build/release/engine-bench --models ~/.cache/reflux-models

Every comparison starts both sides as processes that read commands, warms each up, and then lets them
work in turns on the same inputs, so that whatever else the machine does meets both. Losses and greedy
tokens are compared. Results go to `--out` as JSON and, with `--document`, as tables into
docs/performance.md; `--add` keeps those of other works that are in the file already. The first run makes a virtual environment with the pinned peers (`--venv`).
"""
import argparse
import document
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(HERE, "peers")
DOCUMENT = os.path.join(os.path.dirname(os.path.dirname(HERE)), "docs", "performance.md")
# SmolLM2-135M: multiplications and additions of a token's way forward are twice as many.
PARAMETERS = 134.5e6


class Side:
    """A process that answers a line of JSON with a line of JSON."""

    def __init__(self, name, command):
        self.name = name
        environment = dict(os.environ, OMP_NUM_THREADS="2", HF_HUB_OFFLINE="1",
                           TOKENIZERS_PARALLELISM="false")
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
            cwd=PEERS, env=environment)

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            tail = self.log.read().decode(errors="replace")[-2000:]
            raise SystemExit(f"{self.name} ended without an answer:\n{tail}")
        return json.loads(line)

    def close(self):
        try:
            self.process.stdin.write('{"work": "quit"}\n')
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def in_turns(sides, command, rounds, warm):
    """Answers of each side, round by round, without the first `warm`."""
    answers = {side.name: [] for side in sides}
    for number in range(rounds + warm):
        for side in sides:
            answer = side.ask(**command)
            if number >= warm:
                answers[side.name].append(answer)
    return answers


def summary(answers):
    rates = [answer["tokens"] / answer["seconds"] for answer in answers]
    seconds = [answer["seconds"] for answer in answers]
    quarters = statistics.quantiles(rates, n=4) if len(rates) > 1 else [rates[0]] * 3
    return {"tokens_per_second": statistics.median(rates), "spread": quarters[2] - quarters[0],
            "seconds": statistics.median(seconds), "fastest_seconds": min(seconds),
            "peak_bytes": max(answer["peak_bytes"] for answer in answers), "rounds": len(rates)}


def agreement(ours, theirs):
    """The share of greedy tokens before the first difference, over all sequences."""
    same = total = 0
    for a, b in zip(ours, theirs):
        total += max(len(a), len(b))
        same += next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return same / max(1, total)


def differences(ones, others):
    """Mean, 99th percentile and largest of the differences of two lists of the same tokens."""
    assert len(ones) == len(others)
    each = sorted(abs(a - b) for a, b in zip(ones, others))
    return {"mean": statistics.mean(each), "p99": each[int(0.99 * len(each))], "largest": each[-1]}


# Name, width and layers of models of the quickstart's size, and the vocabulary of all.
SMALL = [("0.2 M", 64, 3), ("5 M", 256, 5)]
SMALL_VOCABULARY = 1024


def machine():
    """The processor's name and the instructions that matter."""
    text = open("/proc/cpuinfo").read()
    name = next((l.split(":")[1].strip() for l in text.splitlines() if l.startswith("model name")), "?")
    flags = next((l.split() for l in text.splitlines() if l.startswith("flags")), [])
    known = [flag for flag in ("amx_bf16", "avx512_bf16", "avx512f", "avx2") if flag in flags]
    return f"{name}, {os.cpu_count()} cores, {known[0] if known else 'no vectors that are used'}"


class Bench:
    def __init__(self, options):
        self.options = options
        self.python = os.path.join(options.venv, "peers", "bin", "python")
        self.openvino_python = os.path.join(options.venv, "openvino", "bin", "python")
        self.smollm = os.path.join(options.models, "smollm2-135m-instruct")
        self.results = []

    def ours(self, name="reflux"):
        return Side(name, [os.path.abspath(self.options.engine)])

    def peer(self, name, script, *arguments):
        python = self.openvino_python if script.startswith("openvino") else self.python
        return Side(name, [python, script, *arguments])

    def text_rows(self, count, length, tokenizer_folder):
        """Token ids of real text: this repository's own documentation, cut into rows."""
        from tokenizers import Tokenizer
        tokenizer = Tokenizer.from_file(os.path.join(tokenizer_folder, "tokenizer.json"))
        text = "".join(open(path, encoding="utf-8").read() for path in document_paths())
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        step = max(1, (len(ids) - length) // max(1, count))
        return [ids[i * step:i * step + length] for i in range(count)]

    def record(self, name, answers, **more):
        rows = {side: summary(each) for side, each in answers.items()}
        best = max((row["tokens_per_second"], side) for side, row in rows.items() if side != "reflux")
        # Round by round, so that what disturbs one round disturbs both sides of its ratio.
        rate = {side: [a["tokens"] / a["seconds"] for a in each] for side, each in answers.items()}
        ratios = [a / b for a, b in zip(rate["reflux"], rate[best[1]])]
        row = {"name": name, "sides": rows, "best_peer": best[1], "ratio": statistics.median(ratios),
               "ratios": [min(ratios), max(ratios)], "machine": machine(),
               "load": os.getloadavg()[0], **more}
        self.results.append(row)
        print(json.dumps(row), flush=True)

    def result(self, name):
        return next(row for row in self.results if row["name"] == name)

    def limits(self):
        """The machine's limits, measured once."""
        for row in self.results:
            if row["name"] == "limits":
                return row
        side = self.peer("limits", "limits.py")
        try:
            row = {"name": "limits", "machine": machine(), **side.ask(work="limits")}
        finally:
            side.close()
        self.results.append(row)
        print(json.dumps(row), flush=True)
        return row

    def sft(self, precision, model=None, batch=8, length=256, name=None, rounds=None):
        model = model or self.smollm
        rows = self.text_rows(batch, length, model)
        sides = [self.ours()]
        sides += [self.peer("torch", "torch_train.py"),
                  self.peer("torch.compile", "torch_train.py", "--compile")]
        try:
            for side in sides:
                side.ask(work="open", path=model, precision=precision, trainable=True)
            answers = in_turns(
                sides, dict(work="sft", sequences=rows, learning_rate=1e-5),
                rounds or self.options.rounds, warm=2)
            losses = {side: [a["loss"] for a in each] for side, each in answers.items()}
            self.record(name or f"sft {precision}", answers, losses=losses)
            if model == self.smollm:
                self.limits()
                # Forward once, back twice.
                self.result(f"sft {precision}")["operations_per_token"] = 6 * PARAMETERS
        finally:
            for side in sides:
                side.close()

    def sample(self, name, prompts, tokens, model=None, peers=None, int8=False, rounds=None):
        """Greedy sampling; with `int8`, a second row is that of weights as 8-bit integers."""
        model = model or self.smollm
        rows = self.text_rows(prompts, 96, model)
        own = [("reflux", name, "auto")] + ([("reflux int8", name + ", int8", "int8")] if int8 else [])
        sides = [(self.ours(side), model, precision) for side, _, precision in own] + [
            (self.peer(label, script), path, kind) for label, script, path, kind in peers]
        try:
            for side, path, kind in sides:
                side.ask(work="open", path=path, precision=kind, trainable=False)
            answers = in_turns(
                [side for side, _, _ in sides],
                dict(work="sample", sequences=rows, tokens=tokens, temperature=0),
                rounds or self.options.rounds, warm=1)
            mine = {side: answers.pop(side) for side, _, _ in own}
            for side, row, _ in own:
                texts = {other: each[-1]["sequences"] for other, each in {**mine, **answers}.items()}
                same = {other: agreement(texts[side], each) for other, each in texts.items()
                        if other != side}
                self.record(row, {"reflux": mine[side], **answers}, same_greedy_tokens=same)
        finally:
            for side, _, _ in sides:
                side.close()

    def openvino(self, weights):
        folder = os.path.join(self.options.venv, f"openvino-smollm2-{weights}")
        if not os.path.exists(os.path.join(folder, "openvino_model.xml")):
            subprocess.run(
                [self.openvino_python, os.path.join(PEERS, "openvino_export.py"), self.smollm, folder,
                 weights],
                check=True)
        return folder

    def sample_many(self):
        peers = [("OpenVINO GenAI fp16", "openvino_sample.py", self.openvino("fp16"), "auto"),
                 ("OpenVINO GenAI int8", "openvino_sample.py", self.openvino("int8"), "auto"),
                 ("transformers", "torch_train.py", self.smollm, "bf16")]
        self.sample("sample 32 x 128", 32, 128, peers=peers, int8=True)

    def sample_one(self):
        peers = [("OpenVINO GenAI int4", "openvino_sample.py", self.openvino("int4"), "auto"),
                 ("OpenVINO GenAI fp16", "openvino_sample.py", self.openvino("fp16"), "auto")]
        self.sample("sample 1 x 128", 1, 128, peers=peers, int8=True)
        self.limits()
        self.result("sample 1 x 128")["bytes_per_token"] = 2 * PARAMETERS
        self.result("sample 1 x 128, int8")["bytes_per_token"] = 33 / 32 * PARAMETERS

    def grpo(self):
        rows = self.text_rows(8, 96, self.smollm)
        scratch = tempfile.mkdtemp()
        name = "grpo 8 x 8 x 128"
        own = {"reflux": name, "reflux int8": name + ", int8 rollouts"}
        sides = [*map(self.ours, own), self.peer("TRL", "trl_grpo.py")]
        try:
            for side in sides:
                more = {"sampling_precision": "int8"} if side.name == "reflux int8" else {}
                side.ask(work="open", path=self.smollm, precision="bf16", trainable=True, **more)
            answers = in_turns(
                sides,
                dict(work="grpo", sequences=rows, tokens=128, samples=8, temperature=1,
                     learning_rate=1e-6, accumulate=8, micro_batch=1792, scratch=scratch),
                self.options.grpo_rounds, warm=1)
            for side, row in own.items():
                self.record(row, {"reflux": answers[side], "TRL": answers["TRL"]},
                            parts=answers[side][-1]["parts"])
        finally:
            for side in sides:
                side.close()

    def small_folder(self, width, layers):
        folder = os.path.join(self.options.venv, f"small-{width}")
        if not os.path.exists(os.path.join(folder, "config.json")):
            subprocess.run(
                [self.python, os.path.join(PEERS, "small_model.py"), folder, str(width), str(layers)],
                check=True)
        return folder

    def small(self):
        for label, width, layers in SMALL:
            folder = self.small_folder(width, layers)
            self.sft("auto", model=folder, batch=32, length=64, name=f"sft, {label}", rounds=20)
            # small_model.py: half as many key-value heads as heads, and feed-forwards of three widths.
            parameters = 12 * layers * width ** 2 + SMALL_VOCABULARY * width
            self.result(f"sft, {label}")["operations_per_token"] = 6 * parameters
            self.sample(
                f"sample 64 x 64, {label}", 64, 64, model=folder,
                peers=[("transformers", "torch_train.py", folder, "f32")], int8=True, rounds=5)

    def growth(self):
        """How time and memory of a step grow; a process each, for its peak memory."""
        shapes = [(8, 64), (8, 128), (8, 256), (8, 512), (4, 1024), (2, 2048), (1, 256), (32, 256)]
        models = [("SmolLM2-135M", self.smollm, shape) for shape in shapes]
        models += [(f"random, {label}", self.small_folder(width, layers), (8, 256))
                   for label, width, layers in SMALL]
        for name, model, (batch, length) in models:
            for checkpointing in (False, True):
                side = self.ours()
                try:
                    side.ask(work="open", path=model, precision="auto", trainable=True,
                             gradient_checkpointing=checkpointing)
                    answers = [
                        side.ask(work="sft", sequences=self.text_rows(batch, length, model),
                                 learning_rate=1e-5) for _ in range(4)][1:]
                finally:
                    side.close()
                row = {"name": "growth", "model": name, "batch": batch, "length": length,
                       "checkpointing": checkpointing, "machine": machine(), **summary(answers)}
                self.results.append(row)
                print(json.dumps(row), flush=True)

    def precision(self, steps=200, batch=4, length=64):
        """The losses of the same training in f32 and in bf16, each from the same weights."""
        rows = self.text_rows(steps * batch, length, self.smollm)
        random.Random(1).shuffle(rows)
        held_out, losses = self.text_rows(16, length + 1, self.smollm), {}
        for precision in ("f32", "bf16"):
            side = self.ours()
            try:
                side.ask(work="open", path=self.smollm, precision=precision, trainable=True)
                each = [side.ask(work="sft", sequences=rows[i * batch:(i + 1) * batch],
                                 learning_rate=1e-5)["loss"] for i in range(steps)]
                # A step that changes nothing reads the loss of rows that were no batch.
                last = side.ask(work="sft", sequences=held_out, learning_rate=0)["loss"]
            finally:
                side.close()
            losses[precision] = {"first": each[0], "last_20": statistics.mean(each[-20:]), "end": last}
        row = {"name": "precision", "machine": machine(), "steps": steps, "losses": losses,
               "end_ratio": losses["bf16"]["end"] / losses["f32"]["end"],
               "last_20_ratio": losses["bf16"]["last_20"] / losses["f32"]["last_20"]}
        self.results.append(row)
        print(json.dumps(row), flush=True)

    def rounding(self):
        """What the arithmetics make of the same text: log-probabilities beside those of f32, and those
        that came with drawn tokens beside those that are read of the same tokens."""
        rows, read = self.text_rows(64, 256, self.smollm), {}
        prompts = [row[:96] for row in rows]
        for precision in ("f32", "bf16", "int8"):
            side = self.ours()
            try:
                side.ask(work="open", path=self.smollm, precision=precision, trainable=False)
                read[precision] = side.ask(work="read", sequences=rows)
                drawn = side.ask(work="sample", sequences=prompts, tokens=128, temperature=1)
                again = side.ask(work="read", sequences=[
                    prompt + answer for prompt, answer in zip(prompts, drawn["sequences"])])
            finally:
                side.close()
            values, first = [], 0
            for prompt, answer in zip(prompts, drawn["sequences"]):
                first += len(prompt) - 1
                values += again["log_probabilities"][first:first + len(answer)]
                first += len(answer)
            read[precision]["drawn"] = differences(drawn["log_probabilities"], values)
        exact = read["f32"]
        row = {"name": "rounding", "machine": machine(), "tokens": len(exact["log_probabilities"]),
               "arithmetics": {}}
        for precision, other in read.items():
            row["arithmetics"][precision] = {
                "loss": other["loss"], "drawn": other["drawn"],
                "read": differences(exact["log_probabilities"], other["log_probabilities"])}
        self.results.append(row)
        print(json.dumps(row), flush=True)

    def encode(self):
        sides = [self.ours(), self.peer("tokenizers", "hf_tokenizers.py")]
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
            for _ in range(4):
                for path in document_paths():
                    file.write(open(path, encoding="utf-8").read())
            file.flush()
            try:
                for side in sides:
                    side.ask(work="open", path=self.smollm, precision="f32", trainable=False)
                answers = in_turns(
                    sides, dict(work="encode", path=file.name), self.options.rounds, warm=1)
                ours, theirs = (answers[s][-1]["sequences"] for s in ("reflux", "tokenizers"))
                self.record("encode", answers, same_ids=ours == theirs)
            finally:
                for side in sides:
                    side.close()


def document_paths():
    root = os.path.dirname(os.path.dirname(HERE))
    for folder, _, names in sorted(os.walk(os.path.join(root, "docs"))):
        for name in sorted(names):
            if name.endswith(".md"):
                yield os.path.join(folder, name)


def make_environment(folder, requirements):
    """A virtual environment with what a file of requirements names; nothing when it is there."""
    if not os.path.exists(os.path.join(folder, "bin", "python")):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    stamp = os.path.join(folder, "requirements.txt")
    wanted = open(os.path.join(HERE, requirements)).read()
    if not os.path.exists(stamp) or open(stamp).read() != wanted:
        subprocess.run(
            [os.path.join(folder, "bin", "pip"), "install", "-q", "-r",
             os.path.join(HERE, requirements)], check=True)
        with open(stamp, "w") as file:
            file.write(wanted)


WORKS = {
    "sft-bf16": lambda bench: bench.sft("bf16"),
    "sft-f32": lambda bench: bench.sft("f32"),
    "sample-many": Bench.sample_many,
    "sample-one": Bench.sample_one,
    "grpo": Bench.grpo,
    "small": Bench.small,
    "encode": Bench.encode,
    "growth": Bench.growth,
    "precision": Bench.precision,
    "rounding": Bench.rounding,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("works", nargs="*", choices=[*WORKS, []], help="which comparisons; all without")
    parser.add_argument("--engine", default=".build/release/engine-bench")
    parser.add_argument("--models", default=os.path.expanduser("~/.cache/reflux-models"))
    parser.add_argument("--venv", default=os.path.expanduser("~/.cache/reflux-bench"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--grpo-rounds", type=int, default=3)
    parser.add_argument("--out", default=".build/performance.json")
    parser.add_argument("--add", action="store_true", help="keep other results in the file")
    parser.add_argument("--document", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    options.venv = os.path.abspath(options.venv)
    peers = os.path.join(options.venv, "peers")
    make_environment(peers, "requirements.txt")
    make_environment(os.path.join(options.venv, "openvino"), "requirements-openvino.txt")
    inside = os.path.join(peers, "bin", "python")
    if os.path.abspath(sys.prefix) != peers:
        os.execv(inside, [inside, os.path.abspath(__file__), *sys.argv[1:]])
    bench = Bench(options)
    kept = []
    if options.add and os.path.exists(options.out):
        kept = json.load(open(options.out))
        bench.results += [row for row in kept if row["name"] == "limits"]
    for name in options.works or WORKS:
        WORKS[name](bench)
        new = {row["name"] for row in bench.results}
        with open(options.out, "w") as file:
            json.dump([row for row in kept if row["name"] not in new] + bench.results, file, indent=1)
    if options.document:
        document.write(json.load(open(options.out)), DOCUMENT)


if __name__ == "__main__":
    main()
