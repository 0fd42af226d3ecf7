"""A sealed file: frames of one length, each sealed for its number and whether it is the last.

    8 bytes "MKSEAL1\\n", then frames; every one but the last holds 64 KiB of content

A frame that was changed, moved, dropped or taken from another file is refused, and so is a file
that was cut off. What was read until then has already been given out: who acts on a whole file
reads it to its end first.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeAlias

from minkang.crypto.sm4 import SealBroken

MAGIC = b"MKSEAL1\n"
FRAME = 64 * 1024

Seal: TypeAlias = Callable[[bytes, bytes], bytes]
"""Content and place to sealed bytes, or back; sealed bytes are longer by a fixed number."""


class SealedWriter:
    """Seals what is written, frame by frame; `close` writes the last one."""

    def __init__(self, file: BinaryIO, seal: Seal, about: bytes) -> None:
        """`about` says which file it is; needed to read it."""
        self._file, self._seal, self._about = file, seal, about
        self._left = bytearray()
        self._number = 0
        file.write(MAGIC)

    def write(self, content: bytes, /) -> int:
        """Take in content; what does not fill a frame waits."""
        self._left += content
        while len(self._left) > FRAME:
            self._frame(bytes(self._left[:FRAME]), last=False)
            del self._left[:FRAME]
        return len(content)

    def close(self) -> None:
        """Write the last frame. The file itself stays open."""
        self._frame(bytes(self._left), last=True)
        self._left.clear()

    def _frame(self, content: bytes, *, last: bool) -> None:
        self._file.write(self._seal(content, _place(self._about, self._number, last=last)))
        self._number += 1


def is_sealed(file: BinaryIO) -> bool:
    """Whether a file begins as a sealed one; it stands behind that then, else at its beginning."""
    if file.read(len(MAGIC)) == MAGIC:
        return True
    file.seek(0)
    return False


def unsealed(file: BinaryIO, unseal: Seal, about: bytes, longer: int) -> Iterator[bytes]:
    """The content, frame by frame; the file stands behind its beginning (`is_sealed`).

    `longer`: by how many bytes sealed bytes are longer than their content.

    Raises:
        SealBroken: at the frame that is not what was written.
    """
    number, sealed = 0, file.read(FRAME + longer)
    while True:
        following = file.read(FRAME + longer)
        last = not following
        try:
            yield unseal(sealed, _place(about, number, last=last))
        except SealBroken as error:
            raise SealBroken(f"frame {number}: {error}") from error
        if last:
            return
        number, sealed = number + 1, following


def content_size(size: int, longer: int) -> int:
    """How many bytes of content a sealed file of a size holds."""
    frames = max(1, -(-(size - len(MAGIC)) // (FRAME + longer)))
    return size - len(MAGIC) - frames * longer


def _place(about: bytes, number: int, *, last: bool) -> bytes:
    return b"%s\0%d%s" % (about, number, b"!" if last else b"")
