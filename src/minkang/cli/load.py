"""`minkang load`: FHIR, messages, documents and tables from files."""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from minkang.app.database import database
from minkang.app.load_fhir import Wish, load_fhir
from minkang.app.load_fhir_journal import Busy
from minkang.app.load_files import Kind, files_of, is_text, kind_of, shown
from minkang.app.load_messages import MessageFile, UnfitSource, load_messages
from minkang.app.load_report import MOST_PROBLEMS, FileProblem, Report
from minkang.config import Settings

_FORMATS = ("auto", "fhir", "hl7v2", "cda", "wst", "table", "counts")
_FHIR_SOURCE = "load"
_INTERRUPTED = 130


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "load",
        help="load FHIR, messages, documents or tables from files or folders; - is standard input",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument(
        "--source",
        help="FHIR: organisation that the resources come from (default: load); all else: id of a "
        "registered source (HL7 v2 names its own)",
    )
    parser.add_argument("--format", choices=_FORMATS, default="auto")
    parser.add_argument(
        "--through-exchange",
        action="store_true",
        help="FHIR: as messages of a registered source, by way of the inbox",
    )
    parser.add_argument(
        "--workers",
        type=_workers,
        default=os.cpu_count() or 1,
        help="processes (default: one per processor)",
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
        fhir, messages = _told_apart(files_of(chosen.paths, _passed_over), chosen)
        report = _unnameable(fhir)
        fhir = [file for file in fhir if is_text(file)]
        with database(settings) as url:
            if messages:
                loaded = asyncio.run(load_messages(settings, url, messages, workers=chosen.workers))
                report.add(loaded)
            if fhir:
                source = chosen.source or _FHIR_SOURCE
                wish = Wish(fhir, source, chosen.workers, chosen.resume)
                report.add(asyncio.run(load_fhir(settings, url, wish)))
    except (UnfitSource, FileNotFoundError, Busy) as error:
        sys.stderr.write(f"minkang: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("minkang: interrupted; the same command goes on\n")
        return _INTERRUPTED
    _tell(report, as_json=chosen.json)
    return 1 if report.refused else 0


def _told_apart(
    files: Iterable[str], chosen: argparse.Namespace
) -> tuple[list[str], list[MessageFile]]:
    """Files for the store, and files for the inbox, by their content."""
    fhir: list[str] = []
    messages: list[MessageFile] = []
    for file in files:
        kind: Kind = kind_of(file) if chosen.format == "auto" else chosen.format
        if kind == "fhir" and not chosen.through_exchange:
            fhir.append(file)
        else:
            messages.append(MessageFile(Path(file), kind, chosen.source))
    return fhir, messages


def _unnameable(files: Iterable[str]) -> Report:
    """The refusal of files that the journal of a load can't name."""
    report = Report()
    for file in files:
        if not is_text(file):
            report.refused += 1
            text = "文件名不是 UTF-8，请改名后重新装入 / rename the file"
            report.tell(FileProblem(shown(file), 1, "-", "file-name", text))
    return report


def _passed_over(file: str) -> None:
    sys.stderr.write(f"{shown(file)}: passed over, not a file\n")


def _tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
        return
    sys.stdout.write(
        f"{report.accepted} accepted, {report.unchanged} unchanged, {report.refused} refused, "
        f"{report.resources} resources in {report.seconds:.1f} s\n"
    )
    for one in report.problems:
        where = f"{shown(one.file)}:{one.line}: {shown(one.path)}"
        sys.stderr.write(f"{where}: {one.rule}: {shown(one.text)}\n")
    if len(report.problems) >= MOST_PROBLEMS:
        sys.stderr.write(f"only the first {MOST_PROBLEMS} problems are shown\n")
