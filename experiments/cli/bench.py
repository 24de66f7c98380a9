"""`abm bench`: speed on this machine."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from experiments.cli.common import app

BUSY = 0.3
"""Load a core from which on times say little."""


@app.command()
def bench(
    rounds: Annotated[int, typer.Option(min=1, help="runs of the real world that are timed")] = 7,
    large: Annotated[bool, typer.Option("--large", help="growth up to 2,000 states; takes minutes")] = False,
    compare: Annotated[
        Path | None, typer.Option(help="figures of an earlier --json [default: the last on this machine]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the figures as JSON and nothing else")] = False,
) -> None:
    """Measure speed on this machine: start-up, runs, quarters as loops, growth with size, a stored sweep."""
    from experiments.benchmark.last_measured import keep_figures, last_figures, ratios, read_figures
    from experiments.benchmark.speed import bench as measure  # heavy import, needed by this command only

    try:
        earlier = last_figures() if compare is None else read_figures(compare)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="--compare") from None
    found = measure(rounds=rounds, large=large, say=lambda text: print(f"measuring {text} ...", file=sys.stderr))
    found["ratio_to_last"] = ratios(found, earlier)
    keep_figures(found)
    print(json.dumps(found, indent=1) if as_json else _text(found))


def _text(found: dict[str, Any]) -> str:
    """Return the figures in words."""
    lines = [
        f"One run of {found['scenario']} on the real world, all measures, one core: {found['run_ms']:.0f} ms "
        f"(median of {found['rounds']}), a quarter of it {found['quarter_ms']:.1f} ms.",
        f"That is {found['floor_ratio']:.0f} times as long as only to read and write its arrays.",
        f"A worker starts in {found['startup_s']:.2f} s of processor time, the first result is there after "
        f"{found['first_result_s']:.1f} s, the report of {found['scenario']} after {found['main_job_s']:.1f} s.",
        f"A sweep stores {found['sweep_runs_per_s']:.1f} runs a second with all cores.",
    ]
    if found["ratio_transcription"] is not None:
        lines.append(f"A quarter as plain loops takes {found['ratio_transcription']:.0f} times as long as as arrays.")
    lines.append("Growth with size:")
    lines += [
        f"  {row['states']:>4} states, {row['organizations']:>4} organizations: {row['quarter_ms']:7.1f} ms a quarter, "
        f"{row['peak_mb']:.0f} MB at most"
        for row in found["growth"]
    ]
    if found["load"] > BUSY:
        lines.append(f"The machine was busy with other work (load {found['load']:.1f} a core): all times are too long.")
    return "\n".join(lines + _compared(found["ratio_to_last"]))


def _compared(ratios: Mapping[str, float]) -> list[str]:
    """Return how the figures compare with earlier ones, in words."""
    from experiments.benchmark.last_measured import COMPARED

    return [f"Compared with before: {COMPARED[name]} {ratio:.2f} times." for name, ratio in ratios.items()]
