"""What the commands have in common: the application, exit codes, the options that several of them take."""

import codecs
import errno
import io
import json
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

WRONG_USE, FAILED_RUNS, NOT_EQUAL, ENVIRONMENT, INTERRUPTED = 2, 3, 4, 5, 130
ENVIRONMENTAL = {
    errno.ENOSPC: "the disk is full; free some space or choose another place with --out",
    errno.EDQUOT: "the disk quota is used up; free some space or choose another place with --out",
    errno.EACCES: "no right to write there; choose another place with --out",
    errno.EPERM: "no right to write there; choose another place with --out",
    errno.EROFS: "the disk is read-only; choose another place with --out",
}
OUT_OF_MEMORY = "the memory is used up; take fewer --workers or a smaller world"


class Commands(TyperGroup):
    """The group of all commands; its help text has what each of them does in full."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write one row for each command that is not hidden."""
        shown = {name: command for name, command in self.commands.items() if not command.hidden}
        rows = [(name, (command.help or "").partition("\n")[0]) for name, command in shown.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


PLAIN = {"\u2212": "-", "\u2013": "-", "\u202f": " ", "\u2019": "'", "\u2026": "...", "\u2265": ">=", "\u2264": "<="}
"""What stands for characters that a console cannot show; others are written as JSON does, such as \\u4e2d."""
app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="An agent-based model of multilateral institutions: states and organizations exchange funding, legitimacy "
    "and votes; what follows when a state leaves is compared with the same world in which it stayed.\n\n"
    "Start with `abm run us-exit-2026`. Exit codes: 0 done, 1 internal error, 2 wrong use or bad config, "
    "3 some runs failed, 4 not equal (reproduce), 5 environment (disk or memory full, no rights), 130 interrupted.",
)
Scenario = Annotated[str, typer.Argument(help="name of a shipped scenario (see `abm configs`) or path of a config")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="override any value; repeatable")
]

Trust = Annotated[
    bool,
    typer.Option("--trust", help="run the code of a user that the folder names; without this it is refused"),
]


def write_on_any_console() -> None:
    """Have what a console cannot show written in plain characters instead of stopping the command."""
    codecs.register_error("plain", _in_plain_characters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain")


def _in_plain_characters(error: UnicodeError) -> tuple[str, int]:
    """Return plain characters for those that an encoding lacks, and where they end."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(PLAIN.get(letter) or json.dumps(letter)[1:-1] for letter in text), error.end
