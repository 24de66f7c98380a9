"""Reproduction across machines: `uv run python -m tests.machines` makes one result again under other conditions.

A scenario of the built-in world is run once. `abm reproduce` then makes it again with other kernels of matrix
products, numbers of threads, hash seeds, time zones and languages. It says whether all tables and events are equal,
equal to 1e-9, or not. `--python PATH ...` adds commands `abm` of other environments, such as one with another Python.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ABM = Path(sys.executable).with_name("abm")
CONDITIONS: dict[str, dict[str, str]] = {
    "as it was": {},
    "kernel Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
    "kernel SkylakeX": {"OPENBLAS_CORETYPE": "SkylakeX"},
    "kernel Prescott": {"OPENBLAS_CORETYPE": "Prescott"},
    "two threads": {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "hash seed 99": {"PYTHONHASHSEED": "99"},
    "time zone of Auckland": {"TZ": "Pacific/Auckland"},
    "language C": {"LC_ALL": "C", "LANG": "C"},
}


def main() -> int:
    """Run once, make it again under every condition, print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quarters", type=int, default=16)
    parser.add_argument("--python", nargs="*", type=Path, default=[], help="commands `abm` of other environments")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="machines-") as place:
        made = f"run us-exit-2026 --quarters {options.quarters} --replicates 2 --workers 1 --out result".split()
        refused = subprocess.run([ABM, *made], cwd=place, check=False, stdout=subprocess.DEVNULL).returncode
        if refused:  # the command has said why
            return refused
        manifest = json.loads((Path(place) / "result" / "manifest.json").read_text(encoding="utf-8"))
        print("made with", manifest["versions"]["python"], *manifest["platform"].values())
        print("\n| condition | answer |\n| --- | --- |", flush=True)
        answers = [told(name, ABM, extra, place) for name, extra in CONDITIONS.items()]
        answers += [told(f"environment {number}", abm, {}, place) for number, abm in enumerate(options.python, 1)]
    return int("not equal" in answers)


def told(name: str, abm: Path, extra: dict[str, str], place: str) -> str:
    """Make the result again under a condition; print and return the answer."""
    command = [abm, "reproduce", "result", "--json", "--workers", "1"]
    done = subprocess.run(command, cwd=place, env=os.environ | extra, capture_output=True, text=True, check=False)
    found = (
        json.loads(done.stdout) if done.stdout else {"equal": False, "near": False, "warnings": [done.stderr[-300:]]}
    )
    answer = "equal" if found["equal"] else "equal to 1e-9, events equal" if found["near"] else "not equal"
    print(f"| {'; '.join([name, *found['warnings']])} | {answer} |", flush=True)
    return answer


if __name__ == "__main__":
    sys.exit(main())
