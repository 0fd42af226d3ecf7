"""HL7 v2 messages at the door, whichever it is: looked at, kept in the inbox, then answered."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from minkang.audit import AuditUnavailable
from minkang.exchange.channels.door import Seen, look_at_batch, look_at_hl7v2
from minkang.exchange.hl7v2 import (
    ORIGINAL,
    Batch,
    Code,
    acknowledge,
    acknowledge_batch,
    split_batch,
    wanted,
)
from minkang.exchange.hl7v2.message import charset_of
from minkang.exchange.hl7v2.query import CANCEL, QUERIES
from minkang.exchange.inbox import Arrival, Inbox, InboxUnavailable, Kept
from minkang.exchange.pace import Pace
from minkang.exchange.sources import Source
from minkang.fhir import Problem, Refused
from minkang.store import TROUBLE

_log = logging.getLogger(__name__)

_ASIDE: Final = 128 * 1024
"""A message longer than this is looked at in a thread, so that the others need not wait for it."""
_MOST_IN_BATCH: Final = 2_000
_ASKING: Final = QUERIES | {CANCEL}
_REJECTED: Final = {
    "no-header",
    "unknown-event",
    "unknown-sender",
    "source-disabled",
    "wrong-address",
    "wrong-certificate",
    "wrong-facility",
    "charset",
    "delimiters",
    "too-large",
    "too-many",
    "truncated",
}


Answering = Callable[[Source, bytes, str], Awaitable[bytes]]
"""Answers a query of a source that came from an address."""


class Sender(msgspec.Struct, frozen=True):
    """What the channel knows of who sends.

    Attributes:
        address: of the peer of the connection; what a message or a proxy says counts for nothing.
        names: in its certificate, if one was asked for.
        vouched: the source, where the channel knows it without the message.
    """

    address: str = ""
    names: frozenset[str] = frozenset()
    vouched: Source | None = None


class Taken(msgspec.Struct, frozen=True):
    """What became of a message, or of a batch.

    Attributes:
        answers: none, one or two, as they were asked for.
        problems: of a batch those of the first message that has any.
        kept: as what it lies in the inbox; None of a batch, and of what could not be kept.
        durable: all of it is in the inbox.
        count: how many messages it was.
    """

    answers: list[bytes]
    problems: Sequence[Problem] = ()
    kept: Kept | None = None
    durable: bool = True
    count: int = 1


class Hl7Intake:
    """Keeps messages and answers them; one a process.

    `sources` is read anew for each message: the process keeps it up to date. Without a `pace` the
    channel itself sees to it that nobody is faster than he may be. With `as_asked` a message says
    by MSH-15 and MSH-16 which acknowledgements it wants, else it gets one always. `queries` answers
    those that ask for residents, which are not kept; without it they are messages like others.
    """

    def __init__(
        self,
        inbox: Inbox,
        id_key: bytes,
        sources: Mapping[str, Source],
        pace: Pace | None,
        *,
        as_asked: bool = True,
        queries: Answering | None = None,
    ) -> None:
        self._inbox = inbox
        self._id_key = id_key
        self._sources = sources
        self._pace = pace
        self._as_asked = as_asked
        self._queries = queries

    async def take(self, raw: bytes, sender: Sender) -> Taken:
        """Keep one message, or the messages of one batch, and give the answers.

        Waits while the source is faster than it may be. If a message can't be kept the answer is
        AE (CE), and says to send it again: it was not accepted.
        """
        batch = split_batch(raw)
        if batch is not None and len(batch.messages) > _MOST_IN_BATCH:
            text = f"一个批次超过 {_MOST_IN_BATCH} 条消息，请分开发送"
            return await self.put_aside(raw, sender, "too-many", text)
        if batch is not None:
            return await self._take_batch(batch, sender)
        return await self._served(await self._look(raw, sender), sender)

    async def put_aside(self, raw: bytes, sender: Sender, rule: str, text: str) -> Taken:
        """Keep what came of a message that is not whole, in quarantine; one answer in any case."""
        seen = await self._look(raw, sender)
        marked = _marked(seen, Problem("frame", "MLLP", rule, text), seen.source)
        return await self._keep_and_answer(marked, always=True)

    async def _take_batch(self, batch: Batch, sender: Sender) -> Taken:
        """One batch of answers, when all of its messages are kept."""
        # One after the other, so that others get their turn between.
        seen = [await self._look(raw, sender) for raw in batch.messages]
        taken = await asyncio.gather(*(self._served(one, sender) for one in seen))
        durable = all(one.durable for one in taken)
        if (arrival := look_at_batch(batch)) is not None:
            try:
                await self._inbox.keep(arrival)
            except InboxUnavailable as error:
                _log.warning("batch not kept: %s", error)
                durable = False
        charset = _charset(seen[0]) if seen else "utf-8"
        given = [answer for one in taken for answer in one.answers]
        answer = acknowledge_batch(batch.header, given, batch.problems, datetime.now(UTC), charset)
        problems = next((one.problems for one in taken if one.problems), batch.problems)
        return Taken([answer], problems, durable=durable, count=len(seen))

    async def _look(self, raw: bytes, sender: Sender) -> Seen:
        vouched = sender.vouched
        if len(raw) > _ASIDE:
            known = dict(self._sources)
            seen = await asyncio.to_thread(look_at_hl7v2, known, self._id_key, raw, vouched)
        else:
            seen = look_at_hl7v2(self._sources, self._id_key, raw, vouched)
        source = seen.source
        if source is None:
            return seen
        if sender.names and not sender.names & {source.id, source.organisation}:
            text = f"证书不是发给来源 {source.id} 的"
            return _marked(seen, Problem("frame", "MSH-3", "wrong-certificate", text), None)
        if vouched is None and not source.sends_from(sender.address):
            text = f"来源 {source.id} 不得从地址 {sender.address} 发送"
            return _marked(seen, Problem("frame", "MSH-3", "wrong-address", text), None)
        return seen

    async def _served(self, seen: Seen, sender: Sender) -> Taken:
        """Answer a query of whoever may send; keep and acknowledge all else.

        A source on trial gets no answer: what it sends is judged, and it learns of nobody.
        """
        refused = any(one.rule in _REJECTED for one in seen.arrival.problems)
        known, asks = seen.source, seen.arrival.kind in _ASKING and not seen.arrival.trial
        if self._queries is None or known is None or refused or not asks:
            return await self._keep_and_answer(seen)
        if self._pace is not None:
            await self._pace.held_back(known)
        try:
            return Taken([await self._queries(known, seen.arrival.raw, sender.address)])
        except Refused as refusal:
            problems: Sequence[Problem] = refusal.problems
        except (AuditUnavailable, *TROUBLE) as error:
            _log.warning("query not answered: %s", type(error).__name__)
            text = "平台暂时无法应答查询，请稍后重发"
            problems = (Problem("inbox", "MSH", "unavailable", text),)
        now, charset = datetime.now(UTC), _charset(seen)
        return Taken([acknowledge(seen.msh, "AE", problems, now, charset)], problems)

    async def _keep_and_answer(self, seen: Seen, *, always: bool = False) -> Taken:
        if self._pace is not None and seen.source is not None:
            await self._pace.held_back(seen.source)
        problems: Sequence[Problem] = seen.arrival.problems
        code: Code = "AA"
        if problems:
            code = "AR" if problems[0].rule in _REJECTED else "AE"
        kept: Kept | None = None
        try:
            kept = await self._inbox.keep(seen.arrival)
        except InboxUnavailable as error:
            _log.warning("message not kept: %s", error)
            code = "AE"
            text = "平台暂时无法保存消息，请稍后重发"
            problems = (Problem("inbox", "MSH", "unavailable", text),)
        asked = wanted(seen.msh) if self._as_asked and not always else ORIGINAL
        now, charset = datetime.now(UTC), _charset(seen)
        durable = kept is not None
        answers = [
            acknowledge(seen.msh, one, problems, now, charset)
            for one in asked.codes(code, kept=durable)
        ]
        return Taken(answers, problems, kept, durable)


def _marked(seen: Seen, problem: Problem, source: Source | None) -> Seen:
    """The same message as something that is put aside."""
    before = seen.arrival
    arrival = Arrival(
        source.id if source else None,
        "mllp",
        before.kind,
        before.control_id,
        before.raw,
        (problem,),
    )
    return Seen(arrival, source, seen.msh)


def _charset(seen: Seen) -> str:
    """The character set to answer in: the message's own, as far as it can be known."""
    otherwise = seen.source.charset if seen.source else "utf-8"
    if seen.msh is None:
        return otherwise
    try:
        return charset_of(seen.msh, otherwise)
    except Refused:
        return otherwise
