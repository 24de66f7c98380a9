"""Clubs: minilateral organizations that dissatisfied and capable states found, join and leave.

A founder proposes a club at its own position where it is worse served than at rest, where its power runs ahead of its
voice (Pratt 2021), or where a leading state's departure leaves an opening. Invited states accept by trust, fit and
benefit; the club is founded if internally stable, and grows or stays closed by external stability (d'Aspremont et al.
1983; Finus and Rundshagen 2003). The rules are the same for everyone.
"""

import math
from typing import ClassVar

import numpy as np

from abm.calendar import format_quarter
from abm.events import Event
from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.spatial import lengths
from abm.state.derived import where_true
from abm.state.world import KINDS, RULES, Array, Integers, World

LEAST_SALIENCE = 1e-3
"""Where the logarithm of salience is taken, a smaller one counts as this."""


class ClubsParameters(Parameters):
    """Parameters of clubs."""

    intercept: float = parameter(
        -7.0,
        low=-20,
        high=0,
        unit="log-odds/year",
        source="evidence_igo_births",
        role="calibration",
        doc="Log-odds of a proposal by a mean state in an issue area in a year, set to about one birth a year.",
    )
    dissatisfaction_log_odds: float = parameter(
        3.0, low=0, high=12, source="assumption", doc="Rise per unit of legitimacy lost or membership given up."
    )
    power_log_odds: float = parameter(
        3.0, low=0, high=12, source="pratt_2021", doc="Rise per unit of capability ahead of influence on the agenda."
    )
    opening_log_odds: float = parameter(
        3.0, low=0, high=12, source="assumption", doc="Rise per share of an issue area that a leaver vacated."
    )
    own_crowding: float = parameter(
        0.9,
        low=0,
        high=5,
        unit="log-odds",
        source="assumption",
        doc="Fall by each club that the founder already leads.",
    )
    camp_crowding: float = parameter(
        0.15,
        low=0,
        high=5,
        unit="log-odds",
        source="assumption",
        doc="Fall by each club led from the founder's own camp.",
    )
    capability_log_odds: float = parameter(
        0.8, low=0, high=3, source="assumption", doc="Rise per unit of log capability relative to the mean state."
    )
    salience_log_odds: float = parameter(
        0.5, low=0, high=3, source="assumption", doc="Rise per unit of the founder's log salience of the issue area."
    )
    invited: float = parameter(
        36,
        low=3,
        high=200,
        unit="states",
        source="assumption",
        doc="Whole states, rounded up, that a founder invites, itself included.",
    )
    invitation_distance: float = parameter(
        0.5,
        low=0,
        high=5,
        unit="1/ideal point",
        source="assumption",
        doc="Trust in the founder that makes up for one ideal point of distance when it chooses whom to invite.",
    )
    acceptance: float = parameter(
        -0.9, low=-5, high=5, unit="log-odds", source="assumption", doc="Log-odds that an indifferent state accepts."
    )
    trust_log_odds: float = parameter(
        1.5, low=0, high=8, source="assumption", doc="Rise of acceptance per unit of trust in the founder."
    )
    benefit_log_odds: float = parameter(
        1.5, low=0, high=8, source="assumption", doc="Rise of acceptance per unit of payoff."
    )
    good: float = parameter(
        0.8, low=0, high=5, source="assumption", doc="Club good per root of members' joint capability share."
    )
    distance_decay: float = parameter(
        0.8, low=0, high=5, unit="1/ideal point", source="assumption", doc="Fall of the club good with distance."
    )
    cost: float = parameter(0.12, low=0, high=2, source="assumption", doc="Cost of membership in a club.")
    crowd_cost: float = parameter(
        0.01, low=0, high=0.2, source="assumption", doc="Relative rise of the cost per member."
    )
    stability_rounds: float = parameter(
        3,
        low=0,
        high=20,
        unit="rounds",
        source="assumption",
        doc="Whole rounds, rounded up, in which those better off outside go before a club is founded.",
    )
    least_members: float = parameter(
        3, low=2, high=50, unit="states", source="assumption", doc="Members from which a club is founded."
    )
    technical: float = parameter(0.3, low=0, high=1, source="assumption", doc="How technical the work of a club is.")
    autonomy: float = parameter(0.2, low=0, high=1, source="assumption", doc="Autonomy of a club's secretariat.")
    initial_effectiveness: float = parameter(
        0.6, low=0, high=1, source="assumption", doc="Level of effectiveness of a new club, a label."
    )
    staff_size: float = parameter(
        20, low=1, high=1000, unit="persons", source="assumption", doc="Size of a new club's secretariat."
    )
    commitment: float = parameter(
        0.8, low=0.05, high=1, source="assumption", doc="Commitment of a club's members at rest."
    )
    joining_rate: float = parameter(
        0.25,
        low=0,
        high=1,
        unit="1/year",
        source="assumption",
        doc="Probability that an outsider which is sure to accept joins in a year.",
    )
    admission_trust: float = parameter(
        0.2, low=-1, high=1, source="assumption", doc="Trust in the founder above which an exclusive club admits."
    )
    exclusive_probability: float = parameter(
        0.5, low=0, high=1, source="finus_rundshagen_2003", doc="Probability that a new club admits by consent only."
    )
    attention_weight: float = parameter(
        0.3,
        low=0,
        high=3,
        source="assumption",
        doc="Log attention that young clubs take from others in their issue area, per share of capability.",
    )
    novelty_half_life: float = parameter(
        4, low=0.25, high=50, unit="years", source="assumption", doc="Half-life of the attention a young club takes."
    )


def issue_bodies(world: World, issues: Integers) -> tuple[Integers, Array]:
    """Return the living organizations that work in `issues`, and 1 where one does in which.

    Shape (organization,) and (organization, issue).
    """
    works = (world.issue[:, None] == issues) & (world.alive > 0)[:, None]
    rows = np.flatnonzero(works.any(axis=1))
    return rows, works[rows].astype(float)


def grievances(world: World, issues: Integers) -> tuple[Array, Array, Array]:
    """Return what each state lacks against its own rest, what leavers vacated, and each state's voice, by issue area.

    Shapes (state, issue), (issue,), (state, issue). Founded clubs are no incumbents: nobody is aggrieved by them.
    """
    rows, areas = issue_bodies(world, issues)
    incumbent = world.members_known[rows] * (world.founder[rows] < 0)
    present = world.participation[:, rows]
    held = present * incumbent
    lost = (world.party_at_exit[:, rows] != 0) * (1 - present) * incumbent
    lack = np.maximum(0, 1 - world.legitimacy[:, rows]) * held + lost
    vacated = (lost * world.expert_share[:, rows]).sum(axis=0)
    voice = (world.agenda_share[:, rows] @ areas) / np.maximum(areas.sum(axis=0), 1)
    dissatisfaction = (lack @ areas) / np.maximum((held + lost) @ areas, 1)
    return dissatisfaction, vacated @ areas / np.maximum(incumbent @ areas, 1), voice


def proposal_log_odds(world: World, issues: Integers, p: ClubsParameters) -> Array:
    """Return yearly log-odds of proposing a club in each of `issues`; shape (state, issue)."""
    dissatisfaction, opening, voice = grievances(world, issues)
    led = np.bincount(world.founder[(world.founder >= 0) & (world.alive > 0)].astype(int), minlength=len(world.gdp))
    by_camp = np.array([led[world.camp == camp].sum() for camp in (-1, 0, 1)])[world.camp.astype(int) + 1]
    crowding = p.own_crowding * led + p.camp_crowding * by_camp
    ability = p.capability_log_odds * np.log(np.maximum(world.capability * len(world.gdp), 1e-6))
    odds = p.dissatisfaction_log_odds * dissatisfaction + p.opening_log_odds * opening
    odds += p.power_log_odds * np.maximum(0, world.capability[:, None] - voice)
    odds += p.salience_log_odds * np.log(np.maximum(world.salience[:, issues], LEAST_SALIENCE))
    return p.intercept + odds + (ability - crowding)[:, None]


def payoffs(world: World, members: Array, position: Array, issue: int, p: ClubsParameters) -> Array:
    """Return every state's payoff in a club of `members` (0/1) at `position`; shape (state,)."""
    joint = np.sqrt((members * world.capability * world.salience[:, issue]).sum())
    distance = lengths(world.position - position)
    good = p.good * joint * np.exp(-p.distance_decay * distance)
    return good - p.cost * (1 + p.crowd_cost * members.sum())


def stable(world: World, founder: int, members: Array, issue: int, p: ClubsParameters) -> Array:
    """Return the members left when those who are better off outside have gone, one round after another."""
    position = world.position[founder]
    for _ in range(math.ceil(p.stability_rounds)):
        members = members * (payoffs(world, members, position, issue, p) > 0)
    members[founder] = 1.0
    return members


class Clubs(Process):
    """Founding, growth and decline of clubs."""

    name: ClassVar[str] = "clubs"
    parameters: ClassVar[type[Parameters]] = ClubsParameters
    writes: ClassVar[tuple[str, ...]] = (
        "member", "participation", "reference_commitment", "commitment", "initial_coverage", "attention",
    )  # fmt: skip

    def propose(self, world: World, p: ClubsParameters, draws: Draws) -> Proposal:
        """Found clubs in the issue areas whose turn it is, and let existing clubs change once a year."""
        uniforms, accept = draws.states(len(world.issues)), draws.states(len(world.issues))
        exclusive, join = draws.states(), draws.states()
        proposal = Proposal({"attention": self._attention(world, p)})
        self._change(world, join, p, proposal)
        turn = np.arange(world.quarter % 4, len(world.issues), 4)
        probability = 1 / (1 + np.exp(-proposal_log_odds(world, turn, p)))
        for founder, column in zip(*where_true(uniforms[:, turn] < probability), strict=True):
            issue = turn[column]
            members = self._accepted(world, int(founder), int(issue), accept[:, issue], p)
            if members.sum() >= p.least_members:
                closed = float(exclusive[founder] < p.exclusive_probability)
                self._found(world, int(founder), int(issue), members, closed, p, proposal)
        return proposal

    @staticmethod
    def _accepted(world: World, founder: int, issue: int, uniforms: Array, p: ClubsParameters) -> Array:
        """Return who founds: the founder and those invited who accept and stay when the club is stable; (state,)."""
        appeal = world.trust[:, founder] - p.invitation_distance * lengths(world.position - world.position[founder])
        appeal[founder] = np.inf
        invited = np.zeros(len(appeal))
        invited[np.lexsort((world.state_ids, -appeal))[: math.ceil(p.invited)]] = 1.0
        gain = payoffs(world, invited, world.position[founder], issue, p)
        odds = p.acceptance + p.trust_log_odds * world.trust[:, founder] + p.benefit_log_odds * gain
        members = invited * (uniforms < 1 / (1 + np.exp(-odds)))
        members[founder] = 1.0
        return stable(world, founder, members, issue, p)

    @staticmethod
    def _found(
        world: World, founder: int, issue: int, members: Array, closed: float, p: ClubsParameters, proposal: Proposal
    ) -> None:
        """Add one club, led by its founder, to the proposal."""
        share = members * world.capability / max(float((members * world.capability).sum()), 1e-12)
        distance = lengths(world.position - world.position[founder])
        number = float(members.sum())
        centre = members @ world.position / number
        code = f"{world.issues[issue]}/{world.state_codes[founder]}/{format_quarter(world.quarter)}"
        proposal.founded.append(
            {
                "code": code,
                "key": f"{issue}/{world.state_ids[founder]}/{world.quarter}",
                "issue": issue,
                "kind": KINDS.index("club"),
                "members_known": 1.0,
                "alive": 1.0,
                "founded": world.quarter,
                "founder": founder,
                "exclusive": closed,
                "voting_rule": RULES.index("consensus"),
                "session": world.quarter % 4,
                "technical": p.technical,
                "initial_effectiveness": p.initial_effectiveness,
                "reference_members": number,
                "autonomy": p.autonomy,
                "staff_size": p.staff_size,
                "organization_position": world.position[founder],
                "member": members,
                "participation": members,
                "expert_share": share,
                "posts_share": share,
                "agenda_share": share,
                "distance": distance,
                "reference_distance": distance,
                "reference_commitment": p.commitment * members,
                "commitment": p.commitment * members,
                "reference_spread": float((members * distance).sum() / number),
                "reference_neutrality": float(lengths(world.position[founder] - centre)),
                "initial_coverage": float((world.problem_share[:, issue] * members).sum() * p.commitment),
            }
        )
        proposal.events.append(Event("club", founder, details={"code": code, "members": int(number)}))

    @staticmethod
    def _change(world: World, uniforms: Array, p: ClubsParameters, proposal: Proposal) -> None:
        """Let clubs that meet this quarter lose members who are better off outside and win those who are better in."""
        meets = (world.founder >= 0) & (world.alive > 0) & (world.session == world.quarter % 4)
        meeting = np.flatnonzero(meets & (world.founded < world.quarter))
        names = ("member", "participation", "reference_commitment", "commitment", "initial_coverage")
        fields = {name: getattr(world, name).copy() for name in names}
        for club in meeting:
            founder, inside = int(world.founder[club]), world.member[:, club]
            gain = payoffs(world, inside, world.organization_position[club], int(world.issue[club]), p)
            trust = world.trust[:, founder]
            odds = p.acceptance + p.trust_log_odds * trust + p.benefit_log_odds * gain
            welcome = (trust > p.admission_trust) | (world.exclusive[club] == 0)
            joins = (inside == 0) & (gain > 0) & welcome & (uniforms < p.joining_rate / (1 + np.exp(-odds)))
            leaves = (inside > 0) & (gain < 0)
            fields["member"][:, club] = fields["participation"][:, club] = np.where(
                joins, 1.0, np.where(leaves, 0.0, inside)
            )
            for name in ("reference_commitment", "commitment"):
                fields[name][joins, club] = p.commitment
            if joins.any() or leaves.any():
                covered = world.problem_share[:, int(world.issue[club])] @ fields["member"][:, club]
                fields["initial_coverage"][club] = p.commitment * covered
        proposal.fields |= fields

    @staticmethod
    def _attention(world: World, p: ClubsParameters) -> Array:
        """Return the attention left to organizations other than clubs in each one's issue area.

        Shape (organization,).
        """
        clubs = np.flatnonzero((world.founder >= 0) & (world.alive > 0))
        age = (world.quarter - world.founded[clubs]) / 4
        weight = world.capability @ world.member[:, clubs] * 0.5 ** (age / p.novelty_half_life)
        taken = np.bincount(world.issue[clubs].astype(int), weights=weight, minlength=len(world.issues))
        return np.where(world.founder >= 0, 1.0, np.exp(-p.attention_weight * taken[world.issue.astype(int)]))
