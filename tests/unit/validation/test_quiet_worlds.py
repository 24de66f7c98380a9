"""Worlds without a shock: what is counted in a run, and rates of made-up rows by hand."""

import pytest

from experiments.validation import quiet_worlds
from experiments.validation.demography import SIZE_WORDS
from experiments.validation.quiet_worlds import counted, summary

WORLD = ("world.source=synthetic", "world.states=12", "world.organizations=6", "quarters=8", "ensemble=off")
STILL = ("membership.intercept=-12", "voice.threat_rate=0", "clubs.intercept=-20", "vitality.death_log_odds=-12")


def test_where_nothing_happens_nothing_is_counted() -> None:
    row = counted(0, (*WORLD, *STILL, "vitality.decision_rate=0"))
    assert row["years"] == 2
    assert (row["exits"], row["births"], row["large_ended"], row["modularity_range"]) == (0, 0, 0, 0)
    assert sum(row["deaths"]) == 0  # type: ignore[arg-type]
    assert sum(row["bodies"]) == 12  # type: ignore[arg-type]


def test_exits_are_counted_by_how_many_leave_an_organization_in_a_year() -> None:
    """Hardly a membership lasts."""
    row = counted(0, (*WORLD, *STILL[1:], "membership.intercept=0"))
    one, two, more = row["bodies_left_by"]  # type: ignore[misc]
    assert row["exits"] >= one + 2 * two + 3 * more > 0  # type: ignore[operator]
    assert 0 < row["given_up"] <= row["exits"]  # type: ignore[operator]


@pytest.mark.parametrize(("staff", "ended"), [(0, True), (10**6, False)])
def test_large_organizations_that_end_are_those_of_the_limit(
    monkeypatch: pytest.MonkeyPatch, staff: int, ended: bool
) -> None:
    monkeypatch.setattr(quiet_worlds, "LARGE_STAFF", staff)
    monkeypatch.setattr(quiet_worlds, "NEARLY_ALL", 2.0)
    row = counted(0, (*WORLD, *STILL, "vitality.death_log_odds=0", "vitality.decision_members=2"))
    assert sum(row["deaths"]) > 0  # type: ignore[arg-type]
    assert row["large"] == 6 * ended
    assert row["large_ended"] == sum(row["deaths"]) * ended  # type: ignore[arg-type]


def test_rates_by_hand() -> None:
    plain = {
        "years": 2.0, "exits": 4.0, "births": 1.0, "given_up": 2.0, "memberships": 1000.0, "large": 10.0,
        "bodies_left_by": [2.0, 1.0, 0.0], "deaths": [1.0, 0, 0, 0, 0], "bodies": [50.0, 0, 0, 0, 50],
        "large_ended": 0.0, "modularity_range": 0.002,
    }  # fmt: skip
    other = plain | {"exits": 8.0, "large_ended": 1.0, "bodies_left_by": [0.0, 0.0, 1.0], "births": 3.0}
    found = summary([plain, other]).set_index("quantity")["mean"]
    assert found["exits a year"] == 3
    assert found["new clubs a year (.5 to 2)"] == 1
    assert found["exits a membership and year (.0002 to .001)"] == pytest.approx(0.002)
    assert found["deaths an organization and year (.006 to .015)"] == pytest.approx(0.01)
    shares = [found[f"organization-years with an exit that lose {word}"] for word in ("one", "two", "more")]
    assert shares == [0.5, 0.25, 0.25]
    assert found[f"deaths a year, {SIZE_WORDS[0]} members"] == pytest.approx(0.02)
    assert found["large organizations that end (to .01)"] == 0.05
