"""Verification of the checkpoints' signatures, as they come one after the other."""

from collections.abc import Sequence
from datetime import timedelta

from minkang.audit.checkpoint import ORIGIN, Checkpoint, digest_of
from minkang.audit.entry import microseconds
from minkang.audit.verification import Findings
from minkang.crypto import PublicKey, signed_by

# A process of the release before may end with one more checkpoint while the key is being made.
_UPGRADE = timedelta(minutes=5)


class Signatures:
    """Follows the digests; checks the signatures that speak for the others.

    A digest covers the digest and the signature before it, so the last signature proves all of
    them. The others are checked only where a digest doesn't follow (a check takes 30 ms), or all
    of them when that is asked for.
    """

    def __init__(self, keys: Sequence[PublicKey], findings: Findings, *, every: bool) -> None:
        self._keys, self._findings, self._every = keys, findings, every
        self._since = min((microseconds(one.since) for one in keys), default=None)
        self._before: Checkpoint | None = None
        self._sound = True  # whether `_before` may be built upon
        self._signed = self._checked = 0

    def step(self, checkpoint: Checkpoint, *, genuine: bool, follows: bool) -> None:
        """The next checkpoint; not `genuine` or not following: that is reported already."""
        before, sound = self._before, self._sound
        self._before, self._sound = checkpoint, genuine
        if not checkpoint.signature:
            self._unsigned(checkpoint)
            return
        self._signed = checkpoint.seq
        if self._every and genuine:
            self._check(checkpoint)
        if not (genuine and sound and follows):
            return
        place = (ORIGIN, b"", b"")
        if before is not None:
            place = (before.mac, before.digest, before.signature)
        digest = digest_of(checkpoint.seq, checkpoint.at, checkpoint.heads, checkpoint.mac, place)
        if digest == checkpoint.digest:
            return
        if before is not None and before.signature and not self._check(before):
            return  # it is the one before that was altered
        if before is not None and not before.signature and self._check(checkpoint):
            text = "the signature was taken away"
            self._findings.add(None, before.seq, "signature", text)
            return
        text = "what was signed is not this checkpoint behind the one before"
        self._findings.add(None, checkpoint.seq, "signature", text)

    def end(self) -> None:
        """After the last: its signature speaks for all."""
        if self._before is not None and self._before.signature and self._sound:
            self._check(self._before)

    def differs(self, checkpoint: Checkpoint, line: Checkpoint) -> bool:
        """Whether table and file agree on all but the signature, which is then looked at."""
        if (checkpoint.mac, checkpoint.previous) != (line.mac, line.previous):
            return False
        if self._check(checkpoint):
            text = "the file holds another signature"
            self._findings.add(None, checkpoint.seq, "file", text)
        return True

    def _unsigned(self, checkpoint: Checkpoint) -> None:
        """Right only from before the time of signatures."""
        late = (
            self._since is not None and checkpoint.at > self._since + _UPGRADE.total_seconds() * 1e6
        )
        if self._signed or late:
            text = "the checkpoint is not signed, though signatures were already made"
            self._findings.add(None, checkpoint.seq, "signature", text)

    def _check(self, checkpoint: Checkpoint) -> bool:
        """Whether the signature is right; a wrong one is reported once."""
        right = bool(self._keys) and signed_by(
            self._keys, checkpoint.signer, checkpoint.digest, checkpoint.signature
        )
        if not right and self._checked != checkpoint.seq:
            self._checked = checkpoint.seq
            text = "the signature is not that of a known key"
            if any(one.name == checkpoint.signer for one in self._keys):
                text = "the signature is wrong"
            self._findings.add(None, checkpoint.seq, "signature", text)
        return right
