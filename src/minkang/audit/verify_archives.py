"""Verification of the archives: their files, their signatures, and each link in them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from minkang.audit.archive_file import (
    ArchiveSpoilt,
    Manifest,
    Span,
    file_digest,
    manifest_file,
    read_rows,
    rows_file,
    signed_part,
)
from minkang.audit.chain import Chain
from minkang.audit.entry import Head, begun_link, first_link
from minkang.audit.parts import Begin
from minkang.audit.verification import Findings
from minkang.crypto import PublicKey, signed_by, sm3
from minkang.store import Connection


class Archives(msgspec.Struct):
    """What the archives say about the chains.

    Attributes:
        ends: how far each chain is archived.
        told: digests of manifests that archived entries tell of.
        links: the links behind which rows are still in the table though archived, see `wanted`.
    """

    manifests: list[Manifest] = msgspec.field(default_factory=list)
    entries: int = 0
    ends: dict[UUID, Span] = msgspec.field(default_factory=dict)
    told: set[tuple[str, str]] = msgspec.field(default_factory=set)
    links: dict[UUID, Begin] = msgspec.field(default_factory=dict)


class Known(msgspec.Struct, frozen=True):
    """A row of audit.archive."""

    number: int
    manifest: str
    signer: str
    signature: bytes

    @property
    def digest(self) -> str:
        """By which the log tells of it, in hexadecimal."""
        return sm3(self.manifest.encode()).hex()


async def known_archives(connection: Connection) -> list[Known]:
    """The archives that the tables name."""
    rows = await connection.fetch(
        "select number, manifest, signer, signature from audit.archive order by number"
    )
    return [Known(*row.values()) for row in rows]


def verify_manifests(
    known: Sequence[Known],
    spans: Mapping[int, Sequence[Span]],
    keys: Sequence[PublicKey],
    findings: Findings,
) -> Archives:
    """Check what the tables say of the archives; `spans` are the rows of audit.archived."""
    archives, before, expected = Archives(), "", 1
    for one in known:
        if one.number != expected:
            text = f"archives {expected} to {one.number - 1} are missing"
            findings.add(None, expected, "archive", text)
        expected = one.number + 1
        signed = signed_by(keys, one.signer, signed_part(one.manifest), one.signature)
        try:
            manifest = msgspec.json.decode(one.manifest, type=Manifest)
        except msgspec.DecodeError:
            findings.add(None, one.number, "archive", "the manifest can't be read")
            continue
        if not signed:
            findings.add(None, one.number, "signature", "the archive's signature is wrong")
        elif manifest.number != one.number or manifest.previous != before:
            text = "the manifest does not follow from the one before"
            findings.add(None, one.number, "archive", text)
        listed = sorted(spans.get(one.number, ()), key=lambda span: (span.writer, span.first))
        if listed != sorted(manifest.spans, key=lambda span: (span.writer, span.first)):
            text = "the table names other entries than the manifest"
            findings.add(None, one.number, "archive", text)
        before = one.digest
        _follow(archives, manifest, findings)
    return archives


def verify_files(
    archives: Archives,
    known: Sequence[Known],
    folder: Path,
    key: bytes,
    heads: Mapping[UUID, Head],
    wanted: Mapping[UUID, int],
    findings: Findings,
    passed: Callable[[int], None],
) -> None:
    """Read the archives' files and walk along the chains in them.

    `wanted` is, for chains whose archived rows are not all gone from the table yet, the number
    before the first of these.
    """
    texts = {one.number: one.manifest for one in known}
    for manifest in archives.manifests:
        path = rows_file(folder, manifest.number)
        try:
            beside = msgspec.json.decode(manifest_file(folder, manifest.number).read_bytes())
            digest = file_digest(path)
        except (OSError, msgspec.DecodeError) as error:
            text = f"the files can't be read: {error}"
            findings.add(None, manifest.number, "archive", text)
            continue
        if beside.get("manifest") != texts[manifest.number]:
            findings.add(None, manifest.number, "archive", "the file of the manifest was altered")
        if digest != manifest.sm3:
            findings.add(None, manifest.number, "archive", f"{path.name} was altered")
        try:
            _walk(archives, manifest, path, key, heads, wanted, findings, passed)
        except ArchiveSpoilt as error:
            findings.add(None, manifest.number, "archive", str(error))


def _follow(archives: Archives, manifest: Manifest, findings: Findings) -> None:
    """Take in an archive's spans: each must go on where the one before ended."""
    archives.manifests.append(manifest)
    for span in manifest.spans:
        end = archives.ends.get(span.writer)
        last, mac = (end.last, end.mac) if end else (0, "")
        if span.first != last + 1:
            text = f"entries {last + 1} to {span.first - 1} are in no archive"
            findings.add(span.writer, last + 1, "removed", text)
        elif end is not None and span.before != mac:
            text = "the archive does not follow from the one before"
            findings.add(span.writer, span.first, "archive", text)
        archives.ends[span.writer] = span


def _walk(
    archives: Archives,
    manifest: Manifest,
    path: Path,
    key: bytes,
    heads: Mapping[UUID, Head],
    wanted: Mapping[UUID, int],
    findings: Findings,
    passed: Callable[[int], None],
) -> None:
    begun, spans = begun_link(key), {span.writer: span for span in manifest.spans}
    chains: dict[UUID, Chain] = {}
    for rows in read_rows(path):
        for row in rows:
            span = spans.get(row.writer)
            if span is None:
                findings.add(row.writer, row.seq, "changed", "the manifest has no such chain")
                continue
            if row.writer not in chains:
                before = bytes.fromhex(span.before)
                if span.first == 1:
                    before = first_link(key, row.writer)
                head = heads.get(row.writer)
                chains[row.writer] = Chain(
                    begun, row.writer, head, findings, span.first - 1, [before]
                )
            chains[row.writer].step(row.seq, bytes.fromhex(row.mac), row.canonical)
            if wanted.get(row.writer) == row.seq:
                archives.links[row.writer] = Begin(row.seq, (bytes.fromhex(row.mac),))
            if row.action == "archive-audit":
                archives.told.add((row.object_id, row.detail or ""))
        archives.entries += len(rows)
        passed(len(rows))
    for writer, span in spans.items():
        last = chains[writer].seq if writer in chains else span.first - 1
        if last != span.last:
            text = f"entries {last + 1} to {span.last} of the archive are missing"
            findings.add(writer, last + 1, "removed", text)
