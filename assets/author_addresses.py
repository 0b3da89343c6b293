"""Authors and the addresses a record links them to, as the columns of a record.

For sources that give addresses: Web of Science and Scopus. How these write addresses and links belongs
to their own modules, which country an address names to `assets.addresses`; nothing is shared out here,
that is counting (METHOD, section 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assets.addresses import country_label
from assets.records import Basis, Institution


@dataclass(frozen=True)
class AuthorFields:
    """The four columns of a `Record` that tell where its authors work."""

    author_countries: list[list[str]]
    author_basis: list[Basis]
    institutions: list[Institution]
    author_institutions: list[list[int]]


def author_fields(addresses: Sequence[str], links: Sequence[Sequence[int]]) -> AuthorFields:
    """The columns for one record.

    Args:
        addresses: The distinct addresses of the record, in its order; no reprint address among them.
        links: For each author as delivered the 0-based positions of their own addresses; none for an
            author the record links to nothing.
    """
    labels = [country_label(address) for address in addresses]
    unlinked: Basis = "shared" if addresses else "none"
    return AuthorFields(
        author_countries=[sorted({labels[place] for place in own}) for own in links],
        author_basis=["linked" if own else unlinked for own in links],
        institutions=[
            Institution(None, address, label) for address, label in zip(addresses, labels, strict=True)
        ],
        author_institutions=[list(own) for own in links],
    )
