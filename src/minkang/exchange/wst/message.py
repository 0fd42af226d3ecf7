"""An interaction message as a tree, and what its wrapper says.

The data types are those of ISO 21090 as the schemas of the services use them. Where a code has its
name in a child (`<displayName value="男性"/>`) the tree has it as the attribute that documents
have, so that what reads the codes of documents reads those of messages.
"""

import re
from html import unescape
from typing import Final

import msgspec

from minkang.exchange.cda import Element, read_document
from minkang.exchange.wst.services import Service
from minkang.fhir import Problem, Refused

_ID: Final = re.compile(rb"<(?:[\w.-]+:)?id\s([^>]{0,500})>")
_EXTENSION: Final = re.compile(rb"""\bextension\s*=\s*["']([^"'<]{1,200})["']""")
_HEAD: Final = 16 * 1024
_DEVICE: Final = 1_000


class Wrapper(msgspec.Struct, frozen=True):
    """What the wrapper of a message says: its number, the devices, and what the query is called."""

    number: str = ""
    sender: str = ""
    receiver: str = ""
    query: str = ""


def read_message(message: bytes, charset: str, service: Service) -> Element:
    """The root of a message of a service.

    Raises:
        Refused: stage `parse`: not readable, or rule `service-root`: a message of another service.
    """
    root = read_document(message, charset)
    if root.name != service.root:
        text = f"服务 {service.name} 的消息应是 {service.root}，而不是 {root.name[:40]}"
        raise Refused([Problem("parse", root.place(), "service-root", text)])
    for element in root.walk():
        name = element.first("displayName")
        if name is not None and not element.get("displayName"):
            element.attributes["displayName"] = name.get("value") or name.text
    return root


def wrapper_of(root: Element) -> Wrapper:
    """What the wrapper of a message says, as far as it does."""
    return Wrapper(
        _attribute(root, "id"),
        _attribute(root, "sender", "device", "id", "item"),
        _attribute(root, "receiver", "device", "id", "item"),
        _attribute(root, "controlActProcess", "queryByParameter", "queryId"),
    )


def number_in(message: bytes) -> str:
    """The number of a message, for the log, by a look at its first bytes; empty if there is none.

    It is taken even from what can't be read.
    """
    element = _ID.search(message[:_HEAD].replace(b"\0", b""))
    number = _EXTENSION.search(element[1]) if element else None
    return unescape(number[1].decode(errors="replace")).strip() if number else ""


def wrapper_in(message: bytes) -> Wrapper:
    """The number and the devices of a message by a look at its first bytes.

    For the acknowledgement, which repeats them: what can't be read is acknowledged, too.
    """
    head = message[:_HEAD].replace(b"\0", b"")
    return Wrapper(number_in(message), _device(head, b"sender"), _device(head, b"receiver"))


def _device(head: bytes, name: bytes) -> str:
    _, found, rest = head.partition(name + b" ")
    number = _EXTENSION.search(rest.partition(b"/device")[0][:_DEVICE]) if found else None
    return unescape(number[1].decode(errors="replace")).strip() if number else ""


def _attribute(root: Element, *path: str) -> str:
    found = root.first(*path)
    return found.get("extension") if found is not None else ""
