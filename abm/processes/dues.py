"""Dues: billing, payment, arrears, and the loss of the vote after two years of them.

Dues follow the organization's scale, and only members are billed: they end when a withdrawal takes effect (`exits`).
They are not levied again on those who stay: what a leaver paid is a gap. Each quarter due = paid + change in arrears.
Article 19 of the UN Charter: no vote while arrears equal or exceed the amount due for the preceding two full years;
the Assembly may waive it where payment is beyond the member's control.
"""

from typing import ClassVar

import numpy as np

from abm.calendar import per_quarter
from abm.events import Event
from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.derived import cleared, where_true
from abm.state.world import FIELDS, Array, Mask, World


class DuesParameters(Parameters):
    """Parameters of dues and arrears."""

    lapse_rate: float = parameter(
        0.036,
        low=0,
        high=1,
        unit="1/year",
        source="evidence_article_19",
        doc="Rate at which a fragile state stops paying; with recovery_rate about ten states are listed in a year.",
    )
    recovery_rate: float = parameter(
        0.25,
        low=0.01,
        high=1,
        unit="1/year",
        source="evidence_article_19",
        doc="Rate at which a lapsed state pays again.",
    )
    repayment_share: float = parameter(
        0.25,
        low=0,
        high=1,
        unit="1/quarter",
        source="assumption",
        doc="Share of old arrears that a paying member settles in a quarter.",
    )
    waiver_probability: float = parameter(
        0.3,
        low=0,
        high=1,
        source="evidence_article_19",
        doc="Probability that the vote of a lapsed fragile state is kept by waiver for a year.",
    )
    neglect_elasticity: float = parameter(
        0.5,
        low=0,
        high=3,
        source="assumption",
        doc="Elasticity of the share of dues paid in commitment relative to rest (at most all dues are paid).",
    )
    lost_vote_demobilization: float = parameter(
        0.0,
        low=-2,
        high=2,
        source="assumption",
        doc="Fall of mobilization at home by each vote lost, which arms the opposition; off.",
    )


def paying_share(world: World, p: DuesParameters) -> Array:
    """Return the share of this quarter's dues that members pay; shape (state, organization)."""
    loyalty = world.commitment / np.maximum(world.reference_commitment, 1e-9)
    willing = np.where(world.participation > 0, loyalty, 1.0)  # who only stays away still pays
    able = (1 - world.lapsing)[:, None]
    return np.clip(willing, 0, 1) ** p.neglect_elasticity * able * (1 - world.withheld)


def lapses(world: World, uniforms: Array, p: DuesParameters) -> Array:
    """Return which states pay no dues this quarter; `uniforms` is uniform; shape (state,)."""
    start = uniforms < per_quarter(p.lapse_rate)
    stop = uniforms < per_quarter(p.recovery_rate)
    return np.where(world.lapsing > 0, 1.0 - stop, world.fragile * start)


def over_limit(world: World) -> Mask:
    """Return where arrears reach two full years' dues, in organizations with such a rule.

    Shape (state, organization).
    """
    limit = world.billed_this_year + world.billed_last_year  # the years that have just ended
    return (limit > 0) & (world.arrears >= limit * (1 - 1e-9)) & (world.suspends > 0) & (world.member > 0)


class Dues(Process):
    """Billing, payment, arrears and suspension of votes."""

    name: ClassVar[str] = "dues"
    parameters: ClassVar[type[Parameters]] = DuesParameters
    writes: ClassVar[tuple[str, ...]] = (
        "due", "paid", "arrears", "settle", "lapsing", "assessed_income", "suspended", "billed_this_year",
        "billed_last_year", "mobilization",
    )  # fmt: skip

    def propose(self, world: World, p: DuesParameters, draws: Draws) -> Proposal:
        """Bill, collect and, in the first quarter of a year, judge arrears."""
        lapsing = lapses(world, draws.states(), p)
        waived = (draws.states() < p.waiver_probability) & (lapsing > 0)
        fields = self._account(world, p) | {"lapsing": lapsing}
        events: list[Event] = []
        if world.quarter % 4 == 0:
            suspended = (over_limit(world) & ~waived[:, None]).astype(float)
            events = self._events(world, suspended)
            fields |= {
                "suspended": suspended,
                "billed_last_year": world.billed_this_year,
                "billed_this_year": fields["due"],
            }
            lost = (suspended > world.suspended).sum(axis=1)
            mobilization = world.mobilization - p.lost_vote_demobilization * lost
            fields["mobilization"] = np.clip(mobilization, *FIELDS["mobilization"].bounds)
        else:
            fields["billed_this_year"] = world.billed_this_year + fields["due"]
        return Proposal(fields, events)

    @staticmethod
    def _account(world: World, p: DuesParameters) -> dict[str, Array]:
        """Return the accounts of this quarter: due, paid, arrears, and what each organization receives."""
        due = world.dues_rate * world.member
        share = paying_share(world, p)
        settling = share * world.member * p.repayment_share * (world.withheld == 0)  # what is withheld stays owed
        paid = due * share + world.arrears * np.maximum(settling, world.settle)
        collected = paid.sum(axis=0)  # (organization,)
        parent = world.parent.astype(int)
        from_parent = np.where(parent >= 0, world.parent_share * collected[parent], 0.0)
        return {
            "due": due,
            "paid": paid,
            "arrears": world.arrears + due - paid,
            "settle": cleared(world.settle),
            "assessed_income": collected * world.kept_share + from_parent,
        }

    @staticmethod
    def _events(world: World, suspended: Array) -> list[Event]:
        """Return the story of votes lost and regained."""
        lost = zip(*where_true(suspended > world.suspended), strict=True)
        back = zip(*where_true((suspended < world.suspended) & (world.member > 0)), strict=True)
        return [Event("vote_lost", int(i), int(o)) for i, o in lost] + [
            Event("vote_regained", int(i), int(o)) for i, o in back
        ]
