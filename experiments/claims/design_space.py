"""The plausible space: which parameters vary over which ranges, and points in it.

Parameters that were calibrated vary over the points that calibration left. Those that it does not identify therefore
vary over nearly their whole ranges. Every other assumption varies from half to twice its default, on a log scale and
within its bounds, unless RANGES or HELD says otherwise. Published coefficients vary within two standard errors.
Mechanisms that are off by default vary over both signs, and structural alternatives are equally likely.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic.fields import FieldInfo
from scipy.stats import qmc

from abm.parameters import bounds
from abm.published import EXIT_MODEL, Coefficient
from abm.rng import stream
from abm.schedule import PROCESSES
from experiments.sweeps.study import read_study

CALIBRATED = Path(__file__).parents[1] / "studies" / "results" / "calibration" / "calibrated_points.csv"
"""The points that calibration left, by `abm study calibration --full`."""
OFF: dict[str, tuple[float, float]] = {
    "politics.mobilization_log_odds": (-1.0, 1.0),
    "funding.bandwagon": (-0.5, 0.5),
    "funding.pooling": (0.0, 0.8),
    "funding.domestic_response": (-0.25, 0.25),
    "commitment.impunity_weight": (-1.0, 1.0),
    "membership.lobby_log_odds": (-0.5, 0.5),
    "membership.rival_log_odds": (-2.0, 2.0),
    "membership.propensity_spread": (0.0, 1.0),
    "membership.midterm_log_odds": (-1.0, 1.0),
    "exits.lobby_response": (-1.0, 1.0),
    "dues.lost_vote_demobilization": (-1.0, 1.0),
    "funding.lobby_weight": (-0.5, 0.5),
    "funding.fund_quarters": (0.0, 8.0),
    "legitimacy.recipient_weight": (-1.0, 1.0),
    "trust.label_weight": (-0.2, 0.2),
    "membership.decline_log_odds": (-1.0, 1.0),
    "legitimacy.presence_memory_rate": (0.0, 0.02),
    # up to what the work of the OSCE lost when one member no longer consented (evidence_obstruction)
    "operations.obstruction_weight": (0.0, 0.6),
    # those who stay rally: views by up to twice what evidence_brexit gives, commitment by what an example takes at most
    # (commitment.example_weight), and a secretariat resists as if it were wholly autonomous
    "legitimacy.rally_weight": (-1.2, 1.2),
    "commitment.rally_weight": (-0.6, 0.6),
    "response.rally_weight": (-1.0, 1.0),
}
"""Mechanisms that are off by default, of either sign where that makes sense."""


def two_errors(coefficient: Coefficient) -> tuple[float, float]:
    """Return the range within two standard errors of a published coefficient, to the digits that are published."""
    return round(coefficient.value - 2 * coefficient.error, 3), round(coefficient.value + 2 * coefficient.error, 3)


RANGES = OFF | {
    "membership.distance_log_odds": two_errors(EXIT_MODEL.distance),
    "membership.contagion_log_odds": two_errors(EXIT_MODEL.contagion),
    "membership.size_log_odds": two_errors(EXIT_MODEL.size),
    "membership.legitimacy_log_odds": two_errors(EXIT_MODEL.performance),
    # where half to twice the default makes no sense
    "deals.trust_threshold": (-0.3, 0.3),
    "trust.betrayal_half_life": (1.0, 40.0),
    "vitality.zombie_threshold": (0.3, 0.7),
    "leadership.contest_exponent": (1.0, 1.5),
    # a sign that was published, a size that was chosen: from off to twice the default
    "commitment.conditionality": (0.0, 0.8),
    "legitimacy.good_news_weight": (0.25, 1.0),
    "clubs.exclusion_log_odds": (0.0, 6.0),
}
WHOLE = ("voice.deadline", "vitality.zombie_quarters", "vitality.least_members")
"""Parameters that count quarters or states."""
ALTERNATIVES = (
    "trust.betrayal_form", "legitimacy.rivals", "membership.contagion_form", "exits.contagion_from",
)  # fmt: skip
HELD = frozenset({
    "clubs.salience_log_odds", "clubs.invited", "clubs.invitation_distance", "clubs.stability_rounds",
    "clubs.least_members", "clubs.technical", "clubs.autonomy", "clubs.initial_effectiveness", "clubs.staff_size",
    "clubs.commitment", "clubs.joining_rate", "clubs.admission_trust", "funding.purse_elasticity",
    "legitimacy.lowest_log_aim", "legitimacy.highest_log_aim", "response.concentration", "response.inertia",
    "response.experience_gain", "trust.rival_overlap", "voice.loudest", "voice.largest_rate", "voice.need_spread",
    "voice.experience_gain", "politics.contested_swing", "voting.resolutions", "funding.least_luck",
    "operations.technical_discount", "voice.belief_spread", "voice.doubt", "response.experience_share",
    "membership.settle_arrears",
})  # fmt: skip
"""Numbers that were no parameters when the claims were judged, and which states have elections that change their
government: they keep their defaults, so that kept verdicts are those of the same space."""
FIXED = {"membership.coefficient_spread": 0.0}
"""Coefficients are drawn by the design and not once more in every run."""


@dataclass(frozen=True)
class Dimension:
    """One parameter of the space: a range, on a log scale or not, or the choices of an alternative."""

    path: str
    low: float = 0.0
    high: float = 1.0
    logarithmic: bool = False
    choices: tuple[str, ...] = ()

    def value(self, place: float) -> Any:
        """Return the value at a place in [0, 1)."""
        if self.choices:
            return self.choices[int(place * len(self.choices))]
        if self.logarithmic:
            sign = 1.0 if self.high > 0 else -1.0
            low, high = np.log(abs(self.low)), np.log(abs(self.high))
            found = sign * float(np.exp(low + place * (high - low)))
        else:
            found = self.low + place * (self.high - self.low)
        return float(round(found)) if self.path in WHOLE else float(found)

    def place(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the places, from 0 to 1, of values of a range above 0 or on a linear scale."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, values = np.log(low), np.log(high), np.log(values)
        return np.asarray((values - low) / (high - low))


@cache
def calibrated_dimensions() -> dict[str, Dimension]:
    """Return the factors of configs/studies/calibration.yaml by path."""
    return {
        path: Dimension(path, one.low, one.high, logarithmic=one.scale == "log")  # type: ignore[arg-type]
        for path, one in read_study("calibration").factors.items()
    }


@cache
def factors() -> tuple[Dimension, ...]:
    """Return all factors of the space: what calibration varies of the start, then all in the order of the processes."""
    found = [one for path, one in calibrated_dimensions().items() if path.partition(".")[0] not in PROCESSES]
    for name, process in PROCESSES.items():
        for key, field in process.parameters.model_fields.items():
            factor = _factor(f"{name}.{key}", field)
            if factor is not None:
                found.append(factor)
    return tuple(found)


def _factor(path: str, field: FieldInfo) -> Dimension | None:
    """Return the factor of one parameter, None where it does not vary."""
    if path in ALTERNATIVES:
        return Dimension(path, choices=get_args(field.annotation))
    if path in calibrated_dimensions():
        return calibrated_dimensions()[path]
    if path in RANGES:
        return Dimension(path, *RANGES[path])
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if (
        extra.get("source") != "assumption"
        or extra.get("unit") == "choice"
        or path in {*FIXED, *HELD}
        or not field.default
    ):
        return None
    default = float(field.default)
    low, high = (float(np.clip(default * share, *bounds(field))) for share in (0.5, 2.0))
    return Dimension(path, low, high, logarithmic=True)


def cube(count: int, seed: int) -> NDArray[np.float64]:
    """Return a Latin hypercube of `count` points over the whole space; shape (point, factor), in [0, 1)."""
    return qmc.LatinHypercube(len(factors()), rng=stream((seed, 0), "claims", "space")).random(count)


def places(count: int, seed: int) -> NDArray[np.float64]:
    """Return `count` plausible points: of a Latin hypercube, calibrated parameters replaced by points that are left.

    Shape (point, factor), in [0, 1). Points that calibration left come again where more are wanted.
    """
    drawn, left = cube(count, seed), pd.read_csv(CALIBRATED)
    turn = np.arange(count) % len(left)
    for column, factor in enumerate(factors()):
        if factor.path in left:
            drawn[:, column] = factor.place(left[factor.path].to_numpy(float)[turn])
    return drawn


def settle_mechanisms(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a point with mechanisms that are off by default off, and structural alternatives as by default.

    Calibration knows the model without them: switched on they move base rates that it has set.
    """
    return {path: value for path, value in values.items() if path not in OFF and path not in ALTERNATIVES}


def point(place: NDArray[np.float64]) -> dict[str, Any]:
    """Return the parameter values of one row of `places`."""
    return FIXED | {factor.path: factor.value(float(where)) for factor, where in zip(factors(), place, strict=True)}


def triangular(place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weight of places under a triangular prior with its mode in the middle of the range, uniform 1."""
    return 2 * (1 - np.abs(2 * place - 1))
