"""Writes docs/plugins/abi.md from the comments of the public header.

    python3 Tests/Scripts/make_abi_reference.py

The header is the source; a test (HeaderTests) fails when the page lacks one of its names.
"""

import pathlib
import re

root = pathlib.Path(__file__).resolve().parents[2]
headers = root / "Sources/CRefluxPlugin/include/reflux"
order = [
    "abi", "host", "plugin", "data", "pseudo_reward_rule", "policy_optimizer", "task_evaluator",
    "teacher_source", "reward_model",
]
intro = """# The ABI

What crosses the boundary between the host and a plugin, header by header. This page is made from
the comments of `reflux/*.h` by `Tests/Scripts/make_abi_reference.py`; the header is what counts.

**Threads.** The tag in brackets says from where a function may be called. `[load]`: from one thread
while nothing else of the plugin (for `create` and `destroy`: of the instance) runs.
`[instance-serial]`: one call at a time for each instance, on any thread. `[any-thread]`: at any time.

**Sizes.** Every struct but `reflux_string` begins with `struct_size`, the offset and size of its last
field. Read a field that is younger than your minor only when `struct_size` reaches it
(`REFLUX_HAS_FIELD`).

**Ownership.** What a function is given is borrowed until it returns. What it gives back is copied by
the host, or goes into the host's buffers. Whoever allocates frees.
"""


def text(comment):
    lines = [re.sub(r"^\s*(/\*|\*/|\*)?\s?", "", line) for line in comment.strip().splitlines()]
    return " ".join(line.replace("*/", "").strip() for line in lines if line.strip()).strip()


def fields(body):
    rows = []
    for match in re.finditer(r"(/\*.*?\*/)?\s*([^;/]+);", body, re.S):
        comment, declaration = match.groups()
        declaration = " ".join(declaration.split()).replace("( ", "(")
        name = re.search(r"\(\*(\w+)\)", declaration) or re.search(r"(\w+)$", declaration)
        rows.append((name.group(1), declaration, text(comment) if comment else ""))
    return rows


def page(name):
    source = (headers / f"{name}.h").read_text()
    top = re.match(r"/\*.*?\*/", source, re.S).group(0)
    out = [f"## `reflux/{name}.h`", "", text(top), ""]
    body = source[len(top):]
    pattern = re.compile(
        r"(?P<comment>/\*(?:(?!\*/).)*\*/\n)?"
        r"(?:(?P<macros>(?:#define REFLUX_(?!\w*_H\b)[^\n]*(?:\\\n[^\n]*)*\n)+)"
        r"|typedef struct (?P<struct>\w+) \{\n(?P<fields>.*?)\n\} \w+;"
        r"|typedef struct (?P<opaque>\w+) \w+;"
        r"|(?P<function>REFLUX_EXPORT [^;]*;))", re.S)
    for match in pattern.finditer(body):
        comment = text(match["comment"] or "")
        if match["macros"]:
            names = re.findall(r"#define (\w+(?:\([^)]*\))?)[ \\\n]+(?:U?INT\d+_C\()?([^\n)]*)", match["macros"])
            if names[0][0].startswith("REFLUX_EXPORT"):
                continue
            out += [comment, ""] if comment else []
            out += [f"- `{n}`" + (f" = `{v.strip()}`" if "(" not in n and v.strip() else "") for n, v in names] + [""]
        elif match["struct"]:
            out += [f"### `{match['struct']}`", "", comment, ""]
            for name_, declaration, note in fields(match["fields"]):
                if name_ in ("struct_size", "reserved"):
                    continue
                out.append(f"- **`{name_}`**: `{declaration}`" + (f"  \n  {note}" if note else ""))
            out.append("")
        elif match["opaque"]:
            out += [f"### `{match['opaque']}`", "", comment, ""]
        elif match["function"]:
            out += ["### `reflux_plugin_entry_v1`", "", comment, ""]
    return out


lines = intro.splitlines() + [""]
for name in order:
    lines += page(name)
(root / "docs/plugins/abi.md").write_text("\n".join(lines).rstrip() + "\n")
