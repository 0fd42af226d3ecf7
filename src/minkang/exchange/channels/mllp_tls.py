"""TLS for the MLLP listener: our certificate, and those of the senders where they are asked for."""

import ssl
from pathlib import Path
from typing import Any


class TlsError(Exception):
    """A certificate or key can't be used; the text names the file."""


def tls_context(certificate: Path, key: Path | None, clients: Path | None) -> ssl.SSLContext:
    """A server's context, TLS 1.2 or newer.

    Args:
        certificate: PEM file, our certificate and those between it and its authority.
        key: PEM file with the private key; None: it stands in `certificate`.
        clients: PEM file of the authorities whose certificates senders must show; None: none.

    Raises:
        TlsError: a file is missing, is no PEM, or the key does not fit.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
        if clients is not None:
            context.load_verify_locations(clients)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:  # ssl.SSLError is one
        files = ", ".join(str(file) for file in (certificate, key, clients) if file is not None)
        raise TlsError(f"{files}: {error}") from error
    return context


def names_of(peer: dict[str, Any] | None) -> frozenset[str]:
    """What a sender's certificate is made out to: its common name and DNS names."""
    if not peer:
        return frozenset()
    common = (
        value
        for relative in peer.get("subject", ())
        for attribute, value in relative
        if attribute == "commonName"
    )
    other = (value for kind, value in peer.get("subjectAltName", ()) if kind == "DNS")
    return frozenset([*common, *other])
