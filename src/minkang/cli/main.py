"""The command line: arguments, settings, exit codes."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from minkang import __version__
from minkang.cli import (
    account,
    audit,
    backup,
    bench,
    doctor,
    keys,
    link,
    load,
    policy,
    purge,
    quality,
    region,
    register,
    restore,
    serve,
    sources,
    standby,
    synth,
    targets,
    token,
    watch,
)
from minkang.cli import map as map_command
from minkang.config import SettingsError, load_settings
from minkang.crypto import KeyFilesMissing
from minkang.store import MigrationError
from minkang.store.embedded import DatabaseUnavailable

OK, REFUSED, USAGE, MISSING = 0, 1, 2, 3
_MODULES = (
    serve,
    load,
    watch,
    sources,
    map_command,
    targets,
    quality,
    register,
    region,
    link,
    account,
    token,
    policy,
    audit,
    backup,
    restore,
    purge,
    standby,
    keys,
    doctor,
    bench,
    synth,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="minkang", description="民康 · 区域全民健康信息平台")
    parser.add_argument("--version", action="version", version=f"minkang {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in _MODULES:
        module.add(commands)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    try:
        settings = load_settings(os.environ, Path.cwd())
        code: int = chosen.run(settings, chosen)
    except SettingsError as error:
        return _fail(error, USAGE)
    except (DatabaseUnavailable, KeyFilesMissing, MigrationError, serve.PortTaken) as error:
        return _fail(error, MISSING)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return _fail(error, MISSING)
    return code


def _fail(error: Exception, code: int) -> int:
    sys.stderr.write(f"minkang: {error}\n")
    return code
