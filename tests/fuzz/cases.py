"""Hostile and valid inputs of `abm check`: configs, studies, lists of points, tables of worlds, settings."""

import copy
import dataclasses
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from abm.config.reader import config_text, configs_folder
from abm.data.frames import framed
from abm.data.world_tables import Tables
from abm.data.write_world import write_tables
from tests.transcription.drawing import parameters, shock
from tests.worlds_small import cut_tables, random_generator

HOSTILE: list[Any] = [
    None, "", " ", "nan", "NA", "none", "null", "yes", "~", 0, -1, 1, 3, 0.5, 3.5, -0.0, 1e-320, 1e308, -1e308,
    float("nan"), float("inf"), 2**31, 2**63, 10**40, True, False, [], {}, [[]], [None], [1, 2, 3], [""], {"a": None},
    {"": 1}, {"kind": "treaty"}, ["USA", "USA"], {"USA": 0.5}, "USA", "S001", "O001", "usa", "WHO", "all", "2025Q1",
    "2025Q5", "0000Q0", "9999Q4", "1e9Q1", "2025-01-01", "=1+1", "{{x}}", "<script>", "%s%n", "../../x", "/", ".",
    "/dev/zero", "/dev/null", "\0", "\x1b[31m", "\u202e", "\ud7ff", "中文", "😀" * 40, "a" * 5000, "3", "1_000", "0x10",
    "base", "us-exit-2026", [[1, 2], [3]], [{"kind": "exit"}], [[[[[[[[[[1]]]]]]]]]], {"a": {"b": {"c": {"d": 1}}}},
]  # fmt: skip
LETTERS = ["\t", "\0", "\r", "\ufeff", "\u2028", ":", "-", "{", "}", "[", "]", "&a", "*a", "!!python/name:os.system",
           "|", ">", "#", "'", '"', "%", "@", "`", ",", "?", "---\n", "...\n", "<<: *a", "\n", "  ", "é",
           "\x85"]  # fmt: skip
STATES, BODIES = [f"S{row:03d}" for row in range(1, 9)], [f"O{row:03d}" for row in range(1, 7)]
WORLD = {"source": "synthetic", "states": len(STATES), "organizations": len(BODIES)}
PATHS = [
    "quarters", "seed", "world.states", "shocks", "shocks.0", "shocks.-1.actor", "shocks.99.kind", "", ".", "..",
    "x.y.z", "legitimacy.blame_weight", "legitimacy", "design.samples", "factors.seed.low", "world.folder",
    "world.source", "world.dues_share", "membership.contagion_log_odds",
]  # fmt: skip
Random = np.random.Generator


@dataclass
class Case:
    """What one call of `abm check` is given: its arguments, and files in the working folder."""

    kind: str
    arguments: list[str] = field(default_factory=lambda: ["config.yaml"])
    files: dict[str, bytes] = field(default_factory=dict)


def case(seed: int, number: int) -> Case:
    """The case of a number, the same one each time."""
    random = random_generator("fuzz", seed, number)
    kind = pick(random, list(MAKERS))
    made = MAKERS[kind](random)
    made.kind = kind
    if random.random() < 0.15:
        made.arguments += ["--set", setting(random)]
    return made


def pick(random: Random, items: list[Any]) -> Any:
    """One item of a list, which may hold anything."""
    return items[int(random.integers(len(items)))]


def valid(random: Random) -> dict[str, Any]:
    """A plan that a run takes: a small world, a few shocks, parameters within their ranges."""
    shocks = [shock(random, "2025Q1", 6, STATES, BODIES) for _ in range(int(random.integers(0, 4)))]
    plan: dict[str, Any] = {"world": WORLD | {"seed": int(random.integers(100))}, "quarters": 6, "shocks": shocks}
    for path, value in parameters(random).items():
        section, key = path.split(".")
        plan.setdefault("parameters", {}).setdefault(section, {})[key] = value
    return plan


def study(random: Random) -> dict[str, Any]:
    """A study that a sweep takes."""
    method = pick(random, ["grid", "oat", "lhs", "sobol", "morris", "random"])
    design = {"method": method} | ({} if method in ("grid", "oat") else {"samples": 4})
    factors: dict[str, Any] = {
        "legitimacy.blame_weight": {"low": 0.0, "high": 3.0},
        "voice.threat_rate": {"low": 0.001, "high": 0.05, "scale": "log"},
        "shocks.0.actor": {"values": ["S001", "S002"]},
        "shocks.0.notice_quarters": {"values": [0, 4]},
        "seed": {"low": 1, "high": 9},
    }
    chosen = list(factors)[: int(random.integers(1, len(factors) + 1))]
    first = {"kind": "exit", "actor": "S001", "organizations": ["O001"], "announced": "2025Q2", "notice_quarters": 1}
    second = shock(random, "2025Q1", 6, STATES, BODIES)
    return {
        "scenario": "base", "world": WORLD, "quarters": 6, "shocks": [first, second],
        "design": design, "factors": {path: factors[path] for path in chosen}, "replicates": 2,
    }  # fmt: skip


def hostile_tree(random: Random, plan: Any) -> Any:
    """The plan with one to three values, keys or items that do not belong there."""
    plan = copy.deepcopy(plan)
    for _ in range(int(random.integers(1, 4))):
        holder, key = pick(random, list(places(plan)))
        change = pick(random, ["value", "value", "value", "gone", "other key", "twice"])
        if change == "value":
            holder[key] = pick(random, HOSTILE)
        elif change == "gone":
            del holder[key]
        elif isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        elif change == "other key":
            name = pick(random, [f"{key}_", str(key).upper(), "x", "extends", "scenario", "processes", "", "base"])
            holder[name] = holder.pop(key)
        else:
            holder[pick(random, ["world", "shocks", "seed", "design", "factors"])] = copy.deepcopy(holder[key])
        if not plan:
            break
    return plan


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every key of every mapping and every place of every list."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        yield tree, key
        yield from places(tree[key])


def written(plan: Any) -> bytes:
    """The text of a plan, as YAML where it can be written so, else as JSON."""
    try:
        return config_text(plan).encode()
    except Exception:
        return json.dumps(plan, default=str).encode("utf-8", "surrogatepass")


@cache
def texts() -> list[bytes]:
    """All configs that are shipped, and all that are refused for a reason."""
    folders = (configs_folder(), Path(__file__).resolve().parents[1] / "configs_bad")
    return [path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.yaml"))]


def hostile_text(random: Random, text: bytes) -> bytes:
    """The text with one to four edits: cut, doubled, swapped or moved lines, letters of any kind, values."""
    lines = text.decode("utf-8", "replace").splitlines(keepends=True) or [""]
    for _ in range(int(random.integers(1, 5))):
        row = int(random.integers(len(lines)))
        change = int(random.integers(8))
        if change == 0:
            lines = lines[: row + 1]
        elif change == 1:
            lines.insert(row, pick(random, lines))
        elif change == 2:
            lines[row] = ""
        elif change == 3:
            lines[row] = " " * int(random.integers(0, 9)) + lines[row].lstrip()
        elif change == 4:
            head, colon, _ = lines[row].partition(":")
            lines[row] = f"{head}{colon} {json.dumps(pick(random, HOSTILE))}\n"
        elif change == 5:
            lines[row] = pick(random, ["a: " + "[" * 500, "- " * 400, "x: &a [*a]\n", "k" * 70000 + ": 1\n"])
        else:
            place = int(random.integers(len(lines[row]) + 1))
            lines[row] = lines[row][:place] + pick(random, LETTERS) + lines[row][place:]
    made = "".join(lines).encode("utf-8", "replace")
    if random.random() < 0.05:
        made = made[: len(made) // 2] + bytes(random.integers(0, 256, 8).tolist()) + made[len(made) // 2 :]
    return made


def hostile_table(random: Random, table: bytes) -> bytes:
    """A CSV with one to three cells, rows or columns that do not belong there."""
    rows = [line.split(",") for line in table.decode("utf-8", "replace").splitlines()]
    for _ in range(int(random.integers(1, 4))):
        row = int(random.integers(len(rows))) if rows else 0
        change = pick(random, ["cell", "cell", "cell", "head", "row", "twice", "short", "column", "end"])
        if not rows or not rows[row]:
            break
        column = int(random.integers(len(rows[row])))
        if change == "cell":
            value = pick(random, [item for item in HOSTILE if not isinstance(item, list | dict)])
            rows[row][column] = "" if value is None else str(value).replace("\0", "\0")
        elif change == "head" and rows[0]:
            rows[0][int(random.integers(len(rows[0])))] = str(pick(random, HOSTILE))
        elif change == "row":
            del rows[row]
        elif change == "twice":
            rows.append(list(rows[row]))
        elif change == "short":
            rows[row] = rows[row][:column]
        elif change == "column":
            rows = [cells[:column] + cells[column + 1 :] for cells in rows]
        else:
            rows = rows[:row]
    text = "\n".join(",".join(cells) for cells in rows)
    return text.encode(pick(random, ["utf-8", "utf-8", "utf-8-sig", "utf-16"]), "replace")


def own_tables() -> Tables:
    """The cut-out of the real world as a user's own: without what only the built-in world has."""
    frames = framed(cut_tables())
    rates = frames.states.assign(un_rate=frames.states["un_rate"] * 100 / frames.states["un_rate"].sum())
    known = set(frames.organizations["code"])
    return dataclasses.replace(
        frames,
        states=rates.drop(columns="draw_id"),
        organizations=frames.organizations.drop(columns="draw_id"),
        lists={name: tuple(code for code in codes if code in known) for name, codes in frames.lists.items()},
        basis=frames.basis.iloc[:0],
    ).tables()


@cache
def world_files() -> dict[str, bytes]:
    """The files of a small world of tables."""
    folder = Path(mkdtemp()) / "world"
    write_tables(own_tables(), folder)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def setting(random: Random) -> str:
    """A text for `--set`."""
    path = pick(random, PATHS)
    value = pick(random, HOSTILE)
    said = value if isinstance(value, str) else json.dumps(value)
    return f"{path}{pick(random, ['=', '=', '=', '==', ''])}{said}".replace("\0", "0")


def of_plan(random: Random) -> Case:
    return Case("", files={"config.yaml": written(hostile_tree(random, valid(random)))})


def of_valid(random: Random) -> Case:
    return Case("", files={"config.yaml": written(valid(random))})


def of_study(random: Random) -> Case:
    plan = study(random)
    return Case("", files={"config.yaml": written(hostile_tree(random, plan) if random.random() < 0.8 else plan)})


def of_text(random: Random) -> Case:
    return Case("", files={"config.yaml": hostile_text(random, pick(random, texts()))})


def of_list(random: Random) -> Case:
    plan = study(random) | {"design": {"method": "list", "file": "points.csv"}}
    del plan["factors"]
    points = b"legitimacy.blame_weight,shocks.0.actor,shocks.0.notice_quarters\n1.5,S001,2\n0,S002,\n,S003,0\n"
    return Case("", files={"config.yaml": written(plan), "points.csv": hostile_table(random, points)})


def of_tables(random: Random) -> Case:
    files = {f"world/{name}": content for name, content in world_files().items()}
    for _ in range(int(random.integers(0, 3))):
        name = pick(random, sorted(files))
        change = pick(random, ["edit", "edit", "edit", "gone", "empty", "half"])
        if change == "gone":
            del files[name]
        elif change == "edit" and name.endswith(".csv"):
            files[name] = hostile_table(random, files[name])
        else:
            files[name] = files[name][: len(files[name]) // 2 if change == "half" else 0]
    shocks = [shock(random, "2025Q1", 6, ["USA", "CHN", "DEU"], ["WHO", "UNESCO", "Paris Agreement", "IPCC"])]
    plan = {"world": {"source": "tables", "folder": "world"}, "quarters": 6, "shocks": shocks}
    return Case("", files=files | {"config.yaml": written(plan)})


def of_setting(random: Random) -> Case:
    plan = written(valid(random))
    arguments = ["config.yaml"]
    for _ in range(int(random.integers(1, 4))):
        arguments += ["--set", setting(random)]
    return Case("", arguments, {"config.yaml": plan})


MAKERS: dict[str, Callable[[Random], Case]] = {
    "plan": of_plan, "valid": of_valid, "study": of_study, "text": of_text, "list": of_list, "tables": of_tables,
    "setting": of_setting,
}  # fmt: skip
