"""Records of shocks: who acts, on which organizations, and what is refused."""

import pytest
from pydantic import TypeAdapter, ValidationError

from abm.shocks.effects import EFFECTS
from abm.shocks.kinds import LASTING, SHOCKS, AnyShock, Selector
from abm.shocks.targets import (
    DatedAct,
    Names,
    SelectionError,
    deeds,
    named_organizations,
    named_states,
    organizations_standing_in,
    states_standing_in,
    wrong_names,
)

NAMES = Names(
    states=("AAA", "BBB", "CCC"),
    organizations=("Health", "Court", "Pact"),
    kinds=("agency", "igo", "treaty"),
    issue_areas=("health", "justice", "health"),
    exit_forms=("membership", "membership", "treaty"),
    lists={"pair": ("Pact", "Health")},
    groups={"UNION": ("BBB", "CCC")},
    issues=("health", "justice", "space"),
)
RECORD: TypeAdapter[AnyShock] = TypeAdapter(AnyShock)
LEAST = {"announced": "2026Q1", "organizations": ("Health",)}


@pytest.mark.parametrize(
    ("selector", "codes"),
    [
        (Selector("all"), ("Health", "Court", "Pact")),
        (Selector("codes", ("Pact", "Court")), ("Pact", "Court")),
        (Selector("list", ("pair",)), ("Pact", "Health")),
        (Selector("issue_area", ("health",)), ("Health", "Pact")),
        (Selector("kind", ("igo",)), ("Court",)),
    ],
)
def test_selection(selector: Selector, codes: tuple[str, ...]) -> None:
    assert named_organizations(selector, NAMES) == codes


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        (Selector("codes", ("Helth",)), "unknown organization 'Helth'; did you mean Health?"),
        (Selector("list", ("pairs",)), "unknown list 'pairs'; did you mean pair?"),
        (Selector("issue_area", ("justise",)), "did you mean justice?"),
        (Selector("kind", ("organ",)), "unknown kind of organization 'organ'; known are agency, igo, treaty"),
    ],
)
def test_selection_of_nothing(selector: Selector, message: str) -> None:
    with pytest.raises(SelectionError) as refused:
        named_organizations(selector, NAMES)
    assert message in str(refused.value)


def test_actors_are_states_groups_or_lists() -> None:
    assert named_states("AAA", NAMES) == ("AAA",)
    assert named_states("UNION", NAMES) == ("BBB", "CCC")
    assert named_states(("CCC", "AAA"), NAMES) == ("CCC", "AAA")
    with pytest.raises(SelectionError, match="unknown state or group 'UNIO'; did you mean UNION"):
        named_states("UNIO", NAMES)
    with pytest.raises(SelectionError, match="unknown state 'UNION'"):
        named_states(("UNION",), NAMES)


@pytest.mark.parametrize("kind", sorted(SHOCKS))
def test_every_kind_has_a_record_with_defaults(kind: str) -> None:
    required = {
        "change_government": {"government": "sovereigntist"},
        "unilateral_act": {"issue_area": "health"},
        "found_club": {"issue_area": "health"},
        "shift_position": {"position": (0.5, 0.0)},
    }
    values = {"kind": kind, "announced": "2026Q1"} | required.get(kind, {"organizations": ("Health",)})
    record = RECORD.validate_python(values)
    assert isinstance(record, SHOCKS[kind])
    assert (record.actor, record.probability, record.until, record.condition) == ("USA", 1.0, None, None)
    assert record.model_dump(mode="json")["kind"] == kind


def test_defaults_of_the_interface() -> None:
    leave = RECORD.validate_python(LEAST | {"kind": "exit"})
    freeze = RECORD.validate_python({"kind": "freeze", "announced": "2026Q1"})
    threat = RECORD.validate_python(LEAST | {"kind": "threaten"})
    assert leave.model_dump()["notice_quarters"] == "by_body"
    assert leave.model_dump()["mode"] == "decouple"
    assert freeze.model_dump(mode="json")["organizations"] == "all"
    assert (threat.model_dump()["deadline_quarters"], threat.model_dump()["demand"]) == (4, "actor")


@pytest.mark.parametrize(
    "wrong",
    [
        {"probability": 1.1},
        {"probability": "1"},
        {"actor": ""},
        {"actor": ()},
        {"announced": "2026"},
        {"condition": "always"},
        {"stagger_quarters": -1},
        {"notice_quarters": True},
        {"notice_quarters": "soon"},
        {"organizations": {"list": "a", "kind": "b"}},
        {"organizations": {"list": 3}},
        {"organizations": None},
        {"id": "a.b"},
        {"fraction": 1},
    ],
)
def test_wrong_values_are_refused(wrong: dict[str, object]) -> None:
    assert RECORD.validate_python(LEAST | {"kind": "exit"}).kind == "exit"
    with pytest.raises(ValidationError):
        RECORD.validate_python(LEAST | {"kind": "exit"} | wrong)


def test_records_are_immutable() -> None:
    record = RECORD.validate_python(LEAST | {"kind": "exit"})
    with pytest.raises(ValidationError, match="frozen"):
        record.probability = 0.5


@pytest.mark.parametrize(
    "written", ["all", ["Health", "Pact"], {"list": "pair"}, {"issue_area": "health"}, {"kind": "igo"}]
)
def test_selectors_are_written_as_they_were_read(written: object) -> None:
    record = RECORD.validate_python({"kind": "exit", "announced": "2026Q1", "organizations": written})
    assert record.model_dump(mode="json")["organizations"] == written


def test_lasting_kinds_exist() -> None:
    lasting = {"exit", "leave_treaty", "threaten", "review", "return", "change_government", "found_club"}
    lasting |= {"press", "shift_position"}
    assert set(SHOCKS) > LASTING == lasting


def test_every_kind_has_its_effect() -> None:
    assert set(EFFECTS) == set(SHOCKS)


def test_every_kind_with_an_issue_area_has_it_checked() -> None:
    for kind, record in SHOCKS.items():
        if "issue_area" in record.model_fields:
            more = LEAST | {"kind": kind, "actor": "AAA", "issue_area": "helth"}
            shock = record.model_validate({key: more[key] for key in more if key in record.model_fields})
            assert [key for key, _ in wrong_names(shock, NAMES)] == ["issue_area"]


def test_a_club_may_be_founded_where_no_organization_works() -> None:
    club, act = (
        {"kind": kind, "actor": "AAA", "issue_area": "space", "announced": "2026Q1"}
        for kind in ("found_club", "unilateral_act")
    )
    assert not list(wrong_names(RECORD.validate_python(club), NAMES))
    assert list(wrong_names(RECORD.validate_python(act), NAMES))


def test_large_states_are_played_by_large_states() -> None:
    ranked, available = ("USA", "CHN", "DEU", "URY"), ("S002", "S001", "S003")
    assert states_standing_in(("USA",), ranked, available) == ("S002",)
    assert states_standing_in(("CHN", "URY"), ranked, available) == ("S001", "S003")
    assert states_standing_in(("DEU", "URY", "S001"), ranked, available) == ("S003", "S001")


def test_half_of_the_bodies_is_played_by_half_of_the_bodies() -> None:
    ranked = tuple(f"B{row}" for row in range(20))
    available = tuple(f"O{row:03d}" for row in range(1, 11))
    chosen = organizations_standing_in(ranked[::2], ranked, available)
    assert len(chosen) == len(set(chosen)) == 5
    assert organizations_standing_in(("B0",), ranked, available) == ("O001",)
    assert organizations_standing_in(("B19",), ranked, available) == ("O010",)
    assert organizations_standing_in(ranked, ranked, available[:2]) == ("O001", "O002")
    assert organizations_standing_in(("O003",), ranked, available) == ("O003",)


def test_who_is_acted_on_acts_only_where_nobody_else_does() -> None:
    """Organization 0 is left and acts on state 1; organization 1 only acts on state 1."""
    left = DatedAct(8, 0, RECORD.validate_python({"kind": "exit", **LEAST}), actor=0, organization=0)
    hit = DatedAct(4, 1, RECORD.validate_python({"kind": "discipline", **LEAST}), actor=1, organization=0)
    assert deeds([hit, left, hit._replace(organization=1)]) == [left, hit._replace(organization=1)]


def test_units_of_shocks_are_units_and_what_they_mean_is_said() -> None:
    for kind, shock in SHOCKS.items():
        for name, declared in shock.model_fields.items():
            if isinstance(declared.json_schema_extra, dict):
                assert declared.json_schema_extra["unit"] in ("1", "share of GDP", "quarters"), (kind, name)
                assert len(str(declared.description)) > len("quarters"), (kind, name)
