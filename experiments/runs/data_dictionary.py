"""The data dictionary: what each column of each table holds, and its unit; the same stands in every Parquet file.

Columns that hold measures, outcomes and parameters are described by their registries; the few others are described
here. The table `measures` lists what the column `measure` of `series` may hold.
"""

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

from abm.config.sections import SECTIONS
from abm.measures import MEASURES
from abm.outcomes import OUTCOMES

SHOCKED = "shocked."
FACTOR = "factor:"
_RUN = {
    "run": ("", "number of the replicate, from 0; equal numbers have the same random numbers"),
    "twin": ("", "true for the world without the shock"),
}
_QUARTER = {"quarter": ("", "quarter that the row describes, such as 2026Q1")}
_PLACE = {
    "key": ("", "content key of the run: equal keys are equal runs"),
    "point": ("", "number of the point of the design"),
    "replicate": ("", "number of the replicate at this point, from 0"),
    "twin": _RUN["twin"],
}
_ENSEMBLE = {"ensemble_row": ("", "row of the ensemble of parameters that the run takes; 0 is the point default")}
OWN: dict[str, dict[str, tuple[str, str]]] = {
    "series": _RUN | _ENSEMBLE | _QUARTER | {
        "measure": ("", "name of the measure; shocked.<name>: mean over the organizations that shocks aim at"),
        "value": ("see measures", "value of the measure"),
    },
    "organizations": _RUN | _QUARTER | {
        "code": ("", "code of the organization"),
        "name": ("", "its name"),
        "issue_area": ("", "issue area that it works in"),
        "alive": ("", "true until it ends"),
        "in_scope": ("", "true where its members are known, so that it counts in means"),
        "shocked": ("", "true where shocks of the scenario aim at it"),
        "leader": ("", "code of the member with the largest share of the agenda"),
    },
    "states": _RUN | _QUARTER | {
        "code": ("", "ISO 3166 alpha-3 code of the state"),
        "name": ("", "its name"),
        "camp": ("", "western, rival or other, by its votes at the start"),
    },
    "events": _RUN | _QUARTER | {
        "kind": ("", "kind of the event, one of `abm.events.EVENTS`"),
        "actor": ("", "code of the state that acts, empty for none"),
        "organization": ("", "code of the organization concerned, empty for none"),
        "detail": ("", "a further word, such as another state's code"),
        "details": ("JSON", "typed details of the event"),
        "occurs": ("", "where it happens: with the shock only, without it only, or both; empty without twins"),
    },
    "memberships": _RUN | _QUARTER | {
        "state": ("", "ISO 3166 alpha-3 code of the member"),
        "organization": ("", "code of the organization"),
        "participation": ("1", "1 where the state takes part, 0 where it is a member only"),
        "agenda_share": ("1", "its share of the influence on the agenda"),
        "first": ("", "true before the first quarter, false after the last one"),
    },
    "sweep.runs": _PLACE | _ENSEMBLE | {
        "status": ("", "done for every stored run"),
        "seconds": ("s", "time that the run took"),
    },
    "sweep.series": _PLACE | _QUARTER | {"last": ("", "true in the last quarter of the run")},
}  # fmt: skip
"""Columns that no registry describes: unit and meaning, by table and column."""
NETWORK = {
    "modularity": ("1", "modularity of shared memberships in the last quarter (Newman 2006)"),
    "modularity_excess": ("1", "modularity above its mean in random memberships of the same degrees, last quarter"),
    "modularity_z": ("1", "the same in standard deviations of random memberships"),
}
"""Measures of the network, which are taken in the last quarter only (`abm.membership_network.fragmentation`)."""


def data_dictionary() -> pd.DataFrame:
    """Return a row for each column of each table: `table`, `column`, `unit` and `meaning`.

    The unit is "1" for pure numbers and empty for what is no number. The tables of a sweep begin with `sweep.`; they
    also have a column for each factor, whose unit is that of the parameter.
    """
    return pd.DataFrame(list(_rows()), columns=["table", "column", "unit", "meaning"])


def _rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield table, column, unit and meaning."""
    for table, columns in OWN.items():
        yield from ((table, column, *words) for column, words in columns.items())
        kind = {"organizations": "body", "states": "state"}.get(table)
        yield from ((table, name, one.unit, one.doc) for name, one in MEASURES.items() if one.kind == kind)
    for table in ("measures", "sweep.series"):
        wanted = [name for name, one in MEASURES.items() if one.kind != "state"]
        yield from ((table, name, *described(name)) for name in (*wanted, *NETWORK))
    yield from (("sweep.runs", name, *described(name)) for name in OUTCOMES)


def described(name: str) -> tuple[str, str]:
    """Return unit and meaning of a measure, an outcome or a factor by its name; two empty texts for any other."""
    plain = name.removeprefix(SHOCKED)
    section, _, key = name.removeprefix(FACTOR).partition(".")
    if name in NETWORK:
        return NETWORK[name]
    if plain in MEASURES:
        return MEASURES[plain].unit, MEASURES[plain].doc + ", organizations that shocks aim at" * (name != plain)
    if name in OUTCOMES:
        return OUTCOMES[name].unit, OUTCOMES[name].meaning
    if section in SECTIONS and key in SECTIONS[section].model_fields:
        field = SECTIONS[section].model_fields[key]
        extra = field.json_schema_extra
        return str(extra.get("unit", "1")) if isinstance(extra, dict) else "1", field.description or ""
    return "", ""


def with_units(name: str, table: pa.Table) -> pa.Table:
    """Return an Arrow table whose columns hold `unit` and `meaning` as metadata of their fields."""
    own = OWN.get(name, {})
    fields = []
    for field in table.schema:
        unit, meaning = own.get(field.name) or described(field.name)
        words = {key: value for key, value in (("unit", unit), ("meaning", meaning)) if value}
        fields.append(field.with_metadata(words) if words else field)
    return table.cast(pa.schema(fields, metadata=table.schema.metadata))
