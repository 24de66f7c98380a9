"""Notices run and exits take effect: when, and what goes with the leaver."""

import numpy as np
import pytest

from tests.worlds_small import acts, after, full_plan, proposed, record, run_quarter, small_world

VALUES = {
    "lead_share": 0.25,
    "contagion_quarters": 4,
    "credibility_cost": 0.02,
    "reversal_cost": 0.05,
    "mobilization_gain": 0.1,
}


@pytest.mark.parametrize("mode", ["bargain", "decouple"])
@pytest.mark.parametrize("notice", [0, 1, 4])
def test_exit_announced_takes_effect_after_its_notice(notice: int, mode: str) -> None:
    """During notice dues are billed; a bargainer pays them and gives, a decoupler lets them become arrears."""
    world = small_world(3, 2, has_budget=1.0, dues_rate=100.0, initial_voluntary=10.0, voluntary=10.0)
    loyal = {"dues": {"neglect_elasticity": 0.0}, "funding": {"legitimacy_elasticity": 0.0}}
    steps = full_plan(world, acts(record("exit", notice_quarters=notice, mode=mode), world), **loyal)
    table, told = [], []
    for quarter in range(6):
        told += [(quarter, event.kind) for event in run_quarter(world, steps) if event.kind in ("announce", "exit")]
        fields = (world.member, world.due, world.paid, world.arrears, world.voluntary)
        table.append([float(field[0, 0]) for field in fields])
    if mode == "bargain":
        expected = [[1, 100, 100, 0, 10]] * notice + [[0, 0, 0, 0, 0]] * (6 - notice)
    else:
        expected = [[1, 100, 0, 100 * (quarter + 1), 0] for quarter in range(notice)]
        expected += [[0, 0, 0, 100 * notice, 0]] * (6 - notice)
    np.testing.assert_allclose(table, expected)
    assert told == [(0, "announce"), (notice, "exit")]


def test_by_body_notice_is_the_body_s_rule() -> None:
    world = small_world(3, 2, notice_rule=[2, 5])
    steps, exits = full_plan(world, acts(record("exit"), world, rows=(0, 1))), []
    for quarter in range(7):
        events = run_quarter(world, steps)
        exits += [(quarter, event.organization) for event in events if event.kind == "exit"]
    assert exits == [(2, 0), (5, 1)]


def test_what_goes_with_a_leaver() -> None:
    world = small_world(
        3, 2, notice=[[0, 3], [-1, -1], [-1, -1]], party=[1, -1, -1], posts_share=[[0.5, 0.2], [0.3, 0.2], [0.1, 0.2]],
        vacancy=[0.1, 0.4], voluntary=10.0, rescue=5.0, withheld=1.0, capability=[0.2, 0.4, 0.4],
        threat=3.0,
    )  # fmt: skip
    later = after("exits", world, **VALUES)
    stays = np.array([[0, 1], [1, 1], [1, 1]])
    for name in ("member", "participation", "voluntary", "rescue", "withheld", "posts_share"):
        np.testing.assert_allclose(getattr(later, name), getattr(world, name) * stays, err_msg=name)
    np.testing.assert_allclose(later.vacancy, [0.6, 0.4])
    np.testing.assert_array_equal(later.exited, 1 - stays)
    np.testing.assert_array_equal(later.party_at_exit, 1 - stays)
    np.testing.assert_array_equal(later.notice, [[-1, 2], [-1, -1], [-1, -1]])
    np.testing.assert_array_equal(later.threat, [[-1, 3], [3, 3], [3, 3]])
    np.testing.assert_allclose(later.credibility, [np.exp(-0.02), 1, 1])
    np.testing.assert_allclose(later.mobilization, [0.1, 0, 0])
    np.testing.assert_allclose(later.example[0], [0.8, 0.8])  # a fifth of capability, of a quarter for a lead state
    np.testing.assert_array_equal(later.example_quarters, [[4, 4], [-1, -1], [-1, -1]])


def test_leaving_the_same_body_again_costs_more() -> None:
    world = small_world(3, 2, notice=[[0, 0], [-1, -1], [-1, -1]], party_at_exit=[[-1, 0], [0, 0], [0, 0]])
    assert after("exits", world, **VALUES).credibility[0] == pytest.approx(np.exp(-2 * 0.02 - 0.05))


def test_every_leaver_sets_an_example_of_its_own() -> None:
    """S0 left a quarter ago; S1 follows with a fifth of its weight and is followed for as long."""
    world = small_world(
        3, 1, example=[[1.0], [0], [0]], example_quarters=[[3.0], [-1], [-1]], notice=[[-1], [0], [-1]],
        member=[[0], [1], [1]], participation=[[0], [1], [1]], capability=[0.9, 0.005, 0.095],
    )  # fmt: skip
    later = after("exits", world, **VALUES)
    np.testing.assert_allclose(later.example, [[1], [0.2], [0]])
    np.testing.assert_array_equal(later.example_quarters, [[2], [4], [-1]])
    np.testing.assert_allclose(later.followed, [[1], [0.2], [0]])
    np.testing.assert_allclose(later.contagion, [1])


@pytest.mark.parametrize(
    ("contagion_from", "quarters"),
    [
        ("announcement", [4, 3, 2, 1, 0, 0]),
        ("effect", [-1, -1, 4, 3, 2, 1]),
        ("both", [4, 4, 4, 3, 2, 1]),
    ],
)
def test_when_an_example_begins(contagion_from: str, quarters: list[float]) -> None:
    """S0 announced its exit with two quarters of notice."""
    world, seen = small_world(3, 1, notice=[[2], [-1], [-1]]), []
    for _ in quarters:
        world = after("exits", world, contagion_from=contagion_from, **VALUES)
        seen.append(float(world.example_quarters[0, 0]))
    assert seen == quarters


def test_standing_is_that_among_the_members_and_not_influence() -> None:
    """Dues withheld before the effect do not make a lead state a lesser one; a larger one outside counts nothing."""
    world = small_world(
        4, 1, notice=[[0], [-1], [-1], [-1]], member=[[1], [1], [1], [0]], agenda_share=[[0.05], [0.5], [0.45], [0]],
        capability=[0.1, 0.2, 0.2, 0.5],
    )  # fmt: skip
    assert after("exits", world, **VALUES).example[0, 0] == pytest.approx(0.8)


def test_quiet_quarter_tells_nothing_and_changes_nobody() -> None:
    world = small_world(3, 2)
    proposal = proposed("exits", world, **VALUES)
    assert proposal.events == []
    assert proposal.fields["member"] is world.member
