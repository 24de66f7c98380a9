"""The numbers that the README quotes from `abm run us-exit-2026` are those of this version."""

from pathlib import Path

import pytest

from abm import run_experiment
from abm.config.errors import ConfigError
from experiments.reproduction.reproduce_document import findings_of, missing_findings, quoted_summaries
from experiments.reproduction.reproduce_result import reproduce

TEXT = """
Words.

```
The exit from 66 organizations, January 2026
2025Q1, 60 quarters, 8 replicates with twins
- Who follows: Within 3 years, 7.4 exits: +6.0 (90 % interval
  -3.5 to 8.5). ... Most often: Chad ...
- What it does elsewhere: ...
```
"""


@pytest.mark.long
def test_the_readme_quotes_this_version(root: Path) -> None:
    found = reproduce(root / "README.md", workers=2)
    assert [entry["first_difference"]["text"] for entry in found.differences] == []
    assert found.runs == 16


def test_the_readme_holds_a_summary(root: Path) -> None:
    (block,) = quoted_summaries((root / "README.md").read_text(encoding="utf-8"))
    assert (block.scenario, block.start, block.quarters, block.replicates) == ("us-exit-2026", "2025Q1", 60, 8)
    assert {"What happens", "Who follows", "Who fills the gap", "Which order results"} <= set(block.findings)


def test_the_readme_counts_the_acts_without_effect_as_the_command_does(root: Path) -> None:
    """The acts fall into the first six quarters, so that a short run holds them all."""
    events = run_experiment("us-exit-2026", ["quarters=6", "replicates=1"]).events
    idle = events[(events["kind"] == "no_effect") & ~events["twin"] & (events["run"] == 0)]
    ended = int((idle["detail"] == "the body is gone").sum())
    text = (root / "README.md").read_text(encoding="utf-8")
    assert f"no effect in {len(idle) - ended} of the 66" in text
    assert (f"The command says {len(idle)}:" in text, ended) == (True, 2)


def test_what_is_no_longer_said_is_found() -> None:
    (block,) = quoted_summaries(TEXT)
    said = "Within 3 years, 7.4 exits: +6.0 (90\u202f% interval \u22123.5 to 8.5)."
    now = f"Title\nsize\n- Who follows: {said} X. Most often: Chad."
    assert list(missing_findings(block.findings, findings_of(now))) == []
    later = findings_of(now.replace("6.0", "6.1"))
    assert list(missing_findings(block.findings, later)) == [
        ("Who follows", "Within 3 years, 7.4 exits: +6.0 (90 % interval -3.5 to 8.5)."),
    ]
    swapped = findings_of(
        "T\nS\n- Who follows: Most often: Chad. Within 3 years, 7.4 exits: +6.0 (90 % interval -3.5 to 8.5)."
    )
    assert list(missing_findings(block.findings, swapped)) == [("Who follows", "Most often: Chad")]


def test_a_text_without_a_summary_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("```\nNo run\n```\n")
    with pytest.raises(ConfigError, match="no summary"):
        reproduce(tmp_path / "notes.md")
