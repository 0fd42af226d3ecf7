"""`minkang bench`: measures hot paths against a reference in the same run."""

import argparse
import sys
from typing import Any

from minkang.config import Settings


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("bench", help="measure hot paths")
    parser.add_argument("name", nargs="?", help="one bench (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=_run)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    del settings, chosen
    sys.stderr.write("later\n")
    return 2
