"""A launch that a hospital's system signed itself (RFC 7519): no request before, one address.

The claims are those of `POST /api/launch`, beside `iss` (the registered name or the client's id),
`aud` (the address of `/launch`), `exp` (within five minutes) and `jti` (used once). What is signed
can be read by whoever sees the address, so an identity number has no place in it.
"""

from datetime import datetime
from typing import Any, Final

import msgspec

from minkang.accounts import Account, organisation_names
from minkang.accounts.apps import App, app_of
from minkang.accounts.apps_rules import AppRefused
from minkang.accounts.oauth_clients import claimed, signed_claims
from minkang.accounts.oauth_jwks import AppKeys
from minkang.accounts.oauth_refusal import OAuthRefused
from minkang.api.launch_who import Named, NotKnown, launched, who_is_meant
from minkang.crypto import Keys
from minkang.identity.codes.scan import Scanner
from minkang.policy.launch import Asked
from minkang.policy.launch_systems import LaunchSystem, system_of_issuer
from minkang.store import Pool

_FIELDS: Final = frozenset(Named.__struct_fields__)


class Signer(msgspec.Struct, frozen=True):
    """A system that signed: as it was registered, and its account."""

    system: LaunchSystem
    account: Account
    claims: dict[str, Any]


async def signer_of(
    pool: Pool,
    keys: Keys,
    app_keys: AppKeys,
    text: str,
    *,
    audiences: tuple[str, ...],
    now: datetime,
) -> Signer:
    """Which system signed a JWT; it is worthless from now on.

    Raises:
        OAuthRefused: `invalid_client`: of none that may open the record, another's signature, not
            made out to us, too old or for too long, used before.
    """
    issuer = claimed(text, "iss")
    system = await system_of_issuer(pool, issuer, now=now)
    if system is None:
        raise OAuthRefused("invalid_client", "no system that may open the record signs so")
    try:
        app = await app_of(pool, system.client)
    except AppRefused as error:
        raise OAuthRefused("invalid_client", "this system has no keys") from error
    expected = {"iss": {"essential": True, "value": issuer}}
    claims = await signed_claims(
        pool, keys, app_keys, app, text, expected=expected, audiences=audiences, now=now
    )
    return Signer(system, await _account_of(pool, app, system), claims)


async def signed_launch(scanner: Scanner, signer: Signer, *, now: datetime, address: str) -> Asked:
    """What a signed launch asks for.

    Raises:
        NotKnown: see its codes; `claims`: a claim is missing or of another form, `id-number`.
        AuditUnavailable: it could not be written down that it was asked.
    """
    decision = await scanner.gate.ask(
        signer.account, "launch-record", now=now, object_type="Launch", address=address
    )
    if not decision.allowed:
        raise NotKnown("forbidden", "iss")
    said = {name: one for name, one in signer.claims.items() if name in _FIELDS}
    try:
        named = msgspec.convert(said, Named)
    except msgspec.ValidationError as error:
        raise NotKnown("claims", "") from error
    if named.patient.id_number:
        raise NotKnown("id-number", "patient.id_number")
    meant = await who_is_meant(scanner, signer.system, named, now=now, address=address)
    return launched(signer.account, signer.system, named, meant)


async def _account_of(pool: Pool, app: App, system: LaunchSystem) -> Account:
    """The account of an app that acts for its organisation, as its tokens have it."""
    names = await organisation_names(pool)
    return Account(
        id=app.id,
        login="token",
        name=app.name,
        role="system",
        organisation=system.organisation,
        organisation_name=names.get(system.organisation),
        person=None,
        institution=system.organisation,
        level="token",
        client=app.id,
    )
