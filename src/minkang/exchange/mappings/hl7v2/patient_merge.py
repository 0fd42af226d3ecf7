"""One patient number replaces another: A18, A30, A34, A36, A39, A40, A46, A47.

HL7 v2.5.1, 3.3.18 to 3.3.47. The number of MRG-1 is retired in favour of that of PID-3. Both
Patients stay as they are; the retired one gets `active: false` and a link of type `replaced-by` to
the other, with the time of the event. That version of the Patient is the request to identity, which
finds it in the change feed: who survives (`link.other`), who is retired (the Patient with its
number), which source (its identifier system and organisation) and when (extension
`urn:minkang:hl7v2:merged`). A chain of merges is a chain of links; which message comes first makes
no difference. A37 undoes it (`patient_unlink`).
"""

from typing import Final

from minkang.exchange.hl7v2 import Message, Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.draft import Draft
from minkang.exchange.mappings.hl7v2.fields import Reader
from minkang.exchange.mappings.hl7v2.own_segments import keep_own_segments
from minkang.exchange.mappings.hl7v2.patient import map_patient
from minkang.exchange.mappings.hl7v2.people import own_number
from minkang.exchange.merge import Contribution, Order
from minkang.fhir import Problem, Refused

EVENTS: Final = ("A18", "A30", "A34", "A36", "A39", "A40", "A46", "A47")
MERGED: Final = "urn:minkang:hl7v2:merged"
"""Extension of a link: when the source says that it merged the two."""


def map_merge(context: Context, message: Message) -> list[Contribution]:
    """The surviving Patients and the retired ones; A39 and A40 may hold several pairs.

    Raises:
        Refused: with all problems of the message.
    """
    reader = Reader(context)
    evn = message.first("EVN")
    field = 6 if evn is not None and reader.moment(evn, 6) else 2
    at = reader.time(evn, field) if evn is not None else None
    said = reader.moment(evn, 2) or reader.moment(message.header, 7)
    order = context.order(said)
    drafts: list[Draft] = []
    for pid, mrg in _pairs(message):
        pair = Message((message.header, pid))
        survivor = map_patient(context, reader, pair, order)
        drafts += [survivor, _retired(context, reader, mrg, survivor, (order, at))]
    keep_own_segments(message, drafts[0], {})
    reader.check()
    return [one for draft in drafts for one in draft.contributions()]


def _pairs(message: Message) -> list[tuple[Segment, Segment]]:
    """Each PID with its MRG.

    Raises:
        Refused: a PID or an MRG stands alone.
    """
    pairs: list[tuple[Segment, Segment]] = []
    pid: Segment | None = None
    for segment in message.segments:
        if segment.name == "PID":
            pid = segment
        elif segment.name == "MRG":
            if pid is None:
                text = "MRG 之前没有 PID 段，不知并入哪位患者"
                raise Refused([Problem("map", segment.label, "order", text)])
            pairs.append((pid, segment))
            pid = None
    if not pairs or pid is not None:
        raise Refused([Problem("map", "MRG", "required", "缺少 MRG 段，不知哪个患者编号被合并")])
    return pairs


def _retired(
    context: Context,
    reader: Reader,
    mrg: Segment,
    survivor: Draft,
    said: tuple[Order, str | None],
) -> Draft:
    order, at = said
    # MRG-1 is written like PID-3; MRG-2 and MRG-4 are what PID-4 and PID-2 were.
    number, identifiers = own_number(
        context,
        Segment(
            "MRG",
            mrg.label,
            ("MRG", "", mrg.raw(4), mrg.raw(1), mrg.raw(2)),
            mrg.delimiters,
            mrg.charset,
        ),
    )
    if not number:
        reader.problem(mrg, 1, "required", "缺少被合并的患者编号")
    retired = Draft(context, "Patient", number, order)
    if retired.id == survivor.id:
        reader.problem(mrg, 1, "same-patient", "被合并的编号就是保留的编号")
    retired.put("identifier", identifiers)
    retired.put("managingOrganization", context.institution())
    retired.resource["active"] = False
    link = {"other": survivor.reference, "type": "replaced-by"}
    if at:
        merged = {"url": MERGED, "valueDateTime": at}
        retired.put("link", [{"extension": [merged], **link}])
    else:
        retired.put("link", [link])
    return retired
