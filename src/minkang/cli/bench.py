"""`minkang bench`: measures hot paths against a reference in the same run."""

import argparse
import asyncio
import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from minkang.app.database import database
from minkang.app.platform import key_folder
from minkang.config import Settings
from minkang.crypto import load_keys
from minkang.store import open_pool, open_store


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("bench", help="measure hot paths (from a source tree)")
    parser.add_argument("name", nargs="?", help="one bench (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=_run)


def _run(_: Settings, chosen: argparse.Namespace) -> int:
    root = Path(__file__).parents[3]
    if not (root / "bench" / "measure.py").is_file():
        sys.stderr.write("minkang: the benches come with the source tree, not with the package\n")
        return 3
    sys.path.insert(0, str(root))
    package = importlib.import_module("bench")
    benches = {**package.BENCHES, **package.LARGE}
    names = [chosen.name] if chosen.name else list(package.BENCHES)
    if unknown := [name for name in names if name not in benches]:
        sys.stderr.write(f"minkang: no bench {unknown[0]}; there are {', '.join(benches)}\n")
        return 2
    results = []
    code = 0
    for name in names:
        sys.stderr.write(f"{name} ...\n")
        try:
            found = _measure(benches[name])
        except package.NotRun as reason:
            sys.stderr.write(f"NOT RUN: {name} ({reason})\n")
            continue
        except RuntimeError as error:
            sys.stderr.write(f"minkang: {name} failed: {error}\n")
            code = 1
            continue
        results += found if isinstance(found, list) else [found]
    if chosen.json:
        sys.stdout.write(msgspec.json.encode({"results": results}).decode() + "\n")
    else:
        for one in results:
            sys.stdout.write(
                f"{one.name:<32} {one.value:>12} {one.unit:<12} reference {one.reference:>10}  "
                f"ratio {one.ratio:>6}  {'met' if one.met else 'MISSED'} ({one.reach})\n"
            )
    return code


def _measure(bench: Any) -> Any:
    """Run one bench on a database of its own, so that none finds the other's data."""
    with tempfile.TemporaryDirectory(prefix="minkang-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)  # as root the database runs as another user, who must walk in
        with database(Settings(home=home)) as url:
            return asyncio.run(_on(home, url, bench))


async def _on(home: Path, url: str, bench: Any) -> Any:
    place = importlib.import_module("bench.measure").Place
    keys = load_keys(key_folder(home), create=False)
    pool = await open_pool(url, maximum=32)
    try:
        return await bench(place(await open_store(pool, keys), keys, home, url))
    finally:
        await pool.close()
