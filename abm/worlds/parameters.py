"""Parameters of the world at the start: what the tables of the built-in world leave open, and how worlds are drawn.

In a config they stand beside those of the processes, in the sections `initialization` and `synthetic`.
"""

from abm.parameters import Parameters, parameter
from abm.published import MEAN_DISTANCE, MEDIAN_MEMBERS


class WorldParameters(Parameters):
    """How a world's tables become its state at the start."""

    # states
    need_income: float = parameter(
        15_000, low=500, high=200_000, unit="USD/year", source="assumption",
        doc="Income per head from which a state has least need of programmes.",
    )  # fmt: skip
    least_need: float = parameter(
        0.001, low=1e-6, high=1, source="assumption", doc="Need per head of rich states, relative to no income."
    )
    growth_poorest: float = parameter(
        0.06, low=0, high=0.2, unit="1/year", source="assumption", doc="Growth of GDP up to growth_income."
    )
    growth_slope: float = parameter(
        0.012, low=0, high=0.1, unit="1/year", source="assumption", doc="Fall of growth per unit of log income."
    )
    growth_income: float = parameter(
        300, low=50, high=10_000, unit="USD/year", source="assumption",
        doc="Income per head below which growth rises no further.",
    )  # fmt: skip
    growth_richest: float = parameter(
        0.01, low=-0.1, high=0.2, unit="1/year", source="assumption", doc="Least growth of GDP."
    )
    fragile_rate: float = parameter(
        0.05, low=0, high=22, unit="percent", source="assumption",
        doc="Rate of assessment below which a poor state may lapse in its dues.",
    )  # fmt: skip
    fragile_income: float = parameter(
        20_000, low=100, high=200_000, unit="USD/year", source="assumption",
        doc="Income per head below which a state with a low rate may lapse in its dues.",
    )  # fmt: skip
    problem_capability: float = parameter(
        0.5, low=0, high=1, source="assumption",
        doc="Part of a problem that goes by capability, not by population, where it is not made by emissions.",
    )  # fmt: skip
    # governments
    swing_range: float = parameter(
        0.3, low=0, high=1, source="assumption",
        doc="Largest swing between the parties of a state whose cell is blank; drawn evenly from 0.",
    )  # fmt: skip
    short_term: int = parameter(
        4, low=1, high=10, unit="years", source="assumption", doc="Shorter term of office where the cell is blank."
    )
    long_term_probability: float = parameter(
        0.5, low=0, high=1, source="assumption",
        doc="Probability that a term of office is a year longer where the cell is blank.",
    )  # fmt: skip
    sovereigntist_probability: float = parameter(
        0.5, low=0, high=1, source="assumption",
        doc="Probability that a sovereigntist party is in office at the start where the table names none.",
    )  # fmt: skip
    least_party_gap: float = parameter(
        0.4, low=0, high=1, source="assumption",
        doc="How far the sovereigntism of two parties lies apart beside their swing; 0: by their swing alone.",
    )  # fmt: skip
    wide_swing: float = parameter(
        0.5, low=0, high=1, source="assumption", doc="Swing above which a state's two parties lie around the middle."
    )
    sovereigntism_low: float = parameter(
        0.2, low=0, high=1, source="assumption", doc="Lowest sovereigntism between the two parties of other states."
    )
    sovereigntism_range: float = parameter(
        0.4, low=0, high=1, source="assumption", doc="Range above sovereigntism_low from which it is drawn evenly."
    )
    # organizations
    blank_autonomy: float = parameter(
        0.4, low=0, high=1, source="assumption", doc="Autonomy of a secretariat whose cell is blank."
    )
    expertise_standards: float = parameter(
        1.0, low=0, high=1, source="assumption", doc="Weight of expertise in standard-setting organizations."
    )
    expertise_culture_science: float = parameter(
        0.9, low=0, high=1, source="assumption", doc="The same for culture and science."
    )
    expertise_climate_environment: float = parameter(
        0.9, low=0, high=1, source="assumption", doc="The same for climate and environment."
    )
    expertise_health: float = parameter(0.7, low=0, high=1, source="assumption", doc="The same for health.")
    expertise_energy: float = parameter(0.7, low=0, high=1, source="assumption", doc="The same for energy.")
    expertise_security: float = parameter(0.6, low=0, high=1, source="assumption", doc="The same for security.")
    expertise_justice: float = parameter(0.5, low=0, high=1, source="assumption", doc="The same for justice.")
    expertise_other: float = parameter(
        0.4, low=0, high=1, source="assumption", doc="The same for every other issue area."
    )
    elasticity_low: float = parameter(
        0.65, low=0, high=1, source="evidence_cuts", doc="Lowest elasticity of an organization's staff in its budget."
    )
    elasticity_range: float = parameter(
        0.65,
        low=0,
        high=1.2,
        source="evidence_cuts",
        doc="Range above elasticity_low from which it is drawn evenly; .7 and 1.25 were seen, 5 % lie beyond each.",
    )
    effectiveness_mean: float = parameter(
        0.6, low=0, high=1, source="assumption", doc="Mean effectiveness of organizations at rest."
    )
    effectiveness_spread: float = parameter(
        0.12, low=0, high=1, source="assumption", doc="Standard deviation of effectiveness between organizations."
    )
    effectiveness_low: float = parameter(
        0.2, low=0.01, high=1, source="assumption", doc="Least effectiveness of an organization at rest."
    )
    effectiveness_high: float = parameter(
        0.95, low=0.01, high=1, source="assumption", doc="Largest effectiveness of an organization at rest."
    )
    # members
    commitment_low: float = parameter(
        0.55, low=0, high=1, source="assumption", doc="Commitment at rest of a member that fits not at all."
    )
    commitment_range: float = parameter(
        0.4, low=0, high=1, source="assumption", doc="Commitment at rest that full fit adds to commitment_low."
    )
    fit_near: float = parameter(
        0.80, low=0, high=1, source="assumption", doc="Fit of a member at its organization's position."
    )
    fit_slope: float = parameter(
        0.12,
        low=0,
        high=1,
        unit="1/ideal point",
        source="assumption",
        doc="Fall of fit with distance from the organization.",
    )
    # money
    few_payers: int = parameter(
        3, low=0, high=200, unit="states", source="assumption",
        doc="Number of known payers below which other members are taken to give the rest of the voluntary money.",
    )  # fmt: skip
    climate_start: float = parameter(
        0.0, low=-0.5, high=0.5, source="assumption",
        doc="Gifts of all donors at the start, above or below those of the three years of which they are means.",
    )  # fmt: skip
    measured_purses: float = parameter(
        1.0, low=0, high=1, source="evidence_purses",
        doc="Part of the measured good and bad years of all donors that a start in the past holds; off: 0.",
    )  # fmt: skip
    announced_purses: float = parameter(
        1.0, low=0, high=2, source="evidence_purses",
        doc="Fall of a donor's gifts per fall of its aid that it announced; off: 0.",
    )  # fmt: skip
    reserve_years: float = parameter(
        0.12, low=0, high=5, unit="years", source="assumption", doc="Reserves at the start in years of the budget."
    )
    cost_per_staff: float = parameter(
        250_000, low=10_000, high=5_000_000, unit="USD/year", source="assumption",
        doc="Budget per member of staff, where the table does not say how many there are.",
    )  # fmt: skip
    longest_lapse: int = parameter(
        200, low=1, high=1000, unit="quarters", source="assumption",
        doc="Longest time that a lapsed state has not paid at the start.",
    )  # fmt: skip
    # relations and influence
    value_slope: float = parameter(
        0.5, low=0, high=3, unit="1/ideal point", source="assumption",
        doc="Fall of the log value of an organization with its distance from the state, alike for all states.",
    )  # fmt: skip
    trust_of_agreement: float = parameter(
        1.6, low=0, high=5, source="assumption", doc="Trust at rest per unit of agreement above neutral_agreement."
    )
    neutral_agreement: float = parameter(
        0.65, low=0, high=1, source="assumption", doc="Voting agreement at which states without ties are neutral."
    )
    trust_of_ties: float = parameter(
        0.6, low=0, high=2, source="assumption", doc="Trust at rest added by the strongest alliance or common group."
    )
    trust_limit: float = parameter(
        0.95, low=0, high=1, source="assumption", doc="Largest trust or distrust at rest between two states."
    )
    ambition_power: float = parameter(
        0.25, low=0, high=1, source="assumption", doc="Power of a state's relative generosity in its ambition."
    )
    ambition_low: float = parameter(0.5, low=0, high=1, source="assumption", doc="Least ambition of a state.")
    ambition_high: float = parameter(1.5, low=1, high=5, source="assumption", doc="Largest ambition of a state.")
    experts_of_size: float = parameter(
        3, low=0, high=20, source="assumption",
        doc="Limit of a member's experts by size, relative to those by what it pays.",
    )  # fmt: skip
    weighted_capability: float = parameter(
        0.6, low=0, high=1, source="assumption", doc="Part of weighted votes that goes by capability, not equally."
    )


class SyntheticParameters(Parameters):
    """How a synthetic world is drawn from the built-in one."""

    jitter: float = parameter(
        0.15, low=0, high=2, source="assumption",
        doc="Width of the kernel of resampling, in standard deviations of the built-in column.",
    )  # fmt: skip
    # states
    mean_distance: float = parameter(
        MEAN_DISTANCE, low=0.05, high=3, unit="ideal point", source="borzyskowski_vabulas_2019",
        doc="Mean distance of states from their mean position.",
    )  # fmt: skip
    agreement_correlation: float = parameter(
        0.95, low=0.1, high=1, source="assumption",
        doc="Correlation of voting agreement with distance; .965 in the built-in world.",
    )  # fmt: skip
    runner_up: float = parameter(
        0.9, low=0.1, high=1, source="assumption",
        doc="Largest GDP of the second state relative to the first; .64 in the built-in world.",
    )  # fmt: skip
    lead: float = parameter(
        1.5, low=1, high=1.9, source="assumption", doc="Least GDP of the first state relative to the mean."
    )
    rate_floor: float = parameter(
        0.001, low=0, high=0.019, unit="percent", source="un_scale_2024", doc="Lowest rate of assessment."
    )
    rate_ceiling: float = parameter(
        22, low=1, high=100, unit="percent", source="un_scale_2024",
        doc="Highest rate of assessment, where there are enough states for one.",
    )  # fmt: skip
    rate_relief: float = parameter(
        0.8, low=0, high=0.99, source="un_scale_2024",
        doc="Relief per unit by which income per head falls short of the world's mean.",
    )  # fmt: skip
    # organizations
    median_share: float = parameter(
        MEDIAN_MEMBERS / 193, low=0.01, high=1, source="pevehouse_2020",
        doc="Median number of members as a share of states: 20 of 193 in 2014.",
    )  # fmt: skip
    size_spread: float = parameter(
        1.35, low=0, high=4, source="pevehouse_2020",
        doc="Log spread of sizes, with which they have mean 40 and 12 percent above 100 members, as known of 2014.",
    )  # fmt: skip
    fewest_members: int = parameter(
        3, low=1, high=100, unit="states", source="assumption", doc="Members of the smallest organizations."
    )
    share_spread: float = parameter(
        2.0, low=0, high=10, source="assumption",
        doc="Log spread taken for the shares of dues, gifts and other money in budgets, some of which are 0.",
    )  # fmt: skip
    founding_spread: float = parameter(
        3, low=0, high=50, unit="years", source="assumption", doc="Spread of foundings around that of the model."
    )
    parent_from: int = parameter(
        30, low=1, high=5000, unit="organizations", source="assumption",
        doc="Number of organizations from which on one of them bills the dues of others.",
    )  # fmt: skip
    # members and donors
    like_minded: float = parameter(
        0.8, low=0, high=5, unit="log-odds/ideal point", source="assumption",
        doc="Fall of the log-odds of membership with distance from the host.",
    )  # fmt: skip
    regional: float = parameter(
        1.8, low=0, high=6, unit="log-odds", source="assumption",
        doc="Rise in the region of the host; organizations below 60 members are then as regional as the built-in ones.",
    )  # fmt: skip
    large: float = parameter(
        0.5, low=0, high=5, unit="log-odds", source="assumption",
        doc="Rise per standard deviation of log GDP; the first state then has 1.4 times the mean memberships.",
    )  # fmt: skip
    purse_power: float = parameter(
        0.75, low=0, high=2, source="assumption",
        doc="Power of a donor's purse in its gifts; the largest donors then give shares like the built-in ones.",
    )  # fmt: skip
    gift_spread: float = parameter(
        0.9, low=0, high=3, source="assumption",
        doc="Log spread of gifts beyond the purse: that of built-in gifts between years.",
    )  # fmt: skip


SYNTHETIC_DEFAULTS = SyntheticParameters()
WORLD_SECTIONS: dict[str, type[Parameters]] = {"initialization": WorldParameters, "synthetic": SyntheticParameters}
"""The sections of a config that hold them."""
