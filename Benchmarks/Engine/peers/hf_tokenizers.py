"""`tokenizers`: encoding of every line of a text file, on one thread."""
import os

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import time

from tokenizers import Tokenizer

from protocol import serve

state = {}


def open_model(command):
    state["tokenizer"] = Tokenizer.from_file(command["path"] + "/tokenizer.json")


def encode(command):
    lines = open(command["path"], encoding="utf-8").read().split("\n")
    tokenizer = state["tokenizer"]
    start = time.perf_counter()
    rows = [tokenizer.encode(line, add_special_tokens=False).ids for line in lines]
    return {"seconds": time.perf_counter() - start, "sequences": rows, "tokens": sum(map(len, rows))}


if __name__ == "__main__":
    serve({"open": open_model, "encode": encode})
