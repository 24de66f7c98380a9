"""Numbers in a text made again: the summaries of `abm run` that it quotes, compared with what `abm run` prints now.

A block of code that begins like a summary (a shipped scenario's title, then start, quarters and replicates) is run
again; each line must still be said, three dots stand for what was left out.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from abm.config.reader import ConfigError, shipped
from experiments.report.headline import summary
from experiments.reproduction.reproduction import Progress, Reproduction, difference
from experiments.runs.run_experiment import run_experiment

BLOCK = re.compile(r"^```\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SIZE = re.compile(r"(\d{4}Q\d), (\d+) quarters, (\d+) replicates with twins")


class QuotedSummary(NamedTuple):
    """A quoted summary: the scenario's name, its start, quarters and replicates, and its findings by their subject."""

    scenario: str
    start: str
    quarters: int
    replicates: int
    findings: dict[str, str]


def reproduce_text(path: Path, *, workers: int | None = None, progress: Progress | None = None) -> Reproduction:
    """Run again what the summaries in a text are of; a difference for each finding that is no longer said.

    Raises ConfigError where the text holds no summary of a shipped scenario.
    """
    blocks = list(quoted_summaries(path.read_text(encoding="utf-8")))
    if not blocks:
        raise ConfigError(f"{path} holds no summary of `abm run` for a shipped scenario")
    found, runs = [], 0
    for block in blocks:
        overrides = [f"quarters={block.quarters}", f"replicates={block.replicates}", f"world.start={block.start}"]
        result = run_experiment(block.scenario, overrides, workers=workers, progress=progress)
        runs += int(result.series[["run", "twin"]].drop_duplicates().shape[0])
        now = findings_of(summary(result))
        for subject, fragment in missing_findings(block.findings, now):
            text = f"{subject}: no longer said: {fragment!r}; now: {now.get(subject, 'nothing')}"
            found.append(difference(path.name, text, key=subject, stored=fragment, again=now.get(subject)))
    return Reproduction(found, [], runs)


def quoted_summaries(text: str) -> Iterator[QuotedSummary]:
    """Yield the summaries that a text holds."""
    names = {entry.title: entry.name for entry in shipped() if entry.kind == "scenario"}
    for block in BLOCK.findall(text):
        title, _, rest = block.partition("\n")
        size = SIZE.match(rest)
        if title.strip() in names and size:
            yield QuotedSummary(names[title.strip()], size[1], int(size[2]), int(size[3]), findings_of(block))


def findings_of(text: str) -> dict[str, str]:
    """Return what a summary says by subject, in plain characters, each on one line."""
    lines = re.split(r"\n- ", text)[1:]
    plain = [" ".join(line.replace("\u2212", "-").replace("\u202f", " ").split()) for line in lines]
    return {subject: said for subject, _, said in (line.partition(": ") for line in plain)}


def missing_findings(before: dict[str, str], now: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield subject and words of every finding that the text quotes and the new summary lacks; dots mark omissions."""
    for subject, said in before.items():
        start = 0
        for fragment in (part.strip() for part in said.split("...")):
            if not fragment:
                continue
            at = now.get(subject, "").find(fragment, start)
            if at < 0:
                yield subject, fragment
            else:
                start = at + len(fragment)
