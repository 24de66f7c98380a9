"""What is loaded before a first answer, and by workers: nothing that they do not use."""

import subprocess
import sys

import pytest

HEAVY = ("numpy", "pandas", "pydantic", "rich", "scipy", "yaml", "mesa", "matplotlib", "igraph", "networkx", "pyarrow")
HELP = """
import sys
from experiments.cli import main
try:
    main({arguments})
except SystemExit:
    print(*sorted(sys.modules), file=sys.stderr)
"""
WORKER = """
import sys
from abm.workers import Workers
from {module} import {function}

def loaded(function):
    return sorted(sys.modules)

if __name__ == "__main__":
    with Workers(1) as pool:
        print(*pool.submit(loaded, {function}).result(), file=sys.stderr)
"""


def modules_of(code: str) -> set[str]:
    """Run code in a process of its own and return the packages that it says were loaded."""
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return {name.partition(".")[0] for name in answer.stderr.split()}


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    loaded = modules_of(HELP.format(arguments=arguments))
    assert "typer" in loaded
    assert loaded & set(HEAVY) == set()
