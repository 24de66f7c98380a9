"""What it takes: the assumptions that would make a claim hold, if it holds at no point of the plausible space.

Points drawn by chance seldom lie at the ends of many ranges at once, so this study starts from the ends. Each factor
that calibration leaves open is set to either end of its range alone. Those that raise the claim's
number are then set to their better ends together, the strongest first: one, two, four and more at once. These
worlds are run again with other random numbers. As in the space, only worlds that are quiet without the shock count: a
claim is within reach where it holds in most of them. Calibrated factors, thresholds and measures stay as they are.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from abm.config.reader import load_experiment, setting
from experiments.claims import CLAIMS
from experiments.claims.assess import Job, answer, is_quiet, together
from experiments.claims.claim import Claim
from experiments.claims.design_space import Dimension, calibrated_dimensions, factors
from experiments.claims.results import nowhere
from experiments.report.study_drawing import Line, Panel, draw
from experiments.studies.estimates import estimate
from experiments.studies.study_result import Report, Size

AT_ONCE = (0, 1, 2, 4, 8, 16, 32)
"""Numbers of factors at the better ends of their ranges."""
OTHER_LUCK = 100
"""First replicate of the worlds in which several factors moved: not those that the factors were chosen by."""
FEWEST_QUIET = 2
"""Quiet worlds that it takes to judge a claim by."""
QUICK = ("C18",)
"""The claim of the quick version: its run is the shortest."""


class Move(NamedTuple):
    """A factor at one end of its range, and how much more of the claim's number it makes than the default does."""

    path: str
    value: Any
    gain: float


def ends(factor: Dimension) -> tuple[Any, ...]:
    """Return both ends of a factor's range, or all choices of a structural alternative."""
    return factor.choices or (factor.value(0.0), factor.value(1.0))


def values_at(settings: Mapping[str, Any], ids: Sequence[str], number: int) -> dict[str, float]:
    """Return the number of each claim in one replicate under some settings, NaN where nothing could be measured."""
    return answer(Job("calibrated", -1, number, settings, tuple(ids))).values


def in_world(settings: Mapping[str, Any], claim: str, number: int) -> tuple[float, bool]:
    """Return a claim's number in one replicate under some settings, and whether that world is quiet."""
    return values_at(settings, [claim], number)[claim], is_quiet(settings, number)


def run(size: Size, out: Path) -> Report:
    """Move factors alone and together; write `moves.csv`, `worlds.csv` and `worlds.svg`."""
    claims = [claim for claim in CLAIMS if claim.id in size.of(quick=QUICK, full=nowhere())]
    given = dict(map(setting, size.overrides))
    moves = _moves(size, claims, given)
    pd.DataFrame([{"claim": claim, **move._asdict()} for claim, found in moves.items() for move in found]).to_csv(
        out / "moves.csv", index=False, float_format="%.4g"
    )
    table = _worlds(size, claims, given, moves)
    table.to_csv(out / "worlds.csv", index=False, float_format="%.4g")
    _figure(claims, table, out / "worlds.svg")
    worlds = {claim.id: table[table["claim"] == claim.id] for claim in claims}
    reached = {claim: within_reach(rows) for claim, rows in worlds.items()}
    return Report(
        {"within_reach": reached, "out_of_reach": [claim for claim, count in reached.items() if count is None]},
        {"base": load_experiment("base", size.overrides).digest()},
        tuple(_line(claim, worlds[claim.id], moves[claim.id], reached[claim.id]) for claim in claims),
    )


def _moves(size: Size, claims: Sequence[Claim], given: Mapping[str, Any]) -> dict[str, list[Move]]:
    """Return by claim the factors that raise its number, each at its better end, the strongest first."""
    free = [factor for factor in factors() if factor.path not in calibrated_dimensions()]
    alone = [(factor.path, value) for factor in free for value in ends(factor)]
    tasks, rows = [], []
    for base, ids in together(claims, [claim.switched_on for claim in claims]):
        for path, value in [(None, None), *alone]:
            settings = {**given, **base} if path is None else {**given, **base, path: value}
            tasks.append((settings, ids, 0))
            rows.append((path, value))
    found = size.spread(values_at, tasks)
    default: dict[str, float] = {}
    moves: dict[str, list[Move]] = {claim.id: [] for claim in claims}
    for (path, value), numbers in zip(rows, found, strict=True):
        for claim, number in numbers.items():
            if path is None:
                default[claim] = number
            else:
                moves[claim].append(Move(path, value, number - default[claim]))
    return {claim: better_ends(moved) for claim, moved in moves.items()}


def better_ends(moves: Sequence[Move]) -> list[Move]:
    """Return the moves that raise a claim's number, the better one of each factor, the strongest first."""
    best: dict[str, Move] = {}
    for move in sorted(moves, key=lambda move: -move.gain):
        if move.gain > 0:
            best.setdefault(move.path, move)
    return list(best.values())


def _worlds(
    size: Size, claims: Sequence[Claim], given: Mapping[str, Any], moves: Mapping[str, Sequence[Move]]
) -> pd.DataFrame:
    """Return a row for each claim and number of factors moved together: its number in quiet worlds, where it holds."""
    replicates = size.of(quick=2, full=8)
    cells = [(claim, count) for claim in claims for count in AT_ONCE if count <= len(moves[claim.id])]
    tasks = []
    for claim, count in cells:
        settings = {**given, **claim.switched_on, **{move.path: move.value for move in moves[claim.id][:count]}}
        tasks += [(settings, claim.id, OTHER_LUCK + number) for number in range(replicates)]
    found = np.array(size.spread(in_world, tasks), float).reshape(len(cells), replicates, 2)
    rows = []
    for (claim, count), held in zip(cells, found, strict=True):
        numbers = held[held[:, 1] > 0, 0]
        rows.append({
            "claim": claim.id, "factors": count, "replicates": replicates, "quiet": len(numbers),
            "threshold": claim.threshold, **estimate(numbers)._asdict(),
            "holds": float((numbers >= claim.threshold).mean()) if len(numbers) else float("nan"),
        })  # fmt: skip
    return pd.DataFrame(rows)


def within_reach(rows: pd.DataFrame) -> int | None:
    """Return the fewest factors with which one claim holds in most quiet worlds, None without."""
    held = rows.loc[(rows["holds"] > 0.5) & (rows["quiet"] >= FEWEST_QUIET), "factors"]
    return int(held.min()) if len(held) else None


def _line(claim: Claim, rows: pd.DataFrame, moves: Sequence[Move], count: int | None) -> str:
    """Return what one claim takes as a sentence; `count` is what `within_reach` says of it."""
    if count is None:
        most = f"{rows['value'].max():.3g}" if rows["quiet"].any() else "nothing"
        return f"{claim.id} holds in no such world: quiet ones reach {most}, the threshold is {claim.threshold:g}."
    row = rows[rows["factors"] == count].iloc[0]
    named = ", ".join(
        f"{move.path} {move.value:.3g}" if isinstance(move.value, float) else f"{move.path} {move.value}"
        for move in moves[: min(count, 4)]
    )
    others = f" and {count - 4} more" if count > 4 else ""
    return (
        f"{claim.id} holds in {row['holds']:.0%} of quiet worlds with {count} factors at the better ends of their "
        f"ranges ({named}{others}): {row['value']:.3g}, the threshold is {claim.threshold:g}."
    )


def _figure(claims: Sequence[Claim], table: pd.DataFrame, file: Path) -> None:
    """Draw each claim's number over its threshold against how many factors moved, in quiet worlds.

    Claims whose number stays below zero have a panel of their own.
    """
    near: list[Line] = []
    far: list[Line] = []
    for claim in claims:
        rows = table[(table["claim"] == claim.id) & (table["factors"] > 0)]
        ratio = {name: (rows[name] / claim.threshold).tolist() for name in ("value", "low", "high")}
        line = Line(claim.id, rows["factors"].tolist(), ratio["value"], ratio["low"], ratio["high"])
        (near if rows["value"].max() >= 0 else far).append(line)
    x, y = "factors at their better ends", "number over its threshold"
    named = (("Claims that come nearer", near), ("Claims that stay far", far))
    panels = [Panel(title, x, y, lines, True, 1.0) for title, lines in named if lines]
    caption = (
        "Claims that hold at no point of the plausible space: factors that calibration does not know go to the ends of "
        f"their ranges, the strongest first. Means of the quiet ones of {table['replicates'].max()} replicates, with "
        "90 % t-intervals."
    )
    draw(file, panels, caption)
