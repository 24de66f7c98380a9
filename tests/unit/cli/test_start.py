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

if __name__ == "__main__":
    with Workers(1) as pool:
        pool.submit(exec, "import {module}").result()
        print(*pool.submit(eval, "sorted(__import__('sys').modules)").result(), file=sys.stderr)
"""


def modules_of(code: str) -> set[str]:
    """Run code in a process of its own and return the packages that it says were loaded."""
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return {name.partition(".")[0] for name in answer.stderr.split()}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    loaded = modules_of(HELP.format(arguments=arguments))
    assert "typer" in loaded
    assert loaded & set(HEAVY) == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "us-exit-2026"],
        ["sweep", "contagion-lhs", "--set", "design.samples=9999999", "--out", "/proc/nowhere"],
        ["run", "no-such-scenario"],
    ],
)
def test_a_check_and_a_refusal_need_no_samplers(arguments: list[str]) -> None:
    loaded = modules_of(HELP.format(arguments=arguments))
    assert "pydantic" in loaded
    assert loaded & {"SALib", "scipy", "matplotlib", "mesa", "networkx"} == set()


@pytest.mark.parametrize("module", ["experiments.runs.run_with_twin", "experiments.sweeps.run_pair"])
def test_workers_load_no_more_than_a_run_needs(module: str) -> None:
    loaded = modules_of(WORKER.format(module=module))
    assert {"numpy", "experiments"} <= loaded
    assert loaded & {"pandas", "scipy", "mesa", "matplotlib", "igraph", "networkx", "pyarrow", "rich"} == set()


def test_a_run_of_the_real_world_draws_nothing_and_needs_no_data_frames() -> None:
    code = """
import sys
from abm.config.reader import load_experiment
from experiments.runs.run_with_twin import run_replicate
replicate = run_replicate(load_experiment("who-2025", ["quarters=2"]), 0, True)
assert not replicate.failed, replicate.failed
print(*sorted(sys.modules), file=sys.stderr)
"""
    loaded = modules_of(code)
    assert "igraph" in loaded  # the modularity at the end of a run
    assert loaded & {"pandas", "scipy", "mesa", "matplotlib", "networkx", "pyarrow", "rich"} == set()
