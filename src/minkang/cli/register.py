"""`minkang register`: the population register: extracts, divisions, denominators, differences."""

import argparse
import asyncio
import csv
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

import msgspec

from minkang.app.database import database
from minkang.app.load_messages import MessageFile, UnfitSource, load_messages
from minkang.app.platform import Platform, open_platform
from minkang.app.register_trial import RegisterTrial, try_register
from minkang.config import Settings
from minkang.exchange import sources
from minkang.exchange.mappings.tables import MappingError
from minkang.fhir.dates import LOCAL
from minkang.identity.register import (
    bands,
    difference_counts,
    keep_divisions,
    person_years,
    population,
)
from minkang.identity.register.bands import Bands, BandsBroken
from minkang.identity.register.divisions import DivisionRefused
from minkang.identity.register.population import By
from minkang.identity.register.stays import BASES

_SHOWN_PROBLEMS: Final = 20
_Found = TypeVar("_Found")


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("register", help="the population register (全员人口)")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    taken = actions.add_parser(
        "import", help="say what an extract would change; with --apply, take it in"
    )
    taken.add_argument("file", type=Path, metavar="FILE", help="CSV, XLSX or Parquet")
    taken.add_argument("--source", required=True, help="id of the register's source")
    taken.add_argument("--apply", action="store_true", help="take it in through the exchange")
    named = actions.add_parser("divisions", help="keep the names of divisions: code,name a line")
    named.add_argument("file", type=Path, metavar="FILE", help="CSV in UTF-8 with a head")
    counted = actions.add_parser("denominators", help="how many people, on a day or over a period")
    _add_denominators(counted)
    differing = actions.add_parser("differences", help="how many differences from care wait")
    differing.add_argument("--division", default="", help="a division's code; all by default")
    for one, run in (
        (taken, _import),
        (named, _divisions),
        (counted, _denominators),
        (differing, _differences),
    ):
        one.add_argument("--json", action="store_true", help="one JSON object on standard output")
        one.set_defaults(run=run)


def _add_denominators(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--at", type=date.fromisoformat, default=None, metavar="DATE",
                        help="the day, or the first day of a period; today by default")  # fmt: skip
    parser.add_argument("--until", type=date.fromisoformat, default=None, metavar="DATE",
                        help="person-years from --at to before this day")  # fmt: skip
    parser.add_argument("--division", default="", help="a division's code; all by default")
    parser.add_argument("--by", type=_cells, default=("age", "sex", "place"),
                        help="age, sex, place with commas; - for none")  # fmt: skip
    parser.add_argument("--basis", choices=BASES, default="living",
                        help="living (常住) or registered (户籍)")  # fmt: skip
    parser.add_argument("--bands", default="five", help="a set of age bands, or a file of one")
    parser.add_argument("--digits", type=int, choices=(2, 4, 6, 9, 12), default=12,
                        help="how deep places are told apart")  # fmt: skip


def _cells(text: str) -> tuple[By, ...]:
    wanted = [] if text == "-" else text.split(",")
    known: tuple[By, ...] = get_args(By)
    if unknown := [one for one in wanted if one not in known]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: only {', '.join(known)}")
    return tuple(one for one in known if one in wanted)


def _import(settings: Settings, chosen: argparse.Namespace) -> int:
    if not chosen.file.is_file():
        return _wrong(f"{chosen.file}: there is no such file")
    try:
        with database(settings) as url:
            tried = asyncio.run(_try(settings, url, chosen))
            if not chosen.apply or tried is None:
                return _told(tried, chosen)
            report = asyncio.run(
                load_messages(
                    settings,
                    url,
                    [MessageFile(chosen.file, "table", chosen.source)],
                    workers=os.cpu_count() or 1,
                )
            )
    except (MappingError, UnfitSource) as error:
        return _wrong(str(error))
    told = {**_figures(tried), "taken": msgspec.to_builtins(report)}
    words = f"accepted {report.accepted}, unchanged {report.unchanged}, refused {report.refused}"
    _say(told, [words], as_json=chosen.json)
    return 1 if report.refused else 0


async def _try(settings: Settings, url: str, chosen: argparse.Namespace) -> RegisterTrial | None:
    async with open_platform(settings, url) as platform:
        async with platform.pool.acquire() as connection:
            source = (await sources(connection)).get(chosen.source)
        return None if source is None else await try_register(platform, source, chosen.file)


def _told(tried: RegisterTrial | None, chosen: argparse.Namespace) -> int:
    if tried is None:
        return _wrong(f"no source is called {chosen.source}; see `minkang sources`")
    figures = _figures(tried)
    lines = [f"{name.replace('_', ' ')} {n}" for name, n in figures.items() if name != "problems"]
    lines += [
        f"line {one.line}: {one.path}: {one.text} ({one.rule})"
        for one in tried.problems[:_SHOWN_PROBLEMS]
    ]
    _say(figures, [*lines, "nothing was changed; --apply takes it in"], as_json=chosen.json)
    return 1 if tried.refused or tried.foreign else 0


def _figures(tried: RegisterTrial | None) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(tried)
    return found


def _divisions(settings: Settings, chosen: argparse.Namespace) -> int:
    try:
        with chosen.file.open(encoding="utf-8-sig", newline="") as file:
            named = {row[0].strip(): row[1] for row in list(csv.reader(file))[1:] if len(row) > 1}
    except (OSError, UnicodeDecodeError) as error:
        return _wrong(str(error))
    try:
        with database(settings) as url:
            count = asyncio.run(_opened(settings, url, lambda p: _keep(p, named)))
    except DivisionRefused as error:
        return _wrong(str(error))
    _say({"divisions": len(named), "changed": count}, [f"{count} names"], as_json=chosen.json)
    return 0


async def _keep(platform: Platform, named: dict[str, str]) -> int:
    return await keep_divisions(platform.store, named)


async def _waiting(platform: Platform, division: str) -> dict[Any, int]:
    return dict(await difference_counts(platform.store, division))


async def _count(
    platform: Platform, chosen: argparse.Namespace, at: date, sets: Bands
) -> list[dict[str, Any]]:
    asked = {
        "division": chosen.division,
        "by": chosen.by,
        "basis": chosen.basis,
        "bands": sets,
        "digits": chosen.digits,
    }
    if chosen.until is None:
        return [msgspec.to_builtins(one) for one in await population(platform.store, at, **asked)]
    lived = await person_years(platform.store, at, chosen.until, **asked)
    return [{**msgspec.to_builtins(one), "years": one.years} for one in lived]


async def _opened(
    settings: Settings, url: str, what: Callable[[Platform], Awaitable[_Found]]
) -> _Found:
    async with open_platform(settings, url) as platform:
        return await what(platform)


def _denominators(settings: Settings, chosen: argparse.Namespace) -> int:
    at = chosen.at or datetime.now(LOCAL).date()
    try:
        file = Path(chosen.bands)
        sets = bands(file) if file.is_file() else bands()
        key = next(iter(sets)) if file.is_file() else chosen.bands
        if key not in sets:
            return _wrong(f"no age bands are called {key}: {', '.join(sets)}")
        with database(settings) as url:
            cells = asyncio.run(_opened(settings, url, lambda p: _count(p, chosen, at, sets[key])))
    except (BandsBroken, ValueError) as error:
        return _wrong(str(error))
    told = {
        "at": str(at),
        "until": str(chosen.until) if chosen.until else None,
        "division": chosen.division,
        "basis": chosen.basis,
        "bands": key,
        "cells": cells,
    }
    lines = ["\t".join(str(value) for value in cell.values()) for cell in cells]
    _say(told, lines, as_json=chosen.json)
    return 0


def _differences(settings: Settings, chosen: argparse.Namespace) -> int:
    with database(settings) as url:
        counts = asyncio.run(_opened(settings, url, lambda p: _waiting(p, chosen.division)))
    _say({"open": counts}, [f"{kind}\t{n}" for kind, n in counts.items()], as_json=chosen.json)
    return 0


def _say(told: dict[str, Any], lines: Sequence[str], *, as_json: bool) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(lines))
    sys.stdout.write("\n")


def _wrong(words: str) -> int:
    sys.stderr.write(f"minkang: {words}\n")
    return 2
