"""A task of a load, done: decoded, judged, written, committed."""

import msgspec

from minkang.app.load_fhir_bundle import (
    COLLECTIONS,
    KEPT_WHOLE,
    STEPS,
    Holding,
    Wants,
    collected,
    wants_of,
)
from minkang.app.load_fhir_judge import Arrived, Tally, judged, parsed
from minkang.app.load_fhir_open import Part, Unreadable, opened
from minkang.app.load_fhir_split import DOCUMENT
from minkang.app.load_fhir_steps import Known, Later, carry_out
from minkang.app.load_fhir_tasks import DocumentsTask, Done, LinesTask, Task
from minkang.app.load_fhir_write import UNFIT, Origin, unexpected, write_arrived
from minkang.fhir import Problem, Refused
from minkang.store import Store

_BOM = b"\xef\xbb\xbf"


class Work(msgspec.Struct, frozen=True):
    """What a process that does tasks has at hand."""

    store: Store
    id_key: bytes
    origin: Origin
    known: Known


async def carried_out(work: Work, task: Task) -> Done:
    """Do a task and commit it.

    Raises:
        TROUBLE: the database can't be reached, or can't go on.
    """
    tally = Tally()
    later: list[Part] = []
    if isinstance(task, LinesTask):
        await write_arrived(work.store, work.origin, _lines(work, task, tally), tally)
    else:
        later = await _documents(work, task, tally)
    return Done(task.number, tally.accepted, tally.unchanged, tally.refused, tally.problems, later)


def _lines(work: Work, task: LinesTask, tally: Tally) -> list[Arrived]:
    arrived = []
    file = task.part.shown
    for number, raw in enumerate(task.data.split(b"\n"), task.line):
        line = raw.strip()
        if not line:
            continue
        try:
            arrived.append(Arrived(judged(line, work.id_key), file, number))
        except Refused as refused:
            tally.refuse(file, number, list(refused.problems))
        except UNFIT as error:
            tally.refuse(file, number, [unexpected(error)])
    return arrived


async def _documents(work: Work, task: DocumentsTask, tally: Tally) -> list[Part]:
    """Files, each a resource or a Bundle; the single resources are written together."""
    arrived: list[Arrived] = []
    later = []
    for part in task.parts:
        try:
            body = _document(part) if task.data is None else task.data
            await _document_taken(work, part, body, arrived, tally, last=task.last)
        except Refused as refused:
            tally.refuse(part.shown, 1, list(refused.problems))
        except Unreadable as error:
            tally.refuse(part.shown, 1, [Problem("file", "-", error.rule, str(error))])
        except Later:
            later.append(part)
        except UNFIT as error:
            tally.refuse(part.shown, 1, [unexpected(error)])
    await write_arrived(work.store, work.origin, arrived, tally)
    return later


def _is_resource(line: bytes) -> bool:
    """Whether a line is whole by itself: the file is no document then, but lines."""
    try:
        return isinstance(parsed(line), dict)
    except Refused:
        return False


def _document(part: Part) -> bytes:
    with opened(part) as reader:
        body = reader.read(DOCUMENT + 1)
    if len(body) > DOCUMENT:
        text = f"超过 {DOCUMENT} 字节；请改用 NDJSON / too long, use NDJSON"
        raise Unreadable("too-long", text)
    return body


async def _document_taken(
    work: Work, part: Part, body: bytes, arrived: list[Arrived], tally: Tally, *, last: bool
) -> None:
    """A single resource or a collection is added to `arrived`, a transaction carried out.

    Raises:
        Refused, Later: nothing of it was done.
    """
    body = body.removeprefix(_BOM).strip()
    held = Holding(part.shown, tally)
    try:
        found = parsed(body)
    except Refused:
        if not _is_resource(body.partition(b"\n")[0]):
            raise
        arrived += _lines(work, LinesTask(0, part, 0, 1, body), tally)
        return
    if not isinstance(found, dict) or found.get("resourceType") != "Bundle":
        arrived.append(Arrived(judged(body, work.id_key), part.shown, 1))
        return
    kind = found.get("type")
    if not isinstance(kind, str):
        kind = ""
    if kind in STEPS:
        given = [found]

        def take_apart() -> Wants:
            return wants_of(given.pop() if given else parsed(body), body, work.id_key)

        await carry_out(work.store, work.origin, take_apart, work.known, held, last=last)
    elif kind in COLLECTIONS:
        arrived += collected(found, body, work.id_key, held)
    elif kind in KEPT_WHOLE:
        arrived.append(Arrived(judged(body, work.id_key), part.shown, 1))
    else:
        text = "此类 Bundle 没有可装入的内容 / nothing to load in such a Bundle"
        raise Refused([Problem("bundle", "Bundle.type", "bundle-type", text)])
