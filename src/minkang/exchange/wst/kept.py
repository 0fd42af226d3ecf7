"""How a message is kept: its service in a first line, then the message itself.

    <?minkang-service PatientInfoRegister?>
    <PRPA_IN201311UV02 xmlns="urn:hl7-org:v3" ...

The envelope that brought it says nothing more of it (and may hold passwords), so it is not kept.
"""

import re
from typing import Final

from minkang.exchange.wst.services import SERVICES, Service
from minkang.fhir import Problem, Refused

_LINE: Final = re.compile(rb"<\?minkang-service ([A-Za-z]{1,60})\?>\r?\n", re.ASCII)


def kept(service: Service, message: bytes) -> bytes:
    """The raw message as the inbox keeps it."""
    return b"<?minkang-service " + service.name.encode() + b"?>\n" + message


def opened(raw: bytes) -> tuple[Service, bytes]:
    """The service and the message as it was sent.

    Raises:
        Refused: stage `parse`, rule `unknown-service`.
    """
    line = _LINE.match(raw)
    service = SERVICES.get(line[1].decode()) if line else None
    if line is None or service is None:
        text = "没有写明服务名称，或不是本平台的 69 个服务之一"
        raise Refused([Problem("parse", "第 1 行", "unknown-service", text)])
    return service, raw[line.end() :]
