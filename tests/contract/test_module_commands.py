"""Commands that are modules, `python -m experiments.validation.…`, as documents name them: each is run, if briefly."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHORT = {
    "government_changes": ["--rows", "1"],
    "placebo": ["--rows", "1", "--quarters", "8"],
    "quiet_worlds": ["--rows", "1"],
    "rule_coverage": ["--replicates", "1"],
    "who_follows": ["--rows", "1"],
}
"""The options by which each is brief."""
WRITES = {"cuts_in_accounts"}
"""It writes tables of the package; `test_cuts_in_accounts` compares them with what it would write."""


def test_every_module_that_documents_name_as_a_command_is_tried() -> None:
    documents = [path for folder in ("abm", "experiments", "viz") for path in (ROOT / folder).rglob("*.md")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *documents])
    assert set(re.findall(r"python -m experiments\.validation\.(\w+)", text)) == set(SHORT) | WRITES


@pytest.mark.long
@pytest.mark.parametrize("name", SHORT)
def test_a_module_runs_as_a_command(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", f"experiments.validation.{name}", *SHORT[name], "--workers", "1"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d", done.stdout)
    assert "Traceback" not in done.stderr
