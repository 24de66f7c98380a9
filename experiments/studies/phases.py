"""Where the world tips: the order that follows, by size of the shock and by four strengths of the rules.

The size runs from the exit from the 66 organizations over one state that leaves everything to ten. The four axes are
how exits add up (`membership.additivity`, the declared tipping axis), how near a follower has to be, how much clubs
crowd each other out, and how far views last. Each cell has the probability of every order over rows of the ensemble.
Where the likeliest order changes between two neighbours on an axis, a point is added between them. A row of the
ensemble tips where others give up a tenth of their seats; the tipping line is the least such size, with its spread over
rows. Beside it stand what the equation of exit says alone, what is left after a return, by its year, signs of slowing
down before the line, and what follows when a single state or organization is taken out.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.config.reader import load_experiment
from abm.processes.exits import ExitsParameters
from abm.processes.membership import MembershipParameters
from abm.regimes import REGIMES
from abm.simulation import Simulation
from abm.state.world import World
from experiments.report.study_drawing import Bars, Cells, Line, Panel, draw
from experiments.studies.estimates import estimate, share
from experiments.studies.mean_field import tip
from experiments.studies.phase_runs import (
    LEAVERS,
    LISTED,
    NEVER,
    Cell,
    at_world,
    by_world,
    default_of,
    likeliest,
)
from experiments.studies.removals import all_removals, at_removal, ranked, told
from experiments.studies.study_result import Report, Size

TIPPED = 0.1
"""Share of others' seats given up from which a run counts as tipped: the threshold of fragmentation."""
LIKELY = 1 / 3
"""Probability from which the line counts as crossed: one run in three."""
AXES: dict[str, tuple[tuple[str, ...], bool, tuple[float, ...], tuple[float, ...]]] = {
    "additivity": (("membership.additivity",), False, (0.0, 0.5, 1.0), (0.0, 0.25, 0.5, 0.75, 1.0)),
    "alignment": (("membership.nearness_power",), False, (0.0, 3.0, 12.0), (0.0, 1.5, 3.0, 6.0, 12.0)),
    "crowding": (("clubs.own_crowding", "clubs.camp_crowding"), True, (0.25, 1.0, 4.0), (0.25, 0.5, 1.0, 2.0, 4.0)),
    "persistence": (("legitimacy.persistence",), False, (0.0, 0.5, 0.9), (0.0, 0.25, 0.5, 0.75, 0.9)),
}
"""Axis -> parameters, whether places are multiples of their defaults, and places of the quick and of the full study."""
BACK = (2028, 2030, 2032, 2035)
OF_RETURNS = ["back", "replicate", "left_at_end", "legitimacy", "at_end"]
"""Columns that are kept of each run with a return, or without."""


def settings_at(axis: str, place: float) -> tuple[str, ...]:
    """Return the settings of a place on an axis."""
    paths, multiples, *_ = AXES[axis]
    return tuple(f"{path}={place * default_of(path) if multiples else place:g}" for path in paths)


def cases(axis: str, places: Sequence[float], sizes: Sequence[int]) -> list[Cell]:
    """Return the cells of a diagram."""
    return [Cell(size, axis, place, settings_at(axis, place)) for place in places for size in sizes]


def between(rows: pd.DataFrame, axis: str) -> list[Cell]:
    """Return the cells halfway between two neighbours on an axis whose likeliest orders differ."""
    found = []
    for size, some in rows[rows["axis"] == axis].groupby("size"):
        orders = some.groupby("place")["regime"].apply(lambda labels: likeliest(list(labels))[0])
        for one, other in zip(orders.index[:-1], orders.index[1:], strict=True):
            if orders[one] != orders[other]:
                middle = float(f"{(one + other) / 2:.3g}")
                found.append(Cell(int(str(size)), axis, middle, settings_at(axis, middle)))
    return found


def run(size: Size, out: Path) -> Report:
    """Run all cells, returns and removals; write their tables and two figures."""
    sizes = size.of(quick=(LISTED, 1, 3, 10), full=(LISTED, 1, 2, 3, 5, 7, 10))
    replicates = size.of(quick=2, full=8)

    def made(some: Sequence[Cell]) -> pd.DataFrame:
        tasks = [(cells, number, size.overrides) for number in range(replicates) for cells in by_world(some)]
        found = size.spread(at_world, tasks)
        return pd.DataFrame([row for rows in found for row in rows])

    places = {axis: size.of(quick=quick, full=full) for axis, (_, _, quick, full) in AXES.items()}
    rows = made([case for axis, some in places.items() for case in cases(axis, some, sizes)])
    extra = [case for axis in AXES for case in between(rows, axis)][: size.of(quick=8, full=24)]
    rows = pd.concat([rows, made(extra)]) if extra else rows
    returns = made([
        Cell(10, "additivity", 1.0, settings_at("additivity", 1.0), back)
        for back in (NEVER, *size.of(quick=BACK[:2], full=BACK))
    ])  # fmt: skip
    single = [(one, size.overrides) for one in all_removals(size.of(quick=8, full=None), size.overrides)]
    removed = size.spread(at_removal, single)
    return written(rows, returns, pd.DataFrame(removed), out, size)


def written(rows: pd.DataFrame, returns: pd.DataFrame, removed: pd.DataFrame, out: Path, size: Size) -> Report:
    """Write tables and figures and return what they show."""
    table, lines_, back = probabilities(rows), tipping_line(rows), left_after(returns)
    theory, ranks = mean_field(rows), ranked(removed)
    for name, frame in (
        ("runs", rows), ("cells", table), ("line", lines_), ("returns", back), ("returned", returns[OF_RETURNS]),
        ("mean-field", theory),
        ("warning", warning(rows)), ("removals", ranks),
    ):  # fmt: skip
        frame.to_csv(out / f"{name}.csv", index=False, float_format="%.4g")
    figures(table, lines_, theory, back, out)
    digest = load_experiment("base", size.overrides).digest()
    return Report(_results(table, lines_, back), {"base": digest}, (*_lines(rows, lines_, back, theory), *told(ranks)))


def probabilities(rows: pd.DataFrame) -> pd.DataFrame:
    """Return for each cell the probability of each order with its interval, that of tipping, and mean signs."""
    found = []
    for (axis, place, count), some in rows.groupby(["axis", "place", "size"], sort=False):
        best, part = likeliest(list(some["regime"]))
        tipped = share(int((some["others_left"] >= TIPPED).sum()), len(some))
        row = {"axis": axis, "place": place, "size": count, "runs": len(some), "likeliest": best, "share": part}
        row |= dict(zip(("tipped", "tipped_low", "tipped_high"), tipped, strict=True))
        row |= {"others_left": some["others_left"].mean(), "at_end": likeliest(list(some["at_end"]))[0]}
        row["healed"] = float(((some["regime"] != "continuity") & (some["at_end"] == "continuity")).mean())
        for name in REGIMES:
            ends = share(int((some["regime"] == name).sum()), len(some))
            row |= dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))
        found.append(row)
    return pd.DataFrame(found)


def tipping_line(rows: pd.DataFrame) -> pd.DataFrame:
    """Return for each place on an axis the size from which a row of the ensemble tips: median, 5th, 95th percentile.

    Between two sizes it is interpolated on the share of seats; a row that does not tip counts as infinity, so that a
    percentile may be infinite. Places that were added for some sizes only have no line.
    """
    found = []
    for (axis, place), some in rows.sort_values(["axis", "place"]).groupby(["axis", "place"]):
        if some["size"].nunique() < rows["size"].nunique():
            continue
        sizes = [least_size(one.sort_values("size")) for _, one in some.groupby("replicate")]
        ends = np.quantile(sizes, [0.05, 0.5, 0.95], method="inverted_cdf")
        found.append({
            "axis": axis, "place": place, "rows": len(sizes), "low": ends[0], "median": ends[1], "high": ends[2],
            "never": float(np.isinf(sizes).mean()),
        })  # fmt: skip
    return pd.DataFrame(found)


def least_size(some: pd.DataFrame) -> float:
    """Return the size from which one row tips, infinity where none does; the 66 count as half a leaver."""
    sizes, lost = some["size"].replace(LISTED, 0.5).to_numpy(float), some["others_left"].to_numpy(float)
    over = np.flatnonzero(lost >= TIPPED)
    if not over.size:
        return float("inf")
    place = int(over[0])
    if place == 0:
        return float(sizes[0])
    part = (TIPPED - lost[place - 1]) / (lost[place] - lost[place - 1])
    return float(sizes[place - 1] + part * (sizes[place] - sizes[place - 1]))


def left_after(returns: pd.DataFrame) -> pd.DataFrame:
    """Return by year of return (or NEVER) what others have left at the end, and what order it is.

    Rows of the ensemble are the same in all years. `regained` is what they have left where leavers never return, less
    what they have left with the return, row by row. `left` and `regained` are means with their intervals. `stays` says
    whether the interval of `left` excludes zero: hysteresis.
    """
    by_row = returns.pivot_table(index="replicate", columns="back", values="left_at_end")
    found = []
    for back, some in returns.groupby("back"):
        left, regained = estimate(by_row[back].to_numpy()), estimate((by_row[NEVER] - by_row[back]).to_numpy())
        row: dict[str, Any] = {"back": back, "runs": len(some)}
        for name, value in (("left", left), ("regained", regained)):
            row |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
        row |= {"stays": left.low > 0, "legitimacy": some["legitimacy"].mean()}
        found.append(row | {"at_end": likeliest(list(some["at_end"]))[0]})
    return pd.DataFrame(found)


def warning(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean unrest and recovery along the axis of additivity, by how near to the line the cells lie."""
    some = rows[rows["axis"] == "additivity"]
    means = some.groupby(["place", "size"])[["others_left", "unrest", "recovery"]].mean().reset_index()
    return means.sort_values("others_left", ignore_index=True)


def mean_field(rows: pd.DataFrame) -> pd.DataFrame:
    """Return followers and seats lost by the equation of exit alone beside the means of the runs, by size and axis."""
    some = rows[(rows["axis"] == "additivity") & (rows["size"] > LISTED)]
    found = []
    for (place, count), cell in some.groupby(["place", "size"]):
        alone = theory_at(float(str(place)), int(str(count)))
        found.append({
            "additivity": place, "size": count, "followers": alone.followers, "lost": alone.lost,
            "simulated_followers": cell["followers"].mean(), "simulated_lost": cell["others_left"].mean(),
        })  # fmt: skip
    return pd.DataFrame(found)


def theory_at(additivity: float, count: int) -> Any:
    """Return the mean-field value of so many leavers at the point defaults; see `experiments.studies.mean_field`."""
    experiment = load_experiment("base", [f"membership.additivity={additivity}", "ensemble=off"])
    simulation = Simulation(experiment, (experiment.seed, 0))
    values = {step.process.name: step.values for step in simulation.steps}
    member, exits = values["membership"], values["exits"]
    assert isinstance(member, MembershipParameters)
    assert isinstance(exits, ExitsParameters)
    return tip(simulation.world, _rows(simulation.world, count), member, exits)


def _rows(world: World, count: int) -> Any:
    """Return 1 for the first so many leavers; (state,)."""
    return np.isin(world.state_codes, LEAVERS[:count]).astype(float)


def figures(table: pd.DataFrame, lines_: pd.DataFrame, theory: pd.DataFrame, back: pd.DataFrame, out: Path) -> None:
    """Draw the phase diagrams, and beside them the lines, theory and returns."""
    panels: list[Panel | Bars | Cells] = []
    for axis in AXES:
        some = table[table["axis"] == axis]
        square = some.pivot_table(index="place", columns="size", values="others_left")
        names = ["66" if count == str(LISTED) else count for count in map(str, square.columns)]
        rows = [f"{place:g}" for place in square.index]
        panels.append(Cells(f"Seats lost, {axis}", "leavers", axis, names, rows, square, "share", (0.0, TIPPED)))
    runs = int(table["runs"].max())
    caption = (
        f"Share of their seats that others give up, mean over {runs} rows of the ensemble. 66: exit of 2026. "
        "White: not run; points are added where the order changes."
    )
    draw(out / "phases.svg", panels, caption)
    rows_ = lines_[lines_["axis"] == "additivity"].sort_values("place")
    curves = [
        Line(f"a = {place}, {name}", *([some[key].tolist() for key in ("size", column, column, column)]))
        for place, some in theory.groupby(theory["additivity"].map("{:g}".format))
        for name, column in (("equation", "lost"), ("runs", "simulated_lost"))
        if place in ("0", "0.5", "1")
    ]  # fmt: skip
    finite = rows_.replace(np.inf, 12.0)
    line = [Line("line", *(finite[key].tolist() for key in ("place", "median", "low", "high")))]
    later = back[back["back"] > 0]
    after = [Line("left", *(later[key].tolist() for key in ("back", "left", "left_low", "left_high")))]
    draw(
        out / "tipping.svg",
        [
            Panel("Tipping line (12: above ten)", "additivity", "leavers", line),
            Panel("Seats lost: equation and runs", "leavers", "share of others' seats", curves, level=TIPPED),
            Panel("Left at the end, by year of return", "year of return", "share of others' seats", after),
        ],
        f"Bands: 5th to 95th percentile of {runs} rows (line), 90 % interval of the mean (returns).",
    )


def _results(table: pd.DataFrame, lines_: pd.DataFrame, back: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of the summary."""
    reached = {name: float(table[name].max()) for name in REGIMES}
    orders = {axis: int(some["likeliest"].nunique()) for axis, some in table.groupby("axis")}
    line = lines_[lines_["axis"] == "additivity"].set_index("place")["median"]
    return {
        "highest_probability": reached,
        "orders_by_axis": orders,
        "tipping_line": {f"{place:g}": None if np.isinf(value) else float(value) for place, value in line.items()},
        "left_by_year_of_return": {called(row["back"]): float(row["left"]) for row in back.to_dict("records")},
    }


def _lines(rows: pd.DataFrame, lines_: pd.DataFrame, back: pd.DataFrame, theory: pd.DataFrame) -> tuple[str, ...]:
    """Return sentences for a person."""
    listed = rows[(rows["size"] == LISTED) & (rows["axis"] == "additivity")]
    best, part = likeliest(list(listed["regime"]))
    line = lines_[lines_["axis"] == "additivity"]
    said = [
        f"{row['place']:g}: {'none up to ten' if np.isinf(row['median']) else format(row['median'], '.1f')}"
        for row in line.to_dict("records")
    ]
    largest = theory.iloc[theory["lost"].argmax()]
    return (
        f"After the exit from the 66 the likeliest order is {best.replace('_', ' ')}, in {part:.0%} of the runs.",
        f"Leavers from which half of the rows tip, by additivity: {'; '.join(said)}.",
        f"With {largest['size']:g} leavers at additivity {largest['additivity']:g} the equation of exit alone loses "
        f"{largest['lost']:.1%} of others' seats, the runs {largest['simulated_lost']:.1%}.",
        *hysteresis(back),
    )


def called(back: int) -> str:
    """Return a year of return in words."""
    return "never" if back == NEVER else str(back)


def hysteresis(back: pd.DataFrame) -> tuple[str, ...]:
    """Return how much of what others left stays left after a return, and how much comes back, for a person."""
    table = back.set_index("back")
    first = table.loc[min(year for year in table.index if year != NEVER)]
    ends = [f"{first[name]:.1%} (90 % interval {first[f'{name}_low']:.1%} to {first[f'{name}_high']:.1%})"
            for name in ("left", "regained")]  # fmt: skip
    stays = "which differs from zero: hysteresis" if first["stays"] else "which does not differ from zero"
    return (
        "Others' seats given up at the end, by year of return: "
        + "; ".join(f"{called(int(str(year)))} {value:.1%}" for year, value in table["left"].items())
        + ".",
        f"After the return in {first.name} {ends[0]} are given up, {stays}. "
        f"In the same rows it is {ends[1]} more where nobody returns.",
    )
