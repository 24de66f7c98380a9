"""The figures of the paper: those of a result, the rules in turn, and the record."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from experiments.plots.axes import save_vector
from experiments.plots.result_plots import ORDERS_TITLE, ResultPlots
from experiments.report.orders_figure import words_of
from experiments.report.study_drawing import Bars, draw
from experiments.runs.result import Result
from experiments.storage.atomic import write_whole
from experiments.studies.paper.text import ORDERS_ZH
from experiments.studies.paper.trials import ALONE, VARIANTS

SHOWN = (
    "shocked.effectiveness", "shocked.budget", "shocked.staff", "shocked.legitimacy", "shocked.commitment",
    "left_by_others",
)  # fmt: skip
KINDS = ("all", "refill", "budget", "staff", "cut", "followers", "follower")
"""Kinds of quantities of the record that have a bar."""

ORDERS_TITLE_ZH = "各种秩序在运行中所占比例，按此前三年计"


def draw_figures(result: Result, facts: Mapping[str, Any], out: Path) -> None:
    """Write all figures into a folder."""
    plots = ResultPlots(result)
    save_vector(lambda: plots.trajectories(SHOWN)[0], out / "trajectories.svg")
    save_vector(plots.orders, out / "orders.svg")
    write_whole(out / "orders.zh.svg", in_chinese((out / "orders.svg").read_text(encoding="utf-8")).encode())
    save_vector(plots.refill, out / "refill.svg")
    kept = files("experiments").joinpath("studies/results/phases/phases.svg")
    (out / "phases.svg").write_bytes(kept.read_bytes())
    _rules(facts, out / "rules.svg")
    _record(facts, out / "record.svg")


def in_chinese(svg: str) -> str:
    """Return the drawing of the orders with its words in Chinese; the reader's machine has the letters."""
    words = {words_of(name): chinese for name, chinese in ORDERS_ZH.items()} | {ORDERS_TITLE: ORDERS_TITLE_ZH}
    for english, chinese in words.items():
        svg = svg.replace(f">{english}</text>", f">{chinese}</text>")
    return svg


def _rules(facts: Mapping[str, Any], file: Path) -> None:
    """Draw what changes without each rule, paired by replicate."""
    rows = [row for row in facts["trials"] if row["variant"] != ALONE]
    labels = [VARIANTS[row["variant"]].en for row in rows]
    panels = []
    for column, title, unit, factor in (
        ("followers", "Followers", "exits", 1.0),
        ("refill", "Refill in the third year", "points", 100.0),
        ("effectiveness", "Deepest fall of effectiveness", "points", 100.0),
    ):
        ends = [[factor * row["apart"][column][end] for row in rows] for end in ("mean", "low", "high")]
        panels.append(Bars(title, f"change, {unit}", labels, *ends))
    caption = f"Change without each rule, {rows[0]['runs']} replicates paired with all rules; whiskers: 90 % intervals."
    draw(file, panels, caption)


def _record(facts: Mapping[str, Any], file: Path) -> None:
    """Draw the share of quantities of past exits that lie inside their intervals, by kind."""
    scores = facts["record"]["scores"]
    kinds = [kind for kind in KINDS if kind in scores and scores[kind]["coverage"] is not None]
    covered = [scores[kind]["coverage"] for kind in kinds]
    labels = [f"{kind} ({scores[kind]['count']})" for kind in kinds]
    draw(
        file,
        [Bars("Inside the 90 % interval", "share of quantities", labels, covered, covered, covered)],
        f"Known quantities of {facts['record']['episodes']} past exits and cuts; their numbers in brackets.",
    )
