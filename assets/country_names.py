"""The names of countries, for what people read; counting goes by their codes."""

import csv
from pathlib import Path


def country_names(project: Path) -> dict[str, str]:
    """Code to name, from the seed the counts fold by."""
    with (project / "seeds" / "countries.csv").open(newline="", encoding="utf-8") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}
