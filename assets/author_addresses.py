"""Authors and the addresses a record links them to, as the columns of a record.

For sources that give addresses: Web of Science and Scopus. How these write addresses and links belongs
to their own modules, which country an address names to `assets.addresses`; nothing is shared out here,
that is counting (METHOD, section 1).
"""

from collections.abc import Sequence
from typing import NamedTuple

from assets.addresses import country_label
from assets.records import Basis, Institution


class AuthorFields(NamedTuple):
    """The four columns of a `Record` that tell where its authors work."""

    author_countries: list[list[str]]
    author_basis: list[Basis]
    institutions: list[Institution]
    author_institutions: list[list[int]]


def author_fields(addresses: Sequence[str], links: Sequence[list[int]]) -> AuthorFields:
    """The columns for one record.

    Args:
        addresses: The distinct addresses of the record, in its order; no reprint address among them.
        links: For each author as delivered the 0-based positions of their own addresses; none for an
            author the record links to nothing.
    """
    labels = [country_label(address) for address in addresses]
    unlinked: Basis = "shared" if addresses else "none"
    return AuthorFields(
        # Most authors have one address: no set and no sorting for them.
        author_countries=[
            [labels[own[0]]] if len(own) == 1 else sorted({labels[place] for place in own}) for own in links
        ],
        author_basis=["linked" if own else unlinked for own in links],
        institutions=[
            Institution(None, address, label) for address, label in zip(addresses, labels, strict=True)
        ],
        author_institutions=list(links),
    )
