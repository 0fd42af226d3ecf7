"""An extract of the population register tried before it is taken in: what it would change.

The rows go through the source's own mapping and are held against what is stored; nothing is
written.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from minkang.app.load_report import MOST_PROBLEMS, FileProblem
from minkang.app.load_tables import problem_of
from minkang.app.platform import Platform
from minkang.exchange import Source
from minkang.exchange.mappings import Context
from minkang.exchange.mappings.tables import encode_row, map_row
from minkang.exchange.merge import Contribution
from minkang.exchange.tables import Line, TableFault, lines_of
from minkang.fhir import Refused, Resource
from minkang.identity.patients import patients_by_id
from minkang.identity.register import RegisterRow, row_of

_CHUNK: Final = 500


class RegisterTrial(msgspec.Struct):
    """What the rows of a file would do.

    `foreign` counts rows that are no rows of a register: the source's mapping is another.
    The others count residents by what the register did not know before: deaths, moves to another
    division, moves out and in.
    """

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    foreign: int = 0
    deaths: int = 0
    moves: int = 0
    moved_out: int = 0
    moved_in: int = 0
    problems: list[FileProblem] = []


async def try_register(platform: Platform, source: Source, file: Path) -> RegisterTrial:
    """Hold the rows of a file against what is stored.

    Raises:
        OSError: the file can't be read.
        MappingError: the source has no mapping, or a wrong one.
    """
    tried = RegisterTrial()
    chunk: list[tuple[Resource, Contribution]] = []
    for given in _given(platform, source, file, tried):
        chunk.append(given)
        if len(chunk) == _CHUNK:
            await _compare(platform, chunk, tried)
            chunk = []
    await _compare(platform, chunk, tried)
    return tried


def _given(
    platform: Platform, source: Source, file: Path, tried: RegisterTrial
) -> Iterator[tuple[Resource, Contribution]]:
    """What each row says of its Patient; rows that are refused are counted on the way."""
    context = Context(source, platform.keys.id_key, datetime.now(UTC), bytes(32))
    with file.open("rb") as opened:
        try:
            for line in lines_of(opened, source.charset):
                tried.rows += 1
                yield from _patient(context, file, line, tried)
        except TableFault as fault:
            _refuse(file, fault.line, [problem_of(fault)], tried)


def _patient(
    context: Context, file: Path, line: Line, tried: RegisterTrial
) -> Iterator[tuple[Resource, Contribution]]:
    if line.fault is not None:
        _refuse(file, line.number, [problem_of(line.fault)], tried)
        return
    try:
        made = map_row(context, encode_row(line.row or {}))
    except Refused as refused:
        _refuse(file, line.number, refused.problems, tried)
        return
    said = [one for one in made if one.resource["resourceType"] == "Patient"]
    whole: Resource = {}
    for one in said:
        whole |= one.resource
    if not whole or row_of(whole) is None:
        tried.foreign += 1
        return
    yield whole, said[0]


def _refuse(file: Path, line: int, problems: Sequence[Any], tried: RegisterTrial) -> None:
    tried.refused += 1
    for one in problems:
        if len(tried.problems) < MOST_PROBLEMS:
            tried.problems.append(FileProblem(str(file), line, one.place, one.rule, one.text))


async def _compare(
    platform: Platform, chunk: Sequence[tuple[Resource, Contribution]], tried: RegisterTrial
) -> None:
    known = await patients_by_id(platform.store, [whole["id"] for whole, _ in chunk])
    for whole, said in chunk:
        after = row_of(whole)
        stored = known.get(whole["id"])
        if stored is None or after is None:
            tried.new += 1
            continue
        current = stored.resource
        if _same(current, whole, said):
            tried.unchanged += 1
            continue
        tried.changed += 1
        before = row_of(current)
        if before is not None:
            _count(before, after, tried)


def _same(current: Resource, whole: Resource, said: Contribution) -> bool:
    """Whether everything that the row says stands already, and nothing that it says is empty."""
    for element, value in whole.items():
        if element == "identifier":
            if any(one not in current.get("identifier", []) for one in value):
                return False
        elif element != "meta" and current.get(element) != value:
            return False
    return not any(element in current for element in said.erased)


def _count(before: RegisterRow, after: RegisterRow, tried: RegisterTrial) -> None:
    tried.deaths += before.died is None and after.died is not None
    tried.moves += bool(before.living and after.living and before.living != after.living)
    tried.moved_out += before.moved_out is None and after.moved_out is not None
    tried.moved_in += after.moved_in is not None and before.moved_in != after.moved_in
