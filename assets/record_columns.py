"""Records as Arrow columns: the schema of the record store and the rows for it.

What a column means is said in `assets.records`; writing files belongs to `assets.record_writer`.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from typing import Any, Final

import pyarrow as pa

from assets.records import DeliveredRecord, Institution, content_hash, title_words

_TEXT = pa.string()
_TEXTS = pa.list_(_TEXT)
_INSTITUTION = pa.struct([("id", _TEXT), ("name", _TEXT), ("country", _TEXT)])


def _required(name: str, type_: pa.DataType) -> pa.Field:
    return pa.field(name, type_, nullable=False)


RECORD_SCHEMA: Final = pa.schema(
    [
        _required("source", _TEXT),
        _required("work_id", _TEXT),
        pa.field("doi", _TEXT),
        pa.field("title", _TEXT),
        _required("title_words", _TEXTS),
        pa.field("abstract", _TEXT),
        _required("has_abstract", pa.bool_()),
        pa.field("publication_year", pa.int32()),
        _required("document_types", _TEXTS),
        _required("is_retracted", pa.bool_()),
        _required("is_paratext", pa.bool_()),
        _required("is_xpac", pa.bool_()),
        _required("is_authors_truncated", pa.bool_()),
        pa.field("updated_date", pa.timestamp("us")),
        pa.field("cited_by_count", pa.int32()),
        _required("keywords", _TEXTS),
        _required("topics", _TEXTS),
        _required("author_countries", pa.list_(_TEXTS)),
        _required("author_basis", _TEXTS),
        _required("institutions", pa.list_(_INSTITUTION)),
        _required("author_institutions", pa.list_(pa.list_(pa.int32()))),
        _required("content_hash", pa.int64()),
        _required("file", _TEXT),
        _required("position", pa.int64()),
    ]
)
"""One row a delivered version of a work; the columns are described in `assets.records`, `file` is
the path inside the drop; `title_words` and `has_abstract` are derived from title and abstract."""


def record_batch(files: Sequence[str], delivered: Sequence[DeliveredRecord]) -> pa.RecordBatch:
    """Rows of the record store; `files` names the file of each record, in the same order."""
    records = [item.record for item in delivered]
    author_countries = [record.author_countries for record in records]
    author_institutions = [record.author_institutions for record in records]
    columns = {
        "file": pa.array(files, _TEXT),
        "position": pa.array([item.position for item in delivered], pa.int64()),
        "updated_date": pa.array([item.updated_date for item in delivered], pa.timestamp("us")),
        "content_hash": pa.array(map(content_hash, records), pa.int64(), size=len(records)),
        "title_words": _lists([title_words(record.title) for record in records], _TEXT),
        "has_abstract": pa.array([bool(record.abstract) for record in records], pa.bool_()),
        "document_types": _lists([record.document_types for record in records], _TEXT),
        "keywords": _lists([record.keywords for record in records], _TEXT),
        "topics": _lists([record.topics for record in records], _TEXT),
        "author_basis": _lists([record.author_basis for record in records], _TEXT),
        "author_countries": _list_array(
            author_countries, _lists(list(chain.from_iterable(author_countries)), _TEXT)
        ),
        "author_institutions": _list_array(
            author_institutions, _lists(list(chain.from_iterable(author_institutions)), pa.int32())
        ),
        "institutions": _institutions([record.institutions for record in records]),
    }
    for field in RECORD_SCHEMA:
        if field.name not in columns:
            values = [getattr(record, field.name) for record in records]
            columns[field.name] = pa.array(values, field.type)
    ordered = [columns[name] for name in RECORD_SCHEMA.names]
    return pa.RecordBatch.from_arrays(ordered, schema=RECORD_SCHEMA)


def _institutions(lists: Sequence[Sequence[Institution]]) -> pa.ListArray:
    flat = list(chain.from_iterable(lists))
    columns = [
        pa.array([institution.id for institution in flat], _TEXT),
        pa.array([institution.name for institution in flat], _TEXT),
        pa.array([institution.country for institution in flat], _TEXT),
    ]
    return _list_array(lists, pa.StructArray.from_arrays(columns, fields=list(_INSTITUTION)))


def _lists(lists: Sequence[Iterable[Any]], type_: pa.DataType) -> pa.ListArray:
    return _list_array(lists, pa.array(list(chain.from_iterable(lists)), type_))


def _list_array(lists: Iterable[Any], values: pa.Array) -> pa.ListArray:
    """`values`, the flattened elements, cut into lists of the lengths of `lists`.

    Far faster than handing nested Python lists to Arrow, which looks at every one of them.
    """
    offsets = pa.array(list(accumulate(map(len, lists), initial=0)), pa.int32())
    return pa.ListArray.from_arrays(offsets, values)
