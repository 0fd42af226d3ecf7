"""MLLP framing: 0x0B message 0x1C 0x0D (HL7 v2.5.1, transport specification MLLP release 1)."""

START, END, RETURN = b"\x0b", b"\x1c", b"\x0d"


class FrameTooLarge(Exception):  # noqa: N818 - reads as what happened
    """A frame grew beyond the limit before it ended; carries the beginning of it."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__("frame too large")
        self.beginning = beginning


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

    def feed(self, data: bytes) -> list[bytes]:
        """Messages completed by these bytes.

        Raises:
            FrameTooLarge: more than `limit` bytes without an end.
        """
        self._buffer += data
        messages = []
        while (end := self._buffer.find(END)) >= 0:
            frame_bytes = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            before, start, message = frame_bytes.rpartition(START)
            if start and before.strip():
                messages.append(before.strip())
            messages.append(message if start else frame_bytes.strip())
            while self._buffer[:1] in (RETURN, b"\n"):
                del self._buffer[:1]
        if len(self._buffer) > self._limit:
            raise FrameTooLarge(bytes(self._buffer[:65536]).lstrip(START))
        return messages

    @property
    def pending(self) -> bytes:
        """What has arrived of a message that has not ended yet."""
        return bytes(self._buffer).lstrip(START).strip()
