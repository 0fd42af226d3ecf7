"""HL7 v2 messages by kind, one module a family.

Use `map_hl7v2`; `note_on` says of what is taken in that it has no mapping yet.
"""

from collections.abc import Callable
from typing import Final

from minkang.exchange.hl7v2 import Message, header, kind_of, parse
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2 import adt, mdm, patient_merge, patient_unlink, siu
from minkang.exchange.mappings.hl7v2.adt import map_adt
from minkang.exchange.mappings.hl7v2.mdm import map_mdm
from minkang.exchange.mappings.hl7v2.orders import ORDERS, map_orders
from minkang.exchange.mappings.hl7v2.oru import RESULTS, map_oru
from minkang.exchange.mappings.hl7v2.patient_merge import map_merge
from minkang.exchange.mappings.hl7v2.patient_unlink import map_unlink
from minkang.exchange.mappings.hl7v2.siu import map_siu
from minkang.exchange.mappings.hl7v2.unmapped import map_unmapped
from minkang.exchange.mappings.hl7v2.vxu import map_vxu
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused

_Mapping = Callable[[Context, Message], list[Contribution]]

MAPPINGS: Final[dict[str, _Mapping]] = {
    **{f"ADT^{event}": map_adt for event in adt.EVENTS},
    **{f"ADT^{event}": map_merge for event in patient_merge.EVENTS},
    **{f"ADT^{event}": map_unlink for event in patient_unlink.EVENTS},
    **dict.fromkeys(RESULTS, map_oru),
    **dict.fromkeys(ORDERS, map_orders),
    **{f"MDM^{event}": map_mdm for event in mdm.EVENTS},
    **{f"SIU^{event}": map_siu for event in siu.EVENTS},
    "VXU^V04": map_vxu,
}
"""Message type and event to their mapping."""

_TYPES: Final = frozenset(kind.partition("^")[0] for kind in MAPPINGS)


def map_hl7v2(context: Context, raw: bytes) -> list[Contribution]:
    """What an HL7 v2 message contributes; of a kind without mapping the patient alone.

    Raises:
        Refused: not readable, or wrong in content.
    """
    message = parse(raw, context.source.charset)
    msh = message.header
    # Who loads a file in the name of a source vouches for it, whatever its header says.
    facility = msh.value(4) if msh.value(3) == context.source.id else ""
    if facility and facility != context.source.organisation:
        text = f"发送机构 {facility[:40]!r} 与来源 {context.source.id} 登记的机构不符"
        raise Refused([Problem("map", "MSH-4", "wrong-facility", text)])
    named = message.kind
    kind, _, event = named.partition("^")
    if not event and kind in _TYPES:
        text = f"{kind} 消息没有写明事件（MSH-9.2），不知发生了什么"
        raise Refused([Problem("map", msh.place(9, 2), "unknown-event", text)])
    return MAPPINGS.get(named, map_unmapped)(context, message)


def note_on(raw: bytes, charset: str) -> Problem | None:
    """What the message log says of a message that was taken in: rule `no-mapping`, or nothing.

    Of a kind without mapping only the patient is known so far.
    """
    msh = header(raw)
    if msh is None or kind_of(msh) in MAPPINGS:
        return None
    kind = parse(raw, charset).kind
    if kind in MAPPINGS:
        return None
    text = f"还没有 {kind.strip('^')[:40]} 的映射：原文已保存，只更新了患者资料"
    return Problem("map", "MSH-9", "no-mapping", text)
