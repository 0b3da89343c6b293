"""The rules in force: digests of what decides a number besides the records.

That is the SQL, the macros and the seeds of the dbt project, and the options a user sets. Descriptions
and tests are no rules: editing them makes nothing stale.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PREFERENCE = ("openalex", "wos", "scopus")


@dataclass(frozen=True)
class CountingOptions:
    """What a user may set that decides a number."""

    start_year: int
    """First publication year in scope."""
    end_year: int
    """Last publication year in scope."""
    source_preference: tuple[str, ...] = DEFAULT_PREFERENCE
    """Of the records of one work in several sources the first of these sources counts."""
    use_address_links: bool = True
    """False counts every record as if it linked no author to an address, in all years."""


YEARS_IN_SCOPE = "years in scope"
SOURCE_PREFERENCE = "preference of sources"
ADDRESS_LINKS = "use of address links"
OPTION_RULES = frozenset({YEARS_IN_SCOPE, SOURCE_PREFERENCE, ADDRESS_LINKS})
"""The rules that are no files."""

_RULE_FILES = ("models/**/*.sql", "macros/**/*.sql", "seeds/*.csv", "dbt_project.yml")


def counting_rules(project: Path, options: CountingOptions) -> dict[str, str]:
    """What decides the numbers of a year once its records are chosen.

    Path inside the dbt project to a digest of that file, for every file of SQL and every seed, and the
    options that are rules of counting.
    """
    files = sorted(path for pattern in _RULE_FILES for path in project.glob(pattern))
    digests = {path.relative_to(project).as_posix(): _digest(path.read_bytes()) for path in files}
    return {**digests, ADDRESS_LINKS: "used" if options.use_address_links else "ignored"}


def resolution_rules(project: Path, options: CountingOptions) -> dict[str, str]:
    """The counting rules and the options that decide which record of a work counts."""
    return {
        **counting_rules(project, options),
        YEARS_IN_SCOPE: f"{options.start_year}-{options.end_year}",
        SOURCE_PREFERENCE: ", ".join(options.source_preference),
    }


def rules_digest(rules: Mapping[str, str]) -> str:
    """One digest for a set of rules."""
    return _digest(json.dumps(rules, sort_keys=True).encode())


def changed_rules(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Names of the rules that differ, came or went."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()
