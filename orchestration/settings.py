"""Settings: the environment variables a user may set, read and checked in one place.

Imports nothing heavy: a run with nothing to do must be able to say so at once.
"""

import os
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from assets.errors import CollaborationError
from assets.pipeline import Options, Pipeline
from assets.pull.origin import BUCKET, PUBLIC_API, SnapshotFormat
from assets.rules import DEFAULT_PREFERENCE
from assets.store import open_store
from assets.technologies.catalogue_files import CATALOGUE_FOLDER
from orchestration.automation import AUTOMATION, DEFAULT_FRESHNESS_DAYS, FRESHNESS_DAYS, Part
from orchestration.notice_settings import NOTICE_VARIABLES

T = TypeVar("T")

_SIZE = r"\d+(\.\d+)?\s*[KMGT]i?B"

DEFAULT_STORE = "data/store"
DEFAULT_LANDING = "data/landing"

VARIABLES: Mapping[str, str] = {
    "COLLAB_LANDING": f"folder the drops lie in (default {DEFAULT_LANDING}, with a generated sample)",
    "COLLAB_STORE": f"folder of the store (default {DEFAULT_STORE})",
    "COLLAB_START_YEAR": "first publication year in scope (default 2005)",
    "COLLAB_END_YEAR": "last publication year in scope (default the current year)",
    "COLLAB_QUIET_SECONDS": "a drop without a manifest is complete after so long without a change",
    "COLLAB_MAX_REJECT_SHARE": "a drop with a larger share of unreadable records is rejected (0.01)",
    "COLLAB_WORKERS": "processes that read files (default: the number of cores)",
    "COLLAB_MEMORY_LIMIT": "what DuckDB may use (default 2GiB)",
    "COLLAB_FOCAL_COUNTRY": "country that figures and report start from, or EU27 (default CN)",
    "COLLAB_REPORT": "write, or skip: figures and the report after each publication (write)",
    "COLLAB_KEEP_VINTAGES": "how many of the last vintages are kept (default 10)",
    "COLLAB_UNKNOWN_SHARE_WARNING": "warn above this share of unknown country (default 0.25)",
    "COLLAB_YEAR_JUMP_WARNING": "warn when a year is so many times its neighbours (default 3)",
    "COLLAB_SOURCE_PREFERENCE": "whose record of a work counts (default openalex,wos,scopus)",
    "COLLAB_ADDRESS_LINKS": "use, or ignore: count as if no author had an address of their own (use)",
    "COLLAB_OPENALEX_API_KEY": "key of the OpenAlex API, for `pull openalex-api`",
    "COLLAB_API_URL": f"where that API is (default {PUBLIC_API})",
    "COLLAB_SNAPSHOT_LOCATION": f"where the snapshot is: bucket, address or folder (default {BUCKET})",
    "COLLAB_SNAPSHOT_ENDPOINT": "address of an S3-compatible server that holds it",
    "COLLAB_SNAPSHOT_FORMAT": "jsonl or parquet (default jsonl)",
    "COLLAB_LINKED_SHARE_WARNING": "warn below this share of authors linked to an address (default 0.5)",
    "COLLAB_ABSTRACT_SHARE_WARNING": "warn below this share of works with an abstract (default 0.5)",
    "COLLAB_CATALOGUE": "folder of the technologies to find (default: the 74 that come with the project)",
    "COLLAB_DAGSTER_DATABASE": "run history in PostgreSQL: postgresql://user@host/database (default: files)",
    "COLLAB_CODE_PORT": "port of loopback on which `serve code` answers the other two (default 4266)",
    AUTOMATION: f"what the UI's daemon does by itself: some of {', '.join(Part)}, or none"
    " (ingest,refresh,publish)",
    FRESHNESS_DAYS: f"results are overdue after so many days, 0 for never (default {DEFAULT_FRESHNESS_DAYS})",
    "COLLAB_BAD_TECHNOLOGIES": "stop, or skip: go on without technologies whose query is wrong (stop)",
    **NOTICE_VARIABLES,
}


def read_options(environment: Mapping[str, str] = os.environ) -> Options:
    """The options in force.

    Raises:
        CollaborationError: A variable is unknown or holds no fitting value; says which.
    """
    _refuse_unknown(environment)
    _refuse_credentials(environment)
    start_year = _value(environment, "COLLAB_START_YEAR", int, 2005)
    end_year = _value(environment, "COLLAB_END_YEAR", int, None)
    last_year = datetime.now(UTC).year if end_year is None else end_year
    if not 1500 <= start_year <= last_year <= 2100:
        raise CollaborationError(
            f"The years in scope are {start_year} to {last_year}: COLLAB_START_YEAR must not be after "
            "COLLAB_END_YEAR, and both lie between 1500 and 2100."
        )
    options = Options(
        start_year=start_year,
        end_year=end_year,
        quiet_seconds=_value(environment, "COLLAB_QUIET_SECONDS", float, 60.0),
        max_reject_share=_value(environment, "COLLAB_MAX_REJECT_SHARE", float, 0.01),
        workers=_value(environment, "COLLAB_WORKERS", int, os.cpu_count() or 1),
        memory_limit=_value(environment, "COLLAB_MEMORY_LIMIT", str, "2GiB"),
        focal_country=environment.get("COLLAB_FOCAL_COUNTRY", "").strip().upper() or "CN",
        write_report=_is_first(environment, "COLLAB_REPORT", ("write", "skip"), default="write"),
        keep_vintages=_value(environment, "COLLAB_KEEP_VINTAGES", int, 10),
        unknown_share_warning=_value(environment, "COLLAB_UNKNOWN_SHARE_WARNING", float, 0.25),
        year_jump_warning=_value(environment, "COLLAB_YEAR_JUMP_WARNING", float, 3.0),
        snapshot_location=_value(environment, "COLLAB_SNAPSHOT_LOCATION", str, BUCKET),
        snapshot_endpoint=environment.get("COLLAB_SNAPSHOT_ENDPOINT", "").strip() or None,
        snapshot_format=_snapshot_format(environment),
        api_url=_value(environment, "COLLAB_API_URL", str, PUBLIC_API),
        source_preference=_source_preference(environment),
        use_address_links=_is_first(environment, "COLLAB_ADDRESS_LINKS", ("use", "ignore"), default="use"),
        linked_share_warning=_value(environment, "COLLAB_LINKED_SHARE_WARNING", float, 0.5),
        abstract_share_warning=_value(environment, "COLLAB_ABSTRACT_SHARE_WARNING", float, 0.5),
        catalogue=_catalogue(environment),
        skip_bad_technologies=_is_first(
            environment, "COLLAB_BAD_TECHNOLOGIES", ("skip", "stop"), default="stop"
        ),
    )
    _require(options.quiet_seconds >= 0, "COLLAB_QUIET_SECONDS", "0 or more")
    _require(0 <= options.max_reject_share <= 1, "COLLAB_MAX_REJECT_SHARE", "between 0 and 1")
    _require(options.workers >= 1, "COLLAB_WORKERS", "1 or more")
    _require(options.keep_vintages >= 1, "COLLAB_KEEP_VINTAGES", "1 or more")
    size = re.fullmatch(_SIZE, options.memory_limit, re.IGNORECASE)
    _require(size is not None, "COLLAB_MEMORY_LIMIT", "a number with a unit, such as 2GiB or 500MB")
    _require(0 <= options.unknown_share_warning <= 1, "COLLAB_UNKNOWN_SHARE_WARNING", "between 0 and 1")
    _require(0 <= options.linked_share_warning <= 1, "COLLAB_LINKED_SHARE_WARNING", "between 0 and 1")
    _require(0 <= options.abstract_share_warning <= 1, "COLLAB_ABSTRACT_SHARE_WARNING", "between 0 and 1")
    _require(options.year_jump_warning >= 1, "COLLAB_YEAR_JUMP_WARNING", "1 or more")
    return options


def read_pipeline(environment: Mapping[str, str] = os.environ) -> Pipeline:
    """The pipeline the environment describes; makes the store when there is none yet."""
    options = read_options(environment)
    return Pipeline(
        store=open_store(store_folder(environment)),
        landing=Path(environment.get("COLLAB_LANDING") or DEFAULT_LANDING).absolute(),
        options=options,
    )


def read_code_port(environment: Mapping[str, str] = os.environ) -> int:
    """The port of loopback on which the code location answers web server and daemon."""
    port = _value(environment, "COLLAB_CODE_PORT", int, 4266)
    _require(1 <= port <= 65535, "COLLAB_CODE_PORT", "a port, between 1 and 65535")
    return port


def store_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the store is, or is to be."""
    return Path(environment.get("COLLAB_STORE") or DEFAULT_STORE)


def default_landing_is_used(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether no landing folder was named, so that the sample stands in."""
    return not environment.get("COLLAB_LANDING")


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    # `orchestration.dbt` sets those of the dbt profile, the tests that of the real drops; users neither.
    internal = {
        "COLLAB_BUILD_FILE",
        "COLLAB_TEMP_DIRECTORY",
        "COLLAB_DBT_THREADS",
        "COLLAB_DUCKDB_THREADS",
        "COLLAB_REAL_DATA",
    }
    for name in environment:
        if name.startswith("COLLAB_") and name not in VARIABLES and name not in internal:
            raise CollaborationError(f"There is no setting {name}. Those there are: {', '.join(VARIABLES)}.")


def _refuse_credentials(environment: Mapping[str, str]) -> None:
    """Addresses are shown and kept; one that holds a password must not be."""
    for name in ("COLLAB_API_URL", "COLLAB_SNAPSHOT_LOCATION", "COLLAB_SNAPSHOT_ENDPOINT"):
        if "@" in environment.get(name, "").partition("://")[2].partition("/")[0]:
            raise CollaborationError(
                f"{name} holds a user name or password, which would be shown and kept with the data: leave "
                "them out of the address."
            )


def _source_preference(environment: Mapping[str, str]) -> tuple[str, ...]:
    text = environment.get("COLLAB_SOURCE_PREFERENCE", "").strip()
    if not text:
        return DEFAULT_PREFERENCE
    named = tuple(part.strip().lower() for part in text.split(","))
    _require(
        sorted(named) == sorted(DEFAULT_PREFERENCE),
        "COLLAB_SOURCE_PREFERENCE",
        f"each of {', '.join(DEFAULT_PREFERENCE)} once, separated by commas",
    )
    return named


def _snapshot_format(environment: Mapping[str, str]) -> SnapshotFormat:
    match environment.get("COLLAB_SNAPSHOT_FORMAT", "").strip().lower() or "jsonl":
        case "jsonl":
            return "jsonl"
        case "parquet":
            return "parquet"
    raise CollaborationError("COLLAB_SNAPSHOT_FORMAT must be jsonl or parquet.")


def _catalogue(environment: Mapping[str, str]) -> Path:
    named = environment.get("COLLAB_CATALOGUE", "").strip()
    folder = Path(named).absolute() if named else CATALOGUE_FOLDER
    _require(folder.is_dir(), "COLLAB_CATALOGUE", f"a folder of technologies, which {folder} is not")
    return folder


def _is_first(environment: Mapping[str, str], name: str, words: tuple[str, str], default: str) -> bool:
    """Which of two words a variable is: whether it is the first."""
    text = environment.get(name, "").strip().lower() or default
    _require(text in words, name, " or ".join(words))
    return text == words[0]


def _value(environment: Mapping[str, str], name: str, convert: Callable[[str], T], default: T) -> T:
    text = environment.get(name, "").strip()
    if not text:
        return default
    try:
        return convert(text)
    except ValueError:
        raise CollaborationError(f"{name} is {text!r}, which is no number.") from None


def _require(holds: bool, name: str, what: str) -> None:
    if not holds:
        raise CollaborationError(f"{name} must be {what}.")
