"""The arrays of the world, each declared once with its dimensions, unit, bounds and meaning.

Axis order is always state, organization. Money is in US dollars per quarter unless a unit says otherwise. What the
data do not fix is written relative to its resting value 1, so that a world without a shock starts at rest.
A floating role such as `member` is 1 where it holds and 0 elsewhere: a mask that multiplies.
"""

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
KINDS = ("organ", "agency", "treaty", "igo", "forum", "club")
RULES = ("majority", "two_thirds", "consensus", "weighted", "veto")
EXIT_FORMS = ("membership", "treaty", "participation", "none")
UNBOUNDED = (float("-inf"), float("inf"))
POSITIVE = (0.0, float("inf"))
SHARE = (0.0, 1.0)
SIZES = {"axis": 2, "year": 16}
"""Length of the dimensions that every world shares; the others belong to the world."""


class Field(NamedTuple):
    """Declaration of one array of the world."""

    name: str
    dims: tuple[str, ...]
    unit: str
    bounds: tuple[float, float]
    fill: float
    doc: str


def declare(*dims: str, doc: str, unit: str = "1", bounds: tuple[float, float] = UNBOUNDED, fill: float = 0.0) -> Any:
    """Declare an array; `fill` is its value in rows of organizations that do not exist (yet)."""
    return field(metadata={"dims": dims, "unit": unit, "bounds": bounds, "fill": fill, "doc": doc})


def money(*dims: str, doc: str) -> Any:
    """Declare a flow of money."""
    return declare(*dims, doc=doc, unit="USD/quarter", bounds=POSITIVE)


def ratio(*dims: str, doc: str) -> Any:
    """Declare what is relative to rest: 1 there, at most 4."""
    return declare(*dims, doc=doc, bounds=(0.0, 4.0), fill=1.0)


PAIR = ("state", "organization")
BODY = ("organization",)


@dataclass
class Fields:
    """The declared arrays of one world at one time. `FIELDS` lists their declarations."""

    # --- states: what they are
    capability: Array = declare("state", bounds=SHARE, doc="share of the world's GDP")
    initial_capability: Array = declare("state", bounds=SHARE, doc="share of the world's GDP at the start")
    gdp: Array = declare("state", unit="USD/year", bounds=POSITIVE, doc="gross domestic product")
    growth: Array = declare("state", unit="1/year", doc="real growth of GDP where the baseline moves")
    programme_need: Array = declare(
        "state", bounds=SHARE, doc="share of the world's need for programmes: people by poverty"
    )
    salience: Array = declare("state", "issue", bounds=POSITIVE, doc="weight given to an issue, mean 1 over issues")
    problem_share: Array = declare(
        "state", "issue", bounds=SHARE, doc="share of an issue's problem (emissions, else GDP)"
    )
    lobby: Array = declare("state", "issue", doc="domestic lobby for (+) or against (-) organizations of an issue area")
    ambition: Array = declare("state", bounds=POSITIVE, doc="drive to lead, relative to the mean state")
    propensity: Array = declare("state", doc="lasting habit of a state to leave whoever governs, standard normal")
    distance_aversion: Array = declare(
        "state",
        unit="1/ideal point",
        bounds=POSITIVE,
        doc="fall of the log value of an organization with its distance from the state",
    )
    bloc: Array = declare("state", bounds=(-1, 100), doc="index of the bloc that bids together, -1 for none")
    camp: Array = declare("state", bounds=(-1, 1), doc="alignment group at the start: 1 Western, 0 none, -1 rival")
    fragile: Array = declare("state", bounds=SHARE, doc="1 where lapses of payment happen (small and poor payers)")
    home_position: Array = declare("state", "axis", unit="ideal point", doc="position with the first government")
    swing: Array = declare("state", bounds=SHARE, doc="how far policy turns with the party in office")
    term: Array = declare("state", unit="quarters", bounds=(1, 400), doc="length of a term of government")
    next_election: Array = declare(
        "state", unit="quarter index", doc="quarter in which the next government takes office"
    )
    first_party: Array = declare("state", bounds=(-1, 1), doc="party in office at the start: 1 sovereigntist, -1 not")
    party_gap: Array = declare("state", bounds=SHARE, doc="how far the sovereigntism of the two parties lies apart")
    central_sovereigntism: Array = declare("state", bounds=SHARE, doc="sovereigntism between the two parties")
    # --- states: what changes
    party: Array = declare("state", bounds=(-1, 1), doc="party in office: 1 the more sovereigntist one, -1 the other")
    sovereigntism: Array = declare("state", bounds=SHARE, doc="sovereigntism of the government in office")
    government_age: Array = declare(
        "state", unit="quarters", bounds=(-1, 1e6), doc="quarters since the party changed; -1: by a shock, now"
    )
    position: Array = declare("state", "axis", unit="ideal point", doc="what the state wants")
    voting_position: Array = declare(
        "state", "axis", unit="ideal point", doc="how the state votes, moved by trust in patrons"
    )
    demand: Array = declare(*PAIR, "axis", unit="ideal point", doc="what a threat demands beyond the state's position")
    willingness: Array = ratio("state", doc="multilateral purse relative to rest, as measured or announced")
    purse_path: Array = declare(
        "state",
        "year",
        bounds=(0.0, 4.0),
        fill=1.0,
        doc="willingness in each year since the start, the last one staying",
    )
    measured: Array = declare("year", bounds=SHARE, doc="1 in years whose purses are measured, 0 later")
    climate: Array = declare("state", doc="gifts above or below those of a usual year, alike for all donors")
    credibility: Array = declare("state", bounds=SHARE, doc="how far others count on the state's commitments")
    mobilization: Array = declare("state", bounds=(-10, 10), doc="domestic salience of recent acts of the government")
    mobilized_lobby: Array = declare(
        "state", "issue", doc="lobby mobilized by the state's own exits from the area, fading"
    )
    lapsing: Array = declare("state", bounds=SHARE, doc="1 while a fragile state pays no dues")
    founding: Array = declare(
        "state", "issue", bounds=(0, 2), doc="club that a shock has the state found: 1 a deep, 2 a leader's one"
    )
    fund: Array = declare("state", unit="USD", bounds=POSITIVE, doc="slack that a donor of a bloc saved for later gaps")
    autonomy_gain: Array = declare("state", bounds=POSITIVE, doc="payoff of unilateral acts, share of GDP, fading")
    censured: Array = declare("state", bounds=POSITIVE, doc="memory of censure for unilateral acts")
    votes_won: Array = declare(
        "state", unit="resolutions", bounds=POSITIVE, doc="resolutions decided its way this quarter"
    )
    votes_cast: Array = declare("state", unit="resolutions", bounds=POSITIVE, doc="resolutions voted on this quarter")
    # --- organizations: what they are
    issue: Array = declare(*BODY, bounds=(0, 1000), doc="index of the issue area")
    kind: Array = declare(*BODY, bounds=(0, 10), doc="index in KINDS: organ, agency, treaty, igo, forum, club")
    exit_form: Array = declare(
        *BODY, bounds=(0, 3), doc="index in EXIT_FORMS: membership, treaty, participation, none (no state belongs)"
    )
    notice_rule: Array = declare(*BODY, unit="quarters", bounds=POSITIVE, doc="the organization's own notice period")
    parent: Array = declare(*BODY, fill=-1, bounds=(-1, 1e6), doc="row of the parent that bills its dues, -1 for none")
    parent_share: Array = declare(*BODY, bounds=SHARE, doc="share of its parent's collected dues that flows to it")
    kept_share: Array = declare(*BODY, bounds=SHARE, fill=1, doc="share of collected dues it keeps for itself")
    members_known: Array = declare(
        *BODY, bounds=SHARE, doc="1 where members are known; others count in no mean or vote"
    )
    has_budget: Array = declare(*BODY, bounds=SHARE, doc="1 for organizations with money and staff, 0 for light ones")
    founded: Array = declare(*BODY, unit="quarter index", doc="quarter of birth")
    council_size: Array = declare(
        *BODY, unit="states", bounds=POSITIVE, doc="size inherited from a parent organization, 0 if its own"
    )
    voting_rule: Array = declare(
        *BODY, bounds=(0, 4), doc="index in RULES: majority, two_thirds, consensus, weighted, veto"
    )
    suspends: Array = declare(*BODY, bounds=SHARE, doc="1 where two years of arrears cost the vote")
    autonomy: Array = declare(*BODY, bounds=SHARE, doc="autonomy of the secretariat")
    reciprocal: Array = declare(*BODY, bounds=SHARE, doc="1 for organizations of mutual obligation")
    technical: Array = declare(*BODY, bounds=SHARE, doc="weight of expertise beside money in its work")
    philanthropic_appeal: Array = declare(*BODY, bounds=SHARE, doc="how far foundations and firms give to its cause")
    solicitation: Array = declare(*BODY, doc="strength of its appeals to donors, standard normal")
    session: Array = declare(*BODY, bounds=(0, 3), doc="quarter of the year in which it meets")
    elasticity: Array = declare(*BODY, bounds=(0, 2), doc="staff cut per budget cut")
    staff_size: Array = declare(
        *BODY, unit="persons", bounds=POSITIVE, doc="size of the secretariat at rest; 0 = none, or unknown"
    )
    initial_budget: Array = money(*BODY, doc="budget at rest")
    initial_assessed: Array = money(*BODY, doc="income from dues at rest")
    other_income: Array = money(*BODY, doc="fees, investments, self-financing, other donors")
    initial_effectiveness: Array = declare(*BODY, bounds=SHARE, doc="level of effectiveness at rest, a label")
    reference_members: Array = declare(
        *BODY, unit="states", bounds=POSITIVE, doc="resting reference of the number of members"
    )
    reference_presence: Array = declare(
        *BODY, bounds=SHARE, doc="most capability that took part so far, but for what is forgotten"
    )
    reference_spread: Array = declare(
        *BODY, unit="ideal point", bounds=POSITIVE, doc="resting reference of members' distance"
    )
    reference_neutrality: Array = declare(
        *BODY, unit="ideal point", bounds=POSITIVE, doc="resting distance from the members' centre"
    )
    initial_coverage: Array = declare(*BODY, bounds=SHARE, doc="share of its problem that members commit to, at rest")
    performance_memory: Array = ratio(*BODY, doc="slow reference against which performance is judged")
    dependence: Array = declare(
        "organization", "organization", bounds=SHARE, doc="weight of an organization's [row] dependence on another"
    )
    weighted_power: Array = declare(*PAIR, bounds=SHARE, doc="share of weighted votes, zero where votes are equal")
    veto: Array = declare(*PAIR, bounds=SHARE, doc="1 for veto players")
    # --- organizations: what changes
    alive: Array = declare(*BODY, bounds=SHARE, doc="1 while it formally exists")
    zombie: Array = declare(*BODY, bounds=SHARE, doc="1 while alive with hardly any activity")
    quiet_quarters: Array = declare(
        *BODY, unit="quarters", bounds=POSITIVE, doc="quarters of hardly any activity in a row"
    )
    organization_position: Array = declare(
        "organization", "axis", unit="ideal point", doc="position of adopted decisions"
    )
    assessed_income: Array = money(*BODY, doc="dues received")
    chance: Array = declare(*BODY, doc="gifts to it above or below those of a usual year, for reasons of its own")
    private_income: Array = money(*BODY, doc="rescue by foundations, firms and cities")
    private_withdrawn: Array = money(*BODY, doc="what a leaver's foundations, firms and people no longer give")
    income: Array = money(*BODY, doc="all money received")
    income_memory: Array = money(*BODY, doc="slow reference of income; the gap is measured against it")
    funding_gap: Array = money(*BODY, doc="shortfall of income before rescue against its reference")
    funding_gap_age: Array = declare(
        *BODY, unit="quarters", bounds=POSITIVE, doc="how long ago, on average, the gap opened"
    )
    budget: Array = money(*BODY, doc="planned spending")
    spending: Array = money(*BODY, doc="money spent")
    reserves: Array = declare(*BODY, unit="USD", bounds=(-1e-3, float("inf")), doc="money kept")
    target_reserves: Array = declare(*BODY, unit="USD", bounds=POSITIVE, doc="reserves aimed at")
    short_quarters: Array = declare(
        *BODY, unit="quarters", bounds=POSITIVE, doc="quarters of income below budget in a row"
    )
    staff: Array = ratio(*BODY, doc="staff relative to rest")
    expertise: Array = ratio(*BODY, doc="expertise relative to rest")
    effectiveness: Array = ratio(*BODY, doc="effectiveness relative to rest")
    money_effect: Array = declare(*BODY, unit="log", doc="part of the change of effectiveness that money explains")
    expertise_effect: Array = declare(*BODY, unit="log", doc="part that expertise explains")
    capacity: Array = ratio(*BODY, doc="operating capacity left by sanctions")
    experience: Array = declare(*BODY, bounds=SHARE, doc="experience of the secretariat with contestation")
    vacancy: Array = declare(*BODY, bounds=SHARE, doc="share of posts left by leavers and not yet filled")
    attention: Array = ratio(*BODY, doc="attention left by competing clubs")
    reformed: Array = declare(*BODY, bounds=POSITIVE, doc="credit for recent reform, fading")
    tabled: Array = declare(*BODY, unit="resolutions", bounds=POSITIVE, doc="resolutions tabled this quarter")
    passed: Array = declare(*BODY, unit="resolutions", bounds=POSITIVE, doc="resolutions passed this quarter")
    founder: Array = declare(*BODY, fill=-1, bounds=(-1, 1e6), doc="row of the founder of a club, -1 otherwise")
    exclusive: Array = declare(*BODY, bounds=SHARE, doc="1 where a club admits by consent only")
    transactional: Array = declare(
        *BODY, bounds=SHARE, doc="1 for a leader's club, which states judge by what it brings"
    )
    # --- state x organization
    dues_rate: Array = money(*PAIR, doc="dues billed to a member of the organization, 0 where none")
    initial_voluntary: Array = money(*PAIR, doc="voluntary contribution at rest")
    expert_share: Array = declare(
        *PAIR, bounds=SHARE, doc="share of the organization's expertise that comes from the state"
    )
    reference_distance: Array = declare(*PAIR, unit="ideal point", bounds=POSITIVE, doc="slow reference of distance")
    reference_commitment: Array = declare(*PAIR, bounds=SHARE, doc="commitment at rest")
    distance: Array = declare(*PAIR, unit="ideal point", bounds=POSITIVE, doc="between the state and the organization")
    member: Array = declare(*PAIR, bounds=SHARE, doc="role: 1 for members, parties and participants")
    participation: Array = declare(*PAIR, bounds=SHARE, doc="share of a member's participation: experts, posts, votes")
    notice: Array = declare(
        *PAIR, unit="quarters", fill=-1, bounds=(-1, 400), doc="quarters until an announced exit, -1 if none"
    )
    announced: Array = declare(*PAIR, bounds=SHARE, doc="1 where an exit was announced this quarter")
    exited: Array = declare(*PAIR, bounds=SHARE, doc="1 where an exit took effect this quarter")
    example: Array = declare(*PAIR, bounds=SHARE, doc="weight of the example that the state's exit sets to others")
    example_quarters: Array = declare(
        *PAIR, unit="quarters", fill=-1, bounds=(-1, 400), doc="quarters for which it is followed, -1 where none is set"
    )
    grievance: Array = declare(*PAIR, bounds=SHARE, doc="how hard the organization has acted on the state, fading")
    party_at_exit: Array = declare(
        *PAIR, bounds=(-1, 1), doc="party in office when the state left, 0 where it never left"
    )
    settle: Array = declare(*PAIR, bounds=SHARE, doc="share of old arrears to be paid at once on return")
    refuses_to_join: Array = declare(*PAIR, bounds=SHARE, doc="1 where the state refuses to join, or is refused")
    voluntary_allowed: Array = declare(*PAIR, bounds=SHARE, fill=1, doc="share of voluntary money that policy allows")
    withheld: Array = declare(*PAIR, bounds=SHARE, doc="share of dues withheld by policy")
    obstruction: Array = declare(*PAIR, bounds=SHARE, doc="pressure of a state on an organization's other members")
    pressing: Array = declare(
        *PAIR, bounds=SHARE, doc="pressure of a state on votes about one resolution, until tabled"
    )
    redirection: Array = declare(*PAIR, bounds=SHARE, doc="share of a leaver's savings moved to the organization")
    due: Array = money(*PAIR, doc="dues billed this quarter")
    paid: Array = money(*PAIR, doc="dues paid this quarter, old arrears included")
    arrears: Array = declare(*PAIR, unit="USD", bounds=(-1e-3, float("inf")), doc="dues owed")
    billed_this_year: Array = declare(*PAIR, unit="USD", bounds=POSITIVE, doc="dues billed in the calendar year so far")
    billed_last_year: Array = declare(*PAIR, unit="USD", bounds=POSITIVE, doc="dues billed in the year before")
    suspended: Array = declare(*PAIR, bounds=SHARE, doc="1 where arrears cost the vote")
    voluntary: Array = money(*PAIR, doc="voluntary contribution, rescue and redirection excluded")
    rescue: Array = money(*PAIR, doc="extra money given to close a gap")
    private_at_rest: Array = money(
        *PAIR, doc="gifts at rest of a state's foundations, firms and people, as far as known; part of other_income"
    )
    luck: Array = declare(
        *PAIR, bounds=POSITIVE, fill=1, doc="gifts and rescue relative to those of a usual year, as last given"
    )
    redirected: Array = money(*PAIR, doc="savings of a leaver moved here")
    bought: Array = money(*PAIR, doc="money offered for influence where a gap is open, paid in the quarter after")
    posts_share: Array = declare(*PAIR, bounds=SHARE, doc="share of the organization's posts held by nationals")
    agenda_share: Array = declare(*PAIR, bounds=SHARE, doc="share of influence on the agenda")
    legitimacy: Array = ratio(*PAIR, doc="how rightful the state sees it, relative to rest")
    accustomed: Array = declare(*PAIR, unit="log", bounds=(-10, 10), doc="log view that the state has got used to")
    blame: Array = declare(*PAIR, bounds=POSITIVE, doc="stock of blame for exits, sanctions and rhetoric")
    rally: Array = declare(*PAIR, bounds=POSITIVE, doc="fading memory of exits by states that it distrusts")
    commitment: Array = declare(*PAIR, bounds=SHARE, doc="how fully the member complies")
    rhetoric: Array = declare(*PAIR, bounds=SHARE, doc="contempt expressed by the state this quarter")
    threat: Array = declare(
        *PAIR, unit="quarters", fill=-1, bounds=(-1, 400), doc="quarters to the deadline of a threat, -1 if none"
    )
    # --- state x state (row looks at column)
    initial_trust: Array = declare(
        "state", "state", bounds=(-1, 1), doc="trust at rest: voting agreement and alliances"
    )
    initial_agreement: Array = declare("state", "state", bounds=SHARE, doc="voting agreement at rest")
    trust: Array = declare("state", "state", bounds=(-1, 1), doc="trust of the row in the column")
    agreement: Array = declare("state", "state", bounds=SHARE, doc="expected roll-call agreement")
    voting_habit: Array = declare("state", "state", bounds=SHARE, doc="slow memory of agreement")
    betrayal: Array = declare("state", "state", bounds=POSITIVE, doc="row's memory of the column's broken commitments")
    club_tie: Array = declare("state", "state", bounds=(-1, 1), doc="shared less rival clubs")
    deals: Array = declare(
        "state", "state", bounds=SHARE, doc="bilateral deals that replace lost benefits, column is the leaver"
    )


OF_MEMBERS = ("participation", "notice", "threat", "voluntary", "rescue", "bought", "posts_share")
"""What only members have: at its fill wherever there is no membership, at the end of each quarter."""

FIELDS: dict[str, Field] = {item.name: Field(item.name, **item.metadata) for item in fields(Fields)}
