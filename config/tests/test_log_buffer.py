"""Lines written by a thread: in their order, and on after a stream that failed."""

from __future__ import annotations

import io
import threading

from config.log_buffer import LineBuffer


class FullAtFirst(io.StringIO):
    """A stream on a disk that is full when it is first written to."""

    def __init__(self) -> None:
        super().__init__()
        self.has_failed = threading.Event()

    def write(self, text: str) -> int:
        if not self.has_failed.is_set():
            self.has_failed.set()
            raise OSError("No space left on device")
        return super().write(text)


def test_lines_are_written_in_their_order_when_the_buffer_is_closed() -> None:
    stream = io.StringIO()
    buffer = LineBuffer(stream)
    for number in range(100):
        buffer.write(f"{number}\n")
    assert buffer.close() is stream
    assert stream.getvalue() == "".join(f"{number}\n" for number in range(100))


def test_lines_after_those_that_a_full_disk_lost_are_written() -> None:
    stream = FullAtFirst()
    buffer = LineBuffer(stream)
    buffer.write("lost\n")
    assert stream.has_failed.wait(timeout=10)
    buffer.write("kept\n")
    buffer.close()
    assert stream.getvalue() == "kept\n"
