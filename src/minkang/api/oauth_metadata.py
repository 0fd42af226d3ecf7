"""What the authorization server can do, for apps: SMART's and OpenID Connect's discovery.

SMART App Launch 2.2, conformance; RFC 8414; OpenID Connect Discovery 1.0. Both lie below the FHIR
base, which is the issuer.
"""

from typing import Any, Final

import msgspec

from minkang.accounts.apps_rules import ALGORITHMS
from minkang.accounts.oauth_scopes import OTHERS
from minkang.accounts.oauth_signing import ALGORITHM
from minkang.api.call import BASE, Answer, Call
from minkang.api.oauth_paths import AUTHORIZE
from minkang.api.oauth_paths import BASE as OAUTH
from minkang.fhir import Resource

CAPABILITIES: Final = (
    "launch-ehr", "launch-standalone", "client-public",
    "client-confidential-symmetric", "client-confidential-asymmetric", "sso-openid-connect",
    "context-ehr-patient", "context-standalone-patient", "context-banner", "permission-patient",
    "permission-user", "permission-offline", "permission-online", "permission-v1", "permission-v2",
)  # fmt: skip

_SCOPES: Final = (*sorted(OTHERS), "patient/*.rs", "user/*.rs", "system/*.cruds")
_URIS: Final = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SERVICE: Final = "http://terminology.hl7.org/CodeSystem/restful-security-service"


async def smart_configuration(call: Call) -> Answer:
    """`GET /.well-known/smart-configuration`, for everybody."""
    return _json({**_metadata(call), "capabilities": list(CAPABILITIES)})


async def openid_configuration(call: Call) -> Answer:
    """`GET /.well-known/openid-configuration`, for everybody."""
    return _json(
        {
            **_metadata(call),
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "claims_supported": ["sub", "iss", "aud", "nonce", "auth_time", "fhirUser"],
        }
    )


def security(platform: str) -> Resource:
    """`CapabilityStatement.rest.security` of a platform at an address."""
    places = {
        "authorize": f"{platform}{AUTHORIZE}",
        "token": f"{platform}{OAUTH}/token",
        "introspect": f"{platform}{OAUTH}/introspect",
        "revoke": f"{platform}{OAUTH}/revoke",
    }
    return {
        "extension": [
            {
                "url": _URIS,
                "extension": [{"url": name, "valueUri": at} for name, at in places.items()],
            }
        ],
        "cors": True,
        "service": [{"coding": [{"system": _SERVICE, "code": "SMART-on-FHIR"}]}],
        "description": "SMART on FHIR, or a bearer token (`minkang token`); metadata is open.",
    }


def platform_of(call: Call) -> str:
    """How callers reach the platform: as the operator says, else as this one did."""
    return call.door.address or call.base.removesuffix(BASE)


def _metadata(call: Call) -> dict[str, Any]:
    platform = platform_of(call)
    ways = ["private_key_jwt", "client_secret_basic"]
    return {
        "issuer": f"{platform}{BASE}",
        "jwks_uri": f"{platform}{OAUTH}/jwks",
        "authorization_endpoint": f"{platform}{AUTHORIZE}",
        "token_endpoint": f"{platform}{OAUTH}/token",
        "introspection_endpoint": f"{platform}{OAUTH}/introspect",
        "revocation_endpoint": f"{platform}{OAUTH}/revoke",
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "scopes_supported": list(_SCOPES),
        "token_endpoint_auth_methods_supported": [*ways, "none"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": ways,
        "revocation_endpoint_auth_methods_supported": [*ways, "none"],
    }


def _json(said: dict[str, Any]) -> Answer:
    return Answer(200, msgspec.json.encode(said), media="application/json")
