"""The fuzzer: `uv run python -m tests.fuzz --configs 20000 --worlds 2000 --seed 1`.

Configs, studies, lists of points, tables of worlds and settings, valid and hostile, go through `abm check`: it may
accept or refuse them in one message, within 20 seconds of the processor. Every tenth small config that it accepts is
run. Random small worlds, and a lively one with each pair of rates at their highs, run with all invariants checked in
every quarter. What is wrong is printed with its number, and its files are kept; `--only NUMBER` tries one again.
"""

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.fuzz.cases import Case, case
from tests.fuzz.checking import checked
from tests.fuzz.worlds import pairs, wrong_in_config, wrong_in_pair, wrong_in_world

MEMORY = 6 << 30
"""Bytes that the fuzzer may take: what asks for more fails instead of the machine."""


def main() -> int:
    """Read the options, fuzz, say how many things are wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configs", type=int, default=1000)
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--pairs", action="store_true", help="all pairs of rates at their highs, too")
    parser.add_argument("--first", type=int, default=0, help="number of the first config, world and pair")
    parser.add_argument("--only", type=int, help="number of one config, to be looked at")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path("results/fuzz"))
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    work = options.work.resolve()
    if options.only is not None:
        code, said, wrong = checked(case(options.seed, options.only), work / "now")
        print(f"exit {code}\n{said}\n", *wrong)
        return len(wrong)
    numbers = range(options.first, options.first + options.configs)
    found = configs(options.seed, numbers, work)
    worlds = range(options.first, options.first + options.worlds)
    found += each("world", worlds, wrong_in_world)
    if options.pairs:
        found += each("pair", pairs()[options.first :], lambda pair: wrong_in_pair(*pair))
    print(f"{found} things are wrong")
    return min(found, 1)


def configs(seed: int, numbers: Iterable[int], work: Path) -> int:
    """Check the configs of some numbers, run some of those accepted; return how many things are wrong."""
    began, codes, found, runs = time.monotonic(), Counter[str](), 0, 0
    for number in numbers:
        made = case(seed, number)
        code, _, wrong = checked(made, work / "now")
        codes[f"{made.kind} {code}"] += 1
        if code == 0 and runnable(made) and number % 5 == 0:
            runs += 1
            wrong += wrong_in_config(work / "now" / "config.yaml")
        if wrong:
            found += 1
            kept = work / f"{seed}-{number}"
            if not kept.exists():
                (work / "now").rename(kept)
            tell("config", f"{seed}-{number} ({made.kind}, {made.arguments}, kept in {kept})", wrong)
        if number % 1000 == 999:
            print(f"{number + 1} configs, {time.monotonic() - began:.0f} s, {runs} runs, {found} wrong", flush=True)
    print(f"{codes.total()} configs, {runs} of them run: {dict(sorted(codes.items()))}", flush=True)
    return found


def runnable(made: Case) -> bool:
    """Whether a config is small and no study."""
    return made.kind in ("plan", "valid", "tables") and len(made.arguments) == 1


def each[T](name: str, things: Iterable[T], wrong_in: Callable[[T], list[str]]) -> int:
    """Try each of some things; return how many are wrong."""
    began, count, found = time.monotonic(), 0, 0
    for thing in things:
        count += 1
        if wrong := wrong_in(thing):
            found += 1
            tell(name, str(thing), wrong)
        if count % 100 == 0:
            print(f"{count} {name}s, {time.monotonic() - began:.0f} s, {found} wrong", flush=True)
    print(f"{count} {name}s, {found} wrong", flush=True)
    return found


def tell(name: str, which: str, wrong: list[str]) -> None:
    """Print what is wrong."""
    print(f"### {name} {which}", *(text[-1500:] for text in wrong[:3]), sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
