"""All words of the page, in English and Chinese: one pair of files for each part of it.

English names of states and organizations and English stories are those of the tables and configs. Chinese names and
the sentences of events stand in `abm/words`, where the report and the studies read them, too.
"""

import json
from functools import cache
from pathlib import Path

from abm.data.world_tables import read_tables
from abm.words import chinese_names, event_words

LANGUAGES = ("en", "zh")


@cache
def words(language: str) -> dict[str, str]:
    """Return all texts of a language by key."""
    tables = read_tables()
    found = {
        f"name.{code}": str(name)
        for table in (tables.states, tables.organizations)
        for code, name in zip(table["code"], table["name"], strict=True)
    }
    found |= chinese_names() if language == "zh" else {}
    for path in sorted(Path(__file__).parent.glob(f"*.{language}.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found | event_words(language)
