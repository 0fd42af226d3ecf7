"""A small SMART on FHIR app: asks to be let in, then shows the laboratory results of a resident.

    pip install httpx
    python examples/smart_app.py http://127.0.0.1:8000/fhir CLIENT_ID

CLIENT_ID is what the platform shows once the app is registered (by the system administrator) and
approved (by the security administrator) under 接入应用, as a public app with

    redirect address  http://127.0.0.1:8765/back
    scopes            openid fhirUser launch/patient patient/Patient.rs
                      patient/Observation.rs?category=laboratory

Open the address that it prints, log in as a resident or a doctor, and allow it.
"""

import base64
import hashlib
import secrets
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

BACK = ("127.0.0.1", 8765)
REDIRECT = f"http://{BACK[0]}:{BACK[1]}/back"
SCOPES = (
    "openid fhirUser launch/patient patient/Patient.rs patient/Observation.rs?category=laboratory"
)


class Launch:
    """One standalone launch (SMART App Launch 2.2) with PKCE."""

    def __init__(self, client: httpx.Client, base: str, client_id: str) -> None:
        self.client, self.base, self.client_id = client, base, client_id
        found = client.get(f"{base}/.well-known/smart-configuration")
        self.places: dict[str, Any] = found.raise_for_status().json()
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(16)

    def address(self) -> str:
        """Where the user is sent to be asked."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "scope": SCOPES,
            "state": self.state,
            "aud": self.base,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{self.places['authorization_endpoint']}?{urlencode(asked)}"

    def token(self, came_back: str) -> dict[str, Any]:
        """The token for the address that the user came back by."""
        said = {name: one for name, (one, *_) in parse_qs(urlsplit(came_back).query).items()}
        if said.get("state") != self.state or said.get("iss") != self.places["issuer"]:
            raise SystemExit("this answer belongs to another question")
        if "code" not in said:
            raise SystemExit(f"not allowed: {said.get('error')} {said.get('error_description')}")
        form = {
            "grant_type": "authorization_code",
            "code": said["code"],
            "redirect_uri": REDIRECT,
            "code_verifier": self.verifier,
            "client_id": self.client_id,
        }
        given = self.client.post(self.places["token_endpoint"], data=form)
        answer: dict[str, Any] = given.raise_for_status().json()
        return answer

    def results(self, given: dict[str, Any]) -> list[str]:
        """The newest laboratory results, a line each."""
        found = self.client.get(
            f"{self.base}/Observation",
            params={"patient": given["patient"], "_sort": "-date", "_count": "20"},
            headers={"authorization": f"Bearer {given['access_token']}"},
        )
        entries = found.raise_for_status().json().get("entry", [])
        return [_line(one["resource"]) for one in entries]


def _line(result: dict[str, Any]) -> str:
    quantity = result.get("valueQuantity", {})
    code = result.get("code", {})
    name = code.get("text") or code.get("coding", [{}])[0].get("display", "?")
    value = quantity.get("value", result.get("valueString", ""))
    return f"{result.get('effectiveDateTime', '')} {name} {value} {quantity.get('unit', '')}"


def wait() -> str:
    """The path by which the browser comes back, once."""
    came: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append(self.path)
            self.send_response(200)
            self.send_header("content-type", "text/plain; charset=utf-8")
            self.end_headers()
            self.wfile.write("可以关闭这个页面了。 You can close this page.\n".encode())

    with HTTPServer(BACK, Handler) as server:
        while not came or not came[-1].startswith("/back"):
            server.handle_request()
    return came[-1]


def main(base: str, client_id: str) -> None:
    """The whole way, in a terminal."""
    with httpx.Client(timeout=30) as client:
        launch = Launch(client, base, client_id)
        sys.stdout.write(f"Open in a browser:\n{launch.address()}\n")
        given = launch.token(wait())
        sys.stdout.write(f"Granted: {given['scope']}\nPatient: {given['patient']}\n")
        for line in launch.results(given):
            sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
