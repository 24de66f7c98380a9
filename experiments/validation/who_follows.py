"""Who is likely to follow: every other member's probability, and the ranks of those who did.

`python -m experiments.validation.who_follows` runs the exits since 2017 that `tables/episodes.csv` knows, and that of
2026, with the rows of the ensemble. It writes the ranks of states that followed, or were named, among all others. Runs
alone tell rare followers badly. So each quarter adds the probability that the rules give to an announcement, in the
mean over lots and moods: its sum over three years is the expected number, by state and organization. Failed threats
come on top. They are counted in `share`, the share of runs in which a state follows.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from abm.calendar import parse_quarter
from abm.deciding_rule import alone, joining, together
from abm.outcomes import FOLLOWING_QUARTERS, followers
from abm.parameters import Parameters
from abm.processes.base import Process, Proposal
from abm.processes.membership import Membership, MembershipParameters, dropped, exit_log_odds, felt
from abm.recording import record
from abm.rng import Draws
from abm.schedule import Step
from abm.simulation import Simulation
from abm.state.world import Array, World
from experiments.runs.parallel import kept_beside, spread
from experiments.validation.observations import KNOWN, observations, parts
from experiments.validation.readings import SEED, options_of_rows, scenario

ROWS = 64
SINCE = 2017
MOODS, WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
"""Standard normal moods that stand for all, and their weights."""
NAMED = ("ISR", "HUN", "ARG", "PRY", "SLV")
"""Governments near the leaver of 2025 and 2026 (evidence_followers); whether they follow is not known yet."""
LIKELY = 0.05
OUT = Path("results/who-follows")
"""Beside it stands what an interrupted call leaves; the next one goes on from there."""


class KnownExit(NamedTuple):
    """A scenario, the organizations that are looked at (none: all that shocks aim at), and who followed or is named."""

    scenario: str
    organizations: tuple[str, ...]
    observed: tuple[str, ...]


def cases() -> list[KnownExit]:
    """Return the known exits since 2017 whose followers were counted, and the exit of 2026."""
    found: dict[str, KnownExit] = {}
    for row in observations(KNOWN[0]):
        kind, rest = parts(row.quantity)
        if kind in ("followers", "follower") and int(row.episode[-4:]) >= SINCE:
            one = found.get(row.scenario, KnownExit(row.scenario, (row.organization,), ()))
            states = (rest[1:],) if kind == "follower" and row.observed else ()
            found[row.scenario] = one._replace(observed=one.observed + states)
    return [*found.values(), KnownExit("us-exit-2026", (), NAMED)]


def expected(world: World, p: MembershipParameters, errors: Array) -> Array:
    """Return the probability of announcing an exit this quarter, in the mean over lots; shape (state, organization)."""
    log_odds = exit_log_odds(world, p, errors) - np.log1p(p.joint_probability * p.joint_allies)
    acts = p.reaction * felt(world, p)
    reviewed = p.review_probability * dropped(world, p, np.ones(len(world.gdp)))
    spread = p.act_spread
    moods = [alone(log_odds + spread * mood - spread**2 / 2, acts, np.zeros(1, bool)) for mood in MOODS]
    own = np.tensordot(WEIGHTS / WEIGHTS.sum(), moods, axes=1) * world.may_leave
    own = own + (1 - own) * reviewed * world.may_leave
    every = np.arange(len(world.gdp))
    invited = joining(world.affinity**p.joint_power, every, p.joint_probability * own, p.joint_allies)
    return together(own, np.minimum(invited, 1)) * world.may_leave


class Probe(Process):
    """Adds up what is expected of the windows in which followers count, right before exits are drawn."""

    name = "probe"

    def __init__(self, simulation: Simulation, p: MembershipParameters) -> None:
        """Look at all organizations that shocks aim at."""
        world = simulation.world
        self.p = p
        self.first = {world.organization_codes.index(code): first for code, first in simulation.first_acts.items()}
        self.total = np.zeros(world.member.shape)

    def propose(self, world: World, p: Any, draws: Draws) -> Proposal:
        """Change nothing."""
        now = [body for body, first in self.first.items() if 0 <= world.quarter - first <= FOLLOWING_QUARTERS]
        if now:
            self.total[:, now] += expected(world, self.p, draws.fixed_normals(3))[:, now]
        return Proposal()


def followed(case: KnownExit, number: int) -> dict[str, Any]:
    """Return what one row expects of each state, whether it followed, and how near it stands to who acts."""
    known = scenario(case.scenario)
    first = Simulation(known, (SEED, number)).first_acts
    last = max(first[code] for code in case.organizations or first) + FOLLOWING_QUARTERS
    quarters = min(last - parse_quarter(known.world.start) + 1, known.quarters)
    simulation = Simulation(known.model_copy(update={"quarters": quarters}), (SEED, number))
    world = simulation.world
    place = next(place for place, step in enumerate(simulation.steps) if isinstance(step.process, Membership))
    step = simulation.steps[place]
    assert isinstance(step.values, MembershipParameters)
    probe = Probe(simulation, step.values)
    simulation.steps.insert(place, Step(probe, Parameters(), step.draws))
    near = world.affinity @ simulation.actors / simulation.actors.sum()
    codes, bodies = world.state_codes, case.organizations or tuple(first)
    columns = [world.organization_codes.index(code) for code in bodies]
    found = [one for one in followers(record(simulation)) if one.organization in bodies]
    total = probe.total[:, columns].sum(axis=1)
    return {
        "expected": {code: float(total[row]) for row, code in enumerate(codes) if not simulation.actors[row]},
        "near": {code: float(near[row]) for row, code in enumerate(codes) if not simulation.actors[row]},
        "followed": sorted({one.state for one in found}),
        "exits": len(found),
        "by_distance": sum(one.rule == "distance" for one in found),
    }


def states_of(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return for each state what is expected, its rank (1 the likeliest), share of runs, and rank in nearness."""
    frame = pd.DataFrame({
        "expected": pd.DataFrame([row["expected"] for row in rows]).mean(),
        "near": pd.DataFrame([row["near"] for row in rows]).mean(),
    })  # fmt: skip
    frame["share"] = [sum(state in row["followed"] for row in rows) / len(rows) for state in frame.index]
    frame["rank"] = frame["expected"].rank(ascending=False, method="min").astype(int)
    frame["rank_in_nearness"] = frame["near"].rank(ascending=False, method="min").astype(int)
    return frame.sort_values("rank")


def summary(case: KnownExit, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what a case says: followers expected and counted, ranks of the observed, likely states that are far."""
    frame = states_of(rows)
    far = frame[(frame["expected"] > LIKELY) & (frame["rank_in_nearness"] > len(frame) / 2)]
    told = [f"{state} {frame['rank'][state]} ({frame['expected'][state]:.3f}, {frame['share'][state]:.2f})"
            for state in case.observed]  # fmt: skip
    exits = sum(row["exits"] for row in rows)
    return {
        "scenario": case.scenario, "rows": len(rows), "expected": frame["expected"].sum(), "counted": exits / len(rows),
        "observed_ranks": "; ".join(told), "states": len(frame), "likely": int((frame["expected"] > LIKELY).sum()),
        "likely_far": " ".join(str(state) for state in far.index),
        "by_distance": sum(row["by_distance"] for row in rows),
        "first": " ".join(f"{state} {value:.3f}" for state, value in frame["expected"].head(10).items()),
    }  # fmt: skip


def main() -> None:
    """Run all cases and print a line for each."""
    given = options_of_rows(__doc__, ROWS).parse_args()
    tasks = [(case, number) for case in cases() for number in range(given.rows)]
    with kept_beside(OUT, "who-follows") as memory:
        found = spread(followed, tasks, given.workers, memory=memory)
    for place in range(0, len(tasks), given.rows):
        for name, value in summary(tasks[place][0], found[place : place + given.rows]).items():
            sys.stdout.write(f"{name}: {value}\n")
        sys.stdout.write("\n")


if __name__ == "__main__":
    from experiments.validation.who_follows import main as by_name  # workers know its functions by this name

    by_name()
