"""`minkang synth`: make a practice region, tell one of its lives, set it beside the plans."""

import argparse
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from minkang.config import Settings
from minkang.synth.record import LOCAL

_FORMATS = ("fhir", "hl7v2", "cda", "table")
_SEED = 7


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "synth",
        help="make a practice region of invented lives; tell one; compare it with the plans",
        description="Everybody in it is invented. The same options give the same bytes.",
    )
    parser.add_argument(
        "--residents", type=_positive, metavar="N", help="residents with full lives"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for the files")
    parser.add_argument(
        "--formats", type=_formats, metavar="LIST", help=f"some of {','.join(_FORMATS)} (all)"
    )
    parser.add_argument(
        "--thin", type=_positive, default=0, metavar="N", help="so many residents more, thin"
    )
    parser.add_argument(
        "--dirt", default="all", metavar="KINDS", help="all (default), none, or kinds with commas"
    )
    parser.add_argument(
        "--outbreak", action="append", default=[], metavar="KIND@PLACE@DAY",
        help="plant an outbreak; PLACE is a site, village, town or auto; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--processes", type=_positive, default=os.cpu_count() or 1, metavar="P",
        help="the bytes are the same for any number",
    )  # fmt: skip
    _window(parser)
    parser.set_defaults(run=_make)
    parts = parser.add_subparsers(dest="part", metavar="WHAT")
    _add_report(parts)
    _add_life(parts)


def _window(parser: argparse.ArgumentParser) -> None:
    """Options of every part: the seed and the years."""
    parser.add_argument("--seed", type=int, default=_SEED, metavar="S")
    parser.add_argument("--years", type=_positive, default=10, metavar="Y", help="10 by default")
    parser.add_argument(
        "--today", type=date.fromisoformat, default=datetime.now(LOCAL).date(), metavar="D",
        help="first day that has not been lived (default: today)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _add_report(parts: Any) -> None:
    parser = parts.add_parser(
        "report", help="set the region beside the plans, the yearbooks and the national infections"
    )
    parser.add_argument("--residents", type=_positive, default=2000, metavar="N")
    parser.add_argument("--thin", type=_positive, default=200_000, metavar="N")
    parser.add_argument("--processes", type=_positive, default=os.cpu_count() or 1, metavar="P")
    parser.add_argument("--out", type=Path, metavar="FILE", help="Markdown (standard output)")
    _window(parser)
    parser.set_defaults(run=_report)


def _add_life(parts: Any) -> None:
    parser = parts.add_parser("life", help="tell one life from birth to today, in Chinese")
    parser.add_argument(
        "number", metavar="NUMBER", type=_life_number,
        help="of the household, from 0; HOUSEHOLD.MEMBER for one of its people, counted from 1",
    )  # fmt: skip
    _window(parser)
    parser.set_defaults(run=_life)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be positive")
    return number


def _formats(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    if unknown := [word for word in words if word not in _FORMATS]:
        raise argparse.ArgumentTypeError(f"no such format: {', '.join(unknown)}")
    return words


def _life_number(text: str) -> tuple[int, int]:
    household, _, member = text.partition(".")
    try:
        return int(household), int(member or 0)
    except ValueError as error:
        raise argparse.ArgumentTypeError("HOUSEHOLD or HOUSEHOLD.MEMBER") from error


def _make(settings: Settings, chosen: argparse.Namespace) -> int:
    # The region's catalogues are large; the other commands need not wait for them.
    from minkang.app.synth import Wish, make
    from minkang.synth.outbreaks.request import request

    if chosen.residents is None or chosen.out is None:
        return _wrong("--residents and --out are needed")
    if chosen.out.exists() and any(chosen.out.iterdir()):
        return _wrong(f"{chosen.out} is not empty")
    try:
        wish = Wish(
            residents=chosen.residents, out=chosen.out, today=chosen.today, seed=chosen.seed,
            years=chosen.years, processes=chosen.processes, formats=chosen.formats,
            thin=chosen.thin, dirt=chosen.dirt,
            outbreaks=tuple(request(one) for one in chosen.outbreak),
        )  # fmt: skip
        made = make(wish)
    except ValueError as error:
        return _wrong(str(error))
    if chosen.json:
        sys.stdout.write(msgspec.json.encode(made).decode() + "\n")
        return 0
    sent = "，".join(f"{what} {count}" for what, count in made.sent.items())
    sys.stdout.write(
        f"合成数据 SYNTHETIC: {made.residents} residents in {made.households} households, "
        f"{made.begin} - {made.today}\n{sent}；{sum(made.stains.values())} stains；"
        f"{made.bytes / 1e6:.1f} MB in {made.seconds} s\n{made.folder}\n"
    )
    for name, cases in made.outbreaks.items():
        sys.stdout.write(f"{name}: {cases} cases\n")
    return 0


def _report(settings: Settings, chosen: argparse.Namespace) -> int:
    from minkang.app.synth import Wish, world_of
    from minkang.synth.report.page import as_markdown, measured

    wish = Wish(chosen.residents, Path(), chosen.today, chosen.seed, chosen.years, dirt="none")
    report = measured(world_of(wish), chosen.residents, chosen.thin, chosen.processes)
    text = as_markdown(report)
    if chosen.out is not None:
        chosen.out.write_text(text, encoding="utf-8")
    if chosen.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    elif chosen.out is None:
        sys.stdout.write(text)
    outside = [row.key for row in report.rows if not row.inside and not row.explained]
    if outside:
        sys.stderr.write(f"outside of their tolerance: {', '.join(outside)}\n")
    return 1 if outside else 0


def _life(settings: Settings, chosen: argparse.Namespace) -> int:
    from minkang.app.synth import Wish, told, world_of

    number, member = chosen.number
    world = world_of(Wish(1, Path(), chosen.today, chosen.seed, chosen.years, dirt="none"))
    try:
        lines = list(told(world, number, member))
    except IndexError as error:
        return _wrong(f"no such life: {error}")
    if chosen.json:
        sys.stdout.write(msgspec.json.encode({"lines": lines}).decode() + "\n")
    else:
        sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _wrong(text: str) -> int:
    sys.stderr.write(f"minkang: {text}\n")
    return 2
