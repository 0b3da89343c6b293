"""The bytes of a delivered file, unpacked when they are gzip, in blocks of bounded size.

A file that unpacks to much more than any delivery does is not unpacked to its end, whatever its format.

Whether a file is packed is seen in its first bytes, never in its name. What the bytes mean belongs
to `assets.openalex.json_pieces` and the modules of the formats.
"""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Final

from isal import isal_zlib
from isal.igzip_lib import IsalError

from assets.quarantine import Reason

MAX_RATIO: Final = 200
"""Real deliveries unpack to 4 to 10 times their size, works that repeat each other to 50; what is made to do
harm to 1,000 times and more."""
UNPACKED_FREELY: Final = 128 << 20
"""Bytes that any file may unpack to: a small one of few, much alike records is no harm."""

_PACKED_BLOCK: Final = 1 << 17
_BLOCK: Final = 1 << 19
_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31
"""zlib's `wbits` for data with a gzip header and checksum."""


class ContentLostError(Exception):
    """The rest of a file cannot be read; all that could be was handed out before."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass
class Meter:
    """How much of a file was read so far."""

    delivered_bytes: int = 0
    """Of the file as it lies on disk."""
    unpacked_bytes: int = 0


def refuse_bomb(packed_bytes: int, unpacked_bytes: int) -> None:
    """Raise ContentLostError when so many bytes on disk unpack to more than they may."""
    if unpacked_bytes > max(UNPACKED_FREELY, MAX_RATIO * packed_bytes):
        raise ContentLostError(
            Reason.DECOMPRESSION_BOMB,
            f"{packed_bytes} bytes unpack to {unpacked_bytes} or more, over {MAX_RATIO} times as many, which"
            " no delivery does: deliver the file unpacked if it is meant",
        )


def open_regular(path: Path) -> BufferedReader:
    """Open a file to read it; raises OSError when it is none, without waiting for what a pipe may bring."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        why = os.strerror(errno.EISDIR) if stat.S_ISDIR(mode) else "it is no regular file"
        raise OSError(None, why, str(path))
    return os.fdopen(descriptor, "rb")


def content_blocks(path: Path, meter: Meter) -> Iterator[bytes]:
    """The content of a file, at most 512 KiB at a time.

    Raises ContentLostError where it cannot be read any further, FileNotFoundError when there is no
    such file.
    """
    try:
        with open_regular(path) as stream:
            first = stream.read(_PACKED_BLOCK)
            blocks = _unpacked if first.startswith(_GZIP_MAGIC) else _plain
            for block in blocks(first, stream, meter):
                meter.unpacked_bytes += len(block)
                refuse_bomb(meter.delivered_bytes, meter.unpacked_bytes)
                yield block
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ContentLostError(
            Reason.UNREADABLE_FILE, f"the file cannot be read: {error.strerror or error}"
        ) from error


def _plain(first: bytes, stream: IO[bytes], meter: Meter) -> Iterator[bytes]:
    block = first
    while block:
        meter.delivered_bytes += len(block)
        yield block
        block = stream.read(_BLOCK)


def _unpacked(first: bytes, stream: IO[bytes], meter: Meter) -> Iterator[bytes]:
    inflater = isal_zlib.decompressobj(wbits=_GZIP_WINDOW)
    packed = first
    meter.delivered_bytes += len(first)
    while True:
        try:
            block = inflater.decompress(packed, _BLOCK)
        except IsalError as error:  # type: ignore[misc]  # its stub calls the class an instance
            raise ContentLostError(Reason.UNREADABLE_FILE, f"the gzip data are damaged: {error}") from error
        if block:
            yield block
        if inflater.eof:
            packed = _next_member(inflater.unused_data, stream, meter)
            if not packed:
                return
            inflater = isal_zlib.decompressobj(wbits=_GZIP_WINDOW)
        else:
            packed = inflater.unconsumed_tail
            if not packed and len(block) < _BLOCK:
                packed = _read(stream, meter)
                if not packed:
                    raise ContentLostError(Reason.TRUNCATED_FILE, "the gzip data end before their end mark")


def _next_member(rest: bytes, stream: IO[bytes], meter: Meter) -> bytes:
    """What follows one gzip member: another, or nothing but zeros that pad the file."""
    rest = rest.lstrip(b"\0")
    while not rest:
        block = _read(stream, meter)
        if not block:
            return b""
        rest = block.lstrip(b"\0")
    if len(rest) < len(_GZIP_MAGIC):
        rest += _read(stream, meter)
    if not rest.startswith(_GZIP_MAGIC):
        raise ContentLostError(Reason.UNREADABLE_FILE, "something other than gzip data follows the gzip data")
    return rest


def _read(stream: IO[bytes], meter: Meter) -> bytes:
    block = stream.read(_PACKED_BLOCK)
    meter.delivered_bytes += len(block)
    return block
