"""Measures of claims: nothing where nothing happened, and the right number where one thing was changed by hand."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from abm.comparison import Comparison
from experiments.claims import CLAIMS
from experiments.claims.assess import Runs
from experiments.claims.claim import Case, Claim
from experiments.claims.quantities import (
    actor,
    concerned,
    funded,
    left,
    losing,
    lost_money,
    others,
    share,
    shocked,
    trust_lost,
    window,
)
from experiments.claims.watched_fields import record_for_claims

Values = NDArray[Any]
BY_ID = {claim.id: claim for claim in CLAIMS}
LEVELS = ("C16", "C29", "C44")
"""Claims on a level, not on a difference from the twin: they may hold where nothing was shocked."""


def value(claim: str, pair: Comparison, **cases: Comparison) -> float:
    """Measure a claim with one pair for all its cases but those named."""
    return BY_ID[claim].value({name: cases.get(name, pair) for name in BY_ID[claim].cases})


def altered(pair: Comparison, bodies: Mapping[str, Values] | None = None, **fields: Values) -> Comparison:
    """Return the pair with other measures of organizations, or other fields, in its run."""
    run = copy(pair.run)
    run.bodies, run.fields = {**run.bodies, **(bodies or {})}, {**run.fields, **fields}
    return replace(pair, run=run)


def deciding(pair: Comparison, positions: Values) -> Comparison:
    """Return the pair with other adopted positions in its run."""
    run = copy(pair.run)
    run.positions = positions
    return replace(pair, run=run)


def acting(pair: Comparison, state: int) -> Comparison:
    """Return the pair with another state as the one that acts."""
    run, simulation = copy(pair.run), copy(pair.run.simulation)
    simulation.focus = np.eye(len(simulation.focus))[state]
    run.simulation = simulation
    return replace(pair, run=run)


def gone(pair: Comparison) -> Values:
    """Return who takes part, the actor away from all shocked bodies after the first quarter."""
    present = pair.twin.fields["participation"].copy()
    present[1:, actor(pair), shocked(pair)] = 0
    return present


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c.id not in LEVELS], ids=lambda claim: claim.id)
def test_nothing_holds_where_nothing_happened(claim: Claim, unmoved: Comparison) -> None:
    found = value(claim.id, unmoved)
    assert np.isnan(found) or found < claim.threshold


def test_what_goes_on_goes_on_where_nothing_happened(unmoved: Comparison) -> None:
    assert value("C29", unmoved) == 1


def test_a_cut_of_a_fifth_is_a_fifth(unmoved: Comparison) -> None:
    spent = unmoved.twin.fields["spending"].copy()
    spent[8:12] *= 0.8
    for claim in ("C01", "C45"):
        cut = altered(unmoved, spending=spent)
        cut.run.shocked = funded(cut).astype(float)
        assert value(claim, cut) == pytest.approx(0.2, abs=1e-5)


def test_smallest_of_four_losses(unmoved: Comparison) -> None:
    bodies = {name: unmoved.twin.bodies[name].copy() for name in ("funding_gap_share", "expertise", "effectiveness")}
    bodies["funding_gap_share"] += 0.05
    bodies["expertise"] -= 0.04
    bodies["effectiveness"] -= 0.03
    spent = unmoved.twin.fields["spending"] * 0.9
    found = altered(unmoved, bodies, participation=gone(unmoved), spending=spent)
    assert value("C25", found) == pytest.approx(0.03, abs=1e-5)


def test_spillover_counts_others_against_the_leaver(unmoved: Comparison) -> None:
    twin, leaver = unmoved.twin, actor(unmoved)
    lower = twin.fields["commitment"].copy()
    away = np.flatnonzero(concerned(unmoved) & (twin.fields["participation"][:, leaver] > 0).any(axis=0))
    lower[:, leaver, away] -= 0.2
    some = np.flatnonzero(others(unmoved))[:6]
    lower[np.ix_(np.arange(len(lower)), some, away)] -= 0.1
    found = altered(unmoved, commitment=lower, participation=gone(unmoved))
    seats = twin.fields["agenda_share"][window(twin, 2027, 2030)][:, :, away].sum(axis=(0, 2))
    expected = 0.1 * seats[some].sum() / (0.2 * seats[leaver])
    assert value("C05", found) == pytest.approx(expected, rel=1e-3)


def test_money_to_authority_is_the_smaller_fall(unmoved: Comparison) -> None:
    lower, work = unmoved.twin.fields["legitimacy"] * np.float32(0.95), unmoved.twin.bodies["effectiveness"]
    for lost, expected in ((0.03, 0.03), (0.08, 0.05)):
        found = altered(unmoved, {"effectiveness": work - lost}, legitimacy=lower)
        assert value("C02", found) == pytest.approx(expected, abs=1e-5)


def test_trust_lost_is_that_of_others_in_the_actor(unmoved: Comparison) -> None:
    trust = unmoved.twin.fields["trust"].copy()
    trust[:, :, actor(unmoved)] -= 0.1
    trust[:, actor(unmoved), :] += 0.7  # what the actor thinks of others does not count
    found = altered(unmoved, trust=trust)
    assert value("C33", found, stayed=unmoved) == pytest.approx(0.1, abs=1e-5)
    assert value("C33", found, stayed=found) == 0  # what the governments do by themselves does not count


def test_drift_is_measured_along_the_actors_wish(unmoved: Comparison) -> None:
    adopted = unmoved.twin.positions
    away = adopted - unmoved.twin.fields["votes"][:, actor(unmoved)][:, None]
    step = away / np.linalg.norm(away, axis=2, keepdims=True)
    left_ = altered(unmoved, participation=gone(unmoved))
    for claim, sign in (("C20", 1), ("C10", -1)):
        assert value(claim, deciding(left_, adopted + 0.1 * sign * step)) == pytest.approx(0.1, abs=1e-5)


def test_fillers_that_take_all_gain_all_but_their_part(unmoved: Comparison) -> None:
    agenda, world = unmoved.twin.fields["agenda_share"].copy(), unmoved.twin.world
    agenda[:, world.state_codes.index("CHN")] += agenda[:, actor(unmoved)]
    agenda[:, actor(unmoved)] = 0
    found = altered(unmoved, agenda_share=agenda, participation=gone(unmoved))
    group = ((world.bloc == 0) | (world.camp < 0)) & others(found)
    twin = share(found, "agenda_share", group, left(found), 2029, 2031)[1]
    own = share(found, "agenda_share", ~others(found), left(found), 2029, 2031)[1]
    assert value("C07", found) == pytest.approx(1 - twin / (1 - own), abs=1e-4)
    assert value("C07", found) > 0.3


def test_one_new_leader_is_no_dispersion(unmoved: Comparison) -> None:
    """Nor is what all others gain in proportion; a leading share cut below that is."""
    twin, leaver = unmoved.twin.fields["agenda_share"], actor(unmoved)
    rest = 1 - twin[:, [leaver]]
    filled = twin / rest
    filled[:, leaver] = 0
    heir = twin.copy()
    heir[:, leaver] = 0
    heir[:, np.flatnonzero(others(unmoved))[0]] += twin[:, leaver]
    level = np.broadcast_to(1 / (twin.shape[1] - 1), twin.shape).astype(np.float32).copy()
    level[:, leaver] = 0
    holds = {}
    for name, agenda in (("filled", filled), ("heir", heir), ("level", level)):
        found = altered(unmoved, agenda_share=agenda, participation=gone(unmoved))
        holds[name] = value("C28", found)
    assert holds["filled"] == pytest.approx(0, abs=1e-5)
    assert holds["heir"] < 0.02
    assert holds["level"] >= BY_ID["C28"].threshold


def test_camps_part_by_the_growth_of_the_gap(unmoved: Comparison) -> None:
    run = copy(unmoved.run)
    run.measures = {**run.measures, "trust_gap": run.measures["trust_gap"] + 0.1}
    assert value("C27", replace(unmoved, run=run)) == pytest.approx(0.1, abs=1e-5)


def test_exit_where_rivals_gain_is_told_from_exit_everywhere(unmoved: Comparison) -> None:
    world = unmoved.twin.world
    rivals = np.flatnonzero(world.camp < 0)
    china, usa = (world.state_codes.index(code) for code in ("CHN", "USA"))
    unmoved = acting(unmoved, china)
    agenda, odds = (unmoved.twin.fields[name].copy() for name in ("agenda_share", "log_odds"))
    assert china in rivals
    rising = np.linspace(0, 0.2, agenda.shape[2], dtype=np.float32)
    agenda[:, china] += rising
    everywhere = altered(unmoved, agenda_share=agenda, log_odds=odds + np.float32(0.5))
    assert value("C38", everywhere) == pytest.approx(0, abs=1e-5)
    odds[:, usa] += 10 * rising
    assert value("C38", altered(everywhere, log_odds=odds)) > 0.5


def test_deals_with_friends_only(unmoved: Comparison) -> None:
    trust = unmoved.twin.fields["trust"][16:20].mean(axis=0)[:, actor(unmoved)]
    for deals, expected in ((np.where(trust > np.median(trust), 0.3, 0.0), 1.0), (np.full(len(trust), 0.3), 0.0)):
        made = np.zeros_like(unmoved.twin.fields["deals"])
        made[:, :, actor(unmoved)] = deals
        assert value("C24", altered(unmoved, deals=made)) == pytest.approx(expected, abs=1e-5)
    fast = np.zeros_like(unmoved.twin.fields["deals"])
    fast[:, :, actor(unmoved)] = np.where(trust > np.quantile(trust, 0.2), 0.9, 0.0)
    assert value("C24", altered(unmoved, deals=fast)) == 0


def test_habit_is_what_lasts_beyond_the_bodies_a_state_is_in(unmoved: Comparison) -> None:
    known = unmoved.twin.fields["log_odds"]
    flat = np.zeros_like(known) + np.arange(known.shape[2], dtype=np.float32)
    swinging = (
        flat
        + np.sin(np.arange(len(flat), dtype=np.float32) * 2)[:, None, None]
        * np.linspace(-1, 1, flat.shape[1], dtype=np.float32)[None, :, None]
    )
    lasting = flat + np.linspace(-1, 1, flat.shape[1], dtype=np.float32)[None, :, None]
    shares = [value("C44", altered(unmoved, log_odds=odds)) for odds in (swinging, lasting)]
    assert shares[0] < 0.2
    assert shares[1] == pytest.approx(1, abs=1e-3)


def test_rally_needs_all_three(unmoved: Comparison) -> None:
    twin = unmoved.twin
    higher = {name: twin.fields[name] * np.float32(1.05) for name in ("legitimacy", "commitment")}
    found = altered(unmoved, participation=gone(unmoved), **higher)
    assert value("C37", found) == pytest.approx(0.0, abs=1e-5)  # the bodies have not moved
    stays = gone(unmoved) * others(found)[:, None]
    weight = stays / np.maximum(stays.sum(axis=1, keepdims=True), 1)
    centre = np.einsum("qso,qsa->qoa", weight, twin.fields["votes"])
    assert value("C37", deciding(found, twin.positions + 0.9 * (centre - twin.positions))) > 0


def test_private_money_over_lost_money(unmoved: Comparison) -> None:
    money, aimed = unmoved.twin.fields["money"].copy(), shocked(unmoved)
    given = money[:, actor(unmoved)].mean(axis=0)
    rows = funded(unmoved) & (given > 0.05 * unmoved.twin.world.initial_budget[: len(aimed)])
    assert rows.any()
    private = unmoved.twin.fields["private_income"].copy()
    private[:, rows] += 0.25 * given[rows]
    money[:, actor(unmoved)][:, aimed] = 0
    found = altered(unmoved, money=money, private_income=private)
    assert 0.15 < value("C06", found) <= 0.26
    assert value("C43", found) == pytest.approx(-value("C06", found))


def test_one_twin_serves_cases_of_every_length() -> None:
    """Each case has the run and the twin that it would have alone; what is compared has the length of the case."""
    cases = [Case("who-2025", quarters=quarters) for quarters in (4, 6)]
    runs = Runs({}, 0, cases)
    for case in cases:
        pair, experiment = runs.pair(case), case.experiment({})
        for found, own in ((pair.run, experiment), (pair.twin, experiment.twin())):
            alone = record_for_claims(own, 0, (case.quarters,))[case.quarters]
            assert found.simulation.experiment.digest() == own.digest()
            assert found.network == alone.network
            assert found.events == alone.events
            for name, values in alone.fields.items():
                np.testing.assert_array_equal(found.fields[name], values)
            for name, values in alone.bodies.items():
                np.testing.assert_array_equal(found.bodies[name], values)
    short, long = (runs.pair(case).twin for case in cases)
    assert short.network != long.network
    assert len(short.fields["log_odds"]) == 1


def test_a_shared_twin_is_not_asked_about_shocks_that_it_does_not_know(pair: Comparison) -> None:
    with pytest.raises(ValueError, match="other shocks"):
        pair.difference("mean_trust_in_actor")


def test_large_exit_moves_what_it_must(pair: Comparison) -> None:
    """Without looking at thresholds: the leaver is away, saves money, and is trusted less."""
    assert pair.run.world.state_codes[actor(pair)] == "USA"
    assert left(pair).sum() >= 20
    assert lost_money(pair, funded(pair), 2027, 2028).sum() > 0
    assert trust_lost(pair, others(pair), 2028, 2030) > 0
    assert not losing(pair, 2025, 2025, least=1.0).any()
