"""The folder of a sweep: whole shards, one writer, frames that agree with each other and with single runs."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest

from abm.config.reader import load_experiment
from experiments.reproduction.reproduce_sweep import rerun_stored
from experiments.runs.outcome_frames import effects_by_run
from experiments.runs.run_experiment import run_experiment
from experiments.storage import atomic
from experiments.storage.atomic import FolderError, lock
from experiments.sweeps import scheduler
from experiments.sweeps.read_sweep import Sweep, open_sweep, sweep_digest
from experiments.sweeps.study import read_study
from experiments.sweeps.sweep import check_sweep_folder, run_sweep
from tests.unit.sweeps.conftest import TINY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("store") / "sweep"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scheduler, "CHUNK_SECONDS", 0.0)  # pairs come in one by one: several shards on any machine
        run_sweep(TINY, place, workers=0, shard_runs=4)
    return place


@pytest.fixture(scope="module")
def sweep(folder: Path) -> Sweep:
    return open_sweep(folder)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def test_every_planned_run_is_there_once(sweep: Sweep) -> None:
    runs = sweep.runs()
    assert [*zip(runs["point"], runs["replicate"], runs["twin"], strict=True)] == [
        (point, replicate, twin) for point in range(3) for replicate in range(2) for twin in (False, True)
    ]
    assert runs["key"].is_unique
    assert set(runs["status"]) == {"done"}
    assert (sweep.series().groupby("key").size() == 5).all()
    assert len(list((sweep.folder / "shards").glob("runs-*"))) > 1
    assert sweep.failures().empty


def test_a_run_of_a_sweep_is_that_of_the_scenario_at_its_point(sweep: Sweep) -> None:
    values = sweep.points().loc[1]
    overrides = [f"{path}={value}" for path, value in values.items()]
    scenario = {key: value for key, value in TINY.items() if key not in ("scenario", "design", "factors")}
    alone = run_experiment(load_experiment({"extends": "us-exit-2026", **scenario}, overrides), workers=1)
    series = sweep.series(["legitimacy", "shocked.budget"]).query("point == 1 and replicate == 1 and ~twin")
    for measure in ("legitimacy", "shocked.budget"):
        same = alone.series.query("run == 1 and ~twin and measure == @measure")["value"]
        assert series[measure].tolist() == same.tolist()
    effects = effects_by_run(alone.series)
    stored = sweep.effects().loc[1]
    assert stored.loc[1, "effectiveness"] == effects.loc[1, "effectiveness"]
    followers = alone.events.query("kind == 'announce' and run == 0 and ~twin")
    assert sweep.outcomes().loc[(1, 0), "followers"] <= len(followers)


def test_effects_outcomes_and_regimes_have_a_row_for_each_pair(sweep: Sweep) -> None:
    for frame in (sweep.effects(), sweep.outcomes(), sweep.regimes()):
        assert frame.index.names == ["point", "replicate"]
        assert len(frame) == 6
    ends = sweep.series(["total_income"], last=True).set_index(["point", "replicate", "twin"])["total_income"]
    assert sweep.effects().loc[(2, 1), "total_income"] == ends[2, 1, False] - ends[2, 1, True]
    assert sweep.outcomes()["twin.quiet"].isin([0.0, 1.0]).all()
    assert sweep.regimes()["label"].isin(sweep.regimes().columns).all()


def test_shards_stand_alone(sweep: Sweep) -> None:
    path = "membership.contagion_log_odds"
    table = sweep.table(["point", f"factor:{path}", "legitimacy"], where=ds.field("last")).to_pandas()
    joined = sweep.points()[path].loc[table["point"]].to_numpy()
    assert (table[f"factor:{path}"] == joined).all()
    assert len(table) == 12


def test_the_study_comes_back_from_the_folder(sweep: Sweep) -> None:
    assert sweep.study.scenario == "us-exit-2026"
    assert sweep.study.experiment.digest() == read_study(TINY).experiment.digest()


def test_digest_is_of_values_not_of_files(folder: Path, copy: Path, tmp_path: Path) -> None:
    whole = sweep_digest(folder)
    assert json.loads((folder / "manifest.json").read_text())["digest"] == whole
    again = tmp_path / "again"
    run_sweep(TINY, again, workers=0)
    assert len(list((again / "shards").glob("runs-*"))) == 1
    assert sweep_digest(again) == whole
    shard = next((copy / "shards").glob("series-*"))
    frame = pd.read_parquet(shard)
    frame.loc[3, "legitimacy"] += 1e-12
    frame.to_parquet(shard)
    assert sweep_digest(copy) != whole


def test_more_replicates_run_only_what_is_new(folder: Path, copy: Path) -> None:
    before = open_sweep(folder).runs()
    summary = run_sweep(TINY | {"replicates": 3}, copy, workers=0)
    assert (summary.earlier, summary.done, summary.planned) == (12, 6, 18)
    after = open_sweep(copy).runs()
    pd.testing.assert_frame_equal(after[after["replicate"] < 2].reset_index(drop=True), before)
    assert run_sweep(TINY, copy, workers=0).done == 0  # the smaller plan again: what it leaves out is not shown
    assert len(open_sweep(copy).runs()) == 12
    assert sweep_digest(copy) == sweep_digest(folder)


def test_more_points_run_only_what_is_new_and_are_numbered_by_the_plan(tmp_path: Path) -> None:
    factors = {"membership.contagion_log_odds": {"values": [1, 5]}}
    study = TINY | {"factors": factors, "design": {"method": "grid"}, "replicates": 1}
    run_sweep(study, tmp_path / "grid", workers=0)
    factors = {"membership.contagion_log_odds": {"values": [1, 3, 5]}}
    assert run_sweep(study | {"factors": factors}, tmp_path / "grid", workers=0).done == 2
    series = open_sweep(tmp_path / "grid").series(["exits"])
    values = series.groupby("point")["factor:membership.contagion_log_odds"].agg(set)
    assert values.to_dict() == {0: {1.0}, 1: {3.0}, 2: {5.0}}


def test_equal_points_are_run_once(tmp_path: Path) -> None:
    listed = {"design": {"method": "list", "points": [{"legitimacy.peer_rate": 0.1}] * 2}, "factors": {}}
    summary = run_sweep(TINY | listed | {"replicates": 1}, tmp_path / "twice", workers=0)
    assert (summary.planned, summary.done) == (2, 2)
    assert len(open_sweep(tmp_path / "twice").outcomes()) == 2


def test_twins_can_come_later(folder: Path, tmp_path: Path) -> None:
    late = tmp_path / "late"
    run_sweep(TINY | {"twins": False}, late, workers=0)
    assert len(open_sweep(late).runs()) == 6
    assert run_sweep(TINY, late, workers=0).done == 6
    pd.testing.assert_frame_equal(open_sweep(late).outcomes(), open_sweep(folder).outcomes())
    assert sweep_digest(late) == sweep_digest(folder)


def test_what_an_end_left_half_written_is_cleared_away(folder: Path, copy: Path) -> None:
    (copy / "shards" / "runs-000002.parquet").unlink()  # its series is there already
    (copy / "shards" / "series-000099.parquet.partial").write_bytes(b"half")
    with (copy / "shards" / "runs-000001.parquet").open("r+b") as file:
        file.truncate(500)  # the power failed
    assert run_sweep(TINY, copy, workers=0, shard_runs=4).done > 0
    assert sweep_digest(copy) == sweep_digest(folder)
    assert not list(copy.rglob("*.partial"))
    assert open_sweep(copy).runs()["key"].is_unique


def test_a_users_own_files_among_the_shards_stay(folder: Path, copy: Path) -> None:
    mine = {"series-mine.parquet": b"mine", "runs-notes.parquet": b"mine", "runs-1.parquet": b"", "notes.txt": b"mine"}
    mine["runs-000001-copy.parquet"] = (copy / "shards" / "runs-000001.parquet").read_bytes()
    for name, content in mine.items():
        (copy / "shards" / name).write_bytes(content)
    assert run_sweep(TINY, copy, workers=0).done == 0
    assert {name: (copy / "shards" / name).read_bytes() for name in mine} == mine
    assert sweep_digest(copy) == sweep_digest(folder)
    assert open_sweep(copy).runs()["key"].is_unique


def test_other_content_is_refused(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderError, match="other content"):
        run_sweep(TINY, tmp_path / "thesis", workers=0)
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["thesis.txt"]
    with pytest.raises(FolderError, match="another study"):
        run_sweep(TINY | {"seed": 6}, copy, workers=0)
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps(manifest | {"sources": "older"}))
    with pytest.raises(FolderError, match="another version"):
        run_sweep(TINY, copy, workers=0)
    with pytest.raises(FolderError, match="holds no sweep"):
        open_sweep(tmp_path / "thesis")
    with pytest.raises(FolderError, match=r"thesis\.txt is a file"):
        check_sweep_folder(tmp_path / "thesis" / "thesis.txt" / "out", read_study(TINY))


def test_a_large_folder_of_somebody_else_is_not_walked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(self: Path, pattern: str) -> Iterator[Path]:
        yield self / "shards"
        yield self / "mine.txt"
        pytest.fail("it went on after the first file that is no sweep's")

    monkeypatch.setattr(Path, "rglob", endless)
    with pytest.raises(FolderError, match="other content"):
        check_sweep_folder(tmp_path, read_study(TINY))


STEPS = (".lock", "shards/", "failures/", "keys.parquet.partial", "plan.parquet", "manifest.json.partial")


@pytest.mark.parametrize("steps", range(1, len(STEPS) + 1))
def test_a_sweep_that_ended_before_its_manifest_goes_on(tmp_path: Path, steps: int) -> None:
    place = tmp_path / "begun"
    place.mkdir()
    for name in STEPS[:steps]:
        (place / name).mkdir() if name.endswith("/") else (place / name).touch()
    study = read_study(TINY)
    check_sweep_folder(place, study)
    (place / "mine.txt").touch()
    with pytest.raises(FolderError, match="other content"):
        check_sweep_folder(place, study)


def test_a_plan_of_somebody_else_is_other_content(tmp_path: Path) -> None:
    (tmp_path / "plan.parquet").touch()
    with pytest.raises(FolderError, match="other content"):
        check_sweep_folder(tmp_path, read_study(TINY))


def test_two_sweeps_into_one_folder_are_refused(copy: Path) -> None:
    with lock(copy), pytest.raises(FolderError, match="another sweep is writing"):
        run_sweep(TINY, copy, workers=0)
    assert run_sweep(TINY, copy, workers=0).done == 0


def test_a_full_disk_stops_it_and_it_goes_on_afterwards(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, written = tmp_path / "full", []
    sync = os.fsync

    def full(file: int) -> None:
        written.append(file)
        if len(written) > 5:  # keys, plan, manifest and the first shard fit
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(file)

    monkeypatch.setattr(atomic.os, "fsync", full)
    monkeypatch.setattr(scheduler, "CHUNK_SECONDS", 0.0)  # pairs come in one by one, however slow the machine is
    with pytest.raises(OSError, match="No space left"):
        run_sweep(TINY, place, workers=0, shard_runs=4)
    monkeypatch.undo()
    assert not list(place.rglob("*.partial"))
    kept = len(open_sweep(place).runs())
    assert 0 < kept < 12
    summary = run_sweep(TINY, place, workers=0)
    assert (summary.earlier, summary.done) == (kept, 12 - kept)
    assert sweep_digest(place) == sweep_digest(folder)


def test_any_run_can_be_repeated_by_its_key(sweep: Sweep) -> None:
    row = sweep.runs().iloc[7]
    (run,) = rerun_stored(sweep.folder, row["key"][:12]).runs
    assert (run.point, run.replicate, run.twin) == (row["point"], row["replicate"], row["twin"])
    assert run.outcomes["income_change"] == row["income_change"]
    series = sweep.series().query("key == @run.key")
    assert np.array_equal(series[list(run.measures)].to_numpy(), run.values)
