"""Keeps what a run of the benches gave: raw as JSON, and as a table on the page beside it.

    minkang bench --json | python -m bench.page bench

What is read from standard input is printed again, so that `make bench` still gives it. NAME is that
of the JSON file in docs/performance/ and of the place on the page: `<!-- NAME -->` to
`<!-- end NAME -->`.
"""

import os
import platform
import re
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from bench.measure import Result

_FOLDER = Path(__file__).parents[1] / "docs" / "performance"


class Run(msgspec.Struct, frozen=True):
    """One run.

    Attributes:
        machine: what it ran on, in words.
    """

    date: str
    machine: str
    results: list[Result]


class _Given(msgspec.Struct, frozen=True):
    results: list[Result]


def machine() -> str:
    """This machine, in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def table(run: Run) -> str:
    """A run as Markdown."""
    lines = [
        f"{run.date}, {run.machine}.",
        "",
        "| Figure | Value | Reference | Ratio | Aim | Reached |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for one in run.results:
        aim = f"{one.reach:g}" if one.reach else "–"
        cells = (
            f"`{one.name}`",
            f"{one.value:,.6g} {one.unit}",
            f"{one.reference:,.6g}",
            f"{one.ratio:.2f}",
            aim,
            "yes" if one.met else "**no**",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main(name: str, text: str) -> None:
    """Keep a run under a name."""
    given = msgspec.json.decode(text, type=_Given)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    run = Run(today, machine(), given.results)
    raw = msgspec.json.format(msgspec.json.encode(run), indent=1)
    (_FOLDER / f"{name}.json").write_bytes(raw + b"\n")
    page = _FOLDER / "index.md"
    between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    shown = table(run)
    kept = between.sub(lambda found: f"{found[1]}\n{shown}\n\n{found[2]}", page.read_text("utf-8"))
    page.write_text(kept, encoding="utf-8")


if __name__ == "__main__":
    given_text = sys.stdin.read()
    sys.stdout.write(given_text)
    main(sys.argv[1], given_text)
