"""What the terminal says of the demonstration's FHIR base can be pasted into a shell."""

import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from minkang.app.demonstration import demo_fhir
from minkang.app.demonstration.accounts import HOSPITAL
from minkang.config import Settings

FOLDER = Path("/srv/minkang")


@pytest.mark.parametrize("home", [FOLDER / ".minkang", Path("/somewhere else")])
def test_the_lines_are_a_token_and_a_search_with_it(home: Path) -> None:
    told, token, curl = demo_fhir(Settings(home=home, port=8123), FOLDER)
    assert "http://127.0.0.1:8123/fhir" in told
    assert token.startswith("TOKEN=$(")
    words = shlex.split(token.removeprefix("TOKEN=$(").removesuffix(")"))
    named = [f"MINKANG_HOME={home}"] if home.parent != FOLDER else []
    assert words == [
        *named,
        ".venv/bin/minkang",
        "token",
        "--role",
        "system",
        "--org",
        HOSPITAL,
    ]
    assert '"Authorization: Bearer $TOKEN"' in curl
    address = urlsplit(shlex.split(curl)[-1])
    assert (address.netloc, address.path) == ("127.0.0.1:8123", "/fhir/Observation")
