#!/usr/bin/env python3
"""Counts what audits and evaluations of the recorded responses must say, without Reflux.

    python count_audit_numbers.py DATA

`DATA` holds `mmlu_pro/questions.jsonl.gz` and `mmlu_pro/extraction_reference_A.jsonl.gz`, row by row
what the published extraction gives. Prints the numbers of RecordedAuditDataTests and of
RecordedEvaluationTests. Needs scipy.
"""
import collections
import gzip
import json
import math
import sys

from scipy import stats

SHARES = (0, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9)


def lines(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def vote(rows, gold, key):
    """Majority over all rows of a question; unreadable ones abstain, ties go to the lowest letter."""
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row["question_id"]].append(row[key])
    right = ties = 0
    confusion = collections.Counter()
    coverage = {share: [0, 0] for share in SHARES}
    for question, answers in groups.items():
        votes = collections.Counter(answer for answer in answers if answer)
        most = max(votes.values(), default=0)
        leaders = sorted(answer for answer in votes if votes[answer] == most)
        label = leaders[0] if leaders else None
        right += label == gold[question]
        ties += len(leaders) > 1
        for share in SHARES:
            if len(leaders) == 1 and most / len(answers) >= share:
                coverage[share][0] += 1
                coverage[share][1] += label == gold[question]
        for answer in answers:
            accepted = label is not None and answer == label
            confusion["TP FN FP TN".split()[2 * (answer != gold[question]) + (not accepted)]] += 1
    print(key, f"{right} of {len(groups)} right, {ties} ties", dict(confusion), coverage)


def compare(rows, gold, first, second):
    """McNemar's test by rule (1) alone."""
    marks = collections.defaultdict(dict)
    for row in rows:
        marks[row["model"]][row["question_id"]] = row["l1"] == gold[row["question_id"]]
    shared = [question for question in marks[first] if question in marks[second]]
    b = sum(marks[first][q] and not marks[second][q] for q in shared)
    c = sum(marks[second][q] and not marks[first][q] for q in shared)
    statistic = (abs(b - c) - 1) ** 2 / (b + c)
    right = [sum(marks[model].values()) for model in (first, second)]
    print(first, second, len(shared), right, b, c, statistic, stats.chi2.sf(statistic, 1))


def macro(rows, questions, gold, model):
    """Accuracy by category of rule (1) alone."""
    categories = collections.defaultdict(list)
    for row in rows:
        if row["model"] == model:
            question = row["question_id"]
            categories[questions[question]["category"]].append(row["l1"] == gold[question])
    counts = {name: (sum(marks), len(marks)) for name, marks in sorted(categories.items())}
    print(model, counts, sum(a / n for a, n in counts.values()) / len(counts))


def main():
    folder = sys.argv[1] + "/mmlu_pro"
    questions = {row["question_id"]: row for row in lines(f"{folder}/questions.jsonl.gz")}
    gold = {question: row["answer"] for question, row in questions.items()}
    rows = lines(f"{folder}/extraction_reference_A.jsonl.gz")
    vote(rows, gold, "pred")
    vote(rows, gold, "l1")
    compare(rows, gold, "Yi-34B", "Meta-Llama-3_1-8B-Instruct")
    macro(rows, questions, gold, "gemini-1.5-pro-002")
    for b, c in ((3, 9), (0, 5), (7, 7), (12, 12), (1, 23)):
        print("binomial", b, c, stats.binomtest(b, b + c).pvalue)
    for b, c in ((10, 20), (40, 41), (100, 60)):
        statistic = (abs(b - c) - 1) ** 2 / (b + c)
        print("chi-square", b, c, statistic, stats.chi2.sf(statistic, 1))
    for n, c, k in ((10, 3, 1), (10, 3, 4), (5, 0, 2), (5, 4, 2), (200, 7, 100), (6, 2, 3)):
        print("pass@k", n, c, k, 1 - math.comb(n - c, k) / math.comb(n, k))


if __name__ == "__main__":
    main()
