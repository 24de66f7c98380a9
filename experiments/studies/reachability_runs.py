"""The points and runs of the study of reachability: three parts of the space, scenarios, a quiet filter."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from abm.config.reader import load_experiment
from abm.membership_network import fragmentation
from abm.parameters import bounds
from abm.processes.membership import MembershipParameters
from abm.published import EXIT_MODEL, Coefficient
from abm.quiet import quiet
from abm.recording import Recording, record
from abm.regime_by_chance import label
from abm.regimes import label_of
from abm.simulation import Simulation
from abm.state.world import Array
from experiments.claims.design_space import FIXED, cube, factors, places, point, settle_mechanisms
from experiments.studies.composed_runs import changes, comparisons, ends, run_of

SCENARIOS = ("us-exit-2026", "total-exit", "selective", "revolving-door")
"""All with the same leaver and world."""
SCALES = (0.75, 1.33)
"""Factors on all thresholds, to show how much hangs on them."""
BACK = "2031Q1"
"""Return of the leaver in the test of hysteresis."""
SEEDS = 8
"""Replicates that points take in turn."""


class Published(NamedTuple):
    """A published coefficient: the parameter of membership that it is, its lowest and its highest estimate."""

    parameter: str
    lowest: Coefficient
    highest: Coefficient

    def errors_away(self, value: float) -> float:
        """Return by how many standard errors a value lies outside the estimates."""
        low, high = self.lowest, self.highest
        return max((low.value - value) / low.error, (value - high.value) / high.error, 0.0)

    def reach(self, errors: float) -> tuple[float, float]:
        """Return the range within so many standard errors, inside the model's bounds."""
        low, high = bounds(MembershipParameters.model_fields[self.parameter])
        lowest = self.lowest.value - errors * self.lowest.error
        return max(lowest, low), min(self.highest.value + errors * self.highest.error, high)


PUBLISHED = {
    f"membership.{parameter}": Published(parameter, *estimates)
    for parameter, estimates in {
        "distance_log_odds": (EXIT_MODEL.distance, EXIT_MODEL.distance),
        "contagion_log_odds": (EXIT_MODEL.contagion, EXIT_MODEL.contagion),
        "size_log_odds": (EXIT_MODEL.size, EXIT_MODEL.size),
        "legitimacy_log_odds": (EXIT_MODEL.performance_beside, EXIT_MODEL.performance),
    }.items()
}
"""Coefficients of the published model of exits; performance in two models of theirs."""
BEYOND = 6.0
"""Standard errors up to which the third part reaches."""


def calibrated_points(count: int, seed: int) -> list[dict[str, Any]]:
    """Return points that calibration left, all else that is assumed swept, published coefficients drawn by each run."""
    given = {*PUBLISHED, *FIXED}
    points = [settle_mechanisms(point(place)) for place in places(count, seed)]
    return [{path: value for path, value in one.items() if path not in given} for one in points]


def parts(count: int, seed: int) -> dict[str, list[dict[str, Any]]]:
    """Return the points of each part of the space; what is off by default stays off.

    calibrated: see there. published: all assumptions swept over plausible ranges, published coefficients within two
    standard errors. beyond: the same with published coefficients within six.
    """
    return {
        "calibrated": calibrated_points(count, seed),
        "published": _within(count, seed + 1, 2.0),
        "beyond": _within(count, seed + 2, BEYOND),
    }


def _within(count: int, seed: int, errors: float) -> list[dict[str, Any]]:
    """Return points of the whole space with published coefficients within so many standard errors."""
    paths = [factor.path for factor in factors()]
    found = []
    for place in cube(count, seed):
        published = {}
        for path, one in PUBLISHED.items():
            low, high = one.reach(errors)
            published[path] = float(low + place[paths.index(path)] * (high - low))
        found.append(settle_mechanisms(point(place)) | published)
    return found


def errors_away(values: Mapping[str, float]) -> float:
    """Return by how many standard errors the farthest published coefficient of a point lies outside the estimates."""
    return max(one.errors_away(values[path]) if path in values else 0.0 for path, one in PUBLISHED.items())


def at_point(
    values: Mapping[str, Any], number: int, scenarios: Sequence[str], overrides: Sequence[str]
) -> list[dict[str, Any]]:
    """Return, for each scenario at a point, whether the twin is quiet, labels at three scales and memberships."""
    experiments = [load_experiment(name, overrides).with_values(values) for name in scenarios]
    pairs = comparisons(experiments, number)
    calm = quiet(pairs[0].twin)
    rows = []
    for name, pair in zip(scenarios, pairs, strict=True):
        way = pair.trajectory
        rows.append(
            {"scenario": name, "quiet": calm, "label": way.regime}
            | {f"label_{scale:g}": label_of(way.strongest(scale)) for scale in SCALES}
            | way.strongest()
        )
    return rows


def kept_by_others(run: Recording) -> float:
    """Return memberships in living organizations of the start, of all but the states that shocks let act."""
    world = run.world
    others = 1 - run.simulation.actors
    return float((others @ world.member * world.in_scope)[: world.built].sum())


def tipping(values: Mapping[str, float], number: int, overrides: Sequence[str]) -> list[float]:
    """Return the share of others' memberships lost against the twin under total exit, and with a return in 2031.

    The leaver does not come back by itself in either; others may.
    """
    config = load_experiment("total-exit", overrides).with_values(values).resolved()
    stay = {"kind": "refuse", "actor": "USA", "organizations": "all", "announced": "2027Q1"}
    back = {"kind": "return", "actor": "USA", "organizations": "all", "announced": BACK}
    out, both = (
        load_experiment(config | {"shocks": [*config["shocks"], *more]})
        for more in ([stay], [stay | {"until": BACK}, back])
    )
    whole = kept_by_others(run_of(out.twin(), number, out))
    gone, again = (kept_by_others(run_of(one, number)) for one in (out, both))
    return [(whole - gone) / whole, (whole - again) / whole]


def drift(number: int, overrides: Sequence[str]) -> list[dict[str, float]]:
    """Return all measures after 80 quarters without a shock, looked at where `us-exit-2026` would aim.

    Beside them modularity with its null model, at the start and at the end.
    """
    target = load_experiment("us-exit-2026", [*overrides, "quarters=80"])
    simulation = Simulation(target.twin(), (target.seed, number), target=target)
    before = fragmentation(simulation.world, 0)
    run = record(simulation, is_twin=True)
    after = fragmentation(simulation.world, 0)
    network = {f"{name} at the start": value for name, value in before.items()}
    return [ends(run), network | {f"{name} at the end": value for name, value in after.items()}]


def pairwise(found: Sequence[Mapping[str, float]]) -> list[str]:
    """Return the labels that two quiet worlds have against each other, all ordered pairs."""
    places = range(len(found))
    return [label(changes(dict(found[i]), dict(found[j]))) for i in places for j in places if i != j]


def grid(axis: Sequence[float], other: Sequence[float]) -> list[tuple[float, float]]:
    """Return all cells of two axes, the first the slower."""
    return [(float(a), float(b)) for a in axis for b in np.asarray(other)]


def square(values: Sequence[float], rows: int) -> Array:
    """Return values of a grid as rows."""
    return np.array(values, float).reshape(rows, -1)
