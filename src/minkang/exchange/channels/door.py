"""What every channel does with a message at the door: find its source, look at it, keep it."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from minkang.exchange.ahead import Ahead
from minkang.exchange.hl7v2 import Batch, Segment, header, kind_of
from minkang.exchange.inbox import Arrival
from minkang.exchange.mappings import Context, map_message
from minkang.exchange.sources import Channel, Source
from minkang.fhir import Problem, Refused

_log = logging.getLogger(__name__)


class Seen(msgspec.Struct, frozen=True):
    """A message looked at: ready for the inbox, with what was found wrong."""

    arrival: Arrival
    source: Source | None
    msh: Segment | None


def look_at_hl7v2(
    known: Mapping[str, Source],
    id_key: bytes,
    raw: bytes,
    vouched: Source | None = None,
    ahead: Ahead | None = None,
) -> Seen:
    """Look at an HL7 v2 message: who sent it, can it be read and mapped?

    It is mapped once for its problems alone, so that the sender learns of them in the
    acknowledgement; the result is thrown away, unless there is `ahead` to remember it for the
    processor. `vouched` is the source where the channel knows it without the header, e.g. of a
    file that is loaded in its name.
    """
    msh = header(raw)
    kind = kind_of(msh).strip("^") if msh else ""
    control_id = msh.value(10) if msh else ""
    source = vouched or (known.get(msh.value(3)) if msh else None)
    problems: tuple[Problem, ...] = ()
    if msh is None:
        problems = (Problem("frame", "MSH", "no-header", "消息不以 MSH 段开头"),)
        source = vouched
    elif source is not None and not source.enabled:
        text = f"来源 {source.id} 已停用"
        problems = (Problem("frame", "MSH-3", "source-disabled", text),)
        source = None
    elif source is None or not source.sends_by("mllp"):
        text = f"未登记或未启用的发送系统 {msh.value(3)[:40]!r}"
        problems = (Problem("frame", "MSH-3", "unknown-sender", text),)
        source = None
    else:
        problems = _problems(source, id_key, "mllp", raw, ahead)
    arrival = Arrival(
        source.id if source else None,
        "mllp",
        kind or "?",
        control_id,
        raw,
        problems,
        source is not None and source.stage == "trial",
    )
    return Seen(arrival, source, msh)


def look_at_batch(batch: Batch) -> Arrival | None:
    """What is wrong with a batch itself, to be kept beside its messages; None if nothing."""
    if not batch.problems:
        return None
    head = batch.header
    return Arrival(None, "mllp", head.name, head.value(11), batch.envelope, batch.problems)


class _Glance(Context, frozen=True):
    """A context for looking alone: what is made is thrown away, so its ids need no key."""

    def id(self, resource_type: str, number: str, at: datetime | None = None) -> str:
        return f"{resource_type}/{number}/{at.year if at else ''}"


def _problems(
    source: Source, id_key: bytes, channel: str, raw: bytes, ahead: Ahead | None
) -> tuple[Problem, ...]:
    try:
        if ahead is None:
            map_message(_Glance(source, id_key, datetime.now(UTC), b""), channel, raw)
        else:
            ahead.map(source, id_key, channel, raw)
    except Refused as refusal:
        return refusal.problems
    except Exception as error:  # noqa: BLE001 - kept all the same; what is wrong will show later
        _log.error("a message could not be looked at: %s", type(error).__name__)
    return ()


def look_at(
    source: Source,
    id_key: bytes,
    channel: Channel,
    label: tuple[str, str],
    raw: bytes,
    ahead: Ahead | None = None,
) -> Seen:
    """Look at a message whose source the channel knows; `label` is its kind and its own name.

    `ahead` as for `look_at_hl7v2`.
    """
    problems = _problems(source, id_key, channel, raw, ahead)
    trial = source.stage == "trial"
    return Seen(Arrival(source.id, channel, *label, raw, problems, trial), source, None)
