#!/usr/bin/env python3
"""Writes layout.h: the size of every struct of the plugin boundary and the offset of every field.

Run once, when a struct is published. Afterwards the numbers are pinned: a struct may only get
longer, so a later run may add lines and raise sizes, and must not change an offset.

    python3 Tests/CRefluxPlugin/pin_layout.py > Tests/CRefluxPlugin/layout.h
"""

import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "Sources/CRefluxPlugin/include"
HEADERS = [
    "abi", "data", "host", "plugin", "policy_optimizer", "pseudo_reward_rule", "reward_model",
    "task_evaluator", "teacher_source",
]
STRUCT = re.compile(r"typedef struct (\w+) \{(.*?)\n\} \1;", re.S)
FUNCTION = re.compile(r"\(\*(\w+)\)\s*\(")


def fields(body):
    """The names of a struct's fields, in order."""
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
    for declaration in filter(None, (part.strip() for part in body.split(";"))):
        function = FUNCTION.search(declaration)
        yield function.group(1) if function else re.search(r"(\w+)$", declaration).group(1)


def structs():
    """Every struct with its fields."""
    for header in HEADERS:
        text = (INCLUDE / f"reflux/{header}.h").read_text()
        for name, body in STRUCT.findall(text):
            yield name, list(fields(body))


def measured(found):
    """Name -> numbers, by the C compiler."""
    lines = ['#include <stdio.h>', '#include "reflux/reflux.h"', "int main(void) {"]
    for name, names in found:
        lines.append(f'printf("{name} . %zu\\n", sizeof({name}));')
        lines += [f'printf("{name} {f} %zu\\n", offsetof({name}, {f}));' for f in names]
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "measure.c")
        source.write_text("\n".join(lines + ["return 0; }"]))
        binary = pathlib.Path(folder, "measure")
        subprocess.run(
            ["cc", "-std=c11", f"-I{INCLUDE}", "-o", binary, source], check=True)
        output = subprocess.run([binary], check=True, capture_output=True, text=True).stdout
    return [line.split() for line in output.splitlines()]


def main():
    print("/* Written by pin_layout.py, for LP64. The numbers are pinned: a later minor adds fields")
    print(" * behind the others, so it adds lines and raises sizes; an offset never changes. */")
    for name, field, number in measured(list(structs())):
        if field == ".":
            print(f"\nREFLUX_PIN_SIZE({name}, {number})")
        else:
            print(f"REFLUX_PIN({name}, {field}, {number})")


main()
