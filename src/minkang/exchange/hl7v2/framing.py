"""MLLP framing: 0x0B message 0x1C 0x0D (HL7 v2.5.1, transport specification MLLP release 1)."""

START, END, RETURN = b"\x0b", b"\x1c", b"\x0d"
_BEGINNING = 65_536


def frame(message: bytes) -> bytes:
    """A message in its frame."""
    return START + message + END + RETURN


class Framer:
    """Takes bytes as they arrive, gives whole messages.

    Bytes between frames are white space at best; anything else there is reported as a message of
    its own, so that a sender without framing gets an answer instead of silence.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._searched = 0
        self.overlong = b""
        """The beginning of a frame that grew beyond the limit; nothing is taken after it."""

    def feed(self, data: bytes) -> list[bytes]:
        """Messages completed by these bytes."""
        self._buffer += data
        messages: list[bytes] = []
        while not self.overlong and (end := self._buffer.find(END, self._searched)) >= 0:
            self._searched = 0
            if end > self._limit + 1:
                break
            frame_bytes = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            before, start, message = frame_bytes.rpartition(START)
            if start and before.strip():
                messages.append(before.strip())
            messages.append(message if start else frame_bytes.strip())
            while self._buffer[:1] in (RETURN, b"\n"):
                del self._buffer[:1]
        self._searched = len(self._buffer)
        if len(self._buffer) > self._limit + 1 and not self.overlong:
            self.overlong = bytes(self._buffer[:_BEGINNING]).lstrip(START) or START
        return messages

    @property
    def pending(self) -> bytes:
        """What has arrived of a message that has not ended yet."""
        return bytes(self._buffer).lstrip(START).strip()
