"""`abm bench`: speed on this machine."""

import json
import sys
from typing import Annotated, Any

import typer

from experiments.cli.common import app

BUSY = 0.3
"""Load a core from which on times say little."""


@app.command()
def bench(
    rounds: Annotated[int, typer.Option(min=1, help="runs of the real world that are timed")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="print the figures as JSON and nothing else")] = False,
) -> None:
    """Measure speed on this machine: runs, quarters, a rule as loops, growth with size, a stored sweep."""
    from experiments.benchmark.speed import bench as measure  # heavy import, needed by this command only

    found = measure(rounds=rounds, say=lambda text: print(f"measuring {text} ...", file=sys.stderr))
    print(json.dumps(found, indent=1) if as_json else _text(found))


def _text(found: dict[str, Any]) -> str:
    """Return the figures in words."""
    lines = [
        f"One run of {found['scenario']} on the real world, all measures, one core: {found['run_ms']:.0f} ms "
        f"(median of {found['rounds']}), a quarter of it {found['quarter_ms']:.1f} ms.",
        f"The rule of legitimacy as loops per state takes {found['ratio_transcription']:.0f} times as long as arrays.",
        f"A sweep stores {found['sweep_runs_per_s']:.1f} runs a second with all cores.",
        "Growth with size:",
    ]
    lines += [
        f"  {row['states']:>4} states, {row['organizations']:>4} organizations: {row['quarter_ms']:7.1f} ms a quarter, "
        f"{row['peak_mb']:.0f} MB at most"
        for row in found["growth"]
    ]
    if found["load"] > BUSY:
        lines.append(f"The machine was busy with other work (load {found['load']:.1f} a core): all times are too long.")
    return "\n".join(lines)
