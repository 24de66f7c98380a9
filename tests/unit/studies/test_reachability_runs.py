"""Reachability: parts of the space, probabilities and corners where the answer is known, one point of a tiny world."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.config.reader import load_experiment
from abm.regimes import REGIMES
from abm.rng import stream
from experiments.claims.design_space import ALTERNATIVES, CALIBRATED, OFF
from experiments.studies import reachability_runs
from experiments.studies.composed_runs import changes, effects, ends, run_of
from experiments.studies.reachability import conditions, probabilities, run_drift, run_tipping, tipping_sentence
from experiments.studies.reachability_runs import PUBLISHED, at_point, errors_away, pairwise, parts, tipping
from experiments.studies.study_result import Size

TINY = ["world.source=synthetic", "world.states=14", "world.organizations=8", "quarters=6"]


def test_distance_from_published_estimates_is_in_standard_errors() -> None:
    contagion = PUBLISHED["membership.contagion_log_odds"]
    assert contagion.errors_away(3.348) == 0
    assert contagion.errors_away(4.148) == pytest.approx(2)
    lean = PUBLISHED["membership.legitimacy_log_odds"]
    assert lean.errors_away(-3.0) == 0, "between the two published models"
    assert lean.errors_away(-5.94) == pytest.approx(2)
    assert lean.errors_away(-1.82) == pytest.approx(1)
    assert errors_away({"membership.contagion_log_odds": 4.548, "legitimacy.blame_weight": 3.0}) == pytest.approx(3)


def test_parts_reach_as_far_as_they_say() -> None:
    found = parts(30, 1)
    assert max(map(errors_away, found["published"])) <= 2 + 1e-9
    assert 2 < max(map(errors_away, found["beyond"])) <= reachability_runs.BEYOND
    assert all(errors_away(point) == 0 for point in found["calibrated"])
    assert all(point["membership.coefficient_spread"] == 0 for point in found["published"])
    assert not any({*OFF, *ALTERNATIVES} & set(point) for points in found.values() for point in points)
    assert all(set(pd.read_csv(CALIBRATED)) <= set(point) for points in found.values() for point in points)
    for points in found.values():
        for point in points[:2]:
            load_experiment("base").with_values(point)


def made(label: str, quiet: float, **factors: float) -> dict[str, object]:
    """A row of the table of points."""
    degrees = {name: float(name == label) for name in REGIMES}
    scaled = {"label_0.75": label, "label_1.33": "continuity"}
    rest = {"part": "published", "scenario": "total-exit", "errors_away": 1.5}
    return {**rest, "label": label, "quiet": quiet, **scaled, **degrees, **factors}


def test_probabilities_count_quiet_points_only() -> None:
    points = pd.DataFrame([made("reform", 1), made("continuity", 1), made("reform", 0), made("reform", 0)])
    table = probabilities(points).set_index("regime")
    assert table.loc["reform", "probability"] == 0.5
    assert table.loc["reform", "unfiltered"] == 0.75
    assert table.loc["reform", "scaled_1.33"] == 0
    assert (table.loc["reform", "points"], table.loc["reform", "quiet"]) == (4, 2)


def test_a_second_prior_weighs_the_middle_of_what_matters() -> None:
    """Reform only in the middle fifth of one of two parameters: likelier where middle values are."""
    luck = stream((1, 0), "test", "prior").random((200, 2)).tolist()
    rows = [made("reform" if abs(a - 0.5) < 0.1 else "continuity", 1, **{"a.x": a, "b.y": b}) for a, b in luck]
    table = probabilities(pd.DataFrame(rows)).set_index("regime")
    assert table.loc["reform", "triangular"] > 1.4 * table.loc["reform", "probability"]
    assert (table.drop(index=["reform", "continuity"])["triangular"] == 0).all()


def test_the_corner_where_a_regime_lives_is_found() -> None:
    luck = stream((1, 0), "corner").random((80, 2))
    rows = [made("two_camps" if a > 0.6 else "continuity", 1, **{"trust.rivalry": a, "clubs.good": b}) for a, b in luck]
    where = conditions(pd.DataFrame(rows)).set_index("regime")
    assert where.loc["two_camps", "probability"] == 1
    assert where.loc["two_camps", "where"].startswith("trust.rivalry > 0.")
    assert where.loc["two_camps", "errors_away"] == 1.5
    assert where.loc["reform", "occurs"] == 0
    assert np.isnan(where.loc["reform", "errors_away"])


def test_a_corner_of_mere_chance_does_not_hold_on_points_left_out() -> None:
    """In noise the best of many corners looks likely; on points left out the overall share of three tenths is left."""
    luck = stream((1, 0), "noise").random((80, 41))
    rows = [
        made("reform" if row[0] < 0.3 else "continuity", 1, **{f"a.x{place}": x for place, x in enumerate(row[1:])})
        for row in luck.tolist()
    ]
    real = [made("two_camps" if a > 0.6 else "continuity", 1, **{"a.x": a, "a.y": b}) for a, b in luck[:, :2].tolist()]
    noise, found = (conditions(pd.DataFrame(some)).set_index("regime") for some in (rows, real))
    assert noise.loc["reform", "probability"] > noise.loc["reform", "held_out"] + 0.2
    assert noise.loc["reform", "held_out"] < 0.45
    assert found.loc["two_camps", "held_out"] > 0.9


def test_tipping_is_told_in_words() -> None:
    none = {"tipped_from_product": None, "errors_away": None, "share_of_loss_left_after_return": None}
    assert "none; at most 0.20%" in tipping_sentence(none | {"largest_loss": 0.002})
    some = {"tipped_from_product": 12.0, "errors_away": 2.5, "share_of_loss_left_after_return": 0.4}
    assert "2.5 standard errors" in tipping_sentence(some | {"largest_loss": 0.3})


def test_equal_worlds_differ_by_no_regime() -> None:
    end = ends(run_of(load_experiment("who-2025", TINY), 0))
    assert pairwise([end, end]) == ["continuity", "continuity"]
    far = end | {"clubs": end["clubs"] + 100}
    assert sorted(pairwise([end, far])) == ["continuity", "minilateral"]


def test_a_point_is_run_with_its_twin() -> None:
    rows = at_point({"legitimacy.blame_weight": 0.5}, 0, ("us-exit-2026", "total-exit"), TINY)
    assert [row["scenario"] for row in rows] == ["us-exit-2026", "total-exit"]
    assert all(row["label"] in REGIMES and row["quiet"] in (0, 1) for row in rows)
    assert all(row["continuity"] == pytest.approx(1 - max(row[name] for name in REGIMES[1:])) for row in rows)


def test_a_shared_twin_gives_the_effects_of_single_ones() -> None:
    one, other = (load_experiment(name, TINY) for name in ("us-exit-2026", "total-exit"))
    together = effects([one, other], 1)
    alone = changes(ends(run_of(other, 1)), ends(run_of(other.twin(), 1, other)))
    assert together[1] == pytest.approx(alone, nan_ok=True)
    with pytest.raises(ValueError, match="shocks only"):
        effects([one, load_experiment("total-exit", [*TINY, "trust.rivalry=1"])], 0)


def test_more_blame_loses_more_memberships_of_others() -> None:
    settings = [*TINY[:3], "quarters=40", "membership.coefficient_spread=0"]
    calm = tipping({"membership.legitimacy_log_odds": 0.0, "legitimacy.blame_weight": 0.0}, 0, settings)
    wild = tipping({"membership.legitimacy_log_odds": -12.0, "legitimacy.blame_weight": 5.0}, 0, settings)
    assert wild[0] > calm[0]


def test_drift_compares_quiet_worlds_and_tells_of_their_networks(tmp_path: Path) -> None:
    shares = run_drift(Size(workers=1, overrides=tuple(TINY[:3])), tmp_path)
    assert sum(shares.values()) == pytest.approx(1)
    assert pd.read_csv(tmp_path / "drift.csv")["replicates"].tolist() == [4] * len(REGIMES)
    network = pd.read_csv(tmp_path / "network.csv", index_col=0)
    ends_ = ("start", "end")
    names = ("modularity", "modularity_excess", "modularity_z")
    assert set(network.index) == {f"{name} at the {end}" for name in names for end in ends_}
    assert network.loc["modularity at the start", "std"] == 0, "one world, whatever the replicate"


def test_tipping_is_drawn_and_summed_up(tmp_path: Path) -> None:
    found = run_tipping(Size(workers=1, overrides=(*TINY[:3], "quarters=28")), tmp_path)
    table = pd.read_csv(tmp_path / "tipping.csv")
    assert len(table) == 6
    assert found["largest_loss"] == pytest.approx(table["lost"].max(), abs=1e-4)
    assert (tmp_path / "tipping.svg").stat().st_size > 1000
