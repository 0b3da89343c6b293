"""A published file for tests of figures: made-up trajectories in the marts that figures read.

The countries, their outputs and intensities are the sample generator's; noise is what the number of papers
would give. Nothing is counted here: a figure has to draw what these tables say.
"""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from assets.sample.countries import CODES
from assets.sample.profile import growth, intensities, shares

FIRST, LAST = 2005, 2024
TECHNOLOGIES = {
    "nanoscale-materials": "Nanoscale materials and manufacturing",
    "advanced-optical-communication": "Advanced optical communication",
    "machine-learning": "Machine learning",
    "electric-batteries": "Electric batteries",
    "quantum-sensors": "Quantum sensors",
    "biofuels": "Biofuels",
    "hypersonic-detection-and-tracking": "Hypersonic detection and tracking",
    "supercapacitors": "Supercapacitors",
}
_WORKS = 120_000
_Z = 1.959964
_MEMBERS = ["DE", "FR", "IT", "ES", "NL"]
"""Some of them; enough for a view in which one party stands for several countries."""
_STANCE = {"RU": "Strategic partners", "PK": "Strategic partners", "BY": "Strategic partners",
           "IR": "Strategic partners", "US": "Competitors", "JP": "Competitors", "GB": "Competitors",
           "AU": "Competitors", "CA": "Competitors"}  # fmt: skip


def write_marts(
    path: Path, *, works: int = _WORKS, last: int = LAST, published: int = 2026, technologies: int = 2
) -> None:
    """Write the file.

    Args:
        path: Where the file shall be.
        works: Works of 2005; the last year has five times as many.
        last: Last year with records; a year after 2024 is half full.
        published: The year of the vintage.
        technologies: How many single technologies have partners.
    """
    shown = list(TECHNOLOGIES)[:technologies]
    ranking = pd.concat(_technology(name, works, last) for name in ("critical", *shown))
    ranking = pd.concat([ranking, _union_view(ranking)])
    trends = _trends(ranking)
    years = pd.DataFrame({"year": range(FIRST, last + 1), "technology": "all"})
    years["works"] = [round(works * _fullness(year) * growth(min(year, LAST))) for year in years["year"]]
    sizes = ranking.groupby(["year", "technology"], as_index=False)[["papers"]].sum()
    tables = {
        "partner_ranking": ranking,
        "trends": trends,
        "trend_classes": _classes(trends),
        "group_collaboration": _groups(ranking),
        "country_groups": pd.DataFrame({"group_set": "eu27", "group_name": "EU27", "country": _MEMBERS}),
        "year_totals": years,
        "technology_size": sizes.rename(columns={"papers": "works"}),
        "technologies": pd.DataFrame(list(TECHNOLOGIES.items()), columns=["technology", "name"]),
        "record_balance": pd.DataFrame({"source": ["openalex"], "outcome": ["current"], "records": [works]}),
        "vintage": pd.DataFrame(
            {
                "vintage": [f"{published}-02-01T120000Z-0a1b2c3d"],
                "published_at": [pd.Timestamp(published, 2, 1)],
                "synthetic": [True],
            }
        ),
    }
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for name, frame in tables.items():
            connection.register("incoming", frame)
            connection.execute(f"create table marts.{name} as select * from incoming")
            connection.unregister("incoming")


def _fullness(year: int) -> float:
    return 0.35 if year > LAST else 1.0


def _technology(technology: str, works: int, last: int) -> pd.DataFrame:
    """Both directions of every pair, view `countries`, with the columns of `partner_ranking`."""
    names = ["critical", *TECHNOLOGIES]
    number = names.index(technology)
    size, lean = (1.0, 0.0) if number == 0 else (0.16 / number, 0.05 * (number - 4))
    noise = np.random.default_rng(number)
    frames = [_year(year, works * size, lean * (year - FIRST) / 20, noise) for year in range(FIRST, last + 1)]
    frame = pd.concat(frames, ignore_index=True).assign(technology=technology, view="countries")
    if number:
        frame = frame[frame["country"] == "CN"]
    return _index(_ranks(frame))


def _year(year: int, works: float, lean: float, noise: np.random.Generator) -> pd.DataFrame:
    profile_year = min(year, LAST)
    output = shares(profile_year) * works * growth(profile_year) * _fullness(year)
    target = intensities(profile_year, peak=True) * np.exp(lean)
    first, second = np.triu_indices(len(CODES), k=1)
    weight = target[first, second] * np.sqrt(output[first] * output[second])
    papers = noise.poisson(weight * 4)
    effective = papers * 0.7
    error = 1 / np.sqrt(np.maximum(effective, 1))
    weight = weight * np.exp(noise.normal(0, 1, len(weight)) * np.minimum(error, 0.5))
    pairs = pd.DataFrame(
        {
            "year": year,
            "country": np.array(CODES)[first],
            "partner": np.array(CODES)[second],
            "papers": papers,
            "weight": weight,
            "weight_low": weight * np.exp(-_Z * error),
            "weight_high": weight * np.exp(_Z * error),
            "intensity": weight / np.sqrt(output[first] * output[second]),
            "effective_number": effective,
            "is_small": effective < 25,
        }
    )
    pairs["intensity_low"] = pairs["intensity"] * np.exp(-_Z * error)
    pairs["intensity_high"] = pairs["intensity"] * np.exp(_Z * error)
    pairs = pairs[pairs["papers"] > 0]
    turned = pairs.rename(columns={"country": "partner", "partner": "country"})
    return pd.concat([pairs, turned], ignore_index=True)


def _union_view(ranking: pd.DataFrame) -> pd.DataFrame:
    """China's partners with Germany's numbers under the Union's name and no other member."""
    rows = ranking[(ranking["country"] == "CN") & ~ranking["partner"].isin(set(_MEMBERS) - {"DE"})]
    return rows.assign(view="eu27", partner=rows["partner"].replace("DE", "EU27"))


def _ranks(frame: pd.DataFrame) -> pd.DataFrame:
    keys = ["year", "country"]
    for measure in ("weight", "intensity"):
        frame[f"rank_{measure}"] = frame.groupby(keys)[measure].rank(method="min", ascending=False)
        kept = frame[measure].where(~frame["is_small"])
        frame[f"rank_{measure}_stable"] = kept.groupby([frame[key] for key in keys]).rank(
            method="min", ascending=False
        )
    total = frame.groupby(keys)["weight"].transform("sum")
    for end in ("", "_low", "_high"):
        frame[f"share{end}"] = frame[f"weight{end}"] / total
    return frame.rename(columns={"share": "share_of_international"})


def _index(frame: pd.DataFrame) -> pd.DataFrame:
    keys = ["country", "partner"]
    for measure in ("weight", "intensity"):
        base = frame[frame["year"] == FIRST].set_index(keys)[measure]
        found = base.reindex(pd.MultiIndex.from_frame(frame[keys])).to_numpy()
        frame[f"index_{measure}"] = 100 * frame[measure] / found
        for end in ("low", "high"):
            frame[f"index_{measure}_{end}"] = 100 * frame[f"{measure}_{end}"] / found
    return frame


def _trends(ranking: pd.DataFrame) -> pd.DataFrame:
    """A running mean stands for the robust regression; only long series have one, in full years."""
    rows = ranking[~ranking["is_small"] & (ranking["country"] == "CN") & (ranking["year"] <= LAST)]
    rows = rows.rename(columns={"share_of_international": "share"})
    keys = ["technology", "view", "country", "partner", "measure"]
    long = rows.melt([*keys[:-1], "year"], ["weight", "intensity", "share"], "measure", "value")
    long = long.sort_values([*keys, "year"], ignore_index=True)
    series = long.groupby(keys, sort=False)["value"]
    smooth = series.rolling(5, center=True, min_periods=3).mean()
    long["trend"] = smooth.to_numpy()
    return long[series.transform("size") >= 8].drop(columns="value").reset_index(drop=True)


def _classes(trends: pd.DataFrame) -> pd.DataFrame:
    keys = ["technology", "view", "country", "partner", "measure"]
    series = trends.groupby(keys)
    found = series.agg(years=("year", "size"), last=("trend", "last")).reset_index()
    found["slope_5_years"] = np.log(found["last"] / series["trend"].nth(-6).to_numpy()) / 5
    found["peak_year"] = trends.loc[series["trend"].idxmax(), "year"].to_numpy()
    found["peak_probability"] = 0.9
    found["trend_class"] = pd.cut(
        found["slope_5_years"], [-np.inf, -0.01, 0.01, np.inf], labels=["falling", "plateau", "rising"]
    ).astype(str)
    return found.drop(columns="last")


def _groups(ranking: pd.DataFrame) -> pd.DataFrame:
    rows = ranking[ranking["view"] == "countries"]
    rows = rows.assign(group_set="stance_china", group_name="Hedging")
    rows["group_name"] = rows["partner"].map(_STANCE).fillna("Hedging")
    rows["reach"] = (rows["weight"] / rows["intensity"]) ** 2
    keys = ["year", "technology", "country", "group_set", "group_name"]
    sums = rows.groupby(keys, as_index=False)[["papers", "weight", "reach"]].sum()
    # weight^2 / intensity^2 = R(A) R(B), so its sum over the members B is R(A) R(G).
    return sums.assign(intensity=sums["weight"] / np.sqrt(sums["reach"])).drop(columns="reach")
