"""Gains of the loops: each link of each loop is pushed, and what comes back is compared with the twin.

Two worlds of one seed run side by side, process by process. From the quarter of the push on one quantity of the one
world is held away from what it is in the other, its twin; everything else is free. The gain of a link is the change of
the next quantity of the loop per change of the pushed one, after 1, 4, 12 and 40 quarters. The product around a loop
has no unit: below 1 a disturbance dies out, and with a gain g it is multiplied by 1 / (1 - g) in all. Replicates take
rows of the ensemble, so that the range over replicates is that of what is not known.

Exits and births of clubs are rare. Their expected number is taken: in every quarter the process proposes several times
with other luck, the same in both worlds, and nothing of it is committed.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from abm.calendar import format_quarter, parse_quarter
from abm.config.reader import load_experiment
from abm.rng import Draws, Seed
from abm.schedule import Step, quarter
from abm.simulation import Simulation
from abm.state.world import FIELDS, Array, World
from experiments.report.study_drawing import Bars, draw
from experiments.studies.composed_runs import scene
from experiments.studies.estimates import estimate
from experiments.studies.gain_loops import LOOPS, NODES, Change, Worlds, acted_on, turn
from experiments.studies.study_result import Report, Size

HORIZONS = (1, 4, 12, 40)
"""Quarters after which gains are taken."""
QUIET = 4
"""Quarters before the push, in which both worlds are the same."""
TRIALS = 32
"""Times that a process proposes with other luck for an expected number."""
STRONG = 0.2
"""A gain from which a loop counts as strong: it adds a quarter to what started it."""

PROPOSED = ("membership", "clubs")
"""Processes whose expected numbers are taken."""


def add_expected(pair: Worlds, steps: tuple[Step, Step], seed: Seed) -> None:
    """Add what a process is expected to do this quarter in the pushed world, and take away what it is in the twin."""
    for world, step, sign in zip((pair.pushed, pair.twin), steps, (1.0, -1.0), strict=True):
        for name, number in expected(world, step, seed).items():
            pair.sums[name] = pair.sums.get(name, 0.0) + sign * number


def expected(world: World, step: Step, seed: Seed) -> dict[str, float]:
    """Return what a process is expected to do this quarter: exits of all but the largest state, births of clubs."""
    process = step.process
    found = {"exits": 0.0, "births": 0.0, "closed": 0.0}
    others = np.arange(len(world.gdp)) != world.capability.argmax()
    ids = world.state_ids, world.organization_ids
    for trial in range(TRIALS):
        luck = Draws((seed[0], 1000 * (1 + seed[1]) + trial), f"expected/{world.quarter}", *ids)
        proposal = process.propose(world, step.values, luck)
        announced = proposal.fields.get("announced", world.announced) - world.announced
        found["exits"] += float(announced[others].sum()) / TRIALS
        own = [row for row in proposal.founded if not world.founding[row["founder"], row["issue"]]]  # not by a shock
        found["births"] += len(own) / TRIALS
        found["closed"] += sum(float(row["exclusive"]) for row in own) / TRIALS
    return found


def hold(pair: Worlds, held: Mapping[str, Change], written: Sequence[str]) -> None:
    """Hold fields that a process has just written away from their twin; of organizations only those that were built."""
    built = pair.twin.built
    for name in held.keys() & set(written):
        wanted = held[name](pair)
        if "organization" in FIELDS[name].dims:
            place = (slice(None),) * FIELDS[name].dims.index("organization") + (slice(built),)
            values = getattr(pair.pushed, name).copy()
            values[place] = wanted[place]
            wanted = values
        setattr(pair.pushed, name, wanted)


def gains(acting: str, number: int, quarters: int, overrides: tuple[str, ...]) -> list[list[float]]:
    """Return the gains of one quantity on each that it acts on, in one replicate, at HORIZONS up to `quarters`.

    Gains on one quantity stand in one row, NaN beyond the last quarter and where nothing was pushed.
    """
    node, answers = NODES[acting], [NODES[name] for name in acted_on(acting)]
    when = format_quarter(parse_quarter(load_experiment("base", overrides).world.start) + QUIET)
    plain = scene([], QUIET + quarters, overrides)
    moved = scene(node.shocks(when), QUIET + quarters, overrides)
    seed = plain.seed, number
    twin, pushed = Simulation(plain, seed), Simulation(moved, seed)
    changed = Simulation(moved.with_values(dict(node.values)), seed).steps if node.values else pushed.steps
    pair = Worlds(pushed.world, twin.world)
    rare = any(one.rare for one in [node, *answers])
    found = np.full((len(answers), len(HORIZONS)), np.nan)
    for place in range(QUIET + quarters):
        acts = place >= QUIET
        for own, usual, new in zip(twin.steps, pushed.steps, changed, strict=True):
            step = Step(usual.process, new.values, usual.draws) if acts else usual
            if acts and rare and own.process.name in PROPOSED:
                add_expected(pair, (step, own), seed)
            quarter(twin.world, [own])
            quarter(pushed.world, [step])
            if acts:
                hold(pair, node.held, own.process.writes)
        if place - QUIET + 1 in HORIZONS and node.level(pair):
            levels = [(one.answer or one.level)(pair) for one in answers]
            found[:, HORIZONS.index(place - QUIET + 1)] = np.array(levels) / node.level(pair)
        pushed.world.quarter += 1
        twin.world.quarter += 1
    return [list(row) for row in found.tolist()]


def run(size: Size, out: Path) -> Report:
    """Push every quantity in every replicate; write `gains.csv` and `gains.svg`."""
    replicates, quarters = size.of(quick=2, full=4), size.of(quick=12, full=40)
    tasks = [(acting, number, quarters, size.overrides) for acting in NODES for number in range(replicates)]
    values = iter(size.spread(gains, tasks))
    by_link: dict[tuple[str, str], Array] = {}  # gains of shape (replicate, horizon)
    for acting in NODES:
        found = np.array([next(values) for _ in range(replicates)])  # (replicate, answer, horizon)
        by_link |= {(acting, name): found[:, place] for place, name in enumerate(acted_on(acting))}
    rows = []
    for loop, nodes in LOOPS.items():
        parts = turn(nodes)
        rows += [
            {"loop": loop, "link": f"{acting} → {answering}"} | row
            for acting, answering in parts
            for row in described(by_link[acting, answering])
        ]
        whole = np.prod([by_link[part] for part in parts], axis=0)
        rows += [{"loop": loop, "link": ""} | row for row in described(whole)]
    table = pd.DataFrame(rows).assign(replicates=replicates)
    table.to_csv(out / "gains.csv", index=False, float_format="%.5g")
    loops = table[table["link"] == ""]
    _figure(loops, out / "gains.svg", replicates)
    return _report(loops, load_experiment("base", size.overrides).digest())


def described(values: Array) -> list[dict[str, float]]:
    """Return what is said of gains (replicate, horizon): per horizon the mean with its interval, that of the first
    replicate, which has the defaults, least and most.
    """
    rows = []
    for place, horizon in enumerate(HORIZONS):
        known = values[np.isfinite(values[:, place]), place]
        if len(known):
            found = {"default": float(values[0, place]), "least": float(known.min()), "most": float(known.max())}
            rows.append({"quarters": float(horizon)} | estimate(known)._asdict() | found)
    return rows


def _figure(loops: pd.DataFrame, file: Path, replicates: int) -> None:
    """Draw one panel of bars a horizon, loops in their order."""
    panels = []
    for horizon, part in loops.groupby("quarters"):
        ends = [part[name].tolist() for name in ("value", "least", "most")]
        panels.append(Bars(f"after {horizon:.0f} quarters", "gain", part["loop"].tolist(), *ends))
    draw(
        file,
        panels,
        f"Gain of one turn of each loop, by quarters since the push; means of {replicates} replicates, rows of the "
        "ensemble; whiskers: least and most of them.",
    )


def _report(loops: pd.DataFrame, digest: str) -> Report:
    """Return the gains of loops, and which are strong."""
    gains = {
        loop: dict(zip(part["quarters"].astype(int).astype(str), part["value"].astype(float), strict=True))
        for loop, part in ((name, loops[loops["loop"] == name]) for name in LOOPS)
    }
    most = {loop: float(loops.loc[loops["loop"] == loop, "most"].max()) for loop in LOOPS}
    strong = [loop for loop, value in most.items() if value > STRONG]
    best = max(gains, key=lambda loop: max(map(abs, gains[loop].values())))
    when = max(gains[best], key=lambda quarters: abs(gains[best][quarters]))
    lines = (
        f"Most gain has the loop {best}: {gains[best][when]:.2f} after {when} quarters.",
        f"Above {STRONG} somewhere in the ensemble: {', '.join(strong) or 'none'}.",
    )
    return Report({"gains": gains, "most": most, "strong": strong}, {"twin": digest}, lines)
