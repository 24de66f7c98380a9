"""Documents say of past exits what the kept comparison says."""

import re

from experiments.validation.published_episodes import read_rows, read_summary
from tests.odd_tables import DOCUMENTS, rewritten
from tests.record_tables import COUNTS, STATUS, VALIDATION, recounted, short, width

HISTORY = ("all", "unseen", "followers", "refill", "budget", "staff")


def test_each_sentence_with_numbers_of_the_record_stands_once() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    for sentence, *_ in COUNTS:
        assert len(re.findall(sentence, text)) == 1, sentence


def test_wrong_numbers_in_sentences_and_tables_are_put_right() -> None:
    for path in (STATUS, VALIDATION):
        text = path.read_text(encoding="utf-8")
        wrong = re.sub(r"asks of \d+|finds \d+", lambda found: found[0] + "9", text)
        assert wrong != text
        assert recounted(wrong) == text
        table = text.replace("| refill | 31 |", "| refill | 30 |")
        assert table != text
        assert rewritten(table) == text


def test_the_last_line_of_the_history_of_coverage_is_the_kept_one() -> None:
    history = VALIDATION.read_text(encoding="utf-8").split("| rules and rows | inside |")[1].split("\n\n")[0]
    last = history.splitlines()[-1]
    kept = read_summary()["scores"]
    assert last.split("|")[2:-1] == [f" {short(kept[name]['coverage'])} " for name in HISTORY]


def test_every_miss_has_its_reason() -> None:
    reasons = VALIDATION.read_text(encoding="utf-8").split("And this is why:")[1].split("False alarms")[0]
    assert {row["episode"] for row in read_rows() if row["inside"] is False and row["episode"] not in reasons} == set()


def test_what_is_said_of_widths_is_so() -> None:
    """STATUS and the text on validation say in words which aims of width are met."""
    found = read_summary()["scores"]
    assert all(found[name]["width"] <= 0.25 for name in ("budget_cut", "staff_cut", "cuts"))
    assert found["refill"]["model_width"] <= 1 < found["refill"]["width"]


def test_numbers_are_short() -> None:
    assert [short(value) for value in (0.9, 1.0, -0.814, 10.5, None)] == [".90", "1", "-.81", "10.50", ""]
    assert [width(value) for value in (0.1389, 3.34, 1.0)] == [".14", "3.3", "1"]
