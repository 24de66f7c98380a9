"""Measures of claims: nothing where nothing happened, and the right number where one thing was changed by hand."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from experiments.claims import CLAIMS
from experiments.claims.claim import Case, Claim
from experiments.claims.trace_pairs import Pair, trace

BY_ID = {claim.id: claim for claim in CLAIMS}
LEVELS = ("C16", "C29", "C44")
"""Claims on a level, not on a difference from the twin: they may hold where nothing was shocked."""


def value(claim: str, pair: Pair, **others: Pair) -> float:
    """Measure a claim with one pair for all its cases but those named."""
    return BY_ID[claim].value({name: others.get(name, pair) for name in BY_ID[claim].cases})


def altered(pair: Pair, table: str, **changes: np.ndarray[Any, Any]) -> Pair:
    """Return the unmoved pair with other arrays in one table of its run."""
    run = replace(pair.twin, **{table: {**getattr(pair.twin, table), **changes}})
    return replace(pair, run=run)


def gone(pair: Pair) -> np.ndarray[Any, Any]:
    """Return who takes part, the actor away from all shocked bodies after the first quarter."""
    present = pair.twin.pairs["participation"].copy()
    present[1:, pair.actor, pair.shocked] = 0
    return present


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c.id not in LEVELS], ids=lambda claim: claim.id)
def test_nothing_holds_where_nothing_happened(claim: Claim, unmoved: Pair) -> None:
    found = value(claim.id, unmoved)
    assert np.isnan(found) or found < claim.threshold


def test_what_goes_on_goes_on_where_nothing_happened(unmoved: Pair) -> None:
    assert value("C29", unmoved) == 1


def test_a_cut_of_a_fifth_is_a_fifth(unmoved: Pair) -> None:
    spent = unmoved.twin.bodies["spending"].copy()
    spent[8:12] *= 0.8
    for claim in ("C01", "C45"):
        cut = altered(unmoved, "bodies", spending=spent)
        cut = replace(cut, shocked=cut.funded)
        assert value(claim, cut) == pytest.approx(0.2, abs=1e-5)


def test_smallest_of_four_losses(unmoved: Pair) -> None:
    run = altered(unmoved, "pairs", participation=gone(unmoved)).run
    bodies = {name: run.bodies[name].copy() for name in ("funding_gap_share", "expertise", "spending", "effectiveness")}
    bodies["funding_gap_share"] += 0.05
    bodies["expertise"] -= 0.04
    bodies["spending"] = bodies["spending"] * 0.9
    bodies["effectiveness"] -= 0.03
    found = replace(unmoved, run=replace(run, bodies={**run.bodies, **bodies}))
    assert value("C25", found) == pytest.approx(0.03, abs=1e-5)


def test_spillover_counts_others_against_the_leaver(unmoved: Pair) -> None:
    lower = unmoved.twin.pairs["commitment"].copy()
    away = np.flatnonzero(unmoved.concerned & (unmoved.twin.pairs["participation"][:, unmoved.actor] > 0).any(axis=0))
    lower[:, unmoved.actor, away] -= 0.2
    others = np.flatnonzero(unmoved.others)[:6]
    lower[np.ix_(np.arange(len(lower)), others, away)] -= 0.1
    found = altered(unmoved, "pairs", commitment=lower, participation=gone(unmoved))
    seats = unmoved.twin.pairs["agenda_share"][unmoved.run.window(2027, 2030)][:, :, away].sum(axis=(0, 2))
    expected = 0.1 * seats[others].sum() / (0.2 * seats[unmoved.actor])
    assert value("C05", found) == pytest.approx(expected, rel=1e-3)


def test_money_to_authority_is_the_smaller_fall(unmoved: Pair) -> None:
    lower = unmoved.twin.pairs["legitimacy"] * np.float32(0.95)
    run = altered(unmoved, "pairs", legitimacy=lower).run
    weaker = replace(run, bodies={**run.bodies, "effectiveness": run.bodies["effectiveness"] - 0.03})
    assert value("C02", replace(unmoved, run=weaker)) == pytest.approx(0.03, abs=1e-5)
    less = replace(run, bodies={**run.bodies, "effectiveness": run.bodies["effectiveness"] - 0.08})
    assert value("C02", replace(unmoved, run=less)) == pytest.approx(0.05, abs=1e-5)


def test_trust_lost_is_that_of_others_in_the_actor(unmoved: Pair) -> None:
    trust = unmoved.twin.trust.copy()
    trust[:, :, unmoved.actor] -= 0.1
    trust[:, unmoved.actor, :] += 0.7  # what the actor thinks of others does not count
    found = replace(unmoved, run=replace(unmoved.twin, trust=trust))
    assert value("C33", found, stayed=unmoved) == pytest.approx(0.1, abs=1e-5)
    assert value("C33", found, stayed=found) == 0  # what the governments do by themselves does not count


def test_drift_is_measured_along_the_actors_wish(unmoved: Pair) -> None:
    seat = unmoved.twin.votes[:, unmoved.actor][:, None]
    away = unmoved.twin.adopted - seat
    step = away / np.linalg.norm(away, axis=2, keepdims=True)
    present = gone(unmoved)
    for claim, sign in (("C20", 1), ("C10", -1)):
        run = replace(
            altered(unmoved, "pairs", participation=present).run, adopted=unmoved.twin.adopted + 0.1 * sign * step
        )
        assert value(claim, replace(unmoved, run=run)) == pytest.approx(0.1, abs=1e-5)


def test_fillers_that_take_all_gain_all_but_their_part(unmoved: Pair) -> None:
    agenda = unmoved.twin.pairs["agenda_share"].copy()
    china = unmoved.twin.row("CHN")
    agenda[:, china] += agenda[:, unmoved.actor]
    agenda[:, unmoved.actor] = 0
    found = altered(unmoved, "pairs", agenda_share=agenda, participation=gone(unmoved))
    world = found.twin.world
    group = ((world.bloc == 0) | (world.camp < 0)) & found.others
    twin = found.share("agenda_share", group, found.left, 2029, 2031)[1]
    own = found.share("agenda_share", ~found.others, found.left, 2029, 2031)[1]
    assert value("C07", found) == pytest.approx(1 - twin / (1 - own), abs=1e-4)
    assert value("C07", found) > 0.3


def test_one_new_leader_is_no_dispersion(unmoved: Pair) -> None:
    """Nor is what all others gain in proportion; a leading share cut below that is."""
    twin, actor = unmoved.twin.pairs["agenda_share"], unmoved.actor
    rest = 1 - twin[:, [actor]]
    filled = twin / rest
    filled[:, actor] = 0
    heir = twin.copy()
    heir[:, actor] = 0
    heir[:, np.flatnonzero(unmoved.others)[0]] += twin[:, actor]
    level = np.broadcast_to(1 / (twin.shape[1] - 1), twin.shape).astype(np.float32).copy()
    level[:, actor] = 0
    holds = {}
    for name, agenda in (("filled", filled), ("heir", heir), ("level", level)):
        found = altered(unmoved, "pairs", agenda_share=agenda, participation=gone(unmoved))
        holds[name] = value("C28", found)
    assert holds["filled"] == pytest.approx(0, abs=1e-5)
    assert holds["heir"] < 0.02
    assert holds["level"] >= BY_ID["C28"].threshold


def test_camps_part_by_the_growth_of_the_gap(unmoved: Pair) -> None:
    found = altered(unmoved, "system", trust_gap=unmoved.twin.system["trust_gap"] + np.float32(0.1))
    assert value("C27", found) == pytest.approx(0.1, abs=1e-5)


def test_exit_where_rivals_gain_is_told_from_exit_everywhere(unmoved: Pair) -> None:
    rivals = np.flatnonzero(unmoved.twin.world.camp < 0)
    china, usa = unmoved.twin.row("CHN"), unmoved.twin.row("USA")
    unmoved = replace(unmoved, actor=china)
    agenda, odds = unmoved.twin.pairs["agenda_share"].copy(), unmoved.twin.log_odds.copy()
    assert china in rivals
    rising = np.linspace(0, 0.2, agenda.shape[2], dtype=np.float32)
    agenda[:, china] += rising
    everywhere = replace(altered(unmoved, "pairs", agenda_share=agenda).run, log_odds=odds + np.float32(0.5))
    assert value("C38", replace(unmoved, run=everywhere)) == pytest.approx(0, abs=1e-5)
    odds[:, usa] += 10 * rising
    there = replace(everywhere, log_odds=odds)
    assert value("C38", replace(unmoved, run=there)) > 0.5


def test_deals_with_friends_only(unmoved: Pair) -> None:
    trust = unmoved.twin.trust[16:20].mean(axis=0)[:, unmoved.actor]
    for deals, expected in ((np.where(trust > np.median(trust), 0.3, 0.0), 1.0), (np.full(len(trust), 0.3), 0.0)):
        made = np.zeros_like(unmoved.twin.deals)
        made[:, :, unmoved.actor] = deals
        run = replace(unmoved.twin, deals=made)
        assert value("C24", replace(unmoved, run=run)) == pytest.approx(expected, abs=1e-5)
    fast = np.zeros_like(unmoved.twin.deals)
    fast[:, :, unmoved.actor] = np.where(trust > np.quantile(trust, 0.2), 0.9, 0.0)
    assert value("C24", replace(unmoved, run=replace(unmoved.twin, deals=fast))) == 0


def test_habit_is_what_lasts_beyond_the_bodies_a_state_is_in(unmoved: Pair) -> None:
    flat = np.zeros_like(unmoved.twin.log_odds) + np.arange(unmoved.twin.log_odds.shape[2], dtype=np.float32)
    swinging = (
        flat
        + np.sin(np.arange(len(flat), dtype=np.float32) * 2)[:, None, None]
        * np.linspace(-1, 1, flat.shape[1], dtype=np.float32)[None, :, None]
    )
    lasting = flat + np.linspace(-1, 1, flat.shape[1], dtype=np.float32)[None, :, None]
    shares = [value("C44", replace(unmoved, run=replace(unmoved.twin, log_odds=odds))) for odds in (swinging, lasting)]
    assert shares[0] < 0.2
    assert shares[1] == pytest.approx(1, abs=1e-3)


def test_rally_needs_all_three(unmoved: Pair) -> None:
    pairs: Mapping[str, Any] = unmoved.twin.pairs
    higher = {name: pairs[name] * np.float32(1.05) for name in ("legitimacy", "commitment")}
    found = altered(unmoved, "pairs", participation=gone(unmoved), **higher)
    assert value("C37", found) == pytest.approx(0.0, abs=1e-5)  # the bodies have not moved
    stays = gone(unmoved) * found.others[:, None]
    share = stays / np.maximum(stays.sum(axis=1, keepdims=True), 1)
    centre = np.einsum("qso,qsa->qoa", share, unmoved.twin.votes)
    moved = replace(found.run, adopted=unmoved.twin.adopted + 0.9 * (centre - unmoved.twin.adopted))
    assert value("C37", replace(found, run=moved)) > 0


def test_private_money_over_lost_money(unmoved: Pair) -> None:
    money = unmoved.twin.pairs["money"].copy()
    rows = unmoved.funded & (
        money[:, unmoved.actor].mean(axis=0) * 4 > 0.05 * 4 * unmoved.twin.world.initial_budget[: len(unmoved.shocked)]
    )
    assert rows.any()
    private = unmoved.twin.bodies["private_income"].copy()
    private[:, rows] += 0.25 * money[:, unmoved.actor][:, rows].mean(axis=0)
    money[:, unmoved.actor][:, unmoved.shocked] = 0
    run = altered(unmoved, "pairs", money=money).run
    found = replace(unmoved, run=replace(run, bodies={**run.bodies, "private_income": private}))
    assert 0.15 < value("C06", found) <= 0.26
    assert value("C43", found) == pytest.approx(-value("C06", found))


def test_a_cut_trace_is_the_shorter_run(pair: Pair) -> None:
    short = trace(Case("us-exit-2026", quarters=8).experiment({}), 0)
    cut = pair.run.first(8)
    assert all(np.array_equal(cut.pairs[name], short.pairs[name]) for name in short.pairs)
    assert all(np.array_equal(cut.bodies[name], short.bodies[name], equal_nan=True) for name in short.bodies)
    assert [event for _, event in cut.events] == [event for _, event in short.events]
    assert cut.log_odds.shape == short.log_odds.shape
    assert not np.array_equal(cut.pairs["money"], pair.twin.first(8).pairs["money"])


def test_large_exit_moves_what_it_must(pair: Pair) -> None:
    """Without looking at thresholds: the leaver is away, saves money, and is trusted less."""
    assert pair.run.world.state_codes[pair.actor] == "USA"
    assert pair.left.sum() >= 20
    assert pair.lost_money(pair.funded, 2027, 2028).sum() > 0
    assert pair.trust_lost(pair.others, 2028, 2030) > 0
    assert not pair.losing(2025, 2025, least=1.0).any()
