"""Hostile requests to the door for messages, on real sockets: refused, and the server lives on."""

import socket
from datetime import UTC, datetime

import httpx
import pytest

from minkang.app.platform import Platform
from minkang.exchange.credentials import issue_credential
from tests.e2e.installation import Installation
from tests.exchange.messages import adt

_HEAD = "POST /exchange/haibin HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
_HL7 = "Content-Type: application/hl7-v2\r\n"


@pytest.fixture(scope="module")
def secret(platform: Installation) -> str:
    async def made(inside: Platform) -> str:
        async with inside.pool.acquire() as connection:
            now = datetime.now(UTC)
            given, _ = await issue_credential(connection, inside.keys, "haibin", "his", now)
        return given

    return platform.inside(made)


def said(platform: Installation, *parts: bytes, most: int = 10_000) -> bytes:
    """What is answered to bytes on the wire, as far as anything is."""
    answer = b""
    with socket.create_connection(("127.0.0.1", platform.port), 20) as line:
        try:
            for part in parts:
                line.sendall(part)
            line.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        try:
            while len(answer) < most and (data := line.recv(65_536)):
                answer += data
        except OSError:
            pass
    return answer


def test_hostile_requests_harm_nobody(platform: Installation, secret: str) -> None:
    head = _HEAD.format(secret)
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    chunked = (head + _HL7 + "Transfer-Encoding: chunked\r\n\r\n").encode()
    cases = {
        "100 MB announced": ((head + _HL7 + "Content-Length: 104857600\r\n\r\n").encode(),),
        "100 MB in chunks": (chunked, *[chunk] * 1_600),
        "a chunk cut short": (chunked, b"10000\r\nMSH|"),
        "a chunk of no size": (chunked, b"zz\r\nMSH|\r\n0\r\n\r\n"),
        "half a body": ((head + _HL7 + "Content-Length: 1000\r\n\r\nMSH|").encode(),),
        "a header of 1 MB": ((head + "X-A: " + "a" * 1_000_000 + "\r\n\r\n").encode(),),
        "10,000 headers": ((head + "X-A: a\r\n" * 10_000 + "\r\n").encode(),),
        "two lengths": (
            (head + _HL7 + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx").encode(),
        ),
        "no request": (b"\x0bMSH|^~\\&|haibin\x1c\r\r\n\r\n",),
    }
    before = kept(platform)
    for name, parts in cases.items():
        answer = said(platform, *parts)
        status = answer[9:12]
        assert status in (b"", b"400", b"408", b"413", b"431"), f"{name}: {answer[:300]!r}"
        if name == "100 MB announced":
            assert (status, b"OperationOutcome" in answer) == (b"413", True)
    assert kept(platform) == before
    with httpx.Client(base_url=platform.address, trust_env=False) as client:
        last = client.post(
            "/exchange/haibin",
            content=adt(control="after-hostile", visit="HOSTILE1").replace(b"MKHAIBIN", b""),
            headers={"authorization": f"Bearer {secret}", "content-type": "application/hl7-v2"},
        )
    assert (last.status_code, b"MSA|AA|after-hostile" in last.content) == (202, True)


def kept(platform: Installation) -> int:
    """Messages of this channel that came by no other door."""
    rows = platform.fetch(
        "select count(*) as n from exchange.message where source = 'haibin' and control_id = ''"
    )
    return int(rows[0]["n"])
