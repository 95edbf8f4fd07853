"""Writes Tests/RefluxTasksTests/Fixtures/published_metrics.jsonl.gz.

lm-evaluation-harness reads real outputs by its own tasks: each filter pipeline of the installed task
files is built and applied by its own code, and its own metric compares with the target of its own
template. Nothing of it is typed again here. The outputs themselves do not get into the fixture: a
line holds, for one task and filter over one file, the answer of every row that was read and whether
it counted as right.

    pip install lm-eval==0.4.13
    python3 Tests/Scripts/make_metric_fixtures.py ../shared/data
"""

import gzip
import hashlib
import json
import pathlib
import sys

import lm_eval
from lm_eval.api.instance import Instance
from lm_eval.api.registry import get_metric
from lm_eval.filters import build_filter_ensemble
from lm_eval.tasks._yaml_loader import load_yaml
from lm_eval.utils import apply_template

TASKS = pathlib.Path(lm_eval.__file__).parent / "tasks"
TARGET = (
    pathlib.Path(__file__).parent.parent
    / "RefluxTasksTests/Fixtures/published_metrics.jsonl.gz"
)
GSM8K = ["gsm8k/gsm8k.yaml", "gsm8k/gsm8k-cot.yaml", "gsm8k/gsm8k-cot-zeroshot.yaml",
         "gsm8k/gsm8k-cot-llama.yaml"]
MMLU_PRO = ["mmlu_pro/mmlu_pro_biology.yaml"]
INVALID = "[invalid]"


def lines(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def target(config, doc):
    template = config["doc_to_target"]
    return str(doc[template] if template in doc else apply_template(template, doc))


def measured(config, filter_config, outputs, docs):
    steps = [
        (step["function"], {k: v for k, v in step.items() if k != "function"} or None)
        for step in filter_config["filter"]
    ]
    ensemble = build_filter_ensemble(filter_config["name"], steps)
    instances = [
        Instance(request_type="generate_until", doc=doc, arguments=("", {}), idx=0, resps=[output])
        for output, doc in zip(outputs, docs)
    ]
    ensemble.apply(instances)
    metric = config["metric_list"][0]
    function = get_metric(metric["metric"])
    options = {
        k: v for k, v in metric.items() if k not in ("metric", "aggregation", "higher_is_better")
    }
    answers, right = [], ""
    for instance, doc in zip(instances, docs):
        answer = instance.filtered_resps[filter_config["name"]]
        score = function(references=[target(config, doc)], predictions=[answer], **options)
        answers.append(None if answer == INVALID else answer)
        right += "1" if score["exact_match"] else "0"
    return answers, right


def main(data):
    questions = lines(data / "gsm8k/test.jsonl")
    answers = {row["question"]: row for row in questions}
    solutions = lines(data / "gsm8k/model_solutions_A.jsonl.gz")
    choices = lines(data / "mmlu_pro/teacher_responses_A.jsonl.gz")
    golds = {row["question_id"]: row for row in lines(data / "mmlu_pro/questions.jsonl.gz")}
    sets = [
        # The solutions of four models, against their own questions.
        (GSM8K, "gsm8k/model_solutions_A.jsonl.gz", 1,
         [(row["response"], answers[row["question"]]) for row in solutions]),
        # The dataset's worked answers: real text with the mark that the strict filter wants. Each
        # is compared with the answer of its own question and, a line further, of another one.
        (GSM8K[:1], "gsm8k/test.jsonl", 1,
         [(row["answer"], questions[(i + i % 2) % len(questions)])
          for i, row in enumerate(questions)]),
        # Long outputs of twelve models to other questions, for the number filters: every fifth,
        # against the answer of some question of GSM8K.
        (GSM8K, "mmlu_pro/teacher_responses_A.jsonl.gz", 5,
         [(row["response"], questions[i % len(questions)])
          for i, row in enumerate(choices[::5])]),
        (MMLU_PRO, "mmlu_pro/teacher_responses_A.jsonl.gz", 1,
         [(row["response"], golds[row["question_id"]]) for row in choices]),
    ]
    rows = []
    for files, source, step, pairs in sets:
        outputs, docs = [output for output, _ in pairs], [doc for _, doc in pairs]
        for name in files:
            config = load_yaml(TASKS / name, resolve_func=False)
            for filter_config in config["filter_list"]:
                # The tasks of GSM8K share one flexible filter; over many rows once is enough.
                if step > 1 and name != files[0] and filter_config["name"] == "flexible-extract":
                    continue
                found, right = measured(config, filter_config, outputs, docs)
                rows.append({
                    "task": pathlib.Path(name).stem, "version": config["metadata"]["version"],
                    "filter": filter_config["name"], "data": source, "step": step,
                    "answers": found, "right": right,
                })
                row = rows[-1]
                print(row["task"], row["filter"], source, len(right),
                      sum(a is not None for a in found), right.count("1"))
    text = "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
    content = gzip.compress(text.encode(), 9, mtime=0)
    TARGET.write_bytes(content)
    print(f"{len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


main(pathlib.Path(sys.argv[1]))
