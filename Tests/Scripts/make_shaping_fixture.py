"""Writes Tests/Fixtures/shaping.json: length and repetition rewards as others compute them. The soft
overlong punishment and the repetition penalty are trl's (Apache 2.0), half a cosine is the closed
form of PyTorch's CosineAnnealingLR.

    pip install trl==1.16.0 torch
    python3 Tests/Scripts/make_shaping_fixture.py > Tests/Fixtures/shaping.json
"""
import importlib.util
import json
import os
import random
import sys

import torch

TEXTS = [
    "one", "one two", "one two three", "a a a a a a", "The cat the CAT the cat sat",
    "to be or not to be or not to be", "so 3 + 4 = 7 and so 3 + 4 = 7 again",
    "new\nlines\tand  spaces and new lines\nand new lines", "été été été ÉTÉ été",
]


def trl_rewards():
    """trl's module of length rewards alone; the package itself would load trainers."""
    package = importlib.util.find_spec("trl").submodule_search_locations[0]
    spec = importlib.util.spec_from_file_location(
        "other_rewards", os.path.join(package, "rewards", "other_rewards.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def overlong(rewards):
    cases = [(100, 20), (256, 64), (7, 7), (50, 1)]
    return [
        dict(max_tokens=limit, buffer=buffer, tokens=list(range(0, limit + 10, 3)),
             punishment=rewards.get_soft_overlong_punishment(limit, buffer)(
                 completion_ids=[[0] * n for n in range(0, limit + 10, 3)]))
        for limit, buffer in cases
    ]


def repetition(rewards):
    generator = random.Random(7)
    texts = TEXTS + [
        " ".join(generator.choice("abc") for _ in range(generator.randint(1, 40)))
        for _ in range(20)
    ]
    return [
        dict(ngram=n, text=text,
             penalty=rewards.get_repetition_penalty_reward(n, -1.0)(
                 completion_ids=[text.lower().split()])[0])
        for n in (1, 2, 3, 5) for text in texts
    ]


def cosine():
    found = []
    for limit, short, long in [(100, 1, 0.5), (64, 0, 0.25), (256, 0.9, 0.1)]:
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=short)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, limit, eta_min=long)
        values = []
        for step in range(0, limit, 5):
            schedule.last_epoch = step
            values.append(float(schedule._get_closed_form_lr()[0]))
        found.append(dict(max_tokens=limit, short=short, long=long, every=5, values=values))
    return found


if __name__ == "__main__":
    module = trl_rewards()
    json.dump(
        dict(overlong=overlong(module), repetition=repetition(module), cosine=cosine()),
        sys.stdout, ensure_ascii=False, separators=(",", ":"))
    print()
