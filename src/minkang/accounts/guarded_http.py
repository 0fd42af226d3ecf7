"""Requests to addresses that others name: never to where only this server can reach.

Against server-side request forgery: the name is resolved here, every address it has is judged, and
the connection goes to the address that was judged, so that a second answer of the name server
changes nothing. No redirects, no proxy of the environment, limits on size and time.
"""

import asyncio
import socket
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

import httpx

MOST_BYTES: Final = 512 * 1024
SECONDS: Final = 10.0

_Ip = IPv4Address | IPv6Address


class FetchRefused(Exception):  # noqa: N818 - reads as what happened
    """It was not asked, or its answer is of no use; the text says why, for the operator."""


def check_url(url: str, *, private: bool) -> str:
    """The host of an address that may be asked.

    `private`: the operator has said that it lies in the own network; then plain HTTP to the own
    machine is let pass, too.

    Raises:
        FetchRefused: another scheme, a name and password in it, no host.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise FetchRefused("it is no address") from error
    if not host or parts.username is not None or parts.password is not None or port == 0:
        raise FetchRefused("it names no host, or a user")
    if not url.isascii() or any(one.isspace() or ord(one) < 32 for one in url):
        raise FetchRefused("it is no address")
    plain = parts.scheme == "http" and private and _is_own_machine(host)
    if parts.scheme != "https" and not plain:
        raise FetchRefused(f"{parts.scheme or 'no scheme'} instead of https")
    return host


def may_reach(address: str, *, private: bool) -> bool:
    """Whether an IP address may be connected to; link-local ones (cloud metadata) never."""
    try:
        found: _Ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is not None:
            return may_reach(str(inner), private=private)
    if found.is_link_local or found.is_multicast or found.is_unspecified:
        return False
    return found.is_global or (private and (found.is_private or found.is_loopback))


async def fetch(
    url: str,
    *,
    private: bool = False,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    basic: tuple[str, str] | None = None,
) -> bytes:
    """What the address answers with status 200: by GET, or by POST of a form.

    Raises:
        FetchRefused: it may not be asked, can't be reached, takes too long, answers with another
            status (a redirect is one) or too much.
    """
    host = check_url(url, private=private)
    try:
        async with asyncio.timeout(SECONDS):
            address = await _resolved(host, urlsplit(url).port or 443, private=private)
            return await _asked(url, host, address, form, headers, basic)
    except TimeoutError as error:
        raise FetchRefused(f"{host} took too long") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise FetchRefused(f"{host}: {type(error).__name__}") from error


async def _resolved(host: str, port: int, *, private: bool) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise FetchRefused(f"{host} has no address") from error
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(may_reach(one, private=private) for one in addresses):
        raise FetchRefused(f"{host} lies in a network that may not be asked")
    return addresses[0]


async def _asked(
    url: str,
    host: str,
    address: str,
    form: Mapping[str, str] | None,
    headers: Mapping[str, str] | None,
    basic: tuple[str, str] | None,
) -> bytes:
    target = httpx.URL(url)
    given = {"accept": "application/json", **(headers or {}), "host": target.netloc.decode()}
    async with httpx.AsyncClient(
        trust_env=False, follow_redirects=False, timeout=SECONDS, auth=basic
    ) as client:
        request = client.build_request(
            "GET" if form is None else "POST",
            target.copy_with(host=address),
            data=dict(form) if form is not None else None,
            headers=given,
            extensions={"sni_hostname": host},
        )
        answer = await client.send(request, stream=True)
        try:
            if answer.status_code != httpx.codes.OK:
                raise FetchRefused(f"{host} answered with status {answer.status_code}")
            body = bytearray()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise FetchRefused(f"{host} answers with more than {MOST_BYTES} bytes")
            return bytes(body)
        finally:
            await answer.aclose()


def _is_own_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
