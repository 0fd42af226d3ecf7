"""HTTPS by the web server itself, and what follows from it."""

from pathlib import Path
from typing import Any

import pytest

from minkang.app.https import always_https
from minkang.config import Settings, SettingsError, load_settings


async def test_browsers_are_told_never_to_come_without_tls() -> None:
    sent: list[dict[str, Any]] = []

    async def pages(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
        await send({"type": "http.response.body", "body": b"x"})

    async def keep(message: dict[str, Any]) -> None:
        sent.append(message)

    async def nothing() -> None:
        pass

    await always_https(pages)({"type": "http"}, nothing, keep)
    headers = dict(sent[0]["headers"])
    assert headers[b"a"] == b"b"
    assert headers[b"strict-transport-security"].startswith(b"max-age=31536000")


def test_a_certificate_makes_cookies_secure() -> None:
    home = Path("/nowhere")
    assert not Settings(home=home).https
    assert Settings(home=home, tls_certificate=Path("c.pem")).https
    assert Settings(home=home, secure_cookies=True).https


def test_the_databases_password_comes_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("ge/he:im@\n")
    (tmp_path / "minkang.toml").write_text(
        'database_url = "postgresql://reader@db.example:5432/minkang?sslmode=require"\n'
        f'database_password_file = "{tmp_path}/password"\n'
    )
    found = load_settings({"MINKANG_HOME": str(tmp_path)}, tmp_path)
    assert found.database_url == (
        "postgresql://reader:ge%2Fhe%3Aim%40@db.example:5432/minkang?sslmode=require"
    )
    (tmp_path / "password").unlink()
    with pytest.raises(SettingsError, match="database_password_file"):
        load_settings({"MINKANG_HOME": str(tmp_path)}, tmp_path)
