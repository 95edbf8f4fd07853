"""Where fixtures lie, and the manifest that pins them."""
import hashlib
import json
import os

FIXTURES = os.path.join(os.path.dirname(__file__), "../RefluxEngineTests/Fixtures")


def write_json(name, value):
    with open(os.path.join(FIXTURES, name), "w", encoding="utf-8") as out:
        json.dump(value, out, ensure_ascii=False, separators=(",", ":"))
        out.write("\n")


def update_manifest():
    """Pins every file of the folder in SHA256SUMS, which `sha256sum -c` also reads."""
    lines = []
    for folder, _, names in sorted(os.walk(FIXTURES)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name == "SHA256SUMS" or name.startswith("."):
                continue
            with open(path, "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            lines.append(f"{digest}  {os.path.relpath(path, FIXTURES)}\n")
    with open(os.path.join(FIXTURES, "SHA256SUMS"), "w", encoding="utf-8") as out:
        out.writelines(lines)
