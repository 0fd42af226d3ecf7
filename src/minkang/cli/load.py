"""`minkang load`: FHIR, messages and tables from files."""

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from minkang.app.database import database
from minkang.app.load_fhir import Wish, load_fhir
from minkang.app.load_fhir_journal import Busy
from minkang.app.load_fhir_open import STANDARD_INPUT, Part, Unreadable, opened
from minkang.app.load_fhir_split import shape_of
from minkang.app.load_messages import MessageFile, UnfitSource, load_messages
from minkang.app.load_report import MOST_PROBLEMS, Report
from minkang.config import Settings

_FORMATS = ("auto", "fhir", "hl7v2", "table")
_FHIR_SOURCE = "load"
_PACKED = re.compile(rb"\x1f\x8b|BZh|PK\x03\x04")
_MESSAGE = re.compile(rb"(?:\A|[\r\n\x0b])\s*(?:MSH|FHS|BHS)")
_HEAD = 64 * 1024
_INTERRUPTED = 130


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "load", help="load FHIR, messages or tables from files or folders; - is standard input"
    )
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument(
        "--source",
        help="FHIR: organisation that the resources come from (default: load); "
        "messages and tables: id of a registered source (needed for tables)",
    )
    parser.add_argument("--format", choices=_FORMATS, default="auto")
    parser.add_argument(
        "--workers", type=_workers, default=os.cpu_count() or 1, help="processes for FHIR"
    )
    parser.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="FHIR: go on where an earlier load of the same files was cut off (default)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=_run)


def _workers(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one worker is needed")
    return number


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    try:
        fhir, messages = _told_apart(_files(chosen.paths), chosen.format)
        report = Report()
        with database(settings) as url:
            if messages:
                report = asyncio.run(load_messages(settings, url, messages, chosen.source))
            if fhir:
                source = chosen.source or _FHIR_SOURCE
                wish = Wish(fhir, source, chosen.workers, chosen.resume)
                report = _together(report, asyncio.run(load_fhir(settings, url, wish)))
    except (UnfitSource, FileNotFoundError, Busy) as error:
        sys.stderr.write(f"minkang: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("minkang: interrupted; the same command goes on\n")
        return _INTERRUPTED
    _tell(report, as_json=chosen.json)
    return 1 if report.refused else 0


def _files(paths: Iterable[str]) -> list[str]:
    """The files that are meant: folders stand for all in them, in the order of their names.

    Raises:
        FileNotFoundError: one is not there.
    """
    files: list[str] = []
    for text in paths:
        path = Path(text)
        if text == STANDARD_INPUT:
            files.append(text)
        elif path.is_dir():
            files += sorted(str(one) for one in path.rglob("*") if one.is_file())
        elif path.is_file():
            files.append(text)
        elif path.exists():
            raise FileNotFoundError(f"{text}: not a file; a pipe is read by way of -")
        else:
            raise FileNotFoundError(f"{text}: there is no such file")
    return list(dict.fromkeys(files))


def _told_apart(files: Iterable[str], wanted: str) -> tuple[list[str], list[MessageFile]]:
    """Files with FHIR in them, and files with messages or tables, by their content."""
    fhir: list[str] = []
    messages: list[MessageFile] = []
    for file in files:
        kind = _kind(file) if wanted == "auto" else wanted
        if kind == "fhir":
            fhir.append(file)
        else:
            messages.append(MessageFile(Path(file), table=kind == "table"))
    return fhir, messages


def _kind(file: str) -> str:
    """What a file holds; one that is nothing known goes with FHIR, where it is refused."""
    if file == STANDARD_INPUT:
        return "fhir"
    with Path(file).open("rb") as held:
        head = held.read(_HEAD)
    if _PACKED.match(head):
        return "fhir"
    if _MESSAGE.search(head):
        try:
            with opened(Part(file)) as reader:
                return "fhir" if shape_of(reader) in ("lines", "document") else "hl7v2"
        except Unreadable:
            return "fhir"
    return "table" if Path(file).suffix.lower() == ".csv" else "fhir"


def _together(one: Report, other: Report) -> Report:
    return Report(
        one.accepted + other.accepted,
        one.unchanged + other.unchanged,
        one.refused + other.refused,
        one.resources + other.resources,
        round(one.seconds + other.seconds, 3),
        one.problems + other.problems,
    )


def _tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
        return
    sys.stdout.write(
        f"{report.accepted} accepted, {report.unchanged} unchanged, {report.refused} refused, "
        f"{report.resources} resources in {report.seconds:.1f} s\n"
    )
    for one in report.problems:
        sys.stderr.write(f"{one.file}:{one.line}: {one.path}: {one.rule}: {one.text}\n")
    if len(report.problems) >= MOST_PROBLEMS:
        sys.stderr.write(f"only the first {MOST_PROBLEMS} problems are shown\n")
