"""Why a link, a config or a choice is refused, in the words of the page: the engine's are for who writes files."""

import re

from viz.words import words

FORMS = {
    "reason.outside": re.compile(r"(\d{4}Q\d) is outside the run"),
    "reason.range": re.compile(r"([\w.]+): (\S+) is out of range; allowed (\S+) to (\S+)"),
    "reason.large": re.compile(r"([\w.]+): (\d+) is more than the browser runs, (\d+)"),
    "reason.unknown": re.compile(r"([\w.]+): unknown (?:key|parameter)"),
    "reason.who": re.compile(r"unknown (?:state or group|organization) '(.*?)'"),
    "reason.story": re.compile(r"no shipped scenario '(.*?)'"),
    "reason.choice": re.compile(r"(\w+): '(.*?)' is (?:none of|no name)"),
    "reason.yaml": re.compile(r"is not YAML|is empty|must be a mapping|is not UTF-8|several documents"),
    "reason.long": re.compile(r"^too long$|is larger than"),
    "reason.own": re.compile(r"([\w.]+): (?:processes|a folder)[^:]* cannot be used here"),
    "reason.place": re.compile(r"([a-z_]+(?:\.\w+)+|quarters|replicates|seed): "),
}
"""Forms of the messages of the readers, by the key of their words; the first that is found tells the reason."""
NO_FORM = "reason.damaged"


def reason(message: str, language: str) -> str:
    """Return what a message of a reader says, as a sentence in a language."""
    texts = words(language)
    for key, form in FORMS.items():
        found = form.search(message)
        if found is not None:
            return texts[key].format(*(_named(part, language) for part in found.groups()))
    return texts[NO_FORM]


def _named(part: str, language: str) -> str:
    """Return the title of a parameter where a part is its path; a path without one stays as it is."""
    path = part.removeprefix("parameters.")
    return words(language).get(f"parameter.{path}.title", path)
