"""Where a snapshot is published: a bucket, a web server or a folder, read alike.

Only reading single objects by their key belongs here, with one set of errors for all three. Which
objects there are, and what to do after an error, is decided by the callers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotSupportedError, PermissionDeniedError, UnauthenticatedError
from obstore.store import HTTPStore, LocalStore, S3Store

from assets.errors import CollaborationError

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult, ObjectMeta
    from obstore.store import ClientConfig, ObjectStore, RetryConfig, S3Config

CHUNK_BYTES: Final = 1 << 18
"""What is in memory of an object at a time, and lost when its connection breaks."""

# A stalled connection ends after the read timeout; the other only has to exceed any download.
_CLIENT: Final["ClientConfig"] = {
    "allow_http": True,
    "connect_timeout": "20s",
    "read_timeout": "60s",
    "timeout": "12h",
}
_RETRY: Final["RetryConfig"] = {
    "max_retries": 4,
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=5),
        "base": 2,
    },
    "retry_timeout": timedelta(minutes=1),
}


class ObjectGoneError(Exception):
    """There is no object under the key."""


class ObjectChangedError(Exception):
    """The object is another one than the one a download began with."""


class RangeRefusedError(Exception):
    """The server sends whole objects only."""


class AccessRefusedError(Exception):
    """The server does not let this reader have the object."""


class TransferError(Exception):
    """The object could not be read this time; another attempt may succeed."""


@dataclass(frozen=True)
class ObjectVersion:
    """What tells one content of an object from another."""

    size: int
    """Bytes."""
    etag: str
    """Where the server gives none, the time of its last change."""


class ObjectSource:
    """The objects under one location.

    Every method may raise ObjectGoneError, AccessRefusedError and TransferError.
    """

    def __init__(self, location: str, store: "ObjectStore") -> None:
        self.location = location
        """As it was asked for, for messages and for telling places apart."""
        self._store = store

    def version(self, key: str) -> ObjectVersion:
        """The version of an object at this moment, without its content."""
        with _translated(key):
            return _version(obstore.head(self._store, key))

    def read(self, key: str) -> bytes:
        """The whole content of a small object."""
        with _translated(key):
            return bytes(obstore.get(self._store, key).bytes())

    def open(self, key: str, offset: int = 0, begun: ObjectVersion | None = None) -> "OpenObject":
        """The content from a byte on.

        Raises:
            ObjectChangedError: Its version is not the one the download began with.
            RangeRefusedError: The server cannot begin at that byte.
        """
        options: GetOptions = {"range": {"offset": offset}} if offset else {}
        with _translated(key):
            result = obstore.get(self._store, key, options=options)
            version = _version(result.meta)
        if begun is not None and version != begun:
            raise ObjectChangedError(key)
        return OpenObject(key, version, result)


class OpenObject:
    """An object whose content is on its way."""

    def __init__(self, key: str, version: ObjectVersion, result: "GetResult") -> None:
        self.version = version
        self._key = key
        self._result = result

    def chunks(self) -> Iterator[bytes]:
        """The content, about CHUNK_BYTES at a time; once only."""
        with _translated(self._key):
            yield from self._result.stream(min_chunk_size=CHUNK_BYTES)


def open_source(
    location: str, *, endpoint: str | None = None, region: str = "us-east-1", signed: bool = False
) -> ObjectSource:
    """The source at `s3://bucket[/prefix]`, an `http(s)://` address, a folder or a `file://` address.

    `endpoint` is the address of an S3-compatible server other than Amazon's. Requests to buckets
    are anonymous unless `signed`, which takes the credentials of the `AWS_*` variables.

    Raises:
        CollaborationError: The location is none of these, or no folder is there.
    """
    parts = urlsplit(location)
    if endpoint is not None and parts.scheme != "s3":
        raise CollaborationError(
            f"The endpoint {endpoint!r} is the address of an S3 server, but {location!r} is no bucket:"
            " give the location as s3://bucket or leave the endpoint out"
        )
    try:
        return ObjectSource(location.rstrip("/"), _store(location, endpoint, region, signed))
    except (BaseError, ValueError) as error:
        raise CollaborationError(
            f"The location {location!r} cannot be opened: {_first_line(error)}. Mend it or the settings"
            " beside it"
        ) from error


def _store(location: str, endpoint: str | None, region: str, signed: bool) -> "ObjectStore":
    parts = urlsplit(location)
    if parts.scheme == "s3" and parts.netloc:
        config: S3Config = {"region": region, "skip_signature": not signed}
        if endpoint is not None:
            config["endpoint"] = endpoint
        prefix = parts.path.strip("/") or None
        return S3Store(
            parts.netloc, prefix=prefix, config=config, client_options=_CLIENT, retry_config=_RETRY
        )
    if parts.scheme in ("http", "https") and parts.netloc:
        return HTTPStore.from_url(location.rstrip("/"), client_options=_CLIENT, retry_config=_RETRY)
    if parts.scheme == "file":
        return _folder(Path(unquote(parts.path)), location)
    if "://" not in location and location:
        return _folder(Path(location).expanduser(), location)
    raise CollaborationError(
        f"The location {location!r} is none that can be read: give s3://bucket, an http:// or https://"
        " address, or the path of a folder"
    )


def _folder(path: Path, location: str) -> LocalStore:
    if not path.is_dir():
        raise CollaborationError(
            f"The location {location!r} is a path, and no folder is there: give the folder that holds the"
            " copy of the snapshot"
        )
    return LocalStore(path.resolve())


@contextmanager
def _translated(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectGoneError(key) from error
    except (PermissionDeniedError, UnauthenticatedError, PermissionError) as error:
        raise AccessRefusedError(_first_line(error)) from error
    except NotSupportedError as error:
        raise RangeRefusedError(_first_line(error)) from error
    except (BaseError, OSError) as error:
        raise TransferError(_first_line(error)) from error


def _version(meta: "ObjectMeta") -> ObjectVersion:
    return ObjectVersion(meta["size"], meta["e_tag"] or meta["last_modified"].isoformat())


def _first_line(error: Exception) -> str:
    """Without the dump of its inner state that the library adds to a message."""
    return str(error).partition("\n")[0].strip().rstrip(":")
