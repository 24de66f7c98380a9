"""Why something is refused: every kind is met by a real config, link or choice, and told in both languages."""

import json
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest

from abm.config.errors import ConfigError
from abm.config.refusals import REFUSALS
from viz.page_requests import LARGEST_UPLOAD, handle
from viz.page_state import read_upload
from viz.permalink import read_link, state_of
from viz.refusals import reason
from viz.words import words


def link(**changes: object) -> Callable[[], object]:
    """Return what opens a link with changes of the default world."""
    return lambda: state_of(f"config={quote(json.dumps(changes))}")


def upload(text: str) -> Callable[[], object]:
    """Return what uploads a config."""
    return lambda: read_upload(text, "my.yaml")


def exit_(**changes: object) -> list[dict[str, object]]:
    """Return one shock."""
    return [{"kind": "exit", "actor": "USA", "organizations": ["WHO"], "announced": "2026Q1"} | changes]


CASES: dict[str, tuple[str, Callable[[], object], str]] = {
    "a date before the run": (
        "outside",
        link(shocks=exit_(announced="2020Q1")),
        "2020Q1 lies outside the run. Make the run longer under “Parameters”, or choose another date.",
    ),
    "a number above its range": (
        "range",
        link(parameters={"funding": {"appeal": 9}}),
        "“Rescue requested” cannot be 9; it goes from 0 to 3.",
    ),
    "a number below what has no upper end": ("range", link(seed=-1), "“seed” cannot be -1; it is at least 0."),
    "a number above a far end": (
        "range",
        link(seed=10**19),
        "“seed” cannot be 10000000000000000000; it goes from 0 to 9.22337203685478e+18.",
    ),
    "a share above one": (
        "range",
        link(world={"dues_share": {"WHO": {"USA": 1.5}}}),
        "“world.dues_share.WHO.USA” cannot be 1.5; it is at most 1.",
    ),
    "an endless number": (
        "range",
        link(quarters=10**400),
        f"“quarters” cannot be {'1' + 59 * '0'}; it goes from 1 to 400.",
    ),
    "too long a run": ("large", link(quarters=399), "“quarters” cannot be 399 in the browser, which runs at most 120."),
    "a misspelt parameter": (
        "unknown",
        link(parameters={"funding": {"apeal": 1}}),
        "There is no setting “funding.apeal”.",
    ),
    "a misspelt section": ("unknown", link(parameters={"fundin": {}}), "There is no setting “fundin”."),
    "an old section": ("unknown", link(parameters={"billing": {}}), "There is no setting “billing”."),
    "a misspelt key": ("unknown", upload("quartes: 8"), "There is no setting “quartes”."),
    "no such state": ("who", link(shocks=exit_(actor="ATL")), "There is no state, group or organization “ATL”."),
    "no such state of several": (
        "who",
        link(shocks=exit_(actor=["USA", "ATL"])),
        "There is no state, group or organization “ATL”.",
    ),
    "no such organization": (
        "who",
        link(shocks=exit_(organizations=["ATLANTIS"])),
        "There is no state, group or organization “ATLANTIS”.",
    ),
    "a long name of a state": (
        "who",
        link(shocks=exit_(actor="A" * 900)),
        f"There is no state, group or organization “{'A' * 60}”.",
    ),
    "no such story": ("story", lambda: state_of("scenario=atlantis"), "There is no story “atlantis”."),
    "a story to extend that is none": ("story", upload("extends: atlantis"), "There is no story “atlantis”."),
    "no such view": ("choice", lambda: state_of("view=cube"), "“cube” is no choice for “view”."),
    "no such alternative": ("choice", link(ensemble="some"), "“some” is no choice for “ensemble”."),
    "no such kind of shock": ("choice", link(shocks=exit_(kind="exodus")), "“exodus” is no choice for “shocks.0”."),
    "no such list": (
        "choice",
        link(shocks=exit_(organizations={"list": "memo"})),
        "“memo” is no choice for “shocks.0.organizations”.",
    ),
    "broken YAML": ("yaml", upload("quarters: [8"), "The file is not a config in YAML."),
    "a tab": ("yaml", upload("world:\n\tstart: 2025Q1"), "The file is not a config in YAML."),
    "an empty file": ("yaml", upload(""), "The file is not a config in YAML."),
    "a list": ("yaml", upload("- 8"), "The file is not a config in YAML."),
    "two documents": ("yaml", upload("quarters: 8\n---\nseed: 1"), "The file is not a config in YAML."),
    "too long a link": ("long", lambda: state_of("config=" + "x" * 20_000), "It is too long."),
    "too large a file": (
        "long",
        lambda: handle(None, {"do": "upload", "text": "#" * (LARGEST_UPLOAD + 1), "name": "my.yaml"}),  # type: ignore[arg-type]
        "It is too long.",
    ),
    "own processes": (
        "own",
        link(processes=[{"use": "os:x", "after": "funding"}]),
        "“processes” of your own cannot be used here; run it with “abm run”.",
    ),
    "own tables": (
        "own",
        upload("world: {source: tables, folder: /etc}"),
        "“world” of your own cannot be used here; run it with “abm run”.",
    ),
    "a text for a number": (
        "other",
        link(parameters={"funding": {"appeal": "x"}}),
        "The value of “Rescue requested” is not possible.",
    ),
    "a number for a section": ("other", link(parameters=5), "The value of “parameters” is not possible."),
    "a list for a choice": ("other", link(ensemble=["off"]), "The value of “ensemble” is not possible."),
    "a number to extend": ("other", upload("extends: 3.5"), "The value of “extends” is not possible."),
    "a key that is given twice": ("other", upload("seed: 1\nseed: 2"), "The value of “seed” is not possible."),
    "half a link": ("other", lambda: state_of("config={"), "A part of it cannot be read."),
}


def refused(ask: Callable[[], object]) -> ConfigError:
    """Return the error of something that is refused."""
    with pytest.raises(ConfigError) as caught:
        ask()
    return caught.value


@pytest.mark.parametrize(("kind", "ask", "sentence"), CASES.values(), ids=CASES.keys())
def test_a_refusal_is_told_in_both_languages(kind: str, ask: Callable[[], object], sentence: str) -> None:
    error = refused(ask)
    assert error.refusal.kind == kind
    assert reason(error, "en") == sentence
    chinese = reason(error, "zh")
    assert re.search("[一-鿿]", chinese)
    assert not re.search("[A-Za-z]{4}", re.sub("“.*?”|YAML", "", chinese)), chinese


def test_every_kind_is_met() -> None:
    assert {kind for kind, _, _ in CASES.values()} == set(REFUSALS)


def test_every_sentence_is_told() -> None:
    """A sentence that no case needs would be one that no refusal has."""
    told = {reason(refused(ask), "en") for _, ask, _ in CASES.values()}
    forms = [text for key, text in words("en").items() if key.startswith("reason.")]
    shapes = [re.sub(r"\\\{\w+\\\}", ".*", re.escape(form)) for form in forms]
    assert [shape for shape in shapes if not any(re.fullmatch(shape, text) for text in told)] == []


def test_what_the_page_says_does_not_hang_on_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abm.config.errors.bearable", lambda _: "worded in another way: funding.appeal: unknown key")
    for name, (_, ask, sentence) in CASES.items():
        error = refused(ask)
        assert str(error) == "worded in another way: funding.appeal: unknown key"
        assert reason(error, "en") == sentence, name
    assert read_link("view=cube")[1].endswith("“cube” is no choice for “view”.")
