#!/usr/bin/env python3
"""Checks the licence of every dependency: `cargo metadata --format-version 1 | scripts/licences.py`.

A licence expression passes when what it leaves us to choose from is in the list. The list is that of deny.toml, read from there.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORD = re.compile(r"\(|\)|[^\s()]+")


def passes(expression: str, allowed: set[str]) -> bool:
    """Whether an SPDX expression can be satisfied from the allowed licences. `a/b` is the old way to write `a OR b`."""
    words = WORD.findall(expression.replace("/", " OR "))

    def either() -> bool:
        found = both()
        while words[:1] == ["OR"]:
            words.pop(0)
            found = both() or found
        return found

    def both() -> bool:
        found = one()
        while words[:1] == ["AND"]:
            words.pop(0)
            found = one() and found
        return found

    def one() -> bool:
        word = words.pop(0)
        if word == "(":
            found = either()
            words.pop(0)
            return found
        if words[:1] == ["WITH"]:
            words.pop(0)
            word = f"{word} WITH {words.pop(0)}"
        return word in allowed

    found = either()
    if words:
        raise ValueError(f"cannot read {expression!r}")
    return found


def main() -> int:
    listed = re.search(r"^allow = \[$(.*?)^\]$", (ROOT / "deny.toml").read_text(), re.DOTALL | re.MULTILINE)
    allowed = set(re.findall(r'"([^"]+)"', listed.group(1)))
    assert not passes("GPL-3.0-only", allowed) and not passes("MIT AND LGPL-2.1-or-later", allowed)
    assert passes("MIT OR LGPL-2.1-or-later", allowed) and passes("(MIT OR GPL-2.0) AND Unicode-3.0", allowed)
    packages = [package for package in json.load(sys.stdin)["packages"] if package["source"]]
    wrong = [
        f"{package['name']} {package['version']}: {package['license'] or 'no licence stated'}"
        for package in packages
        if not package["license"] or not passes(package["license"], allowed)
    ]
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(packages)} dependencies, {len(wrong)} with a licence that is not allowed")
    return 1 if wrong or not packages else 0


if __name__ == "__main__":
    sys.exit(main())
