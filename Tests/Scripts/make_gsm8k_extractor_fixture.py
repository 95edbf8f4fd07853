"""Writes Tests/RefluxTasksTests/Fixtures/gsm8k_extractors.jsonl.

Each line holds a response, a reference answer, what lm-evaluation-harness' own filters of the task
gsm8k (version 3.0) take from the response, and whether its exact_match calls that right.

    pip install lm-eval==0.4.13
    python3 Tests/Scripts/make_gsm8k_extractor_fixture.py
"""

import json
import pathlib
import random

import yaml
from lm_eval.api.metrics import exact_match_fn
from lm_eval.filters.extraction import RegexFilter
import lm_eval

TASK = pathlib.Path(lm_eval.__file__).parent / "tasks/gsm8k/gsm8k.yaml"
TARGET = pathlib.Path(__file__).parent.parent / "RefluxTasksTests/Fixtures/gsm8k_extractors.jsonl"

HAND = [
    "", " ", "\n", "####", "#### ", "####18", "#### 18", "#### $18", "#### 18.00", "#### 18.",
    "#### 18,", "#### -18", "#### - 18", "#### −18", "#### 1,200", "#### 1,200.50", "#### ,",
    "#### .", "#### ...", "#### 18\n#### 19", "#### 18 #### 19", "text #### 18 text", "#### 018",
    "#### 18 apples.", "##### 18", "### 18", "####  18", "####\n18", "#### 18%", "#### 1.8e3",
    "#### 1 200", "#### ٣", "#### 1٣", "#### １８", "The answer is 18.", "The answer is $18.00.",
    "$29.00.", "18 dollars...", "so 3 + 4 = 7", "so 3+4=7 ... yes", "5-3", "-", "--5", "-$5", "$-5",
    "$5", "$", "$$", ".", "..", ",,", "5.", "5,", "1,2,3", "1, 2, 3", "a1b2c3", "3/4", "1.2.3",
    "no number here", "\\boxed{18}", "\\boxed{1{,}200}", "**18**", "**$1,200.50**", "A: 18", "18\r\n",
    "18.\n", "18\u2028", "é18é", "18€", "x = -3.5", "x=-3", "0", "-0", "00", "0.0", "#### 0",
    "<<48/2=24>>24 clips\n#### 72", "#### 72\n\nQuestion: next 5\n#### 6", "#### 72</s>",
    "#### Answer: 5", "#### N", "#### 7\u0000", "١٢٣", "²", "½", "#### 72\t", "#### 72 .", "#### 7,2",
    "#### 72..", "72..", "#### $72\nso 72", "#### 10 000", "#### 1.000,50", "12:30", "7:", "#### +7",
]
REFERENCES = [
    "So it is 72.\n#### 72", "#### 18", "#### 1,200", "#### -18", "#### 0", "18", "#### 18.00",
    "#### 7.", "#### 18.\n", "a #### b #### $5",
]
PIECES = [
    "#### ", "####", "18", "72", "1,200", "$", "-", ".", ",", " ", "\n", "7", "0", "x", "=", "%",
    "Question:", "answer is ", "é", "18.00",
]


def main():
    task = yaml.safe_load(TASK.read_text().replace("!function", ""))
    filters = {}
    for entry in task["filter_list"]:
        options = {k: v for k, v in entry["filter"][0].items() if k != "function"}
        filters[entry["name"]] = RegexFilter(**options)
    metric = task["metric_list"][0]
    keys = ("ignore_case", "ignore_punctuation", "regexes_to_ignore")
    options = {key: metric[key] for key in keys}
    rng = random.Random(20)
    made = ["".join(rng.choices(PIECES, k=rng.randint(2, 9))) for _ in range(300)]
    lines = []
    for index, text in enumerate(HAND + made):
        reference = REFERENCES[index % len(REFERENCES)]
        row = {"text": text, "reference": reference}
        for name, key in (("strict-match", "strict"), ("flexible-extract", "flexible")):
            found = filters[name].apply([[text]], [{}])
            answer = list(found)[0][0]
            row[key] = None if answer == "[invalid]" else answer
            score = exact_match_fn(predictions=[answer], references=[reference], **options)
            row[key + "_correct"] = bool(score["exact_match"])
        lines.append(json.dumps(row, ensure_ascii=False, sort_keys=True))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} rows")


main()
