"""The search of the server that stands in for the API: what it finds, and that it refuses what it must."""

import pytest

from tests.api_text_search import Text, finder
from tests.delivered_works import work

TEXT = Text(
    work(
        title="Shor's algorithm: Naïve qubits",
        abstract_inverted_index={"in": [1], "Solar-cell": [0], "802.11": [2]},
    )
)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("( qubits)", True),
        ("( qubit)", False),
        ("( qub*)", True),
        ("( qubi?s)", True),
        ("( naive)", False),
        ("( na?ve)", True),
        ("( shor)", False),
        ("( shor?s)", True),
        ("( 802)", False),
        ('( "solar cell")', True),
        ('( "cell solar")', False),
        ('( "qubits solar")', False),
        ("( qubits AND solar)", True),
        ("( qubits solar)", True),
        ("( qubits AND ( wind OR tide))", False),
        ("( wind OR ( qubits AND cell))", True),
        ("( qubits NOT solar)", False),
        ('"solar cel*"', True),
        ('( wind)|"solar cel*"', True),
        ("( wind)|( tide)", False),
        # The end of a value loses these letters.
        ("qubitsand", True),
    ],
)
def test_words_are_found_as_the_api_finds_them(value: str, found: bool) -> None:
    assert finder(value)(TEXT) == found


@pytest.mark.parametrize(
    "value",
    [
        "( a OR b AND c)",
        "( *cell)",
        "( so*)",
        "( sol*a?)",
        "(sol*)",
        "( a",
        "( a))",
        "( AND a)",
        "( a OR)",
        "()",
        '( a OR "solar cel*")',
        '"sol* cel*"',
        '"sol*"',
        '"solar cell"~3',
        '( "solar)',
        "|".join(["a"] * 101),
    ],
)
def test_what_the_api_refuses_or_nobody_knows_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        finder(value)
