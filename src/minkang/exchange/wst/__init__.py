"""WS/T interaction services as text: envelopes, messages, acknowledgements, the description.

Lives here: which services there are (`SERVICES`, `service_of`), the SOAP envelope
(`read_envelope`, `answer`, `fault`), how a message is kept (`kept`, `opened`), reading it
(`read_message`), answering it (`acknowledge`). Does not live here: what a message means
(`mappings.wst`), HTTP and credentials (api).
"""

from minkang.exchange.wst.acknowledge import acknowledge
from minkang.exchange.wst.envelope import NotUnderstoodError, answer, fault, read_envelope
from minkang.exchange.wst.kept import kept, opened
from minkang.exchange.wst.message import (
    Wrapper,
    number_in,
    read_message,
    wrapper_in,
    wrapper_of,
)
from minkang.exchange.wst.services import SERVICES, Service, service_by_root, service_of

__all__ = [
    "SERVICES",
    "NotUnderstoodError",
    "Service",
    "Wrapper",
    "acknowledge",
    "answer",
    "fault",
    "kept",
    "number_in",
    "opened",
    "read_envelope",
    "read_message",
    "service_by_root",
    "service_of",
    "wrapper_in",
    "wrapper_of",
]
