"""A file that is uploaded as multipart/form-data (RFC 7578), written to disk as it comes, however large it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

from teacher.asgi import Receive
from teacher.completion import Refused

_BOUNDARY = re.compile(r'multipart/form-data;.*boundary="?([^";]+)"?', re.IGNORECASE)
_NAME = re.compile(rb'[; ]name="([^"]*)"')
_FILENAME = re.compile(rb'filename="([^"]*)"')
_MOST_FIELD = 64 * 1024


class _Form:
    """A form's parts, fed piece by piece: what is short into `fields`, the part that has a filename into a file."""

    def __init__(self, boundary: str, file: BinaryIO) -> None:
        self._delimiter = b"\r\n--" + boundary.encode()
        self._buffer = b"\r\n"
        self._file = file
        self._part: str | None = None
        self.fields: dict[str, str] = {}
        self.filename = ""
        self.size = 0
        self._in_file = False

    def feed(self, piece: bytes) -> None:
        self._buffer += piece
        while (at := self._buffer.find(self._delimiter)) >= 0:
            rest = self._buffer[at + len(self._delimiter) :]
            ended = rest[:2] == b"--"
            if not ended and b"\r\n\r\n" not in rest:
                return  # the next part's head is not whole yet
            self._take(self._buffer[:at])
            if ended:
                self._part, self._in_file, self._buffer = None, False, b""
                return
            head, _, self._buffer = rest.partition(b"\r\n\r\n")
            self._begin(head)
        if (free := len(self._buffer) - len(self._delimiter)) > 0 and self._in_file:
            self._take(self._buffer[:free])
            self._buffer = self._buffer[free:]
        elif len(self._buffer) > _MOST_FIELD and not self._in_file:
            raise Refused(400, "a field of the form is too long", "invalid_form")

    def _begin(self, head: bytes) -> None:
        name, filename = _NAME.search(head), _FILENAME.search(head)
        self._part, self._in_file = name[1].decode() if name else "", filename is not None
        if filename is not None:
            self.filename = filename[1].decode(errors="replace")

    def _take(self, content: bytes) -> None:
        if self._in_file:
            self._file.write(content)
            self.size += len(content)
        elif self._part:
            self.fields[self._part] = content.decode(errors="replace")


async def read_upload(
    receive: Receive, content_type: str, path: Path, max_bytes: int
) -> tuple[dict[str, str], str, int]:
    """Write the form's file to `path`: the other fields, the file's name, its size.

    Raises Refused for what is no such form, breaks off, or holds a larger file.
    """
    boundary = _BOUNDARY.match(content_type)
    if boundary is None:
        raise Refused(400, "a file is uploaded as multipart/form-data", "invalid_form")
    with path.open("wb") as file:
        form = _Form(boundary[1], file)
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                raise Refused(400, "the upload broke off", "invalid_form")
            form.feed(event.get("body", b""))
            if form.size > max_bytes:
                raise Refused(413, f"a file of more than {max_bytes:,} bytes", "file_too_large", "file")
            if not event.get("more_body"):
                return form.fields, form.filename, form.size
