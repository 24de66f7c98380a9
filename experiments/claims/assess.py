"""Run all claims: at the default point, over the plausible space, without their rule and with its sign reversed."""

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from abm.comparison import Comparison
from abm.config.experiment import Experiment
from abm.quiet import QUIET_IN_THE_MEAN, quiet
from abm.recording import Recording, record
from abm.simulation import Simulation
from experiments.claims import CLAIMS
from experiments.claims.claim import Case, Claim
from experiments.claims.design_space import places, point
from experiments.claims.watched_fields import record_for_claims
from experiments.runs.parallel import spread
from experiments.storage.kept_answers import Checkpoint

SEED = 20260107
"""Seed of the design; replicates have the seed of their scenario."""
LARGE, SMALL = "us-exit-2026", "placebo-small-state"
"""The exit that most claims rest on, and the same by a small state."""
SPARE = 1.5
"""Points drawn for each that is wanted: some worlds are not quiet."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class AssessmentSize:
    """How many runs: replicates at the default point, points of the space and replicates at each, rule off."""

    calibrated: int
    points: int
    space: int
    without: int


QUICK = AssessmentSize(calibrated=6, points=12, space=1, without=4)
FULL = AssessmentSize(calibrated=32, points=60, space=2, without=16)


class Job(NamedTuple):
    """One replicate at one point; `claims` are ids.

    `kind` is calibrated, space, without (the rule is off), reversed, placebo (a small state does the same), quiet or
    drifting. A quiet job looks at the world without a shock. A drifting one runs a point whose world is not quiet, to
    show what the filter does.
    """

    kind: str
    point: int
    replicate: int
    overrides: Mapping[str, Any]
    claims: tuple[str, ...]


@dataclass
class JobResult:
    """The result of a job: a value per claim (NaN where nothing could be measured), and failures with their errors."""

    job: Job
    is_quiet: bool = True
    values: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """Return what was found as plain values, without the job."""
        return {name: value for name, value in vars(self).items() if name != "job"}


@dataclass
class Assessment:
    """All answers, with the places of the points that count and how many points were dropped as not quiet."""

    size: AssessmentSize
    answers: list[JobResult]
    places: NDArray[np.float64]
    dropped: int
    tried: int
    wall_seconds: float


def assess(
    claims: Sequence[Claim],
    size: AssessmentSize,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    memory: Checkpoint | None = None,
) -> Assessment:
    """Run what the claims need and return all answers. Results do not depend on the number of workers.

    What `memory` holds of an earlier call that was ended is not run again.
    Each point of the space has replicates of its own, so that its luck is not that of all others.
    """
    started = time.perf_counter()
    drawn = places(ceil(SPARE * size.points), SEED)
    jobs = _jobs(claims, size)
    looked = [Job("quiet", n, n * size.space, point(place), ()) for n, place in enumerate(drawn)]
    first = [*looked, *jobs]
    answers = answers_of(first, workers, _part_of(progress, 0, size.points * size.space), memory)
    good = [found.job.point for found in answers if found.job.kind == "quiet" and found.is_quiet]
    kept = good[: size.points]
    ids = tuple(claim.id for claim in claims)
    tried = kept[-1] + 1 if len(kept) == size.points else len(looked)
    drifting = [number for number in range(tried) if number not in good]
    spaced = [Job("space", n, n * size.space + r, point(drawn[n]), ids) for n in kept for r in range(size.space)]
    spaced += [Job("drifting", n, n * size.space, point(drawn[n]), ids) for n in drifting]
    answers += answers_of(spaced, workers, _part_of(progress, len(first), 0), memory)
    found = sorted(answers, key=lambda a: (a.job.kind, a.job.claims, a.job.point, a.job.replicate))
    return Assessment(size, found, drawn[kept], len(drifting), tried, time.perf_counter() - started)


def answers_of(
    jobs: Sequence[Job], workers: int | None, progress: Progress | None = None, memory: Checkpoint | None = None
) -> list[JobResult]:
    """Return what comes of some jobs, in their order."""
    found = spread(plain_answer, jobs, workers, progress, memory, lost_job)
    return [JobResult(job, **plain) for job, plain in zip(jobs, found, strict=True)]


def _part_of(progress: Progress | None, before: int, after: int) -> Progress | None:
    """Return what counts a part of some work as the whole, with as many jobs before and after it."""
    if progress is None:
        return None
    return lambda done, total: progress(before + done, before + total + after)


def evaluate(
    overrides: Mapping[str, Any],
    replicates: Sequence[int],
    workers: int | None = None,
    memory: Checkpoint | None = None,
) -> dict[str, float]:
    """Return the share of the numbered replicates in which each claim holds with some parameters changed, by id.

    For structural alternatives: mechanisms that are off by default stay off unless the overrides turn them on. NaN
    where no replicate gave a number.
    """
    ids = tuple(claim.id for claim in CLAIMS)
    answers = answers_of(
        [Job("calibrated", -1, number, overrides, ids) for number in replicates], workers, memory=memory
    )
    shares = {}
    for claim in CLAIMS:
        found = np.array([answer.values[claim.id] for answer in answers])
        found = found[np.isfinite(found)]
        shares[claim.id] = float((found >= claim.threshold).mean()) if found.size else float("nan")
    return shares


def _jobs(claims: Sequence[Claim], size: AssessmentSize) -> list[Job]:
    """Return the jobs that need no point of the space: claims with the same overrides run together."""
    jobs = []
    for kind, count, settings in (
        ("calibrated", size.calibrated, [claim.switched_on for claim in claims]),
        ("without", size.without, [claim.rule for claim in claims]),
        ("reversed", size.without, [claim.reversed for claim in claims]),
    ):
        groups = together(claims, settings)
        jobs += [Job(kind, -1, r, overrides, ids) for overrides, ids in groups for r in range(count)]
    small = tuple(claim.id for claim in claims if is_tried_on_placebo(claim))
    return jobs + [Job("placebo", -1, r, {}, small) for r in range(size.without) if small]


def together(
    claims: Sequence[Claim], settings: Sequence[Mapping[str, Any] | None]
) -> list[tuple[Mapping[str, Any], tuple[str, ...]]]:
    """Return the different settings, each with the ids of the claims that have them; None is left out."""
    groups: dict[str, tuple[Mapping[str, Any], list[str]]] = {}
    for claim, own in zip(claims, settings, strict=True):
        if own is not None:
            groups.setdefault(repr(own), (own, []))[1].append(claim.id)
    return [(own, tuple(ids)) for own, ids in groups.values()]


def is_tried_on_placebo(claim: Claim) -> bool:
    """Return whether the claim rests on the large exit alone, so that a small state can stand in for the leaver."""
    return not claim.switched_on and all(case.scenario == LARGE for case in claim.cases.values())


def _cases(claim: Claim, job: Job) -> dict[str, Case]:
    """Return the cases of a claim; for a placebo those of the small state."""
    if job.kind != "placebo":
        return dict(claim.cases)
    return {name: replace(case, scenario=SMALL) for name, case in claim.cases.items()}


def plain_answer(*job: Any) -> dict[str, Any]:
    """Return what comes of a job, given by its parts, as plain values."""
    return answer(Job(*job)).plain()


def answer(job: Job) -> JobResult:
    """Carry out one job; a run that raises costs only the claims that need it."""
    found = JobResult(job)
    with threadpool_limits(limits=1):
        if job.kind == "quiet":
            found.is_quiet = is_quiet(job.overrides)
            return found
        claims = [claim for claim in CLAIMS if claim.id in job.claims]
        ordered = sorted(claims, key=_by_scenario)
        runs = Runs(job.overrides, job.replicate, [case for one in ordered for case in _cases(one, job).values()])
        for index, claim in enumerate(ordered):
            try:
                found.values[claim.id] = float(claim.value({n: runs.pair(c) for n, c in _cases(claim, job).items()}))
                found.runs[claim.id] = 2 * len(claim.cases)
            except Exception as error:
                found.values[claim.id] = float("nan")
                found.failed[claim.id] = f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
            runs.keep([case for other in ordered[index + 1 :] for case in _cases(other, job).values()])
    return found


def is_quiet(overrides: Mapping[str, Any], replicate: int = 0) -> bool:
    """Return whether the world without a shock stays near rest; points whose world drifts are not plausible."""
    experiment = Case("base").experiment(overrides)
    return quiet(record(Simulation(experiment, (experiment.seed, replicate))), QUIET_IN_THE_MEAN) > 0


def lost_job(error: Exception, *job: Any) -> dict[str, Any]:
    """Return the answer of a job that ended its process."""
    said, asked = f"{type(error).__name__}: {error}", Job(*job).claims
    return JobResult(Job(*job), False, dict.fromkeys(asked, float("nan")), dict.fromkeys(asked, said)).plain()


def _by_scenario(claim: Claim) -> tuple[tuple[str, ...], str]:
    """Return the order in which runs can be forgotten soonest."""
    return tuple(sorted(case.scenario for case in claim.cases.values())), claim.id


class CasePlan(NamedTuple):
    """The runs of a case: its experiment and its length in quarters, and the digests of the two whatever the length."""

    experiment: Experiment
    quarters: int
    own: str
    twin: str


class Runs:
    """The runs of one job, each made once; what no further claim needs is forgotten.

    A twin is run once, as long as the longest of its cases needs, and kept at the length of each.
    """

    def __init__(self, overrides: Mapping[str, Any], replicate: int, cases: Sequence[Case]) -> None:
        self._overrides = overrides
        self._replicate = replicate
        self._cases = cases
        self._plans: dict[str, CasePlan] = {}
        self._recordings: dict[tuple[str, int], Recording] = {}

    def pair(self, case: Case) -> Comparison:
        """Return the comparison of a case with its twin."""
        plan = self._plan(case)
        own, twin = (plan.own, plan.quarters), (plan.twin, plan.quarters)
        if twin not in self._recordings:
            self._run_twin(plan)
        if own not in self._recordings:
            found = record_for_claims(plan.experiment, self._replicate, (plan.quarters,))
            self._recordings[own] = found[plan.quarters]
        return Comparison(self._recordings[own], self._recordings[twin])

    def keep(self, cases: Sequence[Case]) -> None:
        """Forget the recordings that none of these cases needs."""
        self._cases = cases
        plans = [self._plan(case) for case in cases]
        needed = {(digest, plan.quarters) for plan in plans for digest in (plan.own, plan.twin)}
        self._recordings = {key: found for key, found in self._recordings.items() if key in needed}

    def _run_twin(self, plan: CasePlan) -> None:
        """Run a twin, and keep it at the lengths of all cases to come that have it."""
        plans = [plan, *map(self._plan, self._cases)]
        lengths = {one.quarters for one in plans if one.twin == plan.twin}
        whole = plan.experiment.twin().model_copy(update={"quarters": max(lengths)})
        found = record_for_claims(whole, self._replicate, lengths, is_twin=True)
        self._recordings |= {(plan.twin, quarters): recording for quarters, recording in found.items()}

    def _plan(self, case: Case) -> CasePlan:
        """Return the plan of a case."""
        name = repr(case)
        if name not in self._plans:
            experiment = case.experiment(self._overrides)
            alike = experiment.model_copy(update={"quarters": 1})
            self._plans[name] = CasePlan(experiment, experiment.quarters, alike.digest(), alike.twin().digest())
        return self._plans[name]
