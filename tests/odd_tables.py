"""The tables of `abm/ODD.md`, made from the declarations in the code and from kept results.

Each stands between `<!-- table: NAME -->` and `<!-- end -->`; those of claims and of the record in documents of theirs.
`uv run python -m tests.odd_tables` writes them anew when a field, parameter, measure, kind of shock, constant or kept
result has changed; `tests/test_odd.py` fails until that is done. It also counts organizations and the rows of tables,
where a document gives their number.
"""

import csv
import re
from pathlib import Path
from statistics import quantiles
from typing import Any, get_args

import pandas as pd

from abm import deciding_rule, regime_trajectory
from abm.config.sections import SECTIONS
from abm.data.reading import data_folder
from abm.events import EVENTS, TOLERANCE
from abm.measures import MEASURES
from abm.outcomes import FOLLOWING_QUARTERS, NEGLIGIBLE_LOSS, OUTCOMES
from abm.parameters import bounds
from abm.processes import leadership, membership, operations, vitality
from abm.published import MEAN_DISTANCE, MEAN_LOG_SIZE
from abm.regime_by_chance import THRESHOLDS
from abm.regimes import IN_POINTS, SPREAD, SURE, WAYS, Criterion
from abm.schedule import SCHEDULE
from abm.shocks.kinds import SHOCKS, Act, Departure, Shock
from abm.spatial import AGREEMENT_PER_UNIT
from abm.state.derived import LEAST_RATIO
from abm.state.world import FIELDS, Field
from abm.worlds.initialize import ARTICLE_19_QUARTERS
from experiments.claims.design_space import CALIBRATED
from experiments.claims.results import nowhere
from experiments.claims.results import read_published as published_claims
from experiments.studies.calibration_targets import TARGETS
from experiments.studies.gain_loops import LOOPS
from experiments.studies.what_it_takes import within_reach
from experiments.validation.patterns.registry import PATTERNS
from experiments.validation.published_validation import read_published as published_patterns
from experiments.validation.text_tables import table as score_table
from tests.markdown import number, table
from tests.record_tables import STATUS, VALIDATION, record_tables, recounted
from tests.recorded_reads import touched

ODD = Path(__file__).resolve().parent.parent / "abm" / "ODD.md"
GAINS = ODD.parent.parent / "experiments" / "studies" / "results" / "gains" / "gains.csv"
CLAIMS = ODD.parent.parent / "experiments" / "claims" / "README.md"
WORLDS = CLAIMS.parents[1] / "studies" / "results" / "what-it-takes" / "worlds.csv"
COUNTING = (ODD.parent.parent / "README.md", ODD.parent / "CONCEPTS.md", ODD.parent / "data" / "README.md")
DOCUMENTS = (ODD, CLAIMS, *COUNTING, STATUS, VALIDATION)
ORGANIZATIONS = re.compile(r"(states and |One of |organizations\* \()\d+(?= organizations| agencies| in the built-in)")
ROWS = re.compile(r"^(\| `(\w+)\.csv` \| )[\d,]+(?= \|)", re.MULTILINE)
MARKED = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
CONSTANTS: dict[str, Any] = {
    "AGREEMENT_PER_UNIT": AGREEMENT_PER_UNIT,
    "ARTICLE_19_QUARTERS": ARTICLE_19_QUARTERS,
    "MEAN_DISTANCE": MEAN_DISTANCE,
    "MEAN_LOG_SIZE": MEAN_LOG_SIZE,
    "STANDARD_ERRORS": {name: round(error, 6) for name, error in membership.STANDARD_ERRORS.items()},
    "LEAST_FACTOR": membership.LEAST_FACTOR,
    "LARGEST_EXPONENT": deciding_rule.LARGEST_EXPONENT,
    "LEAST_RATIO": LEAST_RATIO,
    "LARGEST_RATIO": operations.LARGEST_RATIO,
    "REFERENCE_SIZE": vitality.REFERENCE_SIZE,
    "NEGLIGIBLE_VACANCY": leadership.NEGLIGIBLE_VACANCY,
    "FOLLOWING_QUARTERS": FOLLOWING_QUARTERS,
    "NEGLIGIBLE_LOSS": NEGLIGIBLE_LOSS,
    "TOLERANCE": TOLERANCE,
    "SURE": SURE,
    **{
        name: getattr(regime_trajectory, name)
        for name in (
            "WINDOW",
            "LEAST_BODIES",
            "HOLLOW_WORK",
            "HOLLOW_COMMITMENT",
            "EMPTIED",
            "REFORMED",
            "KEPT",
            "FEW_ACTORS",
        )
    },
}


def span(low: float, high: float) -> str:
    """Return a range as text."""
    return f"{number(low)} … {number(high)}"


def limits(info: Any) -> str:
    """Return the range of a pydantic field, or the values of a choice."""
    if info.metadata:
        return span(*bounds(info))
    return ", ".join(str(value) for value in get_args(info.annotation) if isinstance(value, str))


def group(declared: Field) -> str:
    """Return the table of fields that a field belongs to."""
    if declared.dims[:2] == ("state", "organization"):
        return "pair"
    return "tie" if declared.dims == ("state", "state") else declared.dims[0]


def fields(name: str) -> str:
    """Return the table of fields of a group."""
    rows = [
        (f"`{one.name}`", " × ".join(one.dims), one.unit, span(*one.bounds), one.fill, one.doc)
        for one in FIELDS.values()
        if group(one) == name
    ]
    return table(("name", "dimensions", "unit", "bounds", "fill", "meaning"), rows)


def parameters(name: str) -> str:
    """Return the table of the parameters of a section."""
    rows = []
    for key, info in SECTIONS[name].model_fields.items():
        extra: Any = info.json_schema_extra
        facts = (extra["unit"], limits(info), extra["source"], extra["role"], info.description)
        rows.append((f"`{key}`", info.default, *facts))
    return table(("name", "default", "unit", "range", "source", "role", "meaning"), rows)


def measures(kind: str) -> str:
    """Return the table of measures of a kind."""
    rows = [
        (f"`{name}`", one.unit, span(one.low, one.high), one.better, one.doc)
        for name, one in MEASURES.items()
        if one.kind == kind
    ]
    return table(("name", "unit", "range", "better", "meaning"), rows)


def outcomes() -> str:
    """Return the table of outcomes that are one number."""
    rows = [(f"`{name}`", one.made_of, one.unit, one.better, one.meaning) for name, one in OUTCOMES.items()]
    return table(("name", "made of", "unit", "better", "meaning"), rows)


def shocks() -> str:
    """Return the table of the kinds of shocks with what each has beside what all have."""
    common = {*Shock.model_fields, "stagger_quarters"}
    rows = []
    for kind, record in SHOCKS.items():
        own = [name for name in record.model_fields if name not in common]
        whom = "organization" if issubclass(record, Act) else "state"
        lasting = "departure" if issubclass(record, Departure) else ""
        keys = ", ".join(f"`{name}`{left_out(record, name)}" for name in own)
        rows.append((f"`{kind}`", whom, lasting, keys, summary(record)))
    return table(("kind", "aims at", "class", "own keys", "meaning"), rows)


def left_out(record: type[Shock], name: str) -> str:
    """Return in brackets what holds where a key is left out, nothing where it must be written."""
    default = record.model_fields[name].get_default()
    if record.model_fields[name].is_required() or default is None:
        return ""
    return f" ({default:g})" if isinstance(default, float) else f" ({getattr(default, 'by', default)})"


def summary(record: type) -> str:
    """Return the first line of a docstring."""
    return (record.__doc__ or "").strip().splitlines()[0]


def regimes() -> str:
    """Return the table of the ways into regimes, with what is certain."""
    rows = [
        (
            f"`{name}`",
            number if len(ways) > 1 else "",
            f"`{one.signal}`",
            f"{one.side} {number_of(one.threshold)}",
            certain_from(one),
        )
        for name, ways in WAYS.items()
        for number, way in enumerate(ways, 1)
        for one in way
    ]
    return table(("regime", "way", "signal", "substance", "certain from"), rows)


def certain_from(one: Criterion) -> str:
    """Return from where on a signal is certain."""
    if one.side == "at most":
        return ""
    signal = IN_POINTS.get(one.signal, one.signal)
    value = number_of(SURE * SPREAD.get(signal, 0.0))
    return value if signal == one.signal else f"{value} of `{signal}`"


def number_of(value: float) -> str:
    """Return a threshold as short text."""
    return f"{value:.3g}"


def chance() -> str:
    """Return the table of thresholds of regimes by chance."""
    rows = [
        (f"`{name}`", f"`{one.measure}`", one.threshold, one.origin)
        for name, all_ in THRESHOLDS.items()
        for one in all_
    ]
    return table(("regime", "measure (effect on it)", "counts fully at", "not at all at"), rows)


def constants() -> str:
    """Return the table of numbers that are no parameters."""
    rows = []
    for name, value in CONSTANTS.items():
        parts = value.items() if isinstance(value, dict) else ()
        rows.append((f"`{name}`", ", ".join(f"{key} {number(part)}" for key, part in parts) or value))
    return table(("name", "value"), rows)


def schedule() -> str:
    """Return the table of processes in their order, with the reason for each one's place."""
    rows = [
        (f"`{process.name}`", stage, summary(process), why)
        for stage, turns in SCHEDULE.items()
        for process, why in turns
    ]
    return table(
        ("", "process", "stage", "what happens", "why here"), ((place, *row) for place, row in enumerate(rows, 1))
    )


def data_flow() -> str:
    """Return the table of fields that each process reads and writes, the reads as recorded in lively runs."""
    order = list(FIELDS)
    rows = [
        (f"`{name}`", *(" ".join(f"`{field}`" for field in sorted(part, key=order.index)) for part in parts))
        for name, parts in touched().items()
    ]
    return table(("process", "reads", "writes"), rows)


def events() -> str:
    """Return the table of the kinds of events."""
    rows = []
    for name, kind in EVENTS.items():
        named = [*["state"] * (kind.actor == "state"), *["organization"] * (kind.organization is not False)]
        details = "; ".join(
            f"`{key}`: {', '.join(one.choices) or f'{one.unit} {one.meaning}'.strip()}"
            for key, one in kind.details.items()
        )
        rows.append((f"`{name}`", ", ".join(named), details, kind.meaning))
    return table(("event", "names", "details", "meaning"), rows)


def cited() -> set[str]:
    """Return the sources that parameters name, other than "assumption"."""
    infos = [info for section in SECTIONS.values() for info in section.model_fields.values()]
    extras: list[Any] = [info.json_schema_extra for info in infos]
    return {extra["source"] for extra in extras} - {"assumption"}


def sources() -> str:
    """Return the table of the sources of parameters."""
    with (ODD.parent / "data" / "bibliography.csv").open(encoding="utf-8", newline="") as file:
        known = [row for row in csv.DictReader(file) if row["key"] in cited()]
    return table(
        ("key", "source", "what was used"), ((f"`{one['key']}`", one["reference"], one["note"]) for one in known)
    )


def patterns() -> str:
    """Return the table of the published scores of the patterns."""
    named = {pattern.id: {"name": pattern.name, "band": pattern.band} for pattern in PATTERNS}
    kept = (published_patterns() or {"patterns": []})["patterns"]
    head, *rows = score_table({"patterns": [one | named[one["id"]] for one in kept], "published": None})
    return table(head[:-1], (row[:-1] for row in rows))


def calibration() -> str:
    """Return the table of calibrated parameters: range, quartiles left, narrowing, and the pattern that narrows."""
    with (CALIBRATED.parent / "parameters.csv").open(encoding="utf-8", newline="") as file:
        swept = [row for row in csv.DictReader(file) if row["low"]]
    with CALIBRATED.open(encoding="utf-8", newline="") as file:
        kept = list(csv.DictReader(file))
    swept.sort(key=lambda row: (row["identified"] != "True", -float(row["narrowing_uniform"])))
    rows = []
    for one in swept:
        name = one["parameter"]
        left = quantiles([float(point[name]) for point in kept], n=4)
        rows.append((
            f"`{name}`",
            span(float(one["low"]), float(one["high"])),
            " · ".join(number(float(f"{value:.3g}")) for value in left),
            *(f"{number(round(100 * float(one[f'narrowing_{prior}'])))} %" for prior in ("uniform", "triangular")),
            one["identified_by"].replace("_", " ") or "not identified",
        ))  # fmt: skip
    return table(("parameter", "range", "quartiles left", "narrowed, uniform", "triangular", "identified by"), rows)


def gains() -> str:
    """Return the table of the kept gains of loops: means by quarters since the push, least and most at the last."""
    with GAINS.open(encoding="utf-8", newline="") as file:
        kept = [row for row in csv.DictReader(file) if not row["link"]]
    horizons = sorted({float(row["quarters"]) for row in kept})
    rows = []
    for loop, nodes in LOOPS.items():
        found = {float(row["quarters"]): row for row in kept if row["loop"] == loop}
        last = found[horizons[-1]]
        rows.append((
            loop,
            " → ".join(nodes),
            *(rounded(found[quarters]["value"]) if quarters in found else "" for quarters in horizons),
            f"{rounded(last['least'])} … {rounded(last['most'])}",
        ))  # fmt: skip
    return table(("loop", "one turn", *(f"{quarters:.0f}" for quarters in horizons), "least … most"), rows)


def rounded(text: str) -> str:
    """Return a kept number with two digits that count."""
    return number(float(f"{float(text):.2g}"))


def targets() -> str:
    """Return the table of what calibration is held to."""
    rows = [(name.replace("_", " "), one.value, span(one.low, one.high), one.source) for name, one in TARGETS.items()]
    return table(("what is held to", "observed", "band", "source, width"), rows)


def claims() -> str:
    """Return the table of the published verdicts on claims."""
    keys, rows = ("holds_calibrated", "holds_space", "holds_without_rule"), []
    for one in published_claims().get("claims", []):
        told = ["–" if one[key] is None else f"{100 * one[key]:.0f} %" for key in keys]
        rows.append((one["id"], one["title"], one["verdict"], *told, f"`{one['committed']}`"))
    return table(("", "claim", "verdict", "at the default", "of the space", "rule off", "declared in"), rows)


def claims_nowhere() -> str:
    """Return how near those claims come that hold at no point of the space: values by the kept runs."""
    values = pd.read_csv(CLAIMS.parent / "results" / "values.csv").groupby(["claim", "kind"])["value"]
    most, middle = values.max(), values.median()
    known = {one["id"]: one for one in published_claims().get("claims", [])}
    worlds = pd.read_csv(WORLDS)
    rows = []
    for claim in nowhere():
        made = worlds[worlds["claim"] == claim]
        count = within_reach(made)
        numbers = (known[claim]["threshold"], middle[claim, "calibrated"], most[claim, "space"], made["value"].max())
        needed = "not tried" if made.empty else "out of reach" if count is None else f"{count}"
        told = ("–" if pd.isna(value) else f"{value:.3g}" for value in numbers)
        rows.append((claim, known[claim]["measure"], *told, needed))
    names_ = ("", "measure", "threshold", "median at the default", "most in the space", "most in a world made for it",
              "assumptions that it takes")  # fmt: skip
    return table(names_, rows)


def tables() -> dict[str, str]:
    """Return every table by name."""
    found = {
        "schedule": schedule(),
        "data_flow": data_flow(),
        "shocks": shocks(),
        "events": events(),
        "outcomes": outcomes(),
        "regimes": regimes(),
        "chance": chance(),
        "constants": constants(),
        "sources": sources(),
        "patterns": patterns(),
        "calibration": calibration(),
        "gains": gains(),
        "targets": targets(),
        "claims": claims(),
        "claims_nowhere": claims_nowhere(),
        **record_tables(),
    }
    found |= {f"fields.{name}": fields(name) for name in ("state", "organization", "pair", "tie", "year")}
    found |= {f"measures.{kind}": measures(kind) for kind in ("body", "state", "system")}
    return found | {
        f"parameters.{name}": parameters(name) for name, section in SECTIONS.items() if section.model_fields
    }


def rows_of(name: str) -> int:
    """Return the number of rows of a table of the built-in world."""
    with (data_folder() / "real" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def rewritten(text: str) -> str:
    """Return a text with tables and counts written anew; raises KeyError for a table that does not exist."""
    made = tables()
    text = ROWS.sub(lambda found: f"{found[1]}{rows_of(found[2]):,}", text)
    text = ORGANIZATIONS.sub(lambda found: f"{found[1]}{rows_of('organizations')}", text)
    return MARKED.sub(lambda found: found[1] + made[found[2]] + found[3], recounted(text))


if __name__ == "__main__":
    for text in DOCUMENTS:
        text.write_text(rewritten(text.read_text(encoding="utf-8")), encoding="utf-8")
