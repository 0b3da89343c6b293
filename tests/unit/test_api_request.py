import pytest

from assets.errors import CollaborationError
from assets.pull.api_request import FIELDS, ApiRequest, ApiSearch
from tests import api_server

SECRET = "k3y-nobody-may-see"
GRAPHENE = ApiSearch("type:article", "graphene")


def test_a_request_that_chooses_nothing_is_refused_and_pointed_to_the_snapshot() -> None:
    with pytest.raises(CollaborationError, match="pull the snapshot"):
        ApiSearch(filter="", search=None)


def test_the_key_is_in_no_representation_of_a_request() -> None:
    assert SECRET not in repr(ApiRequest((ApiSearch("type:article"),), api_key=SECRET))


@pytest.mark.parametrize("key", ["", " spaced", f"{SECRET}\n", "schlüssel"])
def test_a_key_that_cannot_be_one_is_refused_without_being_named(key: str) -> None:
    with pytest.raises(CollaborationError, match="COLLAB_OPENALEX_API_KEY") as refused:
        ApiRequest((ApiSearch("type:article"),), api_key=key)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("name", ["", ".hidden", "_aside", "a/b", "a,b", "a...b", "a\nb"])
def test_a_name_that_no_drop_can_have_is_refused(name: str) -> None:
    with pytest.raises(CollaborationError, match="cannot be named"):
        ApiRequest((ApiSearch("type:article"),), name=name)


def test_a_limit_of_no_credits_is_refused() -> None:
    with pytest.raises(CollaborationError, match="allow at least 1"):
        ApiRequest((ApiSearch("type:article"),), max_credits=0)


def test_an_address_without_a_scheme_is_refused() -> None:
    with pytest.raises(CollaborationError, match="must begin with https://"):
        ApiRequest((ApiSearch("type:article"),), base_url="api.openalex.org")


def test_the_digest_follows_what_is_wanted_and_nothing_else() -> None:
    request = ApiRequest((GRAPHENE,))
    same = ApiRequest((GRAPHENE,), api_key=SECRET, max_credits=7, name="mine")
    others = [
        ApiRequest((ApiSearch("type:review", "graphene"),)),
        ApiRequest((ApiSearch("type:article"),)),
        ApiRequest((ApiSearch(search="graphene"),)),
        ApiRequest((GRAPHENE, ApiSearch("type:article"))),
        ApiRequest((GRAPHENE,), base_url="https://mirror.example"),
    ]
    assert request.digest == same.digest
    assert len({request.digest, *(other.digest for other in others)}) == 6


def test_the_fields_asked_for_are_those_that_are_read_and_the_api_has() -> None:
    assert set(FIELDS) == api_server.FIELDS
