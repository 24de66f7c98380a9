"""All words of the page, in English and Chinese: one pair of files for each part of it.

English stories are those of the configs. Names of states and organizations and the sentences of events stand in
`abm/words`, where the report and the studies read them, too.
"""

import json
from functools import cache
from pathlib import Path

from abm.words import event_words, name_words

LANGUAGES = ("en", "zh")


@cache
def words(language: str) -> dict[str, str]:
    """Return all texts of a language by key."""
    found = name_words("en") | name_words(language)
    for path in sorted(Path(__file__).parent.glob(f"*.{language}.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found | event_words(language)
