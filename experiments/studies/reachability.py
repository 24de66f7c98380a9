"""Reachability: where each regime is most probable, within calibration, published intervals, or only beyond them.

Three parts of the space (see `reach.parts`), four scenarios of the same leaver, one replicate a point in turn. Points
whose world drifts without a shock do not count; how many these are, and what counting them changes, is told, as is what
changes under a second prior, by which middle values of the parameters that matter are likelier. The tipping axis is the
weight of blame times the log-odds of exit by lost legitimacy, with the return of the leaver as the test of hysteresis.
An empty part is a result.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

from abm.config.reader import load_experiment
from abm.regimes import REGIMES
from abm.state.world import Mask
from experiments.claims.deciding_splits import under_triangular
from experiments.report.study_drawing import Bars, Cells, draw
from experiments.studies.estimates import share
from experiments.studies.reachability_runs import (
    SCALES,
    SCENARIOS,
    SEEDS,
    at_point,
    drift,
    errors_away,
    grid,
    pairwise,
    parts,
    square,
    tipping,
)  # fmt: skip
from experiments.studies.study_result import Report, Size

LEAN, BLAME = "membership.legitimacy_log_odds", "legitimacy.blame_weight"
REACHED = 0.05
"""Probability in its best scenario from which a regime counts as reached in a part (an assumption)."""
LEAST, FOLDS = 8, 5
"""Fewest quiet points of a corner; turns in which a fifth of the points is left out."""
TIPPED = 0.05
"""Share of others' memberships lost in excess from which a cell counts as tipped (an assumption)."""


def run(size: Size, out: Path) -> Report:
    """Run all points; write their tables, those of tipping and drift, and two figures."""
    count = size.of(quick=8, full=100)
    tasks = [(part, number, point) for part, points in parts(count, 12).items() for number, point in enumerate(points)]
    found = size.spread(at_point, [(point, number % SEEDS, SCENARIOS, size.overrides) for _, number, point in tasks])
    points = pd.DataFrame([
        {"part": part, "point": number, "errors_away": errors_away(point), **row, **point}
        for (part, number, point), rows in zip(tasks, found, strict=True)
        for row in rows
    ])  # fmt: skip
    table = probabilities(points)
    where = conditions(points)
    points.to_csv(out / "points.csv", index=False, float_format="%.4g")
    table.to_csv(out / "regimes.csv", index=False, float_format="%.4f")
    where.to_csv(out / "where.csv", index=False, float_format="%.3f")
    tipped = run_tipping(size, out)
    drifted = run_drift(size, out)
    _figure(table, where, points, out / "reachability.svg", count)
    return _report(points, table, where, tipped, drifted)


def probabilities(points: pd.DataFrame) -> pd.DataFrame:
    """Return the probability of each regime by part and scenario.

    Of quiet points, of all points, under a second prior, and at scaled thresholds.
    """
    rows = []
    for (part, scenario), some in points.groupby(["part", "scenario"], sort=False):
        calm = some[some["quiet"] == 1]
        places = ((some[_factors(some)].rank() - 0.5) / len(some)).loc[calm.index].to_numpy(float)
        for name in REGIMES:
            hit = np.asarray(calm["label"] == name, float)
            hits = int(hit.sum())
            rows.append(
                {"part": part, "scenario": scenario, "regime": name, "points": len(some), "quiet": len(calm)}
                | dict(zip(("probability", "low", "high"), share(hits, len(calm)), strict=True))
                | {"unfiltered": float((some["label"] == name).mean())}
                | {"triangular": under_triangular(places, hit)[0] if len(hit) and places.size else np.nan}
                | {f"scaled_{scale:g}": float((calm[f"label_{scale:g}"] == name).mean()) for scale in SCALES}
                | {"membership": float(calm[name].mean())}
            )
    return pd.DataFrame(rows)


def conditions(points: pd.DataFrame) -> pd.DataFrame:
    """Return, for each regime and part, the scenario and the corner of the space where it is most probable.

    The corner is the best leaf of a tree of two questions with at least eight quiet points. `probability` is measured
    on the points that it was found on, `held_out` on points that were left out when it was looked for, in five turns;
    `errors_away` is the least number of standard errors at which the regime occurs.
    """
    rows = []
    for part, some in points[points["quiet"] == 1].groupby("part", sort=False):
        for name in REGIMES:
            best = {scenario: _corner(rows_, name) for scenario, rows_ in some.groupby("scenario", sort=False)}
            scenario = max(best, key=lambda key: best[key].probability)
            hits = some[some["label"] == name]
            rows.append({
                "regime": name, "part": part, "scenario": scenario, **best[scenario]._asdict(), "occurs": len(hits),
                "of": len(some), "errors_away": float(hits["errors_away"].min()) if len(hits) else np.nan,
            })  # fmt: skip
    return pd.DataFrame(rows)


def _factors(points: pd.DataFrame) -> list[str]:
    """Return the numeric parameters that vary over all of some points; structural alternatives are no such."""
    named = [column for column in points.select_dtypes("number").columns if "." in column]
    return [
        str(column)
        for column in named
        if not column.startswith("label_") and points[column].notna().all() and points[column].std() > 0
    ]


class Corner(NamedTuple):
    """The probability of a regime in a corner of the space, as found and on points left out, and the corner in words.

    Left out is NaN where too few points tell.
    """

    probability: float
    held_out: float
    where: str


def _corner(points: pd.DataFrame, name: str) -> Corner:
    """Return the corner of the space in which a regime is most probable."""
    hit = (points["label"] == name).to_numpy()
    if hit.all() or not hit.any() or len(points) < 2 * LEAST:
        mean = float(hit.mean()) if len(hit) else 0.0
        return Corner(mean, mean, "anywhere" if hit.any() else "")
    factors = _factors(points)
    places = points[factors]
    tree, leaf = _best_leaf(places, hit)
    inside = tree.apply(places) == leaf
    return Corner(float(hit[inside].mean()), _held_out(places, hit), _path(tree, leaf, factors) or "anywhere")


def _best_leaf(places: pd.DataFrame, hit: Mask) -> tuple[DecisionTreeClassifier, int]:
    """Return a tree of two questions and its leaf with the highest share of hits."""
    tree = DecisionTreeClassifier(max_depth=2, min_samples_leaf=LEAST, random_state=0).fit(places, hit)
    leaves = tree.apply(places)
    return tree, max(set(leaves.tolist()), key=lambda one: float(hit[leaves == one].mean()))


def _held_out(places: pd.DataFrame, hit: Mask) -> float:
    """Return the share of hits in corners found without the points that they are measured on."""
    turn = np.arange(len(places)) % FOLDS
    found = []
    for fold in range(FOLDS):
        tree, leaf = _best_leaf(places[turn != fold], hit[turn != fold])
        found.append(hit[turn == fold][tree.apply(places[turn == fold]) == leaf])
    inside = np.concatenate(found)
    return float(inside.mean()) if inside.size else float("nan")


def _path(tree: Any, leaf: int, factors: list[str]) -> str:
    """Return the questions that lead to a leaf."""
    inner = tree.tree_
    for parent in range(inner.node_count):
        for child, sign in ((inner.children_left[parent], "<="), (inner.children_right[parent], ">")):
            if child == leaf:
                own = f"{factors[inner.feature[parent]]} {sign} {inner.threshold[parent]:.3g}"
                return " and ".join(part for part in (_path(tree, parent, factors), own) if part)
    return ""


def run_tipping(size: Size, out: Path) -> dict[str, Any]:
    """Run the tipping axis with and without return; write `tipping.csv` and `tipping.svg`, return what it shows."""
    lean = size.of(quick=(-2.35, -6.0, -12.0), full=(-1.3, -2.35, -3.8, -6.0, -9.0, -12.0))
    blame = size.of(quick=(0.4, 5.0), full=(0.2, 0.4, 0.8, 1.6, 3.0, 5.0))
    replicates = size.of(quick=1, full=2)
    cells = grid(lean, blame)
    values = [{LEAN: a, BLAME: b, "membership.coefficient_spread": 0.0} for a, b in cells]
    tasks = [(value, number, size.overrides) for value in values for number in range(replicates)]
    found = np.array(size.spread(tipping, tasks)).reshape(len(cells), replicates, 2).mean(axis=1)
    table = pd.DataFrame(cells, columns=[LEAN, BLAME]).assign(product=[-a * b for a, b in cells])
    table = table.assign(lost=found[:, 0], lost_after_return=found[:, 1], replicates=replicates)
    table.to_csv(out / "tipping.csv", index=False, float_format="%.4f")
    limits = (0.0, float(max(found.max(), TIPPED)))
    panels = [
        Cells(title, BLAME, LEAN, [f"{b:g}" for b in blame], [f"{a:g}" for a in lean],
              square(found[:, place].tolist(), len(lean)), "share lost in excess", limits)
        for place, title in enumerate(("Total exit", "Total exit, return in 2031"))
    ]  # fmt: skip
    draw(
        out / "tipping.svg",
        panels,
        f"Memberships of others lost against the twin after 15 years; {replicates} replicates a cell.",
    )
    over = table[table["lost"] >= TIPPED]
    stays = over["lost_after_return"] / over["lost"]
    return {
        "tipped_from_product": float(over["product"].min()) if len(over) else None,
        "errors_away": float(min(errors_away({LEAN: a}) for a in over[LEAN])) if len(over) else None,
        "share_of_loss_left_after_return": float(stays.mean()) if len(over) else None,
        "largest_loss": float(table["lost"].max()),
    }


def run_drift(size: Size, out: Path) -> dict[str, float]:
    """Run quiet worlds for 80 quarters; write `drift.csv`, `network.csv`; return how often two differ by a regime."""
    replicates = size.of(quick=4, full=24)
    found = size.spread(drift, [(number, size.overrides) for number in range(replicates)])
    network = pd.DataFrame([one for _, one in found])
    network.describe().T[["mean", "std", "min", "max"]].to_csv(out / "network.csv", float_format="%.4f")
    labels = pairwise([one for one, _ in found])
    shares = {name: labels.count(name) / len(labels) for name in REGIMES}
    pd.DataFrame({"regime": list(shares), "share_of_pairs": list(shares.values())}).assign(
        replicates=replicates
    ).to_csv(out / "drift.csv", index=False, float_format="%.4f")
    return shares


def _figure(table: pd.DataFrame, where: pd.DataFrame, points: pd.DataFrame, file: Path, count: int) -> None:
    """Draw the probability of each regime by part, at its best scenario, and phase diagrams of two regimes."""
    panels: list[Bars | Cells] = []
    for part in where["part"].unique():
        best = table[table["part"] == part].sort_values("probability").groupby("regime").last().reindex(list(REGIMES))
        ends = [best[name].tolist() for name in ("probability", "low", "high")]
        panels.append(Bars(f"{part}: best scenario", "probability", list(REGIMES), *ends))
    calm = points[(points["quiet"] == 1) & points["part"].isin(["published", "beyond"])]
    for name, scenario in _commonest(calm):
        panels += _phase(calm[calm["scenario"] == scenario], name, scenario)
    draw(
        file,
        panels,
        f"{count} points a part, one replicate with twin each, quiet points only; whiskers: 90 % Wilson intervals.",
    )


def _commonest(points: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the three commonest regimes with the scenario of each."""
    pairs = points[points["label"] != "continuity"].groupby(["label", "scenario"]).size().sort_values(ascending=False)
    found: dict[str, str] = {}
    for name, scenario in pairs.index:
        found.setdefault(str(name), str(scenario))
    return list(found.items())[:3]


def _phase(points: pd.DataFrame, name: str, scenario: str) -> list[Cells]:
    """Return the mean membership of a regime over the two factors that go with it most, in thirds of each."""
    factors = [column for column in _factors(points) if points[column].nunique() > 3]
    if len(points) < 12 or len(factors) < 2:
        return []
    strength = points[factors].corrwith(points[name], method="spearman").abs().fillna(0).sort_values()
    across, up = strength.index[-1], strength.index[-2]
    names = ["low", "middle", "high"]
    thirds = [pd.qcut(points[column], 3, labels=names).rename(end) for column, end in ((up, "up"), (across, "across"))]
    cells = points.pivot_table(index=thirds[0], columns=thirds[1], values=name, observed=False).to_numpy()
    return [
        Cells(
            f"{name}, {scenario}",
            across,
            up,
            names,
            names,
            cells,
            "membership",
            (0, 1),
        )
    ]


def _report(
    points: pd.DataFrame,
    table: pd.DataFrame,
    where: pd.DataFrame,
    tipped: Mapping[str, Any],
    drifted: Mapping[str, float],
) -> Report:
    """Return the numbers and sentences of the summary."""
    first = points.drop_duplicates(["part", "point"])
    dropped = {str(part): float((some["quiet"] == 0).mean()) for part, some in first.groupby("part")}
    best = where.set_index(["regime", "part"])
    reach = {
        name: {
            str(part): {
                key: row[key] for key in ("probability", "held_out", "scenario", "where") if row[key] == row[key]
            }
            for part, row in best.loc[name].iterrows()
        }
        for name in REGIMES
    }
    away = where[where["occurs"] > 0].groupby("regime")["errors_away"].min()
    moved = table.assign(change=(table["unfiltered"] - table["probability"]).abs())["change"].max()
    reached = table.groupby(["part", "regime"])[["probability", "triangular"]].max() >= REACHED
    changed = reached[reached["probability"] != reached["triangular"]].index
    one_prior = [f"{name} ({part})" for part, name in changed]
    never = [name for name in REGIMES if name not in set(points["label"])]
    results = {
        "dropped_by_the_quiet_filter": dropped,
        "largest_change_without_the_filter": float(moved),
        "reached_from_probability": REACHED,
        "depends_on_the_prior": one_prior,
        "most_probable": reach,
        "least_errors_away": {str(name): float(value) for name, value in away.items()},
        "never": never,
        "tipping": dict(tipped),
        "two_quiet_worlds_after_80_quarters": dict(drifted),
    }
    return Report(results, {"total-exit": load_experiment("total-exit").digest()}, _lines(results))


def _lines(results: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sentences of the summary."""
    dropped = results["dropped_by_the_quiet_filter"].items()
    return (
        "The quiet filter drops " + ", ".join(f"{value:.0%} of {part}" for part, value in dropped) + ".",
        *(
            f"{name}, in the corner where it is most probable (on points left out): "
            + "; ".join(
                f"{part} {one['probability']:.2f} ({one.get('held_out', float('nan')):.2f}, {one['scenario']})"
                for part, one in parts_.items()
            )
            for name, parts_ in results["most_probable"].items()
        ),
        f"Reached under one prior only: {', '.join(results['depends_on_the_prior']) or 'none'}.",
        f"Never seen: {', '.join(results['never']) or 'none'}.",
        tipping_sentence(results["tipping"]),
        "Two quiet worlds after 80 quarters differ by no regime in "
        f"{results['two_quiet_worlds_after_80_quarters']['continuity']:.0%} of pairs.",
    )


def tipping_sentence(tipped: Mapping[str, Any]) -> str:
    """Return in words whether total exit tips the memberships of others."""
    if tipped["tipped_from_product"] is None:
        return (
            f"Tipping under total exit: none; at most {tipped['largest_loss']:.2%} of others' memberships are lost "
            f"against the twin ({TIPPED:.0%} would count)."
        )
    return (
        f"Tipping under total exit: from a product of {tipped['tipped_from_product']:g} on, "
        f"{tipped['errors_away']:.1f} standard errors beyond what was published; "
        f"{tipped['share_of_loss_left_after_return']:.0%} of the loss stays after a return."
    )
