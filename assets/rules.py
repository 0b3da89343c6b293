"""The rules in force: digests of what decides a number besides the records.

That is the SQL, the macros and the seeds of the dbt project, and for the choice of current records the
configured years as well. Descriptions and tests are no rules: editing them makes nothing stale.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Scope:
    """The publication years in scope, both included."""

    start_year: int
    end_year: int


YEARS_IN_SCOPE = "years in scope"
"""The one rule that is no file."""

_RULE_FILES = ("models/**/*.sql", "macros/**/*.sql", "seeds/*.csv", "dbt_project.yml")


def counting_rules(project: Path) -> dict[str, str]:
    """Path inside the dbt project to a digest of that file, for every file that decides a number."""
    files = sorted(path for pattern in _RULE_FILES for path in project.glob(pattern))
    return {path.relative_to(project).as_posix(): _digest(path.read_bytes()) for path in files}


def resolution_rules(project: Path, scope: Scope) -> dict[str, str]:
    """The counting rules and the years in scope: what decides which record of a work counts."""
    return {**counting_rules(project), YEARS_IN_SCOPE: f"{scope.start_year}-{scope.end_year}"}


def rules_digest(rules: Mapping[str, str]) -> str:
    """One digest for a set of rules."""
    return _digest(json.dumps(rules, sort_keys=True).encode())


def changed_rules(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Names of the rules that differ, came or went."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()
