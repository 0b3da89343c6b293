"""A published file for tests of the report: made-up collaboration of a few countries in every mart it reads.

Numbers are smooth curves with an interval; nothing is counted. One technology, one drop and one statement
carry markup in their names, and one cell starts as a formula would.
"""

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

FIRST, LAST = 2005, 2024
NAMES = {"CN": "China", "US": "United States", "GB": "United Kingdom", "DE": "Germany", "FR": "France",
         "JP": "Japan", "AU": "Australia", "PK": "Pakistan", "SG": "Singapore", "BY": "Belarus"}  # fmt: skip
MARKUP = '<img src=x onerror="window.broken=1"></script><b>Quantum</b> & co'
TECHNOLOGIES = {
    "machine-learning": "Machine learning",
    "electric-batteries": "Electric batteries",
    "quantum </ stated>": MARKUP,
}
_SIZE = {"CN": 9000, "US": 12000, "GB": 3500, "DE": 3200, "FR": 2400, "JP": 4000, "AU": 1500, "PK": 400,
         "SG": 700, "BY": 40}  # fmt: skip
_EU = ("DE", "FR")
_SCALE = {
    "all": 1.0,
    "critical": 0.6,
    "machine-learning": 0.2,
    "electric-batteries": 0.1,
    "quantum </ stated>": 0.05,
}
_OF_PAIRS = {
    "partner_ranking",
    "trends",
    "trend_classes",
    "group_collaboration",
    "top_papers",
    "top_paper_records",
}
_Z = 1.959964
_SERIES = ["technology", "view", "country", "partner", "year"]


def write_marts(path: Path) -> None:
    """Write the file."""
    pairs = _pairs()
    ranking = _ranking(pd.concat([_view(pairs, "countries"), _view(pairs, "eu27")]))
    tables = {
        "partner_ranking": ranking,
        "trends": _trends(ranking),
        "trend_classes": _classes(ranking),
        "country_certainty": _outputs(),
        "group_collaboration": _groups(ranking),
        "country_groups": _memberships(),
        "claims": _claims(),
        **_papers(ranking),
        **_coverage(),
    }
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for name, frame in tables.items():
            connection.register("incoming", frame)
            connection.execute(f"create table marts.{name} as select * from incoming")
            connection.unregister("incoming")


def without_rows(published: Path, copied: Path, *, nothing_at_all: bool) -> Path:
    """A copy in which no two countries share a paper, or no paper is counted at all; returns its path."""
    shutil.copy(published, copied)
    with duckdb.connect(str(copied)) as connection:
        tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        emptied = tables - {"vintage", "country_groups"} if nothing_at_all else _OF_PAIRS
        for table in emptied:
            connection.execute(f"delete from marts.{table}")
    return copied


def _pairs() -> pd.DataFrame:
    """Each pair once: technology, year, a, b, weight."""
    rows = []
    codes = list(_SIZE)
    for technology, scale in _SCALE.items():
        for year in range(FIRST, LAST + 1):
            for i, first in enumerate(codes):
                for j, second in enumerate(codes[i + 1 :]):
                    wave = 1 + 0.5 * np.sin((year - FIRST) / 4 + i + j) + 0.05 * (year - FIRST)
                    weight = 0.02 * scale * wave * np.sqrt(_SIZE[first] * _SIZE[second])
                    rows.append((technology, year, first, second, weight))
    return pd.DataFrame(rows, columns=["technology", "year", "a", "b", "weight"])


def _view(pairs: pd.DataFrame, view: str) -> pd.DataFrame:
    """Both directions of every pair; in the view `eu27` members are one party."""
    turned = pairs.rename(columns={"a": "b", "b": "a"})
    rows = pd.concat([pairs, turned], ignore_index=True).rename(columns={"a": "country", "b": "partner"})
    if view == "eu27":
        merged = dict.fromkeys(_EU, "EU27")
        rows = rows.assign(country=rows["country"].replace(merged), partner=rows["partner"].replace(merged))
        rows = rows[rows["country"] != rows["partner"]]
        keys = ["technology", "year", "country", "partner"]
        rows = rows.groupby(keys, as_index=False)[["weight"]].sum()
    return rows.assign(view=view)


def _size(code: str) -> int:
    return sum(_SIZE[member] for member in _EU) if code == "EU27" else _SIZE[code]


def _ranking(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.sort_values(_SERIES, ignore_index=True)
    sizes = rows["country"].map(_size).to_numpy(float) * rows["partner"].map(_size).to_numpy(float)
    scale = rows["technology"].map(_SCALE).to_numpy(float) * np.sqrt(sizes)
    rows["papers"] = (rows["weight"] * 4).round().astype(int) + 1
    rows["effective_number"] = rows["papers"] * 0.8
    rows["is_small"] = rows["effective_number"] < 25
    rows["intensity"] = rows["weight"] / scale
    keys = ["technology", "view", "country", "year"]
    rows["share_of_international"] = rows["weight"] / rows.groupby(keys)["weight"].transform("sum")
    rows["share_including_unknown"] = rows["share_of_international"] * 0.98
    spread = np.exp(_Z / np.sqrt(rows["effective_number"]))
    for measure, name in (
        ("weight", "weight"),
        ("intensity", "intensity"),
        ("share_of_international", "share"),
    ):
        rows[f"{name}_low"] = rows[measure] / spread
        rows[f"{name}_high"] = rows[measure] * spread
    return _changes(_ranks(rows, keys))


def _ranks(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    for measure in ("weight", "intensity"):
        rows[f"rank_{measure}"] = rows.groupby(keys)[measure].rank(method="min", ascending=False).astype(int)
        kept = rows[measure].where(~rows["is_small"])
        found = kept.groupby([rows[key] for key in keys]).rank(method="min", ascending=False)
        rows[f"rank_{measure}_stable"] = found.astype("Int64")
    return rows


def _changes(rows: pd.DataFrame) -> pd.DataFrame:
    series = rows.groupby(_SERIES[:-1])
    for measure in ("weight", "intensity"):
        for suffix, years in (
            ("", [2005]),
            ("_2005_2007", [2005, 2006, 2007]),
            ("_2008_2010", [2008, 2009, 2010]),
        ):
            of_base = rows[measure].where(rows["year"].isin(years))
            base = of_base.groupby([rows[key] for key in _SERIES[:-1]]).transform("mean")
            rows[f"index_{measure}{suffix}"] = 100 * rows[measure] / base
        rows[f"{measure}_change_last_year"] = series[measure].diff()
        rows[f"{measure}_change_base"] = rows[measure] - series[measure].transform("first")
    rows["index_weight_low"] = rows["index_weight"] * 0.9
    rows["index_weight_high"] = rows["index_weight"] * 1.1
    return rows


def _trends(ranking: pd.DataFrame) -> pd.DataFrame:
    rows = ranking[~ranking["is_small"]].rename(columns={"share_of_international": "share"})
    long = rows.melt(_SERIES, ["weight", "intensity", "share"], "measure", "trend")
    long["trend"] *= 1.01
    return long


def _classes(ranking: pd.DataFrame) -> pd.DataFrame:
    found = (
        ranking[["technology", "view", "country", "partner"]].drop_duplicates().assign(measure="intensity")
    )
    classes = np.array(["rising", "plateau", "falling"])
    return found.assign(
        peak_year=2019, peak_probability=0.8, slope_5_years=0.01, years=20,
        trend_class=classes[np.arange(len(found)) % 3],
    )  # fmt: skip


def _outputs() -> pd.DataFrame:
    rows = pd.DataFrame(
        [
            (year, technology, code, size * scale * (1 + 0.08 * (year - FIRST) * (2 if code == "CN" else 1)))
            for technology, scale in _SCALE.items()
            for year in range(FIRST, LAST + 1)
            for code, size in [*_SIZE.items(), ("ZZ", 300)]
        ],
        columns=["year", "technology", "country", "output"],
    )
    known = rows["output"].where(rows["country"] != "ZZ")
    rows["share"] = known / known.groupby([rows["year"], rows["technology"]]).transform("sum")
    rows["output_se"] = np.sqrt(rows["output"])
    spread = np.exp(_Z / np.sqrt(rows["output"]))
    for name in ("output", "share"):
        rows[f"{name}_low"] = rows[name] / spread
        rows[f"{name}_high"] = rows[name] * spread
    return rows.assign(effective_number=rows["output"], is_small=rows["output"] < 25)


def _memberships() -> pd.DataFrame:
    stance = {"PK": "Strategic partners", "BY": "Strategic partners", "US": "Competitors",
              "JP": "Competitors", "GB": "Competitors"}  # fmt: skip
    rows = [("eu27", "EU27", code) for code in _EU]
    rows += [("stance_china", stance.get(code, "Hedging"), code) for code in _SIZE if code != "CN"]
    return pd.DataFrame(rows, columns=["group_set", "group_name", "country"])


def _groups(ranking: pd.DataFrame) -> pd.DataFrame:
    rows = ranking[ranking["view"] == "countries"].merge(
        _memberships().rename(columns={"country": "partner"}), on="partner"
    )
    keys = ["year", "technology", "country", "group_set", "group_name"]
    return rows.groupby(keys, as_index=False)[["papers", "weight", "intensity"]].sum()


def _papers(ranking: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Up to five papers of each pair: as many as it has, each with an equal part of what the first give."""
    pairs = ranking[(ranking["view"] == "countries") & (ranking["country"] < ranking["partner"])]
    pairs = pairs.rename(columns={"country": "country_a", "partner": "country_b"})
    numbers = pd.DataFrame({"rank": range(1, 6)})
    rows = pairs.merge(numbers, how="cross")
    rows = rows[rows["rank"] <= rows["papers"]].reset_index(drop=True)
    rows["weight"] /= rows["papers"].clip(lower=6) + rows["rank"]
    rows["source"] = np.where(rows["rank"] == 3, "wos", "openalex")
    rows["work_id"] = (
        rows["country_a"] + rows["country_b"] + rows["year"].astype(str) + "-" + rows["rank"].astype(str)
    )
    papers = rows[["year", "source", "work_id", "rank"]].drop_duplicates(["source", "work_id"])
    titles = np.array(["A study", MARKUP, "", "=1+1 of studies", "Another study"], dtype=object)
    places = papers.pop("rank").to_numpy() - 1
    records = papers.assign(
        title=titles[places],
        doi=np.array(["10.5555/a<b>#1", None, None, "10.5555/four", None], dtype=object)[places],
        authors=2 + places,
        cited_by_count=pd.array(np.where(places == 4, 0, 40 - places), dtype="Int64"),
    )
    records.loc[places == 2, ["title", "cited_by_count"]] = None
    top = ["year", "technology", "country_a", "country_b", "rank", "source", "work_id", "weight"]
    return {"top_papers": rows[top], "top_paper_records": records}


def _claims() -> pd.DataFrame:
    rows = [
        ("peak", "US-China weight peaks in 2019", "near", 2019.0, 1.0, 2019.0, "reproduced", None),
        ("level", f"Intensity is level {MARKUP}", "at_most", 1.0, 0.1, 1.4, "not reproduced", None),
        ("rise", "Belarus 41st to 20th", "near", 20.0, 2.0, None, "cannot be told", "=1+1 too few papers"),
    ]
    columns = ["claim", "statement", "comparison", "expected", "tolerance", "found", "verdict", "reason"]
    claims = pd.DataFrame(rows, columns=columns).assign(
        measure="weight", technology="critical", query="select 1", reach=3.0
    )
    return claims.assign(low=claims["found"] * 0.999, high=claims["found"] * 1.001)


def _coverage() -> dict[str, pd.DataFrame]:
    years = list(range(FIRST, LAST + 1))
    works = [1000 + 200 * i for i in range(len(years))]
    of_year = pd.DataFrame({"year": years, "works": works})
    totals = pd.concat(
        of_year.assign(
            technology=technology,
            works=(of_year["works"] * scale).astype(int),
            works_multi_author=(of_year["works"] * scale * 0.8).astype(int),
            works_international=(of_year["works"] * scale * 0.3).astype(int),
            unknown_output=of_year["works"] * scale * 0.02,
        )
        for technology, scale in _SCALE.items()
    )
    named = [(key, "catalogue", name, "Computing", 1) for key, name in TECHNOLOGIES.items()]
    balance = [(MARKUP, "openalex", "current", None, 9000), (MARKUP, "openalex", "out_of_scope", "type", 120)]
    checks = [
        (year, "all", identity, 1.0, 1.0, 0.0, True) for year in years for identity in ("output", "weight")
    ]
    return {
        "year_totals": totals,
        "technology_size": totals[["year", "technology", "works"]],
        "technologies": pd.DataFrame(named, columns=["technology", "origin", "name", "category", "version"]),
        "year_quality": of_year.assign(works_expected=works, unknown_share=0.02, neighbour_ratio=1.01),
        "abstract_coverage": of_year.assign(
            source="openalex", works_with_abstract=of_year["works"] // 2, abstract_share=0.5
        ),
        "address_link_coverage": of_year.assign(
            source="wos", works_with_addresses=works, authors_with_addresses=10, linked_authors=9,
            linked_share=0.9,
        ),
        "record_balance": pd.DataFrame(
            balance, columns=["drop_id", "source", "outcome", "reason", "records"]
        ),
        "reconciliation": pd.DataFrame(
            checks, columns=["year", "technology", "identity", "expected", "actual", "difference", "passed"]
        ),
        "vintage": pd.DataFrame(
            {
                "vintage": ["2025-02-01T120000Z-0a1b2c3d"],
                "published_at": [pd.Timestamp(2025, 2, 1)],
                "synthetic": [True],
                "drops": [1],
            }
        ),
    }  # fmt: skip
