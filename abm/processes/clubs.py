"""Clubs: minilateral organizations that dissatisfied and capable states found, join and leave.

A founder proposes a club at its own position where it is worse served than at rest, where its power runs ahead of its
voice (Pratt 2021), or where a leading state's departure leaves an opening. Others that sit in a club without it push
it towards one of its own (the domino effect of Baldwin 1993). Invited states accept by trust, fit and benefit; the
club is founded if internally stable, and grows or stays closed by external stability (d'Aspremont et al. 1983; Finus
and Rundshagen 2003). The rules are the same for everyone.

Most clubs are deep ones of close states. A large state may found a leader's club instead: governments look the less at
closeness and trust there, and the more at what it brings, the more sovereigntist they are.
"""

import math
from typing import ClassVar, NamedTuple

import numpy as np

from abm.calendar import format_quarter
from abm.events import Event
from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.spatial import lengths
from abm.state.derived import LEAST_RATIO, cleared, released, where_true, with_values
from abm.state.world import KINDS, RULES, Array, Integers, World


class ClubsParameters(Parameters):
    """Parameters of clubs."""

    intercept: float = parameter(
        -7.7, low=-20, high=0, unit="log-odds/year", source="evidence_igo_births", role="calibration",
        doc="Log-odds of a proposal by a mean state in an issue area in a year, set to about one birth a year.",
    )  # fmt: skip
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
        0.36, low=0, high=5, unit="log-odds", source="assumption",
        doc="Fall by each club that the founder already leads.",
    )  # fmt: skip
    camp_crowding: float = parameter(
        0.06, low=0, high=5, unit="log-odds", source="assumption",
        doc="Fall by each club led from the founder's own camp.",
    )  # fmt: skip
    exclusion_log_odds: float = parameter(
        3.0, low=0, high=12, source="baldwin_1993",
        doc="Rise per share of capability in the largest club of the area that the founder is outside of; 0: none.",
    )  # fmt: skip
    capability_log_odds: float = parameter(
        0.8, low=0, high=3, source="assumption", doc="Rise per unit of log capability relative to the mean state."
    )
    salience_log_odds: float = parameter(
        0.5, low=0, high=3, source="assumption", doc="Rise per unit of the founder's log salience of the issue area."
    )
    invited: float = parameter(
        36, low=3, high=200, unit="states", source="assumption",
        doc="Whole states, rounded up, that a founder invites, itself included.",
    )  # fmt: skip
    leaders_invited: float = parameter(
        60, low=3, high=200, unit="states", source="assumption", doc="The same for a leader's club."
    )
    leaders_probability: float = parameter(
        0.5, low=0, high=1, source="assumption",
        doc="Probability that the club of a state with lead_share or more is a leader's club, less for smaller ones.",
    )  # fmt: skip
    lead_share: float = parameter(
        0.15, low=0.001, high=1, source="assumption", doc="Share of capability from which a state can lead such a club."
    )
    transactional_log_odds: float = parameter(
        2.0, low=0, high=8, source="assumption",
        doc="Rise of acceptance of a leader's club per unit of the government's sovereigntism above the middle.",
    )  # fmt: skip
    invitation_distance: float = parameter(
        0.5, low=0, high=5, unit="1/ideal point", source="assumption",
        doc="Trust in the founder that makes up for one ideal point of distance when it chooses whom to invite.",
    )  # fmt: skip
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
        3, low=0, high=20, unit="rounds", source="assumption",
        doc="Whole rounds, rounded up, in which those better off outside go before a club is founded.",
    )  # fmt: skip
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
        0.25, low=0, high=1, unit="1/year", source="assumption",
        doc="Probability that an outsider which is sure to accept joins in a year.",
    )  # fmt: skip
    admission_trust: float = parameter(
        0.2, low=-1, high=1, source="assumption", doc="Trust in the founder above which an exclusive club admits."
    )
    exclusive_probability: float = parameter(
        0.5, low=0, high=1, source="finus_rundshagen_2003",
        doc="Probability that a new club admits by consent only, while camps trust each other as at rest.",
    )  # fmt: skip
    exclusive_distrust: float = parameter(
        1.0, low=0, high=5, source="assumption",
        doc="Rise of that probability per unit of trust lost between the camps; 0: none.",
    )  # fmt: skip
    attention_weight: float = parameter(
        0.3, low=0, high=3, source="assumption",
        doc="Log attention that young clubs take from others in their issue area, per share of capability.",
    )  # fmt: skip
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


def clubs_of(world: World) -> Integers:
    """Return the rows of living clubs."""
    return np.flatnonzero((world.founder >= 0) & (world.alive > 0))


def exclusion(world: World, issues: Integers) -> Array:
    """Return the capability in the largest club that a state is outside of, by issue area; shape (state, issue)."""
    clubs = clubs_of(world)
    size = world.capability @ world.member[:, clubs]  # (club,)
    outside = (1 - world.member[:, clubs]) * size  # (state, club)
    largest = np.zeros((len(world.gdp), len(issues)))
    for column, issue in enumerate(issues):
        largest[:, column] = outside[:, world.issue[clubs] == issue].max(axis=1, initial=0.0)
    return largest


def proposal_log_odds(world: World, issues: Integers, p: ClubsParameters) -> Array:
    """Return yearly log-odds of proposing a club in each of `issues`; shape (state, issue)."""
    dissatisfaction, opening, voice = grievances(world, issues)
    led = np.bincount(world.founder[clubs_of(world)].astype(int), minlength=len(world.gdp))
    by_camp = np.array([led[world.camp == camp].sum() for camp in (-1, 0, 1)])[world.camp.astype(int) + 1]
    crowding = p.own_crowding * led + p.camp_crowding * by_camp
    ability = p.capability_log_odds * np.log(np.maximum(world.capability * len(world.gdp), 1e-6))
    odds = p.dissatisfaction_log_odds * dissatisfaction + p.opening_log_odds * opening
    odds += p.power_log_odds * np.maximum(0, world.capability[:, None] - voice)
    odds += p.exclusion_log_odds * exclusion(world, issues)
    odds += p.salience_log_odds * np.log(np.maximum(world.salience[:, issues], LEAST_RATIO))
    return p.intercept + odds + (ability - crowding)[:, None]


class Initiative(NamedTuple):
    """A club as states judge it: its founder's row, issue area and position, and 1 if it is a leader's club, else 0."""

    founder: int
    issue: int
    position: Array
    transactional: float


def closeness(world: World, plan: Initiative) -> Array:
    """Return how far states look at closeness and trust: wholly, but less in a leader's club; shape (state,)."""
    return 1 - plan.transactional * world.sovereigntism


def payoffs(world: World, members: Array, plan: Initiative, p: ClubsParameters) -> Array:
    """Return every state's payoff in a club of `members` (0/1); shape (state,)."""
    joint = np.sqrt((members * world.capability * world.salience[:, plan.issue]).sum())
    distance = lengths(world.position - plan.position) * closeness(world, plan)
    good = p.good * joint * np.exp(-p.distance_decay * distance)
    return good - p.cost * (1 + p.crowd_cost * members.sum())


def acceptance(world: World, gain: Array, plan: Initiative, p: ClubsParameters) -> Array:
    """Return the probability that states accept a club that pays them `gain` (state,); shape (state,)."""
    odds = p.trust_log_odds * world.trust[:, plan.founder] * closeness(world, plan) + p.benefit_log_odds * gain
    odds = odds + plan.transactional * p.transactional_log_odds * (world.sovereigntism - 0.5)
    return np.asarray(1 / (1 + np.exp(-(p.acceptance + odds))))


def stable(world: World, members: Array, plan: Initiative, p: ClubsParameters) -> Array:
    """Return the members left when those who are better off outside have gone, one round after another."""
    for _ in range(math.ceil(p.stability_rounds)):
        members = members * (payoffs(world, members, plan, p) > 0)
    members[plan.founder] = 1.0
    return members


def distrust(world: World) -> float:
    """Return how much trust between the Western and the rival camp, either way, has been lost since the start."""
    lost = world.initial_trust - world.trust
    west, rival = np.flatnonzero(world.camp > 0), np.flatnonzero(world.camp < 0)
    between = [lost[np.ix_(west, rival)].ravel(), lost[np.ix_(rival, west)].ravel()]
    pairs = np.concatenate(between)
    return float(pairs.mean()) if pairs.size else 0.0


WITHOUT_MONEY = ("participation", "notice", "threat", "posts_share")
"""What members of a club have, which raises no money."""


class Clubs(Process):
    """Founding, growth and decline of clubs."""

    name: ClassVar[str] = "clubs"
    parameters: ClassVar[type[Parameters]] = ClubsParameters
    writes: ClassVar[tuple[str, ...]] = (
        "member", "participation", "reference_commitment", "commitment", "initial_coverage", "attention", "founding",
        "notice", "threat", "posts_share", "vacancy",
    )  # fmt: skip

    def propose(self, world: World, p: ClubsParameters, draws: Draws) -> Proposal:
        """Found clubs in the issue areas whose turn it is, and let existing clubs change once a year."""
        uniforms, accept = draws.states(len(world.issues)), draws.states(len(world.issues))
        exclusive, join, kind = draws.states(), draws.states(), draws.states()
        proposal = Proposal({"attention": self._attention(world, p), "founding": cleared(world.founding)})
        self._change(world, join, p, proposal)
        turn = np.arange(world.quarter % 4, len(world.issues), 4)
        proposes = world.founding > 0  # whoever is told to by a shock
        proposes[:, turn] |= uniforms[:, turn] < 1 / (1 + np.exp(-proposal_log_odds(world, turn, p)))
        leads = kind < p.leaders_probability * np.minimum(1.0, world.capability / p.lead_share)
        door = p.exclusive_probability + p.exclusive_distrust * distrust(world)
        for founder, issue in zip(*where_true(proposes), strict=True):
            told = world.founding[founder, issue]
            transactional = float(told == 2 if told else leads[founder])
            plan = Initiative(int(founder), int(issue), world.position[founder], transactional)
            members = self._accepted(world, plan, accept[:, issue], p)
            if members.sum() >= p.least_members:
                self._found(world, plan, members, float(exclusive[founder] < door), p, proposal)
            elif told:
                proposal.events.append(Event("no_effect", int(founder), details={"reason": "too_few_join"}))
        return proposal

    @staticmethod
    def _accepted(world: World, plan: Initiative, uniforms: Array, p: ClubsParameters) -> Array:
        """Return who founds: the founder and those invited who accept and stay when the club is stable; (state,)."""
        appeal = world.trust[:, plan.founder] - p.invitation_distance * lengths(world.position - plan.position)
        appeal = appeal * closeness(world, plan)
        appeal[plan.founder] = np.inf
        number = p.leaders_invited if plan.transactional else p.invited
        invited = np.zeros(len(appeal))
        invited[np.lexsort((world.state_ids, -appeal))[: math.ceil(number)]] = 1.0
        members = invited * (uniforms < acceptance(world, payoffs(world, invited, plan, p), plan, p))
        members[plan.founder] = 1.0
        return stable(world, members, plan, p)

    @staticmethod
    def _found(
        world: World, plan: Initiative, members: Array, closed: float, p: ClubsParameters, proposal: Proposal
    ) -> None:
        """Add one club, led by its founder, to the proposal."""
        founder, issue = plan.founder, plan.issue
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
                "transactional": plan.transactional,
                "voting_rule": RULES.index("consensus"),
                "session": world.quarter % 4,
                "technical": p.technical,
                "initial_effectiveness": p.initial_effectiveness,
                "reference_members": number,
                "reference_presence": float(members @ world.capability),
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
        names = ("member", "participation", "reference_commitment", "commitment")
        new = {name: getattr(world, name)[:, meeting] for name in names}  # (state, club that meets)
        covered = world.initial_coverage[meeting]
        for place, club in enumerate(meeting):
            founder, inside = int(world.founder[club]), world.member[:, club]
            plan = Initiative(
                founder, int(world.issue[club]), world.organization_position[club], world.transactional[club]
            )
            gain = payoffs(world, inside, plan, p)
            welcome = (world.trust[:, founder] > p.admission_trust) | (world.exclusive[club] == 0)
            willing = uniforms < p.joining_rate * acceptance(world, gain, plan, p)
            joins = (inside == 0) & (gain > 0) & welcome & willing
            leaves = (inside > 0) & (gain < 0)
            members = np.where(joins, 1.0, np.where(leaves, 0.0, inside))
            new["member"][:, place] = new["participation"][:, place] = members
            for name in ("reference_commitment", "commitment"):
                new[name][joins, place] = p.commitment
            if joins.any() or leaves.any():
                covered[place] = p.commitment * (world.problem_share[:, int(world.issue[club])] @ members)
        fields = {name: with_values(getattr(world, name), np.s_[:, meeting], values) for name, values in new.items()}
        left = where_true((world.member > 0) & (fields["member"] == 0))
        fields["initial_coverage"] = with_values(world.initial_coverage, meeting, covered)
        proposal.fields |= released(world, left, WITHOUT_MONEY) | fields

    @staticmethod
    def _attention(world: World, p: ClubsParameters) -> Array:
        """Return the attention left to organizations other than clubs in each one's issue area.

        Shape (organization,).
        """
        clubs = clubs_of(world)
        age = (world.quarter - world.founded[clubs]) / 4
        weight = world.capability @ world.member[:, clubs] * 0.5 ** (age / p.novelty_half_life)
        taken = np.bincount(world.issue[clubs].astype(int), weights=weight, minlength=len(world.issues))
        return np.where(world.founder >= 0, 1.0, np.exp(-p.attention_weight * taken[world.issue.astype(int)]))
