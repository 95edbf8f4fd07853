#!/usr/bin/env python3
"""Loads a model folder with `transformers` and compares what it computes with what Reflux computed.

    python check_export.py FOLDER EXPECTED.json

`EXPECTED.json` holds `sequences` (tokens, and how many of them are the prompt), `log_probs` (of all
response tokens, flat), a `text` and its `ids`. Prints `ok`, or what differs. Needs torch and
transformers, and peft where the folder is an adapter's.
"""
import json
import os
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def load(folder):
    config = os.path.join(folder, "adapter_config.json")
    base = folder
    if os.path.exists(config):
        with open(config, encoding="utf-8") as file:
            base = os.path.join(folder, json.load(file)["base_model_name_or_path"])
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    if base != folder:
        from peft import PeftModel
        model = PeftModel.from_pretrained(model, folder)
    return model.eval(), AutoTokenizer.from_pretrained(base)


def main():
    folder, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        expected = json.load(file)
    torch.set_num_threads(1)
    model, tokenizer = load(folder)

    ids = tokenizer.encode(expected["text"], add_special_tokens=False)
    if ids != expected["ids"]:
        sys.exit(print(f"ids differ: {ids} and {expected['ids']}"))
    if tokenizer.eos_token_id != 0 or model.generation_config.eos_token_id != 0:
        sys.exit(print(f"the end token is {tokenizer.eos_token_id}"))

    own = []
    with torch.no_grad():
        for sequence in expected["sequences"]:
            row, prompt = torch.tensor(sequence["tokens"]), sequence["prompt"]
            logs = model(row[None]).logits[0, prompt - 1 : -1].log_softmax(-1)
            own += logs.gather(-1, row[prompt:, None])[:, 0].tolist()
    for index, (a, b) in enumerate(zip(own, expected["log_probs"], strict=True)):
        if abs(a - b) > 1e-5 + 1e-4 * abs(b):
            sys.exit(print(f"log-probability {index}: {a} and {b}"))
    print("ok")


if __name__ == "__main__":
    main()
