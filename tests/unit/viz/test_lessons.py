"""Every question of every lesson: answer, number and meaning are those of the runs on the page, counted here anew."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from abm.calendar import format_quarter
from abm.comparison import Comparison
from abm.measures import names
from abm.outcomes import followers, refills
from tests.page_runs import page_runs
from tests.worlds_small import among_few_states
from viz.lesson_view import FEWEST, given_by, lesson_page, open_step
from viz.lessons import Lesson, LessonError, LessonStep, lessons
from viz.page_state import PageState
from viz.question_quantities import Evidence, evidence
from viz.question_quantities import recovered as recovered_shares
from viz.words import words

SEEDS = (1, 2, 3)
QUESTIONS = [(lesson, place) for lesson in lessons() for place, step in enumerate(lesson.steps) if step.question]
WHOLE = ("us-exit-2026", "return-2029", "revolving-door")
"""Scenarios that some question asks for to their end, or whose shocks take that long: one set of runs for all."""
STATES = names("state")


def stage(lesson: Lesson, place: int, seed: int, language: str = "en") -> PageState:
    """The page as opening the step leaves it, with another seed and no longer than the question needs."""
    asked = lesson.steps[place].ask
    assert asked is not None
    state = replace(PageState(), language=language)
    for step in range(place + 1):
        state = replace(state, **open_step(state, lesson.name, step))
    length = {"quarters": max(asked.quarter + 1, 24)} if state.scenario not in WHOLE else {}
    return replace(state, config={"seed": seed, **length}, quarter=0)


@cache
def worlds(scenario: str, seed: int, quarters: int) -> tuple[Evidence, tuple[Comparison, ...]]:
    """Runs as the page has them, and the same runs as the model gives them; quickly among few states."""
    experiment = replace(PageState(), scenario=scenario, config={"seed": seed, "quarters": quarters}).experiment
    with among_few_states() if seed == SEEDS[0] else nullcontext():
        finished, pairs = page_runs(experiment, FEWEST)
    found = evidence(finished)
    assert found is not None
    return found, pairs


def of_states(pair: Comparison, measure: str, quarter: int) -> Any:
    """A measure of states with the shock, less without."""
    row = STATES.index(measure)
    return pair.run.series.states[quarter][row] - pair.twin.series.states[quarter][row]


def recovered(pairs: tuple[Comparison, ...], quarter: int) -> float:
    falls = np.array([pair.difference("mean_trust_in_actor")[: quarter + 1] for pair in pairs])
    return float(1 - falls[:, -1].mean() / falls.min(axis=1).mean())


def largest_gain(pair: Comparison, quarter: int) -> float:
    gains = [max(0.0, gain) for gain in of_states(pair, "agenda_share", quarter)]
    return max(gains) / sum(gains)


def relative_influence(pair: Comparison, quarter: int) -> float:
    without = pair.twin.measures["actor_agenda_share"][quarter]
    return float(pair.run.measures["actor_agenda_share"][quarter] / without - 1)


def more_followers(pair: Comparison, _quarter: int) -> float:
    return len(followers(pair.run)) - len(followers(pair.twin))


NUMBERS: dict[str, Callable[[Comparison, int], float]] = {
    "together:case.refill_12": lambda pair, _: refills(pair, 12)["WHO"].share,
    "extra:followers": more_followers,
    "largest_gain:": largest_gain,
    "relative:actor_agenda_share": relative_influence,
    "regime:recentring": lambda pair, _: float(pair.regime == "recentring"),
    "effect:clubs": lambda pair, quarter: float(pair.difference("clubs")[quarter]),
    "effect:trust_gap": lambda pair, quarter: float(pair.difference("trust_gap")[quarter]),
    "effect:mean_trust_in_actor": lambda pair, quarter: float(pair.difference("mean_trust_in_actor")[quarter]),
}  # fmt: skip
TOGETHER: dict[str, Callable[[tuple[Comparison, ...], int], float]] = {"recovered:mean_trust_in_actor": recovered}
"""Numbers of all runs together, which are no means of numbers of single runs."""


def camps(pair: Comparison) -> Any:
    """1 for Western states, -1 for their rivals, 0 for others, and nothing for who acts."""
    world = pair.run.simulation.world
    return np.where(pair.run.simulation.actors > 0, 9, np.sign(world.camp))


def party_sums(pair: Comparison, name: str, quarter: int) -> dict[str, float]:
    """What a question of parties asks for."""
    camp = camps(pair)
    rows = {"own": camp == 1, "rival": camp == -1, "other": camp == 0}
    if name == "trust_lost":
        lost = -of_states(pair, "trust_in_actor", quarter)
        return {party: float(np.nanmean(lost[row])) for party, row in rows.items()}
    more = (pair.run.money.by_organization["WHO"] - pair.money_without("WHO"))[quarter - 3 : quarter + 1].sum(axis=0)
    return {party: float(more[:-1][row].sum()) for party, row in rows.items()} | {"private": float(more[-1])}


def counted(step: LessonStep, pairs: tuple[Comparison, ...]) -> tuple[float, int]:
    """The number behind the answer and the answer's place, from the recordings alone."""
    asked = step.ask
    assert asked is not None
    quarter = asked.quarter if asked.quarter >= 0 else len(pairs[0].run.quarters) - 1
    if asked.number in NUMBERS | TOGETHER:
        together = TOGETHER.get(asked.number)
        found = (
            together(pairs, quarter) if together else np.mean([NUMBERS[asked.number](pair, quarter) for pair in pairs])
        )
        return float(found), sum(float(found) >= limit for limit in asked.limits)
    sums = [party_sums(pair, asked.number, quarter) for pair in pairs]
    means = [float(np.mean([one[answer.party] for one in sums])) for answer in step.answers]
    return max(means), means.index(max(means))


@pytest.mark.parametrize("seed", [SEEDS[0], *(pytest.param(seed, marks=pytest.mark.long) for seed in SEEDS[1:])])
@pytest.mark.parametrize(("lesson", "place"), QUESTIONS, ids=lambda one: getattr(one, "name", one))
def test_a_reveal_is_what_the_runs_say(lesson: Lesson, place: int, seed: int) -> None:
    step = lesson.steps[place]
    assert step.ask is not None
    state = stage(lesson, place, seed)
    world, pairs = worlds(state.scenario, seed, state.experiment.quarters)
    expected, right = counted(step, pairs)
    given = given_by(world, step)
    assert given is not None
    mean = given.number["mean"]
    assert (mean, given.place) == (pytest.approx(expected, rel=2e-2, abs=2e-3), right)
    date = format_quarter(pairs[0].run.quarters[step.ask.quarter])
    for language, (unit, money, share) in {"en": (1e6, "${} m", "{} %"), "zh": (1e4, "{}万美元", "{}%")}.items():
        written = {"percent": share.format(f"{100 * mean:.0f}"), "points": f"{mean:.2f}", "count": f"{mean:.1f}",
                   "money": money.format(f"{mean / unit:,.0f}")}  # fmt: skip
        for answer in range(len(step.answers)):
            told = lesson_page(stage(lesson, place, seed, language), answer, world, True)
            assert (told["right"], told["answer"]) == (right, answer)
            assert written[step.ask.unit].replace("-", "−") in told["reveal"]
            assert step.answers[right].means[language] in told["reveal"]
            assert not any(
                one.means[language] in told["reveal"] for one in step.answers if one.means != step.answers[right].means
            )
            assert ("{date}" not in (step.question or {})[language]) or date in told["question"]
            assert "…" not in told["reveal"]
            assert "{" not in told["reveal"] + told["question"]


@pytest.mark.parametrize(("lesson", "place"), QUESTIONS, ids=lambda one: getattr(one, "name", one))
def test_the_player_stands_where_the_question_asks(lesson: Lesson, place: int) -> None:
    step = lesson.steps[place]
    assert step.ask is not None
    state = stage(lesson, place, 1)
    shown = open_step(state, lesson.name, place)["quarter"]
    assert step.ask.quarter < 0 or abs(shown - step.ask.quarter) <= 12


def test_an_answer_waits_for_all_runs() -> None:
    lesson, place = QUESTIONS[0]
    state = stage(lesson, place, 1)
    world, _ = worlds(state.scenario, 1, state.experiment.quarters)
    for held in (lesson_page(state, 0, world, False), lesson_page(state, 0, None, True)):
        assert (held["reveal"], held["right"], held["waiting"]) == ("", -1, True)
    assert lesson_page(state, None, world, True)["reveal"] == ""


def test_a_world_to_which_the_question_does_not_apply_is_told_so() -> None:
    lesson, place = QUESTIONS[0]
    world, _ = worlds("base", 1, 24)
    told = lesson_page(replace(stage(lesson, place, 1), scenario="base", config={}), 0, world, True)
    assert (told["reveal"], told["right"]) == (words("en")["lessons.not_here"], -1)


STEP = """
order = 1
minutes = 5
title = {en = "x", zh = "x"}
[[steps]]
text = {en = "x", zh = "x"}
question = {en = "x", zh = "x"}
ask = {number = "effect:clubs", quarter = 1, unit = "count", limits = [1]}
reveal = {en = "{number}", zh = "{number}"}
[[steps.answers]]
text = {en = "x", zh = "x"}
means = {en = "x", zh = "x"}
[[steps.answers]]
text = {en = "y", zh = "y"}
means = {en = "y", zh = "y"}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("limits = [1]", "limits = [1, 2]", "one less"),
        ("limits = [1]", "limits = []", "one less"),
        ("effect:clubs", "wish:clubs", "nothing gives"),
        ('"count"', '"ells"', "none of"),
        ("{number}", "{luck}", "nothing fills"),
        ('number = "effect:clubs"', 'number = "givers"', "names a party"),
        ('reveal = {en = "{number}", zh = "{number}"}', "", "go together"),
    ],
)
def test_a_question_that_does_not_fit_is_named(tmp_path: Any, old: str, new: str, message: str) -> None:
    (tmp_path / "good.toml").write_text(STEP, encoding="utf-8")
    assert len(lessons(tmp_path)) == 1
    lessons.cache_clear()
    (tmp_path / "bad.toml").write_text(STEP.replace(old, new), encoding="utf-8")
    with pytest.raises(LessonError, match=rf"bad\.toml.*{message}"):
        lessons(tmp_path)
    lessons.cache_clear()


def test_what_is_recovered_is_a_share_of_the_mean_fall() -> None:
    """Falls of .4 and .0001 that end at .2 and at a rise of .1: of the mean fall, .05 of .20005 is left."""
    falls = ((0.0, -0.4, -0.2), (0.0, -0.0001, 0.1))
    runs = [SimpleNamespace(measures=("trust",), series=np.array([series]).T) for series in (*falls, (0.0, 0.0, 0.0))]
    pairs = [(run, runs[-1]) for run in runs[:-1]]
    found = recovered_shares(Evidence(cast(Any, None), tuple(cast(Any, pairs)), ()), "trust", 2)
    assert np.mean(found) == pytest.approx(1 - 0.05 / 0.20005)
    assert max(found) < 2
