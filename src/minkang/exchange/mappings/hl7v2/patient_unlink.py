"""A37: two patient numbers are not one patient after all (HL7 v2.5.1, 3.3.37).

Undoes what a merge (A40) of the two said, whichever of them was retired: the event says no
direction. Both Patients lose what merged them into another and are in use again. Of a chain of
merges both ends of the undone one are set free: the source merges anew what is still one. Two lives
in one are worse than one life in two parts.
"""

from typing import Final

from minkang.exchange.hl7v2 import Message
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.fields import Reader
from minkang.exchange.mappings.hl7v2.own_segments import keep_own_segments
from minkang.exchange.mappings.hl7v2.patient import map_patient
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused

EVENTS: Final = ("A37",)


def map_unlink(context: Context, message: Message) -> list[Contribution]:
    """Both Patients without what merged them, dated as a merge is.

    Raises:
        Refused: with all problems of the message.
    """
    reader = Reader(context)
    said = reader.moment(message.first("EVN"), 2) or reader.moment(message.header, 7)
    order = context.order(said)
    pids = list(message.all("PID"))
    if len(pids) != 2:
        text = "A37 需要两个 PID 段，即要拆开的两个患者编号"
        raise Refused([Problem("map", "PID", "required", text)])
    drafts = [
        map_patient(context, reader, Message((message.header, pid)), order) for pid in pids
    ]  # fmt: skip
    if drafts[0].id == drafts[1].id:
        reader.problem(pids[1], 3, "same-patient", "两个患者编号相同")
    for draft in drafts:
        draft.erase("link")
        draft.erase("active")
    keep_own_segments(message, drafts[0], {})
    reader.check()
    return [one for draft in drafts for one in draft.contributions()]
