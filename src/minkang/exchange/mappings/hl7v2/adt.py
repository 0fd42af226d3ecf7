"""ADT A01 (admit), A04 (register), A08 (update): patient, visit, diagnoses (HL7 v2.5.1, ch. 3)."""

from minkang.exchange.hl7v2 import Message
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.fields import Reader
from minkang.exchange.mappings.hl7v2.patient import map_patient
from minkang.exchange.mappings.hl7v2.visit import map_visit
from minkang.exchange.merge import Contribution


def map_adt(context: Context, message: Message) -> list[Contribution]:
    """Contributions of one ADT message, dated by EVN-2, else MSH-7.

    Raises:
        Refused: with all problems of the message.
    """
    reader = Reader(f"urn:minkang:source:{context.source.id}")
    event = message.first("EVN")
    said = reader.moment(event, 2) or reader.moment(message.header, 7)
    order = context.order(said)
    patient = map_patient(context, reader, message, order)
    visit = map_visit(context, reader, message, patient.resource["id"], order)
    reader.check()
    unique = {contribution.key: contribution for contribution in [patient, *visit]}
    return list(unique.values())
