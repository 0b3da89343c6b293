"""What counted works leave open, by brute force.

How far their addresses are linked to authors, which of them name no country that is known (method,
section 1), and how many works have an abstract to find a technology in.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.oracle_countries import Countries, country_label
from tests.oracle_records import OPENALEX, Delivered


@dataclass(frozen=True)
class LinkCoverage:
    """The counted works of one year and source, as delivered."""

    works: int
    works_with_addresses: int
    works_fully_linked: int
    works_partly_linked: int
    works_without_links: int
    """Of the works with addresses."""
    works_without_addresses: int
    authors: int
    authors_with_addresses: int
    """Authors of works with addresses."""
    linked_authors: int
    linked_share: Fraction | None
    """Of the authors of works with addresses; None where there are none."""


@dataclass(frozen=True)
class UnmappedAddresses:
    """The addresses of one year and source that end in one label no country goes by."""

    addresses: int
    """Distinct ones."""
    works: int
    example_address: str
    """The first in the alphabet."""


@dataclass(frozen=True)
class AbstractCoverage:
    """The counted works of one year and source; what is merged into them is not looked at."""

    works: int
    works_with_abstract: int
    abstract_share: Fraction


def abstract_coverage(counted: Iterable[Delivered]) -> dict[tuple[int, str], AbstractCoverage]:
    """By year and source."""
    groups: defaultdict[tuple[int, str], list[bool]] = defaultdict(list)
    for record in counted:
        if record.year is not None:
            groups[record.year, record.source].append(bool(record.abstract.strip()))
    return {
        key: AbstractCoverage(len(found), sum(found), Fraction(sum(found), len(found)))
        for key, found in groups.items()
    }


def link_coverage(counted: Iterable[Delivered]) -> dict[tuple[int, str], LinkCoverage]:
    """By year and source; OpenAlex gives no addresses."""
    groups: defaultdict[tuple[int, str], list[Delivered]] = defaultdict(list)
    for record in counted:
        if record.source != OPENALEX and record.year is not None:
            groups[record.year, record.source].append(record)
    return {key: _coverage(records) for key, records in groups.items()}


def _coverage(records: Sequence[Delivered]) -> LinkCoverage:
    with_addresses = [record for record in records if record.addresses]
    # For each work with addresses whether each of its authors is linked to one.
    links = [[bool(author.addresses) for author in record.authors] for record in with_addresses]
    linked, open_to_links = sum(map(sum, links)), sum(map(len, links))
    return LinkCoverage(
        works=len(records),
        works_with_addresses=len(with_addresses),
        works_fully_linked=sum(all(own) for own in links),
        works_partly_linked=sum(any(own) and not all(own) for own in links),
        works_without_links=sum(not any(own) for own in links),
        works_without_addresses=len(records) - len(with_addresses),
        authors=sum(len(record.authors) for record in records),
        authors_with_addresses=open_to_links,
        linked_authors=linked,
        linked_share=Fraction(linked, open_to_links) if open_to_links else None,
    )


def unmapped_addresses(
    counted: Iterable[Delivered], countries: Countries
) -> dict[tuple[int, str, str], UnmappedAddresses]:
    """By year, source and label."""
    groups: defaultdict[tuple[int, str, str], list[tuple[str, str]]] = defaultdict(list)
    for record in counted:
        for address in record.addresses:
            if record.year is not None and not countries.of_addresses(record.source, [address]):
                groups[record.year, record.source, country_label(address)].append((record.work_id, address))
    return {
        key: UnmappedAddresses(
            addresses=len({address for _, address in found}),
            works=len({work for work, _ in found}),
            example_address=min(address for _, address in found),
        )
        for key, found in groups.items()
    }
