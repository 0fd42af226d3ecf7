"""A little OpenID Connect provider, over real HTTP on the loopback, with real keys."""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

FIRST_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
CLIENT, SECRET = "minkang", "the client's secret: %&+ü"


class LittleProvider:
    """Discovery, keys and tokens; a test changes what it answers.

    Attributes:
        claims: what replaces or joins the usual claims of a token.
        documents: answers by path that replace the usual ones: (status, headers, body).
        asked: the paths that were asked, in order.
        sign: makes the token out of its claims.
    """

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.documents: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: list[dict[str, Any]] = []
        self.key: RSAKey | ECKey = FIRST_KEY
        self.algorithm = "RS256"
        self.sign = self._signed
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def visit(self, address: str, subject: str = "alice") -> dict[str, str]:
        """Somebody logs in here; what their browser is sent back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code{len(self.codes)}"
        self.codes[code] = asked | {"subject": subject}
        return {"code": code, "state": asked["state"], "redirect": asked["redirect_uri"]}

    def answer(self, path: str, form: dict[str, str], basic: str) -> tuple[int, Any]:
        """What a path answers."""
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.metadata,
            }
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/token":
            return self._token(form, basic)
        return 404, {}

    def _token(self, form: dict[str, str], basic: str) -> tuple[int, Any]:
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        digest = hashlib.sha256(verifier.encode()).digest()
        if asked is None or asked["code_challenge"] != plain64(digest):
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"] or form["client_id"] != CLIENT:
            return 400, {"error": "invalid_grant"}
        self.tokens.append({"basic": basic, "form": form})
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": asked["subject"],
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
            "name": "王芳",
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])


def unsigned(claims: dict[str, Any]) -> str:
    """A token with `alg` none."""
    parts = ({"alg": "none"}, claims)
    return ".".join(plain64(json.dumps(part).encode()) for part in parts) + "."


def plain64(raw: bytes) -> str:
    """Base64 as tokens have it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _handler(provider: LittleProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            self._answer({name: values[0] for name, values in parse_qs(body.decode()).items()})

        def log_message(self, *_: Any) -> None:
            pass

        def _answer(self, form: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            provider.asked.append(path)
            headers: dict[str, str] = {"content-type": "application/json"}
            if path in provider.documents:
                status, further, body = provider.documents[path]
                headers |= further
            else:
                given = self.headers.get("authorization", "")
                status, answer = provider.answer(path, form, given)
                body = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
