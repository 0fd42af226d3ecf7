"""SOAP envelopes: reading a call out of one, writing answers and faults into one.

SOAP 1.1 (W3C Note 2000-05-08), SOAP 1.2 (W3C Recommendation 2007-04-27), WS-Addressing 1.0. The one
operation is that of the hospital platforms, `HIPMessageServer(action, message)`: the name of a
service, and the interaction message as text or as XML.
"""

import re
from typing import Final, Literal
from xml.sax.saxutils import escape

import msgspec
from lxml import etree

from minkang.exchange.cda.read import DEEPEST, parse_xml
from minkang.fhir import Problem, Refused

Version = Literal["1.1", "1.2"]

NAMESPACE: Final = "urn:hl7-org:v3"
OPERATION: Final = "HIPMessageServer"
_ENVELOPES: Final[dict[str, Version]] = {
    "http://schemas.xmlsoap.org/soap/envelope/": "1.1",
    "http://www.w3.org/2003/05/soap-envelope": "1.2",
}
_NAMESPACES: Final = {version: name for name, version in _ENVELOPES.items()}
_ADDRESSING: Final = "http://www.w3.org/2005/08/addressing"
_ANONYMOUS: Final = f"{_ADDRESSING}/anonymous"
MEDIA: Final = {
    "1.1": "text/xml; charset=utf-8",
    "1.2": "application/soap+xml; charset=utf-8",
}
"""Content type of answers."""
_DECLARATION: Final = re.compile(r"\s*<\?xml[^>]{0,300}\?>\s*")
_CODES: Final = {
    "Sender": {"1.1": "Client", "1.2": "Sender"},
    "Receiver": {"1.1": "Server", "1.2": "Receiver"},
    "VersionMismatch": {"1.1": "VersionMismatch", "1.2": "VersionMismatch"},
    "MustUnderstand": {"1.1": "MustUnderstand", "1.2": "MustUnderstand"},
}
Blame = Literal["Sender", "Receiver", "VersionMismatch", "MustUnderstand"]


class Call(msgspec.Struct, frozen=True):
    """A call of the operation.

    Attributes:
        action: as it was written.
        message: in UTF-8.
        addressed: action and number of the call by WS-Addressing, if it says them.
    """

    version: Version
    action: str
    message: bytes
    addressed: tuple[str, str] = ("", "")


class NotUnderstoodError(Exception):
    """The envelope is not one that can be answered; says whose fault it is and what is wrong."""

    def __init__(self, blame: Blame, version: Version, problem: Problem) -> None:
        super().__init__(problem.text)
        self.blame: Blame = blame
        self.version: Version = version
        self.problem = problem


def read_envelope(raw: bytes, media: str) -> Call:
    """The call in a request body of a content type.

    Raises:
        NotUnderstoodError: it is no SOAP, or not a call of the operation.
    """
    version: Version = "1.2" if "soap+xml" in media else "1.1"
    charset = re.search(r"charset\s*=\s*\"?([\w.-]{1,40})", media)
    try:
        root = parse_xml(raw, charset[1] if charset else "utf-8")
    except Refused as refused:
        raise NotUnderstoodError("Sender", version, refused.problems[0]) from refused
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in _ENVELOPES:
        text = "不是 SOAP 1.1 或 1.2 的 Envelope"
        raise _wrong("VersionMismatch", version, f"/{name.localname}", "envelope", text)
    version = _ENVELOPES[str(name.namespace)]
    body, addressed = None, ("", "")
    for part in root:
        local = etree.QName(part).localname
        if local == "Header":
            addressed = _header(part, version)
        elif local == "Body" and body is None:
            body = part
    operation = next(iter(body), None) if body is not None else None
    if operation is None:
        text = "Body 中没有调用"
        raise _wrong("Sender", version, "/Envelope/Body", "envelope", text)
    return msgspec.structs.replace(_call(version, operation), addressed=addressed)


def _call(version: Version, operation: "etree._Element") -> Call:
    name = etree.QName(operation).localname
    place = f"/Envelope/Body/{name}"
    if name not in (OPERATION, f"{OPERATION}Request"):
        text = f"没有 {name[:40]} 操作，只有 {OPERATION}"
        raise _wrong("Sender", version, place, "operation", text)
    parameters = list(operation)
    named = {etree.QName(one).localname: one for one in parameters}
    # Callers made for other platforms name the two as they like, in this order.
    action = named.get("action", parameters[0] if parameters else None)
    message = named.get("message", parameters[1] if len(parameters) == 2 else None)
    if action is None or message is None:
        text = f"{OPERATION} 需要 action 和 message 两个参数"
        raise _wrong("Sender", version, place, "operation", text)
    inner = next(iter(message), None)
    if inner is not None:
        _check_depth(inner, version, f"{place}/message")
        content = etree.tostring(inner, encoding="utf-8", with_tail=False)
    else:
        text = message.text or ""
        content = _DECLARATION.sub("", text, count=1).strip().encode("utf-8", "replace")
    if not content:
        text = "message 是空的"
        raise _wrong("Sender", version, f"{place}/message", "operation", text)
    return Call(version, (action.text or "").strip(), content)


def _check_depth(inner: "etree._Element", version: Version, place: str) -> None:
    depth = 0
    for event, _ in etree.iterwalk(inner, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST:
            raise _wrong("Sender", version, place, "depth", f"元素嵌套超过 {DEEPEST} 层")


def _header(header: "etree._Element", version: Version) -> tuple[str, str]:
    """Action and number of a call by WS-Addressing, the one kind of header that is understood.

    Raises:
        NotUnderstoodError: a block must be understood, and is not.
    """
    said = {}
    for block in header:
        name, must = etree.QName(block), block.get(f"{{{_NAMESPACES[version]}}}mustUnderstand", "")
        address = block.findtext(f"{{{_ADDRESSING}}}Address")
        if name.namespace == _ADDRESSING and address in (None, _ANONYMOUS):
            said[name.localname] = (block.text or "").strip()
        elif must.strip().lower() in ("1", "true"):
            name = etree.QName(block).localname
            text = f"不支持标为 mustUnderstand 的 {name[:40]}；身份请用 HTTP Basic 或 Bearer"
            place = f"/Envelope/Header/{name}"
            raise _wrong("MustUnderstand", version, place, "must-understand", text)
    return said.get("Action", ""), said.get("MessageID", "")


def _wrong(blame: Blame, version: Version, place: str, rule: str, text: str) -> NotUnderstoodError:
    return NotUnderstoodError(blame, version, Problem("frame", place, rule, text))


def call(version: Version, action: str, message: bytes) -> bytes:
    """An envelope with a call of the operation; the message is in UTF-8."""
    text = escape(_DECLARATION.sub("", message.decode(), count=1))
    return _enveloped(
        version,
        f'<{OPERATION} xmlns="{NAMESPACE}"><action>{escape(action)}</action>'
        f"<message>{text}</message></{OPERATION}>",
    )


def answer(call: Call, message: str) -> bytes:
    """An envelope with the answer to a call of the operation: a message, as text."""
    action, number = call.addressed
    header = ""
    if action:
        header = f'<a:Action xmlns:a="{_ADDRESSING}">{escape(action)}Response</a:Action>'
    if number:
        header += f'<a:RelatesTo xmlns:a="{_ADDRESSING}">{escape(number)}</a:RelatesTo>'
    return _enveloped(
        call.version,
        f'<{OPERATION}Response xmlns="{NAMESPACE}"><{OPERATION}Result>{escape(message)}'
        f"</{OPERATION}Result></{OPERATION}Response>",
        f"<s:Header>{header}</s:Header>" if header else "",
    )


def fault(version: Version, blame: Blame, problem: Problem) -> bytes:
    """An envelope with a fault: what is wrong, where, by which rule."""
    code = _CODES[blame][version]
    text = escape(f"{problem.text}（{problem.place}）")
    detail = (
        f'<problem xmlns="urn:minkang:problem"><place>{escape(problem.place)}</place>'
        f"<rule>{escape(problem.rule)}</rule><text>{escape(problem.text)}</text></problem>"
    )
    if version == "1.1":
        return _enveloped(
            version,
            f"<s:Fault><faultcode>s:{code}</faultcode><faultstring>{text}</faultstring>"
            f"<detail>{detail}</detail></s:Fault>",
        )
    return _enveloped(
        version,
        f"<s:Fault><s:Code><s:Value>s:{code}</s:Value></s:Code><s:Reason>"
        f'<s:Text xml:lang="zh-CN">{text}</s:Text></s:Reason>'
        f"<s:Detail>{detail}</s:Detail></s:Fault>",
    )


def _enveloped(version: Version, body: str, header: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<s:Envelope xmlns:s="{_NAMESPACES[version]}">{header}<s:Body>{body}</s:Body></s:Envelope>'
    ).encode("utf-8", "replace")
