#!/usr/bin/env python3
"""Hashes of the prompts that lm-evaluation-harness and MMLU-Pro's own script make.

    python3 -m venv venv && venv/bin/pip install lm-eval==0.4.13
    venv/bin/python Tests/Scripts/make_prompt_fixtures.py ../shared/data

writes Tests/RefluxTasksTests/Fixtures/prompts.json: for each variant the SHA-256 (first 16 digits) of
the prompts of the first 200 test items, in order, and the stop texts. The harness' prompts come from
the harness; those of the official script are put together here as `evaluate_from_local.py` of
TIGER-AI-Lab/MMLU-Pro does, with the header that the dataset's paper gives.
"""

import gzip
import hashlib
import json
import pathlib
import sys
import tempfile

data = pathlib.Path(sys.argv[1]).resolve()
out = pathlib.Path(__file__).resolve().parents[1] / "RefluxTasksTests/Fixtures/prompts.json"
count = 200


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def mmlu_rows():
    with gzip.open(data / "mmlu_pro/questions.jsonl.gz", "rt") as file:
        return [json.loads(line) for line in file]


def official(rows, validation):
    """The five validation questions of the category in order, none left out."""
    letters = "ABCDEFGHIJ"

    def show(row):
        options = [option for option in row["options"] if option != "N/A"]
        listed = "".join(f"{letters[i]}. {option}\n" for i, option in enumerate(options))
        return f"Question:\n{row['question']}\nOptions:\n{listed}"

    prompts = []
    for row in rows:
        category = row["category"]
        prompt = (
            f"The following are multiple choice questions (with answers) about {category}. Think "
            'step by step and then finish your answer with "the answer is (X)" where X is the '
            "correct letter choice.\n")
        for shot in [v for v in validation if v["category"] == category][:5]:
            thought = shot["cot_content"].replace(
                "A: Let's think step by step.", "Answer: Let's think step by step.")
            prompt += show(shot) + thought + "\n\n"
        prompts.append(prompt + show(row) + "Answer: Let's think step by step.")
    return prompts


def harness(name, files, seed=1234):
    """The prompts of a task of the harness over files of ours instead of the hub's."""
    import lm_eval
    from lm_eval.tasks import TaskManager, get_task_dict

    tasks = pathlib.Path(lm_eval.__file__).parent / "tasks"
    base = next(p for p in tasks.rglob("*.yaml") if f"task: {name}" in p.read_text().splitlines()
                or f'task: "{name}"' in p.read_text().splitlines())
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "own.yaml").write_text(
        f"include: {base}\ntask: own_{name}\ntag: null\ndataset_path: json\ndataset_name: null\n"
        f"dataset_kwargs: {{data_files: {json.dumps(files)}}}\n")
    task = get_task_dict([f"own_{name}"], TaskManager(include_path=str(folder)))[f"own_{name}"]
    task.set_fewshot_seed(seed)
    prompts = [
        str(task.fewshot_context(doc, task.config.num_fewshot or 0))
        for doc in list(task.eval_docs)[:count]
    ]
    return prompts, task.config.generation_kwargs["until"]


def main():
    result = {}
    files = {s: str(data / f"gsm8k/{s}.jsonl") for s in ("train", "test")}
    for name in ("gsm8k", "gsm8k_cot", "gsm8k_cot_zeroshot", "gsm8k_cot_llama"):
        prompts, stops = harness(name, files)
        result[name] = {"stops": stops, "prompts": [digest(p) for p in prompts]}
        print(f"=== {name}\n{prompts[0][-700:]}")
    rows = [r for r in mmlu_rows() if r["question_id"] != 3983]
    validation = [json.loads(l) for l in open(data / "mmlu_pro/validation.jsonl")]
    stripped = [dict(r, options=[o.strip() for o in r["options"]]) for r in rows]
    shown = [dict(r, options=[o.strip() for o in r["options"]]) for r in validation]
    result["official"] = {
        "stops": ["Question:"], "ids": [r["question_id"] for r in stripped[:count]],
        "prompts": [digest(p) for p in official(stripped[:count], shown)],
    }
    # The harness has a task for each category: the first ones of each, 200 in all.
    folder = pathlib.Path(tempfile.mkdtemp())
    ids, prompts = [], []
    categories = sorted({r["category"] for r in rows})
    for index, category in enumerate(categories):
        wanted = count // len(categories) + (1 if index < count % len(categories) else 0)
        mine = [r for r in rows if r["category"] == category][:wanted]
        for split, lines in (("test", mine), ("validation", validation)):
            (folder / f"{split}.jsonl").write_text("".join(json.dumps(l) + "\n" for l in lines))
        name = "mmlu_pro_" + category.replace(" ", "_")
        made, stops = harness(
            name, {s: str(folder / f"{s}.jsonl") for s in ("test", "validation")})
        ids += [r["question_id"] for r in mine]
        prompts += made
        if index == 0:
            print(f"=== {name}\n{made[0][:1500]}")
    result["lm-eval"] = {"stops": stops, "ids": ids, "prompts": [digest(p) for p in prompts]}
    out.write_text(json.dumps(result, separators=(",", ":")) + "\n")


main()
