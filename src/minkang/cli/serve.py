"""`minkang init`, `serve`, `demo`: make an installation, run it, show it."""

import argparse
import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from minkang.app.database import database
from minkang.app.serve import PortTaken, serve
from minkang.config import Settings

__all__ = ["PortTaken", "add"]

_FIRST = 2_000
_PORTION = 500
_YEARS = 1
_CATCHING_UP_SECONDS = 900.0
_USAGE = 2


def add(commands: Any) -> None:
    """Add the commands."""
    init = commands.add_parser("init", help="make keys and tables of a new installation")
    init.set_defaults(run=_init)
    run = commands.add_parser("serve", help="run the platform")
    run.add_argument("--port", type=int, help="port of the pages (default 8000)")
    run.add_argument(
        "--open",
        action="store_true",
        help="FHIR base without tokens, for conformance runs; only on a loopback host",
    )
    run.set_defaults(run=_serve)
    demo = commands.add_parser("demo", help="run the platform with invented residents")
    demo.add_argument("--port", type=int, help="port of the pages (default 8000)")
    demo.add_argument(
        "--residents",
        type=_positive,
        default=int(os.environ.get("DEMO_RESIDENTS") or 0),
        help="how many lives there are to be in all (default 2000, or DEMO_RESIDENTS); at a later "
        "start more than there are, or as many as were wanted before",
    )
    demo.add_argument(
        "--first",
        type=_positive,
        default=_FIRST,
        metavar="N",
        help=f"of these, at most so many are there before the pages are (default {_FIRST}); "
        "the others come behind the running pages",
    )
    demo.add_argument(
        "--portion",
        type=_positive,
        default=_PORTION,
        metavar="N",
        help=f"so many of the others are made and loaded at a time (default {_PORTION})",
    )
    demo.add_argument(
        "--years",
        type=int,
        default=int(os.environ.get("DEMO_YEARS") or _YEARS),
        help="how many years of them lie behind (default 1, or DEMO_YEARS)",
    )
    demo.set_defaults(run=_demo)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be positive")
    return number


def _init(settings: Settings, _: argparse.Namespace) -> int:
    with database(settings):
        sys.stdout.write(f"{settings.home}\n")
    return 0


def _serve(settings: Settings, chosen: argparse.Namespace) -> int:
    settings = _with_port(settings, chosen)
    if chosen.open and not _is_loopback(settings.host):
        sys.stderr.write(
            f"minkang: --open is refused: host {settings.host!r} is not the loopback, "
            "anybody could read and write; set host to 127.0.0.1\n"
        )
        return _USAGE
    serve(
        settings,
        open_base=chosen.open,
        ready=lambda: _say(f"ready {_address(settings)}"),
    )
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _demo(settings: Settings, chosen: argparse.Namespace) -> int:
    # It brings the whole practice region with it, which no other command needs.
    from minkang.app.demonstration import (
        Size,
        demo_accounts,
        demo_code,
        demo_fhir,
        demo_his,
        prepare,
        progress,
    )
    from minkang.app.demonstration.later import wait_until_caught_up

    settings = _with_port(settings, chosen)

    def ready() -> None:
        # The last days come by socket, table and HTTP, as later ones do; then all of it is there.
        wait_until_caught_up(settings.home, _CATCHING_UP_SECONDS)
        _say(f"ready {_address(settings)}")
        found = progress(settings.home)
        count, wanted = (found.loaded, found.residents) if found else (0, 0)
        _say(f"  {count} invented residents · MLLP port {settings.mllp_port}")
        if count < wanted:
            address = f"{_address(settings)}/centre/store"
            _say(f"  {wanted - count} more are brought in behind the pages; how far: {address}")
        for account in demo_accounts():
            _say(f"  {account.login:<8} {account.password}   {account.what}")
        for shown in (demo_fhir, demo_code, demo_his):
            for line in shown(settings, Path.cwd()):
                _say(f"  {line}")

    size = Size(chosen.residents or None, chosen.first, chosen.portion, chosen.years)
    serve(
        settings,
        demo=True,
        prepare=lambda url: prepare(settings, url, size),
        ready=ready,
    )
    return 0


def _with_port(settings: Settings, chosen: argparse.Namespace) -> Settings:
    if chosen.port is None:
        return settings
    return msgspec.structs.replace(settings, port=chosen.port)


def _address(settings: Settings) -> str:
    scheme = "https" if settings.tls_certificate else "http"
    return f"{scheme}://{settings.host}:{settings.port}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
