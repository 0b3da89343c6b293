"""Where OpenAlex publishes its works, and in which forms. Constants only: reading settings needs them."""

from typing import Final, Literal

BUCKET: Final = "s3://openalex"
"""The public bucket of the snapshot."""
PUBLIC_API: Final = "https://api.openalex.org"

SnapshotFormat = Literal["jsonl", "parquet"]
