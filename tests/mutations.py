"""Damage done to files at random: bytes, lines, columns, encodings, packing, JSON values, archives.

Every function takes the generator it draws from, so that the same seed gives the same damage.
"""

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

_UNREADABLE = (OSError, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)

Mutate = Callable[[Random, bytes], bytes]

_TOKENS = (
    b'"',
    b"'",
    b'""',
    b'"\n',
    b"\t",
    b"\t\t\t",
    b",",
    b";",
    b"|",
    b"{",
    b"}",
    b"{{",
    b"[",
    b"]",
    b"[]",
    b":",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\\n",
    b"\0",
    b"\r",
    b"\r\n",
    b"\n",
    b"\n\n\n",
    b"\x0b",
    b"\x1f",
    b"\x85",
    b"\xff",
    b"\xfe\xff",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x98\x80",
    "\u2028".encode(),
    "\u202e".encode(),
    "\u0301".encode() * 50,
    "\ufeff".encode(),
    "\u00a0".encode(),
    b"null",
    b"true",
    b"NaN",
    b"Infinity",
    b"-0",
    b"1e999",
    b"9" * 400,
    b"-9223372036854775809",
    b"2147483648",
    b"@",
    b"@article{",
    b"@string{a = ",
    b"@comment{",
    b"ER\n",
    b"EF\n",
    b"PT J\n",
    b"FN ",
    b"UT WOS:",
    b"sep=;\n",
    b"results",
    b'"results":[',
    b"PAR1",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"..",
    b"../../",
    b"/",
    b"=cmd|'/c'!A1",
    b"<!ENTITY a 'b'>",
    b"&#x0;",
    b"&lt;",
    b"&",
    b"%s",
    b"'); drop table x; --",
    b"- ",
    b"   ",
    b'"""',
    b"'''",
    b"2026-02-30",
    b"0000-00-00",
    b"99999-01-01T00:00:00+99:00",
    b"''",
    b"(",
    b")",
    b"*",
    b"$",
    b" NEAR/3 ",
    b" AND ",
    b" NOT ",
    b" OR ",
    b"TS=",
    b"?",
)
_ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2**31,
    2**63,
    2**64,
    -(2**63) - 1,
    1e308,
    "",
    " ",
    "\0",
    "x" * 70_000,
    "W1",
    [],
    [[]],
    [None],
    {},
    {"": None},
    {"a": {"a": {}}},
    "2019",
    "9" * 30,
    "\ud800",
    "\u2028",
    "S1",
    "A\nB\tC",
    {"InvertedIndex": {"a": [0]}},
    {"InvertedIndex": []},
    {"InvertedIndex": {"InvertedIndex": {"a": 1}}},
    {"a": [-1, 5_000_000_000, 3]},
    {"a": 3},
    [1, "a", None],
    {"a": [0, 0, 0], "b": [0]},
)
_ENCODINGS = (
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "latin-1",
    "cp1252",
    "utf-7",
    "utf-8-sig",
    "cp500",
)
MOST_BYTES = 3 << 20
"""Of a damaged file. Larger drops are read in processes of their own, which take a second to start."""
_DEEP = (b"[", b"{", b'{"a":', b"(", b'{"results":[', b"[[[{", b'{"InvertedIndex":', b"{\\", b"{\\'")


def damage(random: Random, content: bytes, special: Sequence[Mutate] = ()) -> bytes:
    """The content after one to four mutations; those `special` to its format are as likely as all others."""
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        choices = special if special and random.random() < 0.5 else _ANY
        content = random.choice(choices)(random, content)[:MOST_BYTES]
    return content


def flip_bytes(random: Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 8, 64))):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def insert_token(random: Random, content: bytes) -> bytes:
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        at = random.randint(0, len(content))
        content = content[:at] + random.choice(_TOKENS) + content[at:]
    return content


def cut_out(random: Random, content: bytes) -> bytes:
    begin, end = _span(random, content)
    return content[:begin] + content[end:]


def repeat(random: Random, content: bytes) -> bytes:
    begin, end = _span(random, content)
    return content[:end] + content[begin:end] * random.choice((1, 1, 2, 20)) + content[end:]


def truncate(random: Random, content: bytes) -> bytes:
    return content[: random.randint(0, len(content))]


def drop_beginning(random: Random, content: bytes) -> bytes:
    return content[random.randint(0, min(len(content), 2000)) :]


def overwrite_with_zeros(random: Random, content: bytes) -> bytes:
    begin, end = _span(random, content)
    return content[:begin] + bytes(end - begin) + content[end:]


def huge_field(random: Random, content: bytes) -> bytes:
    at = random.randint(0, len(content))
    filler = random.choice((b"x", b"x ", b"\xc3\xa9", b'"', b"\\", b"{", b"a and ", b"; ", b"\t", b"\n"))
    return content[:at] + filler * random.choice((1000, 1000, 70_000, 300_000)) + content[at:]


def nest(random: Random, content: bytes) -> bytes:
    at = random.randint(0, len(content))
    return content[:at] + random.choice(_DEEP) * random.choice((50, 1500, 1500, 20_000)) + content[at:]


def change_lines(random: Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = lines[at].rstrip(b"\r\n")
        case _:
            end = random.choice((b"\r", b"\r\n", b"\n\n", b"\x85", b""))
            lines = [line.rstrip(b"\r\n") + end for line in lines]
    return b"".join(lines)


def change_encoding(random: Random, content: bytes) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(random.choice(_ENCODINGS), "replace")


def pack(random: Random, content: bytes) -> bytes:
    """As gzip, mostly damaged: truncated, with bytes flipped, followed by something else."""
    packed = gzip.compress(content, compresslevel=1, mtime=0)
    match random.randrange(6):
        case 0:
            return packed
        case 1:
            return truncate(random, packed)
        case 2:
            return flip_bytes(random, packed)
        case 3:
            return packed + random.choice((b"\0" * 9, b"rest", packed, b"\x1f", packed[:20], content[:99]))
        case 4:
            return cut_out(random, packed)
        case _:
            return gzip.compress(packed, mtime=0)


def append_itself(random: Random, content: bytes) -> bytes:
    return content + random.choice((b"", b"\n", b",")) + content


_ANY: tuple[Mutate, ...] = (
    *(
        flip_bytes,
        insert_token,
        insert_token,
        cut_out,
        repeat,
        truncate,
        drop_beginning,
        overwrite_with_zeros,
    ),
    *(huge_field, nest, change_lines, change_lines, change_encoding, pack, append_itself),
)


def change_columns(delimiter: bytes, random: Random, content: bytes) -> bytes:
    """Removed, doubled, exchanged or renamed columns; cells too many or too few in one row."""
    rows = [row.split(delimiter) for row in content.split(b"\n")]
    width = len(rows[0])
    one, other = random.randrange(width), random.randrange(width)
    what = random.randrange(6)
    chosen = rows if random.random() < 0.7 else [random.choice(rows)]
    if what == 0:
        rows[0][one] = random.choice((b"", rows[0][other], b"XX", b"UT", b"PT", b'"AU"'))
        chosen = []
    for row in chosen:
        if len(row) <= max(one, other):
            continue
        match what:
            case 1:
                del row[one]
            case 2:
                row.insert(other, row[one])
            case 3:
                row[one], row[other] = row[other], row[one]
            case 4:
                row[one] = random.choice(_TOKENS)
            case _:
                row.extend([b""] * random.choice((1, 40)))
    return b"\n".join(delimiter.join(row) for row in rows)


def change_json(random: Random, content: bytes) -> bytes:
    """One value somewhere in one JSON text of the content is another; the content as it was if it is none."""
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    try:
        document = json.loads(lines[at])
    except (ValueError, RecursionError):
        return content
    lines[at] = json.dumps(_changed(random, document), ensure_ascii=random.random() < 0.5).encode(
        "utf-8", "surrogatepass"
    )
    return b"\n".join(lines)


def _changed(random: Random, value: Any) -> Any:
    if random.random() < 0.15 or not value or not isinstance(value, dict | list):
        return random.choice(_ODD_VALUES)
    key = random.choice(list(value)) if isinstance(value, dict) else random.randrange(len(value))
    if random.random() < 0.1:
        del value[key]
    else:
        value[key] = _changed(random, value[key])
    return value


def change_archive(random: Random, content: bytes) -> bytes:
    """One part of a ZIP archive damaged, left out or doubled, the archive itself whole."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, *_UNREADABLE):
        return content
    name = random.choice(sorted(parts)) if parts else ""
    if name and random.random() < 0.1:
        del parts[name]
    elif name:
        parts[name] = random.choice(_PARTS)(random, parts[name])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    return packed.getvalue()


_PARTS: tuple[Mutate, ...] = (
    *(flip_bytes, insert_token, cut_out, repeat, truncate, huge_field, nest, change_encoding),
)


def _span(random: Random, content: bytes) -> tuple[int, int]:
    begin = random.randint(0, len(content))
    return begin, min(len(content), begin + random.choice((1, 1, 2, 10, 100, 1000)))
