"""Records and their bytes: of generated drops, and of the real ones where they are."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from isal import isal_zlib

REAL_LANDING: Final = Path(
    os.environ.get("COLLAB_REAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data" / "landing")
)
_REAL_DROPS: Final = ("openalex-2023-03", "openalex-2025-09")


@dataclass(frozen=True)
class Volume:
    """Records of one drop, or of several together, and their bytes."""

    records: int
    json_bytes: int
    gzip_bytes: int

    @property
    def bytes_a_work(self) -> float:
        return self.json_bytes / self.records

    @property
    def ratio(self) -> float:
        return self.json_bytes / self.gzip_bytes

    def __add__(self, other: "Volume") -> "Volume":
        return Volume(
            self.records + other.records,
            self.json_bytes + other.json_bytes,
            self.gzip_bytes + other.gzip_bytes,
        )

    def __str__(self) -> str:
        return f"{self.bytes_a_work:,.0f} bytes a work, gzip ratio {self.ratio:.2f}"


def real_volume() -> Volume | None:
    """The real OpenAlex drops taken together; None where there are none."""
    volumes = [_volume(REAL_LANDING / name) for name in _REAL_DROPS if (REAL_LANDING / name).is_dir()]
    return sum(volumes, Volume(0, 0, 0)) if volumes else None


def _volume(drop: Path) -> Volume:
    files = [path.read_bytes() for path in sorted(drop.rglob("*.gz"))]
    texts = [isal_zlib.decompress(file, 31) for file in files]
    records = sum(text.count(b"\n") for text in texts)
    return Volume(records, sum(map(len, texts)), sum(map(len, files)))
