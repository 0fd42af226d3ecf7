"""`minkang map`: try a mapping on a table, list those that there are, give a source its own."""

import argparse
import asyncio
import getpass
import sys
from pathlib import Path
from typing import Any

import msgspec

from minkang.app.database import database
from minkang.app.map_check import VALIDATED, Tried, mapping_text, try_mapping
from minkang.app.platform import open_platform
from minkang.config import Settings
from minkang.exchange.mappings.tables import (
    MappingError,
    load_mapping,
    shipped_mapping,
    shipped_mappings,
)
from minkang.exchange.stored_mappings import store_mapping

_SHOWN = 3
_encoder = msgspec.json.Encoder(decimal_format="number")


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("map", help="try, list and store mappings of tables")
    parts = parser.add_subparsers(dest="part", required=True, metavar="WHAT")
    check = parts.add_parser(
        "check",
        help="map a table and show the first rows as FHIR, or what is wrong; nothing is stored",
        description=f"Every row is mapped; of the first {VALIDATED} the resources are also held "
        "against FHIR's rules. The ids shown are not those of the record.",
    )
    check.add_argument("mapping", metavar="MAPPING", help="a YAML file, or a shipped mapping")
    check.add_argument("table", metavar="TABLE", type=Path, help="CSV, XLSX or Parquet")
    check.add_argument("--rows", type=_count, default=_SHOWN, metavar="N", help="rows to show")
    check.add_argument("--source-charset", default="utf-8", metavar="C", help="of a CSV file")
    check.add_argument("--json", action="store_true", help="one JSON object on standard output")
    check.set_defaults(run=_check)
    parts.add_parser("list", help="list the shipped mappings").set_defaults(run=_list)
    put = parts.add_parser("put", help="make a mapping the one of a source's tables")
    put.add_argument("source", metavar="SOURCE", help="id of a registered source")
    put.add_argument("file", metavar="FILE", help="a YAML file, or a shipped mapping")
    put.set_defaults(run=_put)


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return number


def _check(settings: Settings, chosen: argparse.Namespace) -> int:
    try:
        "".encode(chosen.source_charset)
        tried = try_mapping(chosen.mapping, chosen.table, chosen.source_charset, chosen.rows)
    except MappingError as error:
        return _wrong(str(error))
    except LookupError:
        return _wrong(f"unknown character set {chosen.source_charset!r}")
    except OSError as error:
        return _wrong(f"{chosen.table}: {error.strerror}")
    _tell(tried, as_json=chosen.json)
    return 1 if tried.refused else 0


def _tell(tried: Tried, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(_encoder.encode(tried).decode() + "\n")
        return
    for number, resources in enumerate(tried.shown, 1):
        sys.stdout.write(f"# 第 {number} 行 (row {number}): {len(resources)} resources\n")
        for resource in resources:
            sys.stdout.write(msgspec.json.format(_encoder.encode(resource)).decode() + "\n")
    sys.stdout.write(
        f"{tried.rows} rows, {tried.resources} resources, {tried.withdrawn} withdrawn, "
        f"{tried.refused} rows refused\n"
    )
    for one in tried.problems:
        sys.stderr.write(f"{one.file}:{one.line}: {one.path}: {one.rule}: {one.text}\n")
    if tried.lacking:
        sys.stderr.write(f"表中没有、映射要用的列 (lacking): {'、'.join(tried.lacking)}\n")
    if tried.unused:
        sys.stderr.write(f"映射没有用到的列 (unused): {'、'.join(tried.unused)}\n")


def _list(settings: Settings, chosen: argparse.Namespace) -> int:
    code = 0
    for name in shipped_mappings():
        try:
            mapping = shipped_mapping(name)
        except MappingError as error:
            code = _wrong(str(error))
            continue
        kinds = ", ".join(dict.fromkeys(one.type for one in mapping.resources))
        sys.stdout.write(f"{name}\t{mapping.table}\t{mapping.row}\t{kinds}\n")
    return code


def _put(settings: Settings, chosen: argparse.Namespace) -> int:
    try:
        name, text = mapping_text(chosen.file)
        load_mapping(Path(f"{name}.yaml"), text)
    except (MappingError, OSError) as error:
        return _wrong(str(error))
    with database(settings) as url:
        return asyncio.run(_store(settings, url, chosen.source, (name, text)))


async def _store(settings: Settings, url: str, source: str, mapping: tuple[str, str]) -> int:
    async with open_platform(settings, url) as platform, platform.pool.acquire() as connection:
        try:
            new = await store_mapping(connection, source, *mapping, by=getpass.getuser())
        except LookupError:
            return _wrong(f"source {source!r} is not known; see `minkang sources`")
    state = "stored" if new else "unchanged"
    sys.stdout.write(f"{source}: {mapping[0]} {state}\n")
    return 0


def _wrong(text: str) -> int:
    sys.stderr.write(f"minkang: {text}\n")
    return 2
