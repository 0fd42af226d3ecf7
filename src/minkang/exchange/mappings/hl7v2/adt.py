"""ADT: patients, their visits and diagnoses (HL7 v2.5.1, chapter 3).

| Event | Status of the visit |
|---|---|
| A01 admit, A02 transfer, A04 register, A06 and A07 change of class, A12, A13 | in-progress |
| A03 discharge | finished |
| A05 pre-admit | planned |
| A08 update | what was said before; finished if PV1-45 is filled |
| A11 cancel admit | cancelled |
| A28, A31 | – (the person alone) |

Whether a cancellation comes before or after what it cancels makes no difference: each says what
holds from its own time on.
"""

from typing import Final

from minkang.exchange.hl7v2 import Message
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.allergies import map_allergies
from minkang.exchange.mappings.hl7v2.draft import Draft
from minkang.exchange.mappings.hl7v2.fields import Reader
from minkang.exchange.mappings.hl7v2.own_segments import keep_own_segments
from minkang.exchange.mappings.hl7v2.patient import map_patient
from minkang.exchange.mappings.hl7v2.visit import Event, map_visit
from minkang.exchange.merge import Contribution

EVENTS: Final[dict[str, Event | None]] = {
    "A01": Event("in-progress"),
    "A02": Event("in-progress", moved=True),
    "A03": Event("finished"),
    "A04": Event("in-progress"),
    "A05": Event("planned"),
    "A06": Event("in-progress"),
    "A07": Event("in-progress"),
    "A08": Event(None),
    "A11": Event("cancelled"),
    # PV1-3 is again where the patient was before the transfer that is cancelled.
    "A12": Event("in-progress"),
    "A13": Event("in-progress", ends=False),
    "A28": None,
    "A31": None,
}
"""What each event says of the visit; None: it is about the person alone."""


def map_adt(context: Context, message: Message) -> list[Contribution]:
    """Contributions of one ADT message, dated by EVN-2, else MSH-7.

    Raises:
        Refused: with all problems of the message.
    """
    reader = Reader(context)
    said = reader.moment(message.first("EVN"), 2) or reader.moment(message.header, 7)
    patient = map_patient(context, reader, message, context.order(said))
    drafts: list[Draft] = [patient]
    event = EVENTS[message.kind.partition("^")[2]]
    visit = [] if event is None else map_visit(context, reader, message, patient, event)
    drafts += visit
    drafts += map_allergies(context, reader, message, patient)
    keep_own_segments(message, patient, {"PV1": visit[0]} if visit else {})
    reader.check()
    return [one for draft in drafts for one in draft.contributions()]
