"""Command, report, page, sweep and study give the same outcomes, effects and regimes for every shipped scenario."""

import re
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markupsafe import escape

from abm import recording
from abm.calendar import parse_quarter
from abm.config.reader import load_experiment, shipped
from abm.measures import MEASURES
from abm.outcomes import OUTCOMES, Outcome, outcome_names
from abm.recording import Recording, record
from abm.regimes import REGIMES
from abm.simulation import Observer, Simulation
from experiments.analysis.samples import Samples, read_samples
from experiments.report.curves import title_of
from experiments.report.headline import REGIMES as IN_WORDS
from experiments.report.headline import findings
from experiments.report.result_page import page
from experiments.report.result_tables import effects as effect_table
from experiments.report.result_tables import outcomes as outcome_table
from experiments.report.result_view import View, percent
from experiments.runs import run_with_twin
from experiments.runs.result import Result
from experiments.runs.run_experiment import run_experiment
from experiments.sweeps import run_pair
from experiments.sweeps.read_sweep import Sweep, open_sweep
from experiments.sweeps.sweep import run_sweep
from tests.worlds_small import among_few_states
from viz import packed_run
from viz.outcome import outcome as panel
from viz.worker_runs import carry_out

NAMES = [config.name for config in shipped() if config.kind == "scenario"]
QUICK = (
    "base", "aid-freeze-2025", "obstruct", "paris-2017", "return-2029", "review-2025", "rhetoric", "sanction-icc-2025",
    "selective", "threat-all", "two-camps", "unesco-2011", "unilateral-act",
)  # fmt: skip
"""Every kind of shock that is shipped, single and several actors, one date and many, among few states.

The long test takes all scenarios, in the whole world.
"""
REPLICATES, QUARTERS = 2, 20
"""Long enough for followers and refill, three years each, of acts in 2026 with a year's notice."""
SMALL = {"source": "synthetic", "states": 12, "organizations": 6}
ROW = re.compile(r'<tr><th scope="row">([a-z_0-9 ]+)<br><small>[^<]*</small></th><td>([^<]*)</td>')
EFFECT_ROW = re.compile(
    r'<tr><th scope="row">([^<]*)(?: <i>([^<]*)</i>)?<br><small>[^<]*</small></th><td class="spark">.*?</td>'
    r"<td><b[^>]*>([^<]*)</b></td>"
)


@dataclass
class Answers:
    """What the four say of one scenario: result of the command, panel of the page, stored sweep, samples of a study."""

    result: Result
    shown: dict[str, Any]
    sweep: Sweep
    samples: Samples

    def command(self, name: str) -> dict[str, Any]:
        return dict(self.result.outcomes["outcomes"][name])

    def page(self, name: str) -> dict[str, Any] | None:
        return next((row for row in self.shown["outcomes"] if row["name"] == name), None)


def answers(scenario: str, folder: Path, world: Mapping[str, Any] | None = None, quarters: int = QUARTERS) -> Answers:
    config: dict[str, Any] = {"extends": scenario, "quarters": quarters, "replicates": REPLICATES}
    config |= {"world": dict(world)} if world else {}
    experiment = load_experiment(config)
    finished: dict[tuple[int, str], Any] = {(n, "pair"): carry_out(experiment, n, "pair") for n in range(REPLICATES)}
    finished[0, "run"] = replace(finished[0, "pair"], together={})  # what the stage was sent first
    study = {key: value for key, value in config.items() if key != "extends"}
    points = [{"quarters": quarters}]
    run_sweep(study | {"scenario": scenario, "design": {"method": "list", "points": points}}, folder, workers=0)
    return Answers(
        run_experiment(experiment, workers=1),
        panel(finished, REPLICATES),
        open_sweep(folder),
        read_samples(folder),
    )


def unmeasured(*_: Any, **__: Any) -> dict[str, float]:
    """Stand for the measures of the network."""
    return dict.fromkeys(("modularity", "modularity_excess", "modularity_z"), 0.0)


def length(scenario: str) -> int:
    """Return QUARTERS, or as many as it takes until the last shock of a scenario."""
    experiment = load_experiment(scenario)
    dates = [parse_quarter(shock.until or shock.announced) for shock in experiment.shocks]
    return max([QUARTERS, *(date - parse_quarter(experiment.world.start) + 1 for date in dates)])


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Answers by scenario, all of one set of runs, as what is said of them is compared.

    Whoever carries out another experiment or another replicate than the rest does so on its own.
    """
    known: dict[tuple[bool, bytes, str], Recording] = {}
    quarters = packed_run.quarters

    def key_of(simulation: Simulation, is_twin: bool) -> tuple[bool, bytes, str]:
        drawn = simulation.world.propensity.tobytes()  # tells replicates apart
        return is_twin, drawn, simulation.experiment.digest()

    def once(simulation: Simulation, *observers: Observer, is_twin: bool = False) -> Recording:
        key = key_of(simulation, is_twin)
        if key not in known:
            known[key] = record(simulation, *observers, is_twin=is_twin)
        return known[key]

    def noted(simulation: Simulation, twin: bool) -> Iterator[Recording]:
        key = key_of(simulation, twin)
        for found in quarters(simulation, twin):
            yield found
        known[key] = found

    with pytest.MonkeyPatch.context() as patch:
        for module in (run_with_twin, run_pair):
            patch.setattr(module, "record", once)
        patch.setattr(packed_run, "quarters", noted)
        patch.setattr(recording, "fragmentation", unmeasured)  # a fifth of the time, and only the command measures it

        def of(name: str, whole: bool = False) -> Answers:
            known.clear()
            with nullcontext() if whole else among_few_states():
                return answers(name, tmp_path_factory.mktemp("sweeps") / name, quarters=length(name))

        yield cache(of)


def same(value: float | None, digits: float = 1e-9) -> Any:
    """Return what a number has to be; nothing is nothing, or NaN in a table."""
    return pytest.approx(float("nan") if value is None else value, rel=digits, abs=1e-9, nan_ok=True)


def test_the_quick_scenarios_have_every_kind_of_shock() -> None:
    kinds = {name: {shock.kind for shock in load_experiment(name).shocks} for name in NAMES}
    assert set().union(*(kinds[name] for name in QUICK)) == set().union(*kinds.values())


@pytest.mark.parametrize("scenario", QUICK)
def test_all_of_them_give_the_same(scenario: str, scenarios: Any) -> None:
    check_all(scenarios(scenario))


@pytest.mark.long
@pytest.mark.parametrize("scenario", NAMES)
def test_all_of_them_give_the_same_in_the_whole_world(scenario: str, scenarios: Any) -> None:
    check_all(scenarios(scenario, whole=True))


def check_all(found: Answers) -> None:
    """Outcomes of command, page, sweep and study; then effects, regimes, and what the report says."""
    stored, judged = found.sweep.outcomes().mean(), found.samples.values.mean()
    for name in outcome_names("run", "pair"):
        told, shown = found.command(name), found.page(name)
        assert float(stored[name]) == same(told["mean"]), f"sweep: {name}"
        if OUTCOMES[name].made_of == "run":
            assert float(stored[f"twin.{name}"]) == same(told["twin_mean"]), f"twin in the sweep: {name}"
            both = zip(told["by_replicate"].values(), told["twin_by_replicate"].values(), strict=True)
            known = [run - twin for run, twin in both if None not in (run, twin)]
            apart = sum(known) / len(known) if known else None
            assert float(judged[name]) == same(apart), f"study: {name}"
        else:
            assert float(judged[name]) == same(told["mean"]), f"study: {name}"
        if shown is not None:
            for key in ("mean", "low", "high", "p05", "p95", "twin_mean"):
                assert np.array(shown[key], float) == same(told[key], 1e-3), f"page: {key} of {name}"
        assert (shown is None) == (told["mean"] is None or not OUTCOMES[name].listed), f"page: {name}"
    check_effects(found)
    check_regimes(found)
    check_report(found)


def check_effects(found: Answers) -> None:
    """Effects of the last quarter: all measures of command, sweep, study and report, those that the page shows."""
    told, stored = found.result.outcomes["effects"], found.sweep.effects().mean()
    assert {name: float(value) for name, value in stored.items()} == {
        name: same(told[name]["mean"]) for name in told if not name.startswith("modularity")
    }
    judged = found.samples.values.mean()
    assert {name: float(judged[name]) for name in stored.index} == {
        name: same(told[name]["mean"]) for name in stored.index
    }
    for row in found.shown["measures"]:
        ends = {key: row["difference" if key == "mean" else key][-1] for key in ("mean", "low", "high")}
        effect = told[row["name"]]
        # the page rounds its numbers to the scale of the interval
        width = abs(effect["high"] - effect["low"]) if effect["high"] is not None else 0.0
        expected = {key: pytest.approx(effect[key], rel=2e-3, abs=max(1e-5, 1e-3 * width)) for key in ends}
        assert ends == expected, row["name"]


def check_regimes(found: Answers) -> None:
    """Shares of runs by label, and mean memberships."""
    shares, degrees = found.result.outcomes["regimes"], found.result.outcomes["regime_memberships"]
    stored = found.sweep.regimes()
    assert len(stored) == REPLICATES
    assert {name: float((stored["label"] == name).mean()) for name in REGIMES} == shares
    assert {name: float(stored[name].mean()) for name in REGIMES} == {name: same(degrees[name]) for name in REGIMES}
    assert {row["name"]: row["share"] for row in found.shown["regimes"]} == shares
    assert {row["name"]: same(row["degree"]) for row in found.shown["regimes"]} == degrees
    judged = found.samples.values.filter(like="regime.").mean()
    assert {f"regime.{name}": share for name, share in shares.items() if share} == dict(judged)


def check_report(found: Answers) -> None:
    """The report has a row for each outcome that applies, and for each effect, and names each regime."""
    view = View(found.result)
    rows = dict(ROW.findall(outcome_table(view)))
    for name, one in OUTCOMES.items():
        told, text = found.command(name)["mean"], rows.get(name.replace("_", " "))
        if told is None or not one.listed:
            assert text is None, name
        elif one.unit != "USD":
            assert text is not None, name
            assert as_number(text) == pytest.approx(told, abs=0.051), name
    if not view.compares:
        return
    printed = {(title, where): text for title, where, text in EFFECT_ROW.findall(effect_table(view))}
    effects = found.result.outcomes["effects"]
    assert len(printed) == len(effects)
    for name, effect in effects.items():
        plain = name.removeprefix("shocked.")
        kind = MEASURES[plain].kind if plain in MEASURES else ""
        where = "shocked organizations" if name != plain else "all organizations" if kind == "body" else ""
        text = printed[str(escape(title_of(view, plain))), where]
        if plain not in MEASURES or not MEASURES[plain].unit.startswith("USD"):
            assert as_number(text) == pytest.approx(effect["mean"], rel=0.0051, abs=0.00051), name
    check_sentence(dict(findings(view))["Which order results"], found.result.outcomes["regimes"])


def check_sentence(text: str, shares: Mapping[str, float]) -> None:
    """The first sentence on regimes names those that result, and their shares where there are several."""
    first = text.split(".")[0]
    labels = {name: IN_WORDS[name] for name in REGIMES}
    found = {name for name, share in shares.items() if share}
    assert {name for name, label in labels.items() if label in first} == found
    for name in found if len(found) > 1 else ():
        assert f"{labels[name]} in {percent(shares[name])}" in first


def as_number(text: str) -> float:
    """Return the number that a table of the report shows."""
    return float(text.replace("−", "-").replace(",", ""))


def test_windows_of_followers_open_one_by_one(scenarios: Any) -> None:
    """In a staggered exit an organization that is left late has its followers, too; the page once had one window."""
    found: Answers = scenarios("staggered")
    first = sorted(set(found.result.outcomes["first_acts"].values()))
    assert len(first) > 3
    page = found.page("followers")
    assert page is not None
    assert page["mean"] == same(found.command("followers")["mean"], 1e-3)
    rows = found.result.outcomes["followers"]
    assert sum(row["probability"] for row in rows) == pytest.approx(found.command("followers")["mean"])


def test_an_outcome_that_is_added_appears_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lowest(run: Recording) -> float:
        return float(run.measures["members"].min())

    monkeypatch.setitem(OUTCOMES, "fewest_members", Outcome(lowest, "states", "lowest mean membership <of all>"))
    found = answers("us-exit-2026", tmp_path, SMALL, 6)
    told = found.command("fewest_members")
    assert told["mean"] > 1
    shown = found.page("fewest_members")
    assert shown is not None
    assert (shown["unit"], shown["meaning"]) == ("states", "lowest mean membership <of all>")
    assert shown["mean"] == same(told["mean"], 1e-3)
    html = page(View(found.result))
    assert "fewest members<br><small>lowest mean membership &lt;of all&gt;</small>" in html
    stored = found.sweep.outcomes()
    assert float(stored["fewest_members"].mean()) == same(told["mean"])
    assert "fewest_members" in found.samples.values
    assert read_samples(tmp_path, ["fewest_members"]).outcomes[0] == "fewest_members"
