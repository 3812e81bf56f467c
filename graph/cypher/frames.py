"""Messages between parent and child: the length in 4 bytes, then JSON. NaN and the infinities are kept."""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

_LENGTH = struct.Struct("!I")


class TooLarge(Exception):
    """A message is longer than whoever reads it allows."""


def send(channel: socket.socket, message: dict[str, Any]) -> None:
    """Send one message. Raises OSError where nobody reads it any more."""
    content = json.dumps(message).encode("ascii")
    channel.sendall(_LENGTH.pack(len(content)) + content)


def receive(channel: socket.socket, *, most_bytes: int, deadline: float | None = None) -> dict[str, Any] | None:
    """The next message; None where the other side is gone.

    Raises TimeoutError after the deadline (of `time.monotonic`), TooLarge, and ValueError for what is no message.
    """
    head = _exactly(channel, _LENGTH.size, deadline)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > most_bytes:
        raise TooLarge
    content = _exactly(channel, length, deadline)
    if content is None:
        return None
    message = json.loads(content)
    if not isinstance(message, dict):
        raise TypeError("a message is an object")
    return message


def _exactly(channel: socket.socket, size: int, deadline: float | None) -> bytes | None:
    content = bytearray()
    while len(content) < size:
        if deadline is None:
            channel.settimeout(None)
        elif (left := deadline - time.monotonic()) > 0:
            channel.settimeout(left)
        else:
            raise TimeoutError
        try:
            piece = channel.recv(min(size - len(content), 1 << 20))
        except ConnectionResetError:
            return None
        if not piece:
            return None
        content += piece
    return bytes(content)
