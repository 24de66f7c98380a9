"""What each kind of shock does to the fields of the world, and how it ends."""

from typing import Any

import numpy as np
import pytest

from abm.events import EVENTS
from abm.shocks.kinds import LASTING, SHOCKS
from abm.state.world import FIELDS, World
from tests.worlds_small import START, Luck, acted, acts, after, record, small_world

UNTIL = START + 3
# kind -> further keys of the record, and what (S0, O0) holds afterwards; what is not named stays.
EXPECTED: dict[str, tuple[dict[str, Any], dict[str, float]]] = {
    "exit": ({"notice_quarters": 3}, {"notice": 3, "announced": 1, "withheld": 1, "voluntary_allowed": 0}),
    "leave_treaty": ({"notice_quarters": 2, "mode": "bargain"}, {"notice": 2, "announced": 1}),
    "refuse": ({}, {"refuses_to_join": 1, "notice": 0, "announced": 1}),
    "stop_participation": ({}, {"participation": 0, "posts_share": 0}),
    "defund": ({"fraction": 0.4}, {"voluntary_allowed": 0.6}),
    "freeze": ({"fraction": 0.7}, {"voluntary_allowed": 0.3}),
    "withhold_dues": ({"fraction": 0.8}, {"withheld": 0.8}),
    "obstruct": ({"strength": 0.3}, {"obstruction": 0.3}),
    "threaten": ({"deadline_quarters": 5}, {"threat": 5}),
    "sanction": ({"strength": 0.3}, {"rhetoric": 0.3}),
    "rhetoric": ({"strength": 0.5}, {"rhetoric": 0.5}),
    "review": ({"audit_quarters": 0, "bar": 1.0}, {"notice": 4, "announced": 1, "withheld": 1, "voluntary_allowed": 0}),
    "return": ({}, {}),
    "change_government": ({"government": "sovereigntist"}, {}),
    "redirect": ({"share": 0.5}, {"redirection": 0.5}),
    "discipline": ({"strength": 0.3}, {"grievance": 0.3}),
    "press": ({"strength": 0.4}, {"pressing": 0.4}),
    "shift_position": ({"position": [1.0, -0.5]}, {}),
    "unilateral_act": ({"issue_area": "issue-0"}, {}),
    "found_club": ({"issue_area": "issue-0", "club": "leaders"}, {}),
}
OTHER = {  # fields beyond those of the pair
    "shift_position": {"position"},
    "stop_participation": {"vacancy"}, "sanction": {"capacity"}, "rhetoric": {"credibility"},
    "change_government": {"party", "government_age"}, "unilateral_act": {"autonomy_gain", "censured", "betrayal"},
    "found_club": {"founding"},
}  # fmt: skip


def world_of_treaties(**fields: Any) -> World:
    plain = {"exit_form": 1.0, "initial_voluntary": 10.0, "voluntary": 10.0}
    return small_world(3, 2, **(plain | fields))


def changed(before: World, later: World) -> set[str]:
    return {name for name in FIELDS if not np.array_equal(getattr(before, name), getattr(later, name))}


def test_every_kind_is_tested() -> None:
    assert set(EXPECTED) == set(SHOCKS)


@pytest.mark.parametrize("kind", EXPECTED)
def test_act_changes_its_pair_and_nothing_else(kind: str) -> None:
    keys, expected = EXPECTED[kind]
    world = world_of_treaties()
    later, events = acted(world, acts(record(kind, **keys), world))
    for name, value in expected.items():
        wanted = getattr(world, name).copy()
        wanted[0, 0] = value
        np.testing.assert_allclose(getattr(later, name), wanted, err_msg=name)
    assert changed(world, later) == set(expected) | OTHER.get(kind, set())
    assert kind == "change_government" or events, "every act is told"


@pytest.mark.parametrize(
    "kind",
    sorted(set(SHOCKS) - LASTING - {"refuse", "unilateral_act", "rhetoric", "stop_participation", "discipline"}),
)
def test_reversible_act_ends_where_it_began(kind: str) -> None:
    world = world_of_treaties()
    schedule = acts(record(kind, **EXPECTED[kind][0]), world, until=UNTIL)
    later, _ = acted(world, schedule)
    assert changed(world, later)
    later.quarter = UNTIL
    end, events = acted(later, schedule)
    assert changed(world, end) == set()
    assert len(events) == 1


def test_participation_resumes() -> None:
    world = world_of_treaties()
    schedule = acts(record("stop_participation"), world, until=UNTIL)
    later, _ = acted(world, schedule)
    assert later.vacancy[0] == pytest.approx(1 / 3)
    later.quarter = UNTIL
    end, events = acted(later, schedule)
    assert end.participation.all()
    assert [event.kind for event in events] == ["participation_resumed"]
    assert end.posts_share[0, 0] == 0  # posts are won back, not given back


@pytest.mark.parametrize(
    ("action", "during", "after_the_end"),
    [
        ("censure", (1, 1, 0), (1, 1, 0)),
        ("sanction", (1, 1, 0), (1, 1, 0)),
        ("suspend", (1, 0, 0), (1, 1, 0)),
        ("expel", (0, 0, 1), (0, 0, 0)),
    ],
)
def test_what_an_organization_does_to_a_state(
    action: str, during: tuple[int, ...], after_the_end: tuple[int, ...]
) -> None:
    """Member, takes part, refused: while the act lasts, and from its end on."""
    names = ("member", "participation", "refuses_to_join")
    world = world_of_treaties()
    schedule = acts(record("discipline", action=action, strength=0.6), world, until=UNTIL)
    later, events = acted(world, schedule)
    assert tuple(getattr(later, name)[0, 0] for name in names) == during
    assert (later.grievance[0, 0], events[0].details) == (0.6, {"action": action})
    later.quarter = UNTIL
    end, events = acted(later, schedule)
    assert tuple(getattr(end, name)[0, 0] for name in names) == after_the_end
    assert [event.kind for event in events] == ["discipline_ended"]


@pytest.mark.parametrize(("action", "felt"), [("censure", 0.6), ("sanction", 0.6), ("suspend", 0.0), ("expel", 0.0)])
def test_who_is_no_member_can_be_censured_but_not_expelled(action: str, felt: float) -> None:
    world = world_of_treaties(member=0.0, participation=0.0)
    later, events = acted(world, acts(record("discipline", action=action, strength=0.6), world))
    assert later.grievance[0, 0] == felt
    assert [event.kind for event in events] == ["discipline" if felt else "no_effect"]


@pytest.mark.parametrize("action", ["censure", "sanction"])
def test_acts_on_a_state_are_felt_as_long_as_they_last(action: str) -> None:
    world, felt = world_of_treaties(), []
    schedule = acts(record("discipline", action=action, strength=0.6), world, until=UNTIL)
    for _ in range(5):
        world, _ = acted(world, schedule)
        felt.append(float(world.grievance[0, 0]))
        world = after("membership", world, reaction=0.0)
        world.quarter += 1
    assert felt == pytest.approx([0.6, 0.6, 0.6, 0.3, 0.15])


def test_the_expelled_hold_no_posts_and_come_back_when_they_may() -> None:
    world = world_of_treaties().changed(bought=np.ones((3, 3)), threat=np.full((3, 3), 2.0))
    schedule = acts(record("discipline", action="expel"), world, until=UNTIL)
    out, _ = acted(world, schedule)
    assert (out.posts_share[0, 0], out.vacancy[0]) == (0, pytest.approx(1 / 3))
    assert (out.bought[:, 0].tolist(), out.threat[:, 0].tolist()) == ([0, 1, 1], [-1, 2, 2])
    always = {"return_rate": 1.0}
    assert after("membership", out, Luck(out, pairs=0.0), **always).member[0, 0] == 0
    out.quarter = UNTIL
    allowed, _ = acted(out, schedule)
    assert after("membership", allowed, Luck(allowed, pairs=0.0), **always).member[0, 0] == 1


def test_a_position_jumps_and_distances_follow() -> None:
    world = small_world(3, 1)
    later, events = acted(world, acts(record("shift_position", position=[3.0, 4.0]), world, rows=(-1,)))
    assert [event.kind for event in events] == ["position_shift"]
    assert after("politics", later).distance[:, 0].tolist() == [5, 0, 0]


def test_refusal_ends_and_leaves_the_way_open() -> None:
    world = world_of_treaties(member=[[0, 1], [1, 1], [1, 1]], participation=[[0, 1], [1, 1], [1, 1]])
    schedule = acts(record("refuse"), world, until=UNTIL)
    later, _ = acted(world, schedule)
    assert (later.refuses_to_join[0, 0], later.notice[0, 0]) == (1, -1)
    later.quarter = UNTIL
    assert not acted(later, schedule)[0].refuses_to_join.any()


def test_rhetoric_with_an_end_is_heard_every_quarter() -> None:
    world, heard = world_of_treaties(), []
    schedule = acts(record("rhetoric", strength=0.5), world, until=UNTIL)
    for _ in range(5):
        world, _ = acted(world, schedule, rhetoric_cost=0.1)
        heard.append(float(world.rhetoric[0, 0]))
        world.quarter += 1
    assert heard == [0.5, 0.5, 0.5, 0, 0]
    assert world.credibility.tolist() == pytest.approx([0.95**3, 1, 1])


def test_exit_from_an_organ_stops_participation_and_money_at_once() -> None:
    world = small_world(3, 2, exit_form=2.0, party=[1, -1, -1])
    later, events = acted(world, acts(record("exit", notice_quarters=4), world))
    assert (later.participation[0, 0], later.member[0, 0], later.voluntary_allowed[0, 0]) == (0, 1, 0)
    assert (later.notice[0, 0], later.party_at_exit[0, 0], later.announced[0, 0]) == (-1, 1, 1)
    assert later.vacancy.tolist() == pytest.approx([1 / 3, 0])
    assert [event.kind for event in events] == ["participation_stopped"]


def test_what_a_shock_stops_does_not_end_again_with_its_notice() -> None:
    world = small_world(3, 1, exit_form=2.0, notice=[[0], [-1], [-1]])
    later, _ = acted(world, acts(record("exit"), world))
    gone = after("exits", later, credibility_cost=0.1)
    assert gone.exited.tolist() == [[1], [0], [0]]
    assert gone.credibility[0] == pytest.approx(np.exp(-0.1))
    assert after("exits", gone).notice[0, 0] == -1


def test_refusal_of_a_member_announces_its_exit() -> None:
    world = small_world(3, 1)
    _, events = acted(world, acts(record("refuse"), world))
    assert [event.kind for event in events] == ["refusal", "announce"]


def test_leave_treaty_spares_other_bodies() -> None:
    world = small_world(3, 2, exit_form=[1, 0])
    later, _ = acted(world, acts(record("leave_treaty", notice_quarters=1), world, rows=(0, 1)))
    assert later.announced.tolist() == [[1, 0], [0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("exit", {"member": 0.0}),
        ("exit", {"notice": 2.0}),
        ("exit", {"exit_form": 2.0, "participation": 0.0}),
        ("threaten", {"member": 0.0}),
        ("withhold_dues", {"member": 0.0}),
        ("stop_participation", {"participation": 0.0}),
        ("return", {}),
        ("return", {"member": 0.0, "participation": 0.0}),
        ("return", {"member": 0.0, "participation": 0.0, "party_at_exit": 1.0, "alive": 0.0}),
        ("exit", {"members_known": 0.0, "member": 0.0}),
    ],
)
def test_act_without_an_object_has_no_effect_and_says_so(kind: str, fields: dict[str, Any]) -> None:
    world = small_world(3, 2, **fields)
    later, events = acted(world, acts(record(kind), world))
    assert changed(world, later) == set()
    assert [event.kind for event in events] == ["no_effect"]
    assert events[0].details["reason"] in EVENTS["no_effect"].details["reason"].choices


def test_return_restores_membership_participation_and_money() -> None:
    world = small_world(3, 2, member=0.0, participation=0.0, voluntary_allowed=0.0, party_at_exit=1.0, withheld=1.0)
    later, events = acted(world, acts(record("return", settle_arrears=0.6), world))
    assert [event.kind for event in events] == ["return"]
    for name, value in (
        ("member", 1),
        ("participation", 1),
        ("voluntary_allowed", 1),
        ("withheld", 0),
        ("settle", 0.6),
    ):
        assert getattr(later, name)[0, 0] == value, name
    assert later.member.sum() == 1


def test_return_during_notice_withdraws_it() -> None:
    world = small_world(3, 2)
    gone, _ = acted(world, acts(record("exit", notice_quarters=4), world))
    back, _ = acted(gone, acts(record("return"), gone))
    assert (back.notice[0, 0], back.withheld[0, 0], back.voluntary_allowed[0, 0]) == (-1, 0, 1)


def test_demand_of_a_threat_is_a_point_or_the_actor_s_own() -> None:
    world = small_world(3, 2, position=[0.5, -0.5])
    point, _ = acted(world, acts(record("threaten", demand=[1.0, 1.0]), world))
    np.testing.assert_allclose(point.position[0] + point.demand[0, 0], [1, 1])
    own, _ = acted(point, acts(record("threaten", demand="actor"), point))
    assert not own.demand.any()


def test_cuts_compose_and_end_one_by_one() -> None:
    """A cut of .3 for good and a freeze of .8 for a while: .7, .2, then .7 again."""
    world = world_of_treaties()
    schedule = acts(record("defund", fraction=0.3), world) + acts(
        record("freeze", fraction=0.8), world, until=UNTIL, number=1
    )
    later, _ = acted(world, schedule)
    assert later.voluntary_allowed[0, 0] == pytest.approx(0.2)
    later.quarter = UNTIL
    assert acted(later, schedule)[0].voluntary_allowed[0, 0] == pytest.approx(0.7)


def test_freeze_gives_a_decoupling_leaver_no_money_back() -> None:
    world = world_of_treaties()
    schedule = acts(record("exit", notice_quarters=8), world) + acts(
        record("freeze", fraction=0.5), world, until=UNTIL, number=1
    )
    later, _ = acted(world, schedule)
    assert later.voluntary_allowed[0, 0] == 0
    later.quarter = UNTIL
    assert acted(later, schedule)[0].voluntary_allowed[0, 0] == 0


def test_sanctions_multiply_and_are_lifted_one_by_one() -> None:
    world = small_world(3, 2)
    schedule = acts(record("sanction", strength=0.5), world, actors=(0,)) + acts(
        record("sanction", strength=0.2), world, actors=(1,), until=UNTIL, number=1
    )
    later, _ = acted(world, schedule)
    assert later.capacity.tolist() == pytest.approx([0.4, 1])
    later.quarter = UNTIL
    assert acted(later, schedule)[0].capacity.tolist() == pytest.approx([0.5, 1])


def test_staggered_acts_follow_one_another_and_none_begins_after_the_end() -> None:
    world = small_world(3, 4)
    shock = record("defund", stagger_quarters=2)
    begun = acts(shock, world, rows=(3, 0, 1))
    assert [(act.quarter - START, act.organization) for act in begun] == [(0, 3), (2, 0), (4, 1)]
    ended = acts(shock, world, rows=(3, 0, 1), until=START + 4)
    assert sorted((act.quarter - START, act.organization, act.ends) for act in ended) == [
        (0, 3, False), (2, 0, False), (4, 0, True), (4, 3, True),
    ]  # fmt: skip


def test_redirected_savings_are_moved_once_whatever_the_number_of_bodies() -> None:
    world = small_world(3, 3)
    later, _ = acted(world, acts(record("redirect", share=0.6), world, rows=(0, 1, 2)))
    assert later.redirection[0].sum() == pytest.approx(0.6)


def test_review_drops_the_share_worth_least() -> None:
    """Four memberships of effectiveness .2, .8, .4, .6: half of them go, the worst."""
    world = small_world(3, 4, initial_effectiveness=[0.2, 0.8, 0.4, 0.6])
    shock = record("review", bar=0.5, audit_quarters=2, notice_quarters=1)
    schedule = acts(shock, world, rows=(0, 1, 2, 3))
    assert {act.quarter for act in schedule} == {START + 2}
    world.quarter = START + 2
    later, _ = acted(world, schedule)
    assert later.announced[0].tolist() == [1, 0, 1, 0]


def test_change_of_government_is_noted_for_politics() -> None:
    world = small_world(3, 2)
    later, _ = acted(world, acts(record("change_government", government="sovereigntist"), world, rows=(-1,)))
    assert later.party.tolist() == [1, -1, -1]
    assert later.government_age.tolist() == [-1, 4, 4]
    _, events = acted(later, acts(record("change_government", government="sovereigntist"), later, rows=(-1,)))
    assert [event.kind for event in events] == ["no_effect"]


def test_unilateral_act_pays_less_where_obligations_bind() -> None:
    """Bound in one of two bodies of mutual obligation by a commitment of .8: gain .6 of the payoff; distrust 1/3."""
    world = small_world(3, 2, reciprocal=1.0, participation=[[1, 0], [1, 1], [1, 1]], trust=np.eye(3), salience=2.0)
    shock = record("unilateral_act", issue_area="issue-0", strength=0.5, payoff=0.01)
    later, _ = acted(world, acts(shock, world, rows=(-1,)), unilateral_betrayal=0.1, censure_weight=1.0)
    assert later.autonomy_gain.tolist() == pytest.approx([0.006, 0, 0])
    assert later.censured.tolist() == pytest.approx([0.5 / 3, 0, 0])
    assert later.betrayal.tolist() == [[0, 0, 0], [0.1, 0, 0], [0.1, 0, 0]]


def test_flows_are_fresh_and_memories_fade() -> None:
    world = small_world(3, 2, announced=1.0, rhetoric=1.0, censured=1.0, autonomy_gain=0.5)
    later, _ = acted(world, [], fading_rate=0.2)
    assert not later.announced.any()
    assert not later.rhetoric.any()
    np.testing.assert_allclose(later.censured, 0.8)
    np.testing.assert_allclose(later.autonomy_gain, 0.4)


@pytest.mark.parametrize(("luck", "happens"), [(0.29, True), (0.31, False)])
def test_probability_is_one_draw_for_the_whole_shock(luck: float, happens: bool) -> None:
    world = small_world(3, 2)
    schedule = acts(record("obstruct", probability=0.3), world, rows=(0, 1))
    later, _ = acted(world, schedule, Luck(world, fixed=luck))
    assert (later.obstruction > 0).sum() == 2 * happens


@pytest.mark.parametrize(
    ("condition", "fields", "happens"),
    [
        ("sovereigntist", {"party": 1.0}, True),
        ("sovereigntist", {"party": -1.0}, False),
        ("internationalist", {"party": -1.0}, True),
        ("internationalist", {"party": 1.0}, False),
        ("member", {}, True),
        ("member", {"member": 0.0}, False),
    ],
)
def test_condition(condition: str, fields: dict[str, Any], happens: bool) -> None:
    world = small_world(3, 2, **fields)
    later, _ = acted(world, acts(record("obstruct", condition=condition), world))
    assert later.obstruction.any() == happens
