"""The standard acknowledgement MCCI_IN000002UV01 (HL7 V3, as WS/T 790 and the platforms use it).

`AA`: it is kept, and nothing is wrong with it. `AE`: something is wrong, one acknowledgementDetail
for each problem with its rule, text and place. `AR`: it is not kept; send it again.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

from minkang.exchange.wst.message import Wrapper
from minkang.fhir import Problem

Code = Literal["AA", "AE", "AR"]

ACKNOWLEDGEMENT: Final = "MCCI_IN000002UV01"
_OID: Final = "2.16.156.10011.2.5.1."
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_MOST: Final = 50


def acknowledge(
    code: Code, of: Wrapper, text: str, problems: Sequence[Problem], now: datetime
) -> str:
    """The acknowledgement of a message, without an XML declaration."""
    return wrapped(ACKNOWLEDGEMENT, code, of, _details(text, problems), "", now)


def wrapped(root: str, code: Code, of: Wrapper, details: str, content: str, now: datetime) -> str:
    """An answer with a wrapper of its own; sender and receiver are those of the question."""
    moment = now.astimezone(_SHANGHAI).strftime("%Y%m%d%H%M%S")
    return (
        f'<{root} xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' ITSVersion="XML_1.0">'
        f'<id root="{_OID}1" extension="{uuid.uuid4().hex}"/>'
        f'<creationTime value="{moment}"/>'
        f'<interactionId root="{_OID}2" extension="{root}"/>'
        '<processingCode code="P"/><processingModeCode/><acceptAckCode code="NE"/>'
        f"{_device('receiver', 'RCV', of.sender)}{_device('sender', 'SND', of.receiver)}"
        f'<acknowledgement typeCode="{code}">'
        f'<targetMessage><id root="{_OID}1" extension={quoted(of.number)}/></targetMessage>'
        f"{details}</acknowledgement>{content}</{root}>"
    )


def detail(text: str) -> str:
    """An acknowledgementDetail that only says something."""
    return f"<acknowledgementDetail><text value={quoted(text)}/></acknowledgementDetail>"


def quoted(text: str) -> str:
    """A text as the value of an attribute, with its quotes; what XML can't hold is replaced."""
    return quoteattr("".join(one if _in_xml(one) else "\ufffd" for one in text))


def _details(text: str, problems: Sequence[Problem]) -> str:
    if not problems:
        return detail(text)
    return "".join(
        f'<acknowledgementDetail typeCode="E"><code code={quoted(one.rule)}/>'
        f"<text value={quoted(one.text)}/><location value={quoted(one.place)}/>"
        "</acknowledgementDetail>"
        for one in problems[:_MOST]
    )


def _device(name: str, kind: str, number: str) -> str:
    return (
        f'<{name} typeCode="{kind}"><device classCode="DEV" determinerCode="INSTANCE"><id>'
        f'<item root="{_OID}3" extension={quoted(number)}/></id></device></{name}>'
    )


def _in_xml(one: str) -> bool:
    return (
        one >= " " and not "\ud800" <= one <= "\udfff" and one not in "\ufffe\uffff"
    ) or one in "\t\n"
