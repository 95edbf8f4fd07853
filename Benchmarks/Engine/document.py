"""Writes the results of bench.py as tables into docs/performance.md, between two marks."""
import json
import os

BEGIN, END = "<!-- bench.py begins -->", "<!-- bench.py ends -->"


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def agreement(row):
    if "losses" in row:
        ours = row["losses"]["reflux"][-1]
        worst = max(abs(each[-1] / ours - 1) for side, each in row["losses"].items() if side != "reflux")
        return f"losses within {worst:.2%}"
    if "same_greedy_tokens" in row:
        return ", ".join(f"{name} {share:.0%}" for name, share in row["same_greedy_tokens"].items())
    if "same_ids" in row:
        return "all ids equal" if row["same_ids"] else "**ids differ**"
    return ""


def comparison_table(rows):
    lines = ["| work | reflux, tokens/s | peers, tokens/s | ratio to the best | least to largest | peak memory, ratio | agreement |",
             "|---|---|---|---|---|---|---|"]
    for row in rows:
        ours, best = row["sides"]["reflux"], row["sides"][row["best_peer"]]
        low, high = row["ratios"]
        peers = sorted(
            ((side["tokens_per_second"], name) for name, side in row["sides"].items() if name != "reflux"),
            reverse=True)
        lines.append(
            f"| {row['name']} | {number(ours['tokens_per_second'])} | "
            f"{', '.join(f'{name} {number(rate)}' for rate, name in peers)} | "
            f"**{row['ratio']:.2f}** | {low:.2f} to {high:.2f} | "
            f"{ours['peak_bytes'] / best['peak_bytes']:.2f} | {agreement(row)} |")
    return lines


# What a row says a token takes, the limits of which the largest counts, and the limit in words.
LIMITS = [
    ("operations_per_token", ("f32_flops", "bf16_flops"), "PyTorch's faster product of matrices"),
    ("bytes_per_token", ("read_bytes_per_second",), "reading the weights once a token"),
]


def share_lines(rows, limits):
    lines = []
    for row in rows:
        for what, limit, unit in LIMITS:
            if what in row:
                # Factors of bf16 may be multiplied as floats, where that is faster.
                most = max(limits[name] for name in limit)
                rate = row["sides"]["reflux"]["tokens_per_second"] * row[what]
                lines.append(f"| {row['name']} | {unit} | {rate / most:.0%} |")
    if not lines:
        return []
    return ["", f"PyTorch multiplies {limits['f32_flops'] / 1e9:,.0f} GFLOP/s in f32 and "
            f"{limits['bf16_flops'] / 1e9:,.0f} in bf16 (2,048 x 2,048 x 2,048) and reads "
            f"{limits['read_bytes_per_second'] / 1e9:.0f} GB/s here.", "",
            "| work | limit | reached |", "|---|---|---|", *lines]


def growth_table(rows):
    if not rows:
        return []
    lines = ["", "| model | sequences x tokens | gradient checkpointing | tokens/s | peak memory, MiB |",
             "|---|---|---|---|---|"]
    for row in rows:
        lines.append(
            f"| {row['model']} | {row['batch']} x {row['length']} | "
            f"{'yes' if row['checkpointing'] else 'no'} | {number(row['tokens_per_second'])} | "
            f"{row['peak_bytes'] / 2**20:,.0f} |")
    return lines


def precision_lines(results):
    row = next((row for row in results if row["name"] == "precision"), None)
    if not row:
        return []
    exact, rounded = row["losses"]["f32"], row["losses"]["bf16"]
    return ["", f"{row['steps']} steps of SmolLM2-135M on the same batches: the loss ends at "
            f"{exact['end']:.4f} in f32 and {rounded['end']:.4f} in bf16 (ratio {row['end_ratio']:.4f}; mean "
            f"of the last 20 batches {exact['last_20']:.4f} and {rounded['last_20']:.4f}; it began at "
            f"{exact['first']:.4f})."]


def rounding_lines(results):
    row = next((row for row in results if row["name"] == "rounding"), None)
    if not row:
        return []
    def three(found):
        return f"{found['mean']:.1e}, {found['p99']:.1e}, {found['largest']:.1e}"
    lines = ["", f"{row['tokens']:,} tokens of text read by SmolLM2-135M, and 64 responses of 128 tokens drawn by it and "
             "then read. Differences of log-probabilities (mean, 99th percentile, largest):", "",
             "| arithmetic | loss, nats a token | text, from f32 | drawn and read |", "|---|---|---|---|"]
    for name, found in row["arithmetics"].items():
        lines.append(f"| {name} | {found['loss']:.4f} | {three(found['read'])} | {three(found['drawn'])} |")
    return lines


def write(results, path):
    text = open(path, encoding="utf-8").read()
    rows = [row for row in results if "sides" in row]
    growth = [row for row in results if row.get("name") == "growth"]
    limits = next((row for row in results if row.get("name") == "limits"), None)
    load = [f"{row['load']:.1f}" for row in rows]
    lines = [BEGIN, "", f"{results[0]['machine']}; medians of rounds in turns; load while it ran: {', '.join(load)}.",
             "", *comparison_table(rows)]
    if limits:
        lines += share_lines(rows, limits)
    lines += growth_table(growth) + precision_lines(results) + rounding_lines(results)
    lines += ["", END]
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + "\n".join(lines) + after)


if __name__ == "__main__":
    import sys
    write(json.load(open(sys.argv[1])), os.path.join(os.path.dirname(__file__), "../../docs/performance.md"))
