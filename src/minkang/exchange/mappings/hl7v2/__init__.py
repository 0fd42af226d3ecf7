"""HL7 v2 messages by kind, one module each."""

from collections.abc import Callable

from minkang.exchange.hl7v2 import Message, parse
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.adt import map_adt
from minkang.exchange.mappings.hl7v2.oru import map_oru
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused

_MAPPINGS: dict[str, Callable[[Context, Message], list[Contribution]]] = {
    "ADT^A01": map_adt,
    "ADT^A04": map_adt,
    "ADT^A08": map_adt,
    "ORU^R01": map_oru,
}


def map_hl7v2(context: Context, raw: bytes) -> list[Contribution]:
    """What an HL7 v2 message contributes.

    Raises:
        Refused: not readable, of a kind without mapping, or wrong in content.
    """
    message = parse(raw, context.source.charset)
    facility = message.header.value(4)
    if facility and facility != context.source.organisation:
        text = f"发送机构 {facility[:40]!r} 与来源 {context.source.id} 登记的机构不符"
        raise Refused([Problem("map", "MSH-4", "wrong-facility", text)])
    mapping = _MAPPINGS.get(message.kind)
    if mapping is None:
        known = message.kind.split("^")[0] in {kind.split("^")[0] for kind in _MAPPINGS}
        rule = "unknown-event" if known else "unknown-type"
        text = f"还没有 {message.kind} 的映射；已支持 {'、'.join(_MAPPINGS)}"
        raise Refused([Problem("map", "MSH-9", rule, text)])
    return mapping(context, message)
