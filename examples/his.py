"""A hospital's own system, in small: opens the record in a frame and asks for advice on orders.

    minkang demo
    .venv/bin/python examples/his.py http://127.0.0.1:8000 .minkang/demo/his.json

Then open http://127.0.0.1:8770/. The doctor picks a patient: the system signs for a token, asks
the platform for a link (`POST /api/launch`) and shows the record in a frame of its own page; beside
it stand the cards of the hook `patient-view`. Each order is sent to the hook `order-sign` first;
what becomes of a card goes back as feedback.
"""

import html
import json
import secrets
import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

HERE = ("127.0.0.1", 8770)
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TESTS = ("血常规", "肝功能", "肾功能", "血脂", "空腹血糖", "糖化血红蛋白", "心电图")
MEDICINES = ("阿莫西林胶囊", "二甲双胍片", "苯磺酸氨氯地平片", "阿司匹林肠溶片")


class His:
    """What the system knows of itself, and how it talks to the platform."""

    def __init__(self, client: httpx.Client, base: str, said: dict[str, Any]) -> None:
        self.client, self.base, self.said = client, base, said
        self.key = ECKey.import_key(said["key"])
        self._token, self._until = "", 0.0

    def signed(self, audience: str, **more: str) -> str:
        """A JWT for one address, good once and for four minutes."""
        claims = {
            "iss": self.said["client_id"],
            "aud": audience,
            "iat": int(time.time()),
            "exp": int(time.time()) + 240,
            "jti": secrets.token_urlsafe(16),
            **more,
        }
        return jwt.encode({"alg": "ES384", "kid": self.key.kid}, claims, self.key, ["ES384"])

    def token(self) -> str:
        """An access token, asked for anew shortly before it ends."""
        if time.time() > self._until:
            place = f"{self.base}/oauth/token"
            form = {
                "grant_type": "client_credentials",
                "scope": "system/Patient.rs",
                "client_assertion_type": ASSERTION,
                "client_assertion": self.signed(place, sub=self.said["client_id"]),
            }
            given = self.client.post(place, data=form).raise_for_status().json()
            self._token = given["access_token"]
            self._until = time.time() + given["expires_in"] - 30
        return self._token

    def link(self, purpose: str = "treatment") -> str:
        """An address that opens the record of the patient once, within five minutes."""
        asked = {
            "institution": self.said["institution"],
            "practitioner": self.said["practitioner"],
            "patient": {"local": self.said["patient"]["number"]},
            "visit": "MZ20260001",
            "purpose": purpose,
        }
        headers = {"Authorization": f"Bearer {self.token()}"}
        answer = self.client.post(f"{self.base}/api/launch", json=asked, headers=headers)
        address: str = answer.raise_for_status().json()["url"]
        return address

    def cards(self, service: str, hook: str, **context: Any) -> list[dict[str, Any]]:
        """The cards of a service (CDS Hooks 2.0)."""
        place = f"{self.base}/cds-services/{service}"
        sent = {
            "hook": hook,
            "hookInstance": str(uuid.uuid4()),
            "context": {
                "userId": f"Practitioner/{self.said['practitioner']}",
                "patientId": self.said["patient"]["number"],
                **context,
            },
        }
        headers = {"Authorization": f"Bearer {self.signed(place)}"}
        answer = self.client.post(place, json=sent, headers=headers)
        found: list[dict[str, Any]] = answer.raise_for_status().json()["cards"]
        return found

    def on_view(self) -> list[dict[str, Any]]:
        """What there is to say when the chart is opened."""
        return self.cards("minkang-patient-view", "patient-view")

    def on_order(self, names: list[str]) -> list[dict[str, Any]]:
        """What there is to say of orders before they are signed."""
        drafts = [_order(number, name) for number, name in enumerate(names)]
        bundle = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": one} for one in drafts],
        }
        return self.cards("minkang-order-sign", "order-sign", draftOrders=bundle)

    def feedback(self, card: str, reason: str) -> None:
        """Tell what became of a card: accepted, or why not."""
        place = f"{self.base}/cds-services/minkang-order-sign/feedback"
        told: dict[str, Any] = {"card": card, "outcome": "overridden" if reason else "accepted"}
        if reason:
            told["overrideReason"] = {"reason": {"code": reason}}
        headers = {"Authorization": f"Bearer {self.signed(place)}"}
        answer = self.client.post(place, json={"feedback": [told]}, headers=headers)
        answer.raise_for_status()


def _order(number: int, name: str) -> dict[str, Any]:
    if name in MEDICINES:
        kind = "MedicationRequest"
        what: dict[str, Any] = {"medicationCodeableConcept": {"text": name}}
    else:
        kind, what = "ServiceRequest", {"code": {"text": name}}
    return {"resourceType": kind, "id": f"draft-{number}", "status": "draft", **what}


LOOK = """body{margin:0;font:15px/1.5 system-ui,sans-serif;background:#e9edf1;color:#1d2733}
header{background:#155e63;color:#fff;padding:.6rem 1rem}main{display:flex;gap:1rem;padding:1rem}
aside{width:22rem;flex:none}iframe{flex:1;height:84vh;border:1px solid #8aa;
background:#fff}
.card{background:#fff;border-left:.3rem solid #4b7bb5;padding:.5rem .8rem;margin:.5rem 0}
.warning{border-color:#d08700}.critical{border-color:#c2322d}.card pre{white-space:pre-wrap}
select{max-width:100%}
button{font:inherit;padding:.3rem .8rem;margin:.2rem 0}label{display:inline-block;width:10rem}
@media(max-width:60rem){main{flex-direction:column}aside{width:auto}}"""


def page(his: His, link: str, cards: list[dict[str, Any]], chosen: list[str]) -> str:
    """The system's own page: the patient, orders and cards at the left, the record in its frame."""
    boxes = "".join(
        f'<label><input type="checkbox" name="order" value="{name}"'
        f"{' checked' if name in chosen else ''}> {name}</label>"
        for name in (*TESTS, *MEDICINES)
    )
    shown = "".join(map(_card, cards)) or "<p>没有提醒。</p>"
    name = html.escape(his.said["patient"]["name"])
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>示例 HIS</title>'
        f"<style>{LOOK}</style><header>海滨人民医院 门诊医生站（示例 HIS） · 患者：{name}"
        f"</header><main><aside><h2>医嘱</h2><form method=post action=/order>{boxes}"
        f"<br><button>签发前核对</button></form>"
        f'<p><a href="/">重新打开档案</a> · <a href="/?purpose=emergency">紧急打开</a></p>'
        f"<h2>提醒</h2>{shown}</aside>"
        f'<iframe title="居民健康档案" src="{html.escape(link)}"></iframe></main></html>'
    )


def _card(card: dict[str, Any]) -> str:
    said = html.escape(card["summary"])
    reasons = "".join(
        f'<option value="{html.escape(one["code"])}">{html.escape(one["display"])}</option>'
        for one in card.get("overrideReasons", [])
    )
    answer = ""
    if card.get("suggestions"):
        label = html.escape(card["suggestions"][0]["label"])
        number = html.escape(card["uuid"])
        answer = (
            f"<form method=post action=/feedback><input type=hidden name=card value={number}>"
            f"<button>{label}</button></form>"
        )
        if reasons:
            answer += (
                f"<form method=post action=/feedback><input type=hidden name=card value={number}>"
                f"<select name=reason>{reasons}</select><button>仍要开</button></form>"
            )
    detail = html.escape(card.get("detail", ""))
    return (
        f'<div class="card {html.escape(card["indicator"])}"><b>{said}</b>'
        f"<details><summary>详情</summary><pre>{detail}</pre></details>{answer}</div>"
    )


class Pages(BaseHTTPRequestHandler):
    """The system's pages; `his` is set before it serves."""

    his: His

    def do_GET(self) -> None:
        """The workplace, with a fresh link."""
        parts = urlsplit(self.path)
        if parts.path != "/":
            self.send_error(404)
            return
        purpose = parse_qs(parts.query).get("purpose", ["treatment"])[0]
        link = self.his.link("emergency" if purpose == "emergency" else "treatment")
        self._show(page(self.his, link, self.his.on_view(), []))

    def do_POST(self) -> None:
        """Orders to be checked, or what became of a card."""
        length = min(int(self.headers.get("content-length") or 0), 100_000)
        form = parse_qs(self.rfile.read(length).decode())
        if self.path == "/order":
            chosen = [one for one in form.get("order", []) if one in (*TESTS, *MEDICINES)]
            cards = self.his.on_order(chosen)
            self._show(page(self.his, self.his.link(), cards, chosen))
            return
        self.his.feedback(form.get("card", [""])[0], form.get("reason", [""])[0])
        self.send_response(303)
        self.send_header("Location", "/")
        self.end_headers()

    def _show(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Nothing: addresses hold links."""


def main(base: str, file: str) -> None:
    """Serve the system's pages until it is interrupted."""
    said = json.loads(Path(file).read_text(encoding="utf-8"))
    with httpx.Client(trust_env=False, timeout=30) as client:
        Pages.his = His(client, base, said)
        sys.stdout.write(f"http://{HERE[0]}:{HERE[1]}/\n")
        sys.stdout.flush()
        HTTPServer(HERE, Pages).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:3])
