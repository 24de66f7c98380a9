"""All words of the page, in English and Chinese: one pair of files for each part of it."""

import json
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")


@cache
def words(language: str) -> dict[str, str]:
    """Return all texts of a language by key. What a language lacks is in English; keys are the same in both."""
    found: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.glob(f"*.{language}.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found
