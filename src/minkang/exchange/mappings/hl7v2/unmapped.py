"""Messages of a kind without a mapping: kept, and found by their patient (PID)."""

from minkang.exchange.hl7v2 import Message
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.fields import Reader
from minkang.exchange.mappings.hl7v2.own_segments import keep_own_segments
from minkang.exchange.mappings.hl7v2.patient import map_patient
from minkang.exchange.merge import Contribution


def map_unmapped(context: Context, message: Message) -> list[Contribution]:
    """The patient alone, dated by MSH-7; nothing if the message is about nobody.

    Raises:
        Refused: the patient has no number, or something of them is wrong.
    """
    if message.first("PID") is None:
        return []
    reader = Reader(context)
    order = context.order(reader.moment(message.header, 7))
    patient = map_patient(context, reader, message, order)
    keep_own_segments(message, patient, {})
    reader.check()
    return patient.contributions()
