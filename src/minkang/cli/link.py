"""`minkang link`: matching trained, run over everything, measured, explained."""

import argparse
import asyncio
import os
import pwd
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from minkang.config import Settings

if TYPE_CHECKING:
    from minkang.app.platform import Platform
    from minkang.identity.linkage.evaluate import Evaluation
    from minkang.identity.linkage.explain import Explained
    from minkang.identity.linkage.train import Trained

_SAMPLE: Final = 60_000
_Found = TypeVar("_Found")


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("link", help="match registrations: train, run, eval, explain")
    parts = parser.add_subparsers(dest="part", required=True, metavar="WHAT")
    _add_train(parts)
    _add_run(parts)
    _add_eval(parts)
    _add_explain(parts)


def _add_train(parts: Any) -> None:
    parser = parts.add_parser("train", help="estimate the weights from what is stored")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="definition (YAML)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="page with charts (HTML)")
    parser.add_argument(
        "--sample", type=int, default=_SAMPLE, metavar="N", help="registrations for the estimates"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument(
        "--put-in-force", metavar="WHY", help="match by it from now on; the reason is kept"
    )
    _json(parser)
    parser.set_defaults(run=_train)


def _add_run(parts: Any) -> None:
    parser = parts.add_parser("run", help="score all stored registrations anew, and link by that")
    parser.add_argument("--memory", default="2GB", metavar="SIZE", help="for DuckDB (2GB)")
    _json(parser)
    parser.set_defaults(run=_run)


def _add_eval(parts: Any) -> None:
    parser = parts.add_parser(
        "eval", help="links against the truth: of the demonstration, or of invented registers"
    )
    parser.add_argument(
        "--mix",
        choices=["development", "judging", "stated"],
        help="invented registers with that dirt",
    )
    parser.add_argument("--people", type=int, default=200_000, metavar="N")
    parser.add_argument("--seed", type=int, default=4711, metavar="S")
    parser.add_argument("--definition", type=Path, metavar="FILE", help="another definition")
    _json(parser)
    parser.set_defaults(run=_eval)


def _add_explain(parts: Any) -> None:
    parser = parts.add_parser("explain", help="why two are one person, or are not, in words")
    parser.add_argument("a", metavar="A", help="id of a Patient or Person")
    parser.add_argument("b", metavar="B")
    parser.add_argument("--language", choices=["zh", "en"], default="zh")
    _json(parser)
    parser.set_defaults(run=_explain)


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _train(settings: Settings, chosen: argparse.Namespace) -> int:
    from minkang.identity.linkage.definition import dumped

    trained = _on_platform(settings, lambda platform: _trained(platform, chosen))
    chosen.out.write_bytes(dumped(trained.written))
    if chosen.report is not None:
        from minkang.identity.linkage.report import page

        chosen.report.write_text(page(trained), encoding="utf-8")
    written = trained.written
    told = {
        "version": written.version,
        "records": trained.records,
        "decisions": trained.decisions,
        "file": f"{chosen.out}",
    }
    _say(
        chosen,
        told,
        f"{written.version}: {trained.records} registrations, {trained.decisions} decisions, "
        f"thresholds {written.link} and {written.review}, {chosen.out}",
    )
    return 0


async def _trained(platform: "Platform", chosen: argparse.Namespace) -> "Trained":
    from minkang.app.linkage import train_stored
    from minkang.identity.in_force import put_in_force
    from minkang.identity.linkage.definition import dumped
    from minkang.identity.linkage.train import Wish

    version = f"trained-{datetime.now(UTC):%Y%m%d%H%M%S}"
    trained = await train_stored(platform, Wish(version, seed=chosen.seed), chosen.sample)
    if chosen.put_in_force:
        async with platform.pool.acquire() as connection:
            await put_in_force(
                connection, dumped(trained.written), made_by=_who(), why=chosen.put_in_force
            )
    return trained


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    from minkang.app.linkage import run_batch

    begun = time.monotonic()
    done = _on_platform(settings, lambda platform: run_batch(platform, chosen.memory))
    told = {**msgspec.structs.asdict(done), "seconds": round(time.monotonic() - begun, 3)}
    _say(
        chosen, told,
        f"{done.patients} registrations, {done.edges} pairs kept, {done.moved} moved to another "
        f"Person, by {done.definition} in {told['seconds']} s",
    )  # fmt: skip
    return 0


def _eval(settings: Settings, chosen: argparse.Namespace) -> int:
    if chosen.mix is None:
        from minkang.app.demonstration.story import region_folder
        from minkang.app.linkage_truth import NoTruth, line_of, links_against_truth

        truth = region_folder(settings.home) / "truth"

        try:
            found = _on_platform(settings, lambda platform: links_against_truth(platform, truth))
        except NoTruth as error:
            return _wrong(error)
        _say(chosen, _figures(found), line_of(found))
        return 0
    from minkang.app.linkage_trial import Trial, tried
    from minkang.identity.linkage.definition import DefinitionBrokenError, load_definition

    try:
        definition = load_definition(chosen.definition)
    except DefinitionBrokenError as error:
        return _wrong(error)
    found = tried(definition, Trial(chosen.mix, chosen.people, chosen.seed))
    _say(chosen, {"mix": chosen.mix, "seed": chosen.seed, **_figures(found)}, _table(found))
    return 0


def _figures(found: "Evaluation") -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(found),
        "wrong": found.wrong,
        "precision": round(found.precision, 6),
        "recall": round(found.recall, 6),
        "f1": round(found.f1, 6),
        "review_share": round(found.review_share, 6),
    }


def _table(found: "Evaluation") -> str:
    wrong = ", ".join(f"{cause} {count}" for cause, count in found.wrong_by_cause.items())
    missed = ", ".join(f"{cause} {count}" for cause, count in found.missed_by_cause.items())
    return (
        f"{found.records} registrations of {found.people} people\n"
        f"precision {found.precision:.6f}, recall {found.recall:.6f}, F1 {found.f1:.6f}\n"
        f"to review {found.reviews} ({found.review_share:.3%} of registrations)\n"
        f"wrong {found.wrong}: {wrong or '-'}\nmissed {found.missed}: {missed or '-'}"
    )


def _explain(settings: Settings, chosen: argparse.Namespace) -> int:
    from minkang.app.linkage import NothingKept

    try:
        found = _on_platform(settings, lambda platform: _explained(platform, chosen))
    except NothingKept as error:
        return _wrong(error)
    _say(chosen, msgspec.structs.asdict(found), found.text)
    return 0


async def _explained(platform: "Platform", chosen: argparse.Namespace) -> "Explained":
    from minkang.app.linkage import explained
    from minkang.app.platform import open_gate
    from minkang.audit import Entry

    found = await explained(platform, chosen.a, chosen.b, chosen.language)
    async with open_gate(platform) as gate:
        await gate.log.record(
            Entry(
                action="review-links",
                allowed=True,
                purpose="administration",
                account_name=_who(),
                object_type="Link",
                object_id=chosen.a,
                persons=tuple(f"Patient/{one}" for one in (chosen.a, chosen.b)),
                reason="operator",
                detail={"a": chosen.a, "b": chosen.b},
            )
        )
    return found


def _on_platform(settings: Settings, work: "Callable[[Platform], Awaitable[_Found]]") -> _Found:
    from minkang.app.database import database
    from minkang.app.platform import open_platform

    async def opened(url: str) -> _Found:
        async with open_platform(settings, url) as platform:
            return await work(platform)

    with database(settings) as url:
        return asyncio.run(opened(url))


def _who() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _say(chosen: argparse.Namespace, told: dict[str, Any], words: str) -> None:
    text = msgspec.json.encode(told).decode() if chosen.json else words
    sys.stdout.write(text + "\n")


def _wrong(error: Exception) -> int:
    sys.stderr.write(f"minkang: {error}\n")
    return 1
