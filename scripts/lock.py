#!/usr/bin/env python3
"""Write go.mod and go.sum of the sets in locks/: render a service that has the set, tidy it, and store the result.

Without arguments it writes all sets. To raise a version, change it in the set's go.mod first; a new set starts as a
go.mod with its direct requirements. A set belongs to the first leaf of examples/answers/ that has it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from scripts import settings
from scripts.settings import ROOT

LOCKS = ROOT / "locks"


def sets() -> dict[str, tuple[str, str]]:
    """Return each set's leaf and the folder in the service in which its module is."""
    found: dict[str, tuple[str, str]] = {}
    for leaf, answers in settings.leaves().items():
        values = settings.values(answers)
        found.setdefault(values["lock_set"], (leaf, "."))
        found.setdefault(values["tools_set"], (leaf, "tools"))
    return found


def write(name: str, leaf: str, module: str, work: Path) -> None:
    """Render the leaf, tidy the module and store its files under the name that the template replaces."""
    service = work / name
    answers = [f"--data={key}={value}" for key, value in settings.leaves()[leaf].items()]
    subprocess.run([ROOT / "scripts/render", service, "--data=service_name=orders", *answers], check=True)
    folder = service / module
    subprocess.run(["go", "mod", "tidy"], cwd=folder, check=True)
    first, rest = (folder / "go.mod").read_text(encoding="utf-8").split("\n", 1)
    if not first.startswith("module example.com/orders"):
        raise SystemExit(f"{name}: the module line of go.mod is not the rendered one: {first}")
    first = first.replace("module example.com/orders", "module service.invalid")
    (LOCKS / name / "go.mod").write_text(f"{first}\n{rest}", encoding="utf-8")
    (LOCKS / name / "go.sum").write_bytes((folder / "go.sum").read_bytes())
    print(name)


def main(names: list[str]) -> int:
    """Write the named sets, or all."""
    known = sets()
    if unknown := sorted(set(names) - known.keys()):
        print(f"no leaf has the set {', '.join(unknown)}; there are {', '.join(sorted(known))}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as work:
        for name in names or sorted(known):
            if not (LOCKS / name / "go.mod").is_file():
                print(f"locks/{name}/go.mod is missing: start with its direct requirements", file=sys.stderr)
                return 1
            write(name, *known[name], Path(work))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
