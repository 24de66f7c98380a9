"""The named studies: what they leave, what they refuse, and what single cells of them show."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from abm.config.reader import ConfigError, load_experiment
from abm.regime_by_chance import TABLE
from abm.regimes import REGIMES
from experiments.cli import main
from experiments.storage.atomic import FolderError
from experiments.storage.kept_answers import Checkpoint
from experiments.studies import instruments, predictions, rescue, return_window, robustness
from experiments.studies.registry import STUDIES, command, make, study
from experiments.studies.study_result import Size
from tests.worlds_small import among_few_states

SYNTHETIC = ("world.source=synthetic", "world.states=12", "world.organizations=8")
TINY = (*SYNTHETIC, "quarters=6")


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_is_a_module_that_runs(name: str) -> None:
    module = study(name)
    assert callable(module.run)
    assert (module.__doc__ or "")[0].isupper()  # type: ignore[attr-defined]


class Smallest(Size):
    """A third of a quick version, two of whatever is counted at the least."""

    def of[Value](self, *, quick: Value, full: Value) -> Value:
        return type(quick)(max(2, quick // 3)) if isinstance(quick, int) else quick  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        pytest.param("instruments", (), marks=pytest.mark.long),
        pytest.param("gains", SYNTHETIC, marks=pytest.mark.long),
        ("predictions", SYNTHETIC),
        pytest.param("replicates", (*SYNTHETIC, "quarters=16"), marks=pytest.mark.long),
        pytest.param("rescue", (), marks=pytest.mark.long),
        pytest.param("return-window", (), marks=pytest.mark.long),
        pytest.param("reachability", SYNTHETIC, marks=pytest.mark.long),
        pytest.param("calibration", SYNTHETIC, marks=pytest.mark.long),
    ],
)
def test_a_small_version_leaves_a_whole_folder(name: str, overrides: tuple[str, ...], tmp_path: Path) -> None:
    summary = make(name, Smallest(workers=1, overrides=overrides), tmp_path / name)
    assert summary["lines"]
    held = {path.suffix for path in (tmp_path / name).iterdir()}
    assert held == {".csv", ".svg", ".json"}
    json.dumps(summary["results"], allow_nan=False)


def test_an_unknown_study_is_told_the_nearest() -> None:
    with pytest.raises(ConfigError, match="rescue"):
        study("rescu")


def test_the_thresholds_of_regimes_are_what_their_command_makes(tmp_path: Path) -> None:
    size = Size(workers=1, overrides=TINY)
    summary = make("thresholds", size, tmp_path / "one")
    made, shipped = pd.read_csv(tmp_path / "one" / "chance_quantiles.csv"), pd.read_csv(TABLE)
    keys = ["measure", "of", "quantile"]
    assert made[keys].to_numpy().tolist() == shipped[keys].to_numpy().tolist()
    assert set(shipped["command"]) == {"abm study thresholds --full"}
    held = json.loads((tmp_path / "one" / "summary.json").read_text(encoding="utf-8"))
    assert held == summary
    assert (
        held["command"] == command("thresholds", size) == "abm study thresholds " + " ".join(f"--set {x}" for x in TINY)
    )
    assert not held["full"]


def test_a_folder_with_other_content_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FolderError, match="other content"):
        make("thresholds", Size(workers=1, overrides=TINY), tmp_path)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_the_command_lists_the_studies(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["study"])
    assert ended.value.code in (0, None)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(STUDIES)


def test_deep_cuts_are_refilled_less_than_shallow_ones() -> None:
    with among_few_states():
        shallow, deep = rescue.deep(0.05, 0, ()), rescue.deep(0.5, 0, ())
    assert 0 < deep[0] < shallow[0] / 2


def test_a_cut_of_one_sum_can_be_spread() -> None:
    with among_few_states():
        alone, spread = (rescue.measure_refill(400.0, count, False, 1, ()) for count in (1, 4))
    assert all(math.isfinite(value) for value in (*alone, *spread))
    assert alone != spread
    assert {cell[2] for cell in rescue.plan() if cell[3]} == {2, 4, 8}


def test_instruments_cost_what_they_should() -> None:
    with among_few_states():
        exit_, rhetoric = (instruments.costs(name, 0, ()) for name in ("exit", "rhetoric"))
    assert exit_[0] > 0.01, "effectiveness is lost with money and experts"
    assert exit_[1] > 0, "and legitimacy by blame"
    assert rhetoric[0] < exit_[0]


def test_money_comes_back_with_the_leaver() -> None:
    with among_few_states():
        found = return_window.gaps(8.5, 0, (2027,), ())
    money, posts = return_window.GOODS.index("money"), return_window.GOODS.index("posts")
    assert found["lost"][0][money] > 0
    assert found["after"][0][money] < 0.5 * found["lost"][0][money]
    assert 0 < found["after"][0][posts] < found["lost"][0][posts]


def test_predictions_are_of_what_one_run_shows() -> None:
    one = predictions.one({}, 0, ())
    assert {year for years in one["budgets"].values() for year in years} == set(map(str, predictions.YEARS))
    assert one["budgets"]["WFP"]["2029"] < 10373.1, "below its budget at rest"
    assert "4" in one["refills"]["WHO"]
    fake = [{**one, "followers": [("ISR", "UNESCO", "2026")]}, {**one, "followers": []}]
    found = predictions.follower_rows(fake)
    rows = {(row["what"], row["organization"], row["state"], row["year"]): row for row in found}
    assert rows["followers", "all concerned", "", "2026"]["value"] == 0.5
    assert rows["follower", "UNESCO", "ISR", "2025-2029"]["value"] == 0.5
    assert rows["any follower", "UNESCO", "", "2025-2029"]["low"] < 0.5


def test_every_structural_alternative_is_a_config() -> None:
    base = load_experiment("base")
    digests = {base.with_values(values).digest() for values in robustness.ALTERNATIVES.values()}
    assert len(digests) == len(robustness.ALTERNATIVES) - 1, "other draws change no config"
    given = robustness.alternatives(("world.start=2015Q1", "leadership.incumbency=0.3"))
    assert given["bandwagon"] == {
        "world.start": "2015Q1", "leadership.incumbency": 0.3, **robustness.ALTERNATIVES["bandwagon"]
    }  # fmt: skip
    assert given["no incumbency"]["leadership.incumbency"] == 0, "the alternative itself wins"
    assert robustness.replicate_numbers(robustness.OTHER_DRAWS, 3) == range(3, 6), (
        "and share no replicate with the default"
    )
    assert robustness.replicate_numbers("bandwagon", 3) == range(3)


def test_what_turns_under_an_alternative_is_told() -> None:
    claims = pd.DataFrame({"default": [1.0, 0.2, float("nan")], "other": [0.1, 0.3, 1.0]}, index=["C01", "C02", "C03"])
    assert robustness.turned_claims(claims, "other") == ["C01"]
    values = {f"pattern {name}": {"default": one.value, "other": one.value} for name, one in robustness.TARGETS.items()}
    values["pattern births"]["other"] = 9.0
    assert robustness.patterns_left(values, "other") == ["births"]


def made(row: int, alternative: str) -> dict[str, float]:
    """What one replicate of an alternative might show: deaths rise where habits of leaving are on."""
    found = {f"pattern {name}": one.value for name, one in robustness.TARGETS.items()}
    found["pattern death_rate"] = 0.5 if alternative == "habits of leaving" else 0.0098
    for scenario in robustness.SCENARIOS:
        found |= {f"{scenario}: {regime}": float(regime == "reform") for regime in REGIMES}
    names = ("rescue: refill per doubling of the sum", "instruments: freeze less exit")
    found |= dict.fromkeys(names, float(row))
    gaps = {"trust missing in absence": 0.2, "trust missing after": 0.15, "posts missing in absence": 0.1}
    return found | {f"return: {name}": value for name, value in (gaps | {"posts missing after": 0.05}).items()}


def test_robustness_sets_alternatives_beside_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [made(row, name) for row, name in enumerate(robustness.ALTERNATIVES) for _ in range(2)]
    monkeypatch.setattr(Size, "spread", lambda *_: rows)
    shares, memory = {"C01": 1.0, "C02": 0.2}, Checkpoint()

    def claims_under(values: Mapping[str, Any], *about: Any) -> dict[str, float]:
        assert about[-1] is memory, "claims go on where they stopped, as all of the study does"
        return shares if not values else {"C01": 0.0, "C02": 0.2}

    monkeypatch.setattr(robustness, "claims_under", claims_under)
    report = robustness.run(Size(memory=memory), tmp_path)
    assert report.results["calibration_patterns_that_leave_their_band"]["habits of leaving"] == ["death_rate"]
    assert report.results["calibration_patterns_that_leave_their_band"]["bandwagon"] == []
    assert report.results["claims_that_turn"] == {"default": [], robustness.OTHER_DRAWS: [], "betrayal convex": ["C01"]}
    assert report.results["headlines"]["return: trust recovered"]["default"]["value"] == pytest.approx(0.25)
    assert report.results["commonest_regime"]["default"] == ["reform", "reform"]
    assert any(line.startswith("habits of leaving: patterns out death_rate") for line in report.lines)
    json.dumps(report.results, allow_nan=False)
    table = pd.read_csv(tmp_path / "robustness.csv", index_col=0)
    assert list(table.columns) == list(robustness.ALTERNATIVES)
    assert (tmp_path / "robustness.svg").stat().st_size > 1000
