"""Every mart of the study by brute force, from the works that `tests.oracle` counts.

Here belongs what the study's measures need of those works and their records (whose citations count, which
years leaders are named for, where the affiliations of an author are) and the marts' form; what the numbers
are is in `oracle_groups`, `oracle_certainty`, `oracle_impact`, `oracle_papers`, `oracle_changes` and
`oracle_readings`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.comparison import Rows
from tests.oracle import PREFERENCE, CountedWork, OracleResult, Work
from tests.oracle_certainty import CertaintyCounts, count_certainty
from tests.oracle_changes import intensity_change, intensity_mix_change
from tests.oracle_countries import Countries, read_countries
from tests.oracle_groups import GroupCounts, Groups, count_groups, read_groups
from tests.oracle_identity import WorkKey
from tests.oracle_impact import (
    EU,
    CitedWork,
    Institution,
    high_impact,
    high_impact_cutoffs,
    institution_ranking,
    pair_high_impact,
    technology_leaders,
)
from tests.oracle_papers import top_papers
from tests.oracle_readings import AffiliatedWork, reading_pairs

WINDOW_YEARS = 5


@dataclass(frozen=True)
class Study:
    """The marts of the study over counted works; each is worked out when it is asked for."""

    result: OracleResult
    seeds: Path
    stated_dates: Sequence[date | None]
    """Of the drops."""
    source_preference: Sequence[str] = PREFERENCE

    def rows(self, mart: str) -> Rows:
        """The rows of a mart, in the form of `tests.comparison`."""
        if mart not in self._known:
            self._known[mart] = _MARTS[mart](self)
        return self._known[mart]

    @cached_property
    def _known(self) -> dict[str, Rows]:
        return {}

    @cached_property
    def works(self) -> Sequence[Work]:
        """The works that count."""
        return [each.work for each in self.result.counted.values()]

    @cached_property
    def group_members(self) -> Groups:
        """The groups as the seed lists them."""
        return read_groups(self.seeds)

    @property
    def eu_members(self) -> frozenset[str]:
        """The countries that EU-27 stands for."""
        return self.group_members["eu27", EU]

    @cached_property
    def groups(self) -> GroupCounts:
        """The tables of groups."""
        return count_groups(self.works, self.group_members)

    @cached_property
    def certainty(self) -> CertaintyCounts:
        """The tables of certainty and of partners."""
        return count_certainty(self.works, self.eu_members)

    @cached_property
    def cited(self) -> Mapping[WorkKey, CitedWork]:
        """The works with their citations and institutions."""
        counted = self.result.counted.values()
        sources = citing_sources(counted, self.source_preference)
        countries = read_countries(self.seeds)
        return {
            key: CitedWork(
                work=each.work,
                cited=each.record.cited,
                institutions=_institutions(each, countries),
                source=each.record.source,
                citing_source=sources.get(each.work.year),
            )
            for key, each in self.result.counted.items()
        }

    @cached_property
    def impact_works(self) -> Sequence[CitedWork]:
        """The same without their keys."""
        return list(self.cited.values())

    @cached_property
    def affiliated(self) -> Sequence[AffiliatedWork]:
        """The works with the known countries of their authors' institutions."""
        return [
            AffiliatedWork(
                each.work,
                tuple(
                    [institution.country for institution in author if institution.country]
                    for author in each.institutions
                ),
            )
            for each in self.impact_works
        ]

    @cached_property
    def window(self) -> range:
        """The last five years up to the latest complete one.

        A year is complete when it was over by the latest date a drop states, and has at least half as many
        works as the year before.
        """
        works = Counter(work.year for work in self.works)
        latest = max((stated.year for stated in self.stated_dates if stated), default=max(works) + 1)
        complete = [year for year, number in works.items() if year < latest and 2 * number >= works[year - 1]]
        return range(max(complete) + 1 - WINDOW_YEARS, max(complete) + 1)


def citing_sources(counted: Iterable[CountedWork], preference: Sequence[str]) -> Mapping[int, str]:
    """Whose citations count in each year: the most preferred source that tells any of a work that counts."""
    telling: dict[int, set[str]] = {}
    for each in counted:
        if each.record.cited is not None:
            telling.setdefault(each.work.year, set()).add(each.record.source)
    return {year: min(sources, key=preference.index) for year, sources in telling.items()}


def _institutions(counted: CountedWork, countries: Countries) -> tuple[tuple[Institution, ...], ...]:
    return tuple(
        tuple(
            Institution(each.institution_id, each.name, countries.reporting.get(each.code or ""))
            for each in author.institutions
        )
        for author in counted.record.authors
    )


def _records(study: Study) -> Rows:
    """What the records of the papers that give most say."""
    papers = {(str(row["source"]), str(row["work_id"])) for row in study.rows("top_papers").values()}
    records = {key: study.result.counted[key].record for key in papers}
    return {
        (record.year, *key): {
            "title": record.title or None,
            "doi": record.doi or None,
            "authors": len(record.authors),
            "cited_by_count": record.cited,
        }
        for key, record in records.items()
    }


def _rows(expected: Mapping[Any, object]) -> Rows:
    return {key: vars(row) for key, row in expected.items()}


def _keyed(expected: Mapping[Any, Any]) -> Rows:
    return expected


_MARTS: Mapping[str, Callable[[Study], Rows]] = {
    "group_output": lambda study: _rows(study.groups.group_output),
    "group_collaboration": lambda study: _rows(study.groups.group_collaboration),
    "country_certainty": lambda study: _keyed(study.certainty.country_certainty),
    "pair_certainty": lambda study: _keyed(study.certainty.pair_certainty),
    "partner_ranking": lambda study: _keyed(study.certainty.partner_ranking),
    "high_impact_cutoffs": lambda study: high_impact_cutoffs(study.impact_works),
    "high_impact": lambda study: high_impact(study.impact_works),
    "pair_high_impact": lambda study: pair_high_impact(study.impact_works),
    "top_papers": lambda study: top_papers(study.cited),
    "top_paper_records": _records,
    "intensity_change": lambda study: intensity_change(study.result),
    "intensity_mix_change": lambda study: intensity_mix_change(study.works, study.result),
    "technology_leaders": lambda study: technology_leaders(
        study.impact_works, study.window, study.eu_members
    ),
    "institution_ranking": lambda study: institution_ranking(study.impact_works, study.window),
    "reading_pairs": lambda study: _keyed(
        reading_pairs(study.affiliated, study.result, study.result.title_pairs)
    ),
}
STUDY_MARTS = tuple(_MARTS)
"""Those that are held row by row; what statements come to is `tests.oracle_claims`."""
