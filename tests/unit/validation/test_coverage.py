"""Coverage and log scores, computed by hand."""

import numpy as np
import pytest

from experiments.validation.coverage import coverage, log_score, scores, with_noise, with_null_scores
from experiments.validation.episodes import compare_observation
from experiments.validation.observations import Observation


def row(quantity: str, observed: float, seen: str = "no", episode: str = "one", noise: float = 0.0) -> Observation:
    """Return an observation of a number that is known exactly."""
    return Observation(episode, "x", "O001", quantity, observed, observed, observed, noise, seen, "", "", "t.csv:2")


def test_a_count_has_the_share_of_runs_that_have_it() -> None:
    values = np.array([0.0, 0.0, 1.0, 2.0])
    assert log_score(row("followers", 0), values) == pytest.approx(np.log((2 + 0.5) / 5))
    assert log_score(row("followers", 7), values) == pytest.approx(np.log(0.5 / 5))


def test_runs_at_the_observed_number_score_more_than_runs_beside_it_and_these_more_than_a_wide_spread() -> None:
    near, beside, wide = (np.linspace(*ends, 32) for ends in ((0.4, 0.6), (0.5, 0.7), (-2, 3)))
    found = [log_score(row("refill_4", 0.5), values) for values in (near, beside, wide)]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[1] > found[2]


def test_noise_widens_what_an_observation_is_compared_with_and_not_what_the_runs_say() -> None:
    values = list(np.linspace(0.4, 0.6, 32))
    still, loud = (compare_observation(row("refill_4", 1.0, noise=noise), values) for noise in (0.0, 0.4))
    assert not still["inside"]
    assert loud["inside"]
    assert (loud["model_low"], loud["model_high"]) == (still["low"], still["high"])
    spread = with_noise(np.array([1.0]), 0.4)
    assert spread.std() == pytest.approx(0.4, rel=0.05)
    assert loud["high"] == pytest.approx(0.5 + 1.645 * np.hypot(0.4, 0.06), abs=0.03)


def test_null_models_look_at_the_other_episodes_only() -> None:
    rows = [row("refill_4", value, episode=f"e{value}") for value in (0.0, 0.5, 1.0)] + [row("back_4", 1)]
    entries = [compare_observation(one, [0.5, 0.6]) for one in rows]
    scored = with_null_scores(rows, entries)
    middle = scored[1]
    assert middle["log_score_climatology"] == pytest.approx(log_score(rows[1], np.array([0.0, 1.0]), 2))
    assert middle["log_score_nothing"] < scored[0]["log_score_nothing"]  # 0 is likelier than .5 where nothing happens
    assert scored[3]["log_score_nothing"] == pytest.approx(np.log(0.5 / 3))  # nothing comes back, two runs


def test_coverage_is_counted_by_kind_and_by_what_was_seen() -> None:
    rows = [row("refill_4", 0.5, "yes"), row("refill_8", 9.0), row("staff_cut_4", 0.5), row("staff_cut_8", 0.5)]
    values = [[0.4, 0.6], [0.4, 0.6], [0.4, 0.6], ["run too short", "run too short"]]
    entries = with_null_scores(rows, [compare_observation(*pair) for pair in zip(rows, values, strict=True)])
    assert coverage(entries) == {
        "all": pytest.approx(2 / 3), "seen": 1.0, "unseen": 0.5, "by_quantity": {"refill": 0.5, "staff": 1.0}
    }  # fmt: skip
    assert scores(entries)["staff"]["count"] == 1
    assert scores(entries)["refill"]["model_width"] == pytest.approx(0.18)
