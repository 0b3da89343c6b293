"""The sample generator: the drop it writes, its likeness to real records, the facts it carries.

Margins are those of the default number of works and the default seed.
"""

import hashlib
import json
import tomllib
import tracemalloc
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from isal import isal_zlib

from assets.errors import CollaborationError
from assets.sample import DEFAULT_WORKS, SampleSummary, generate_drop
from assets.sample.countries import CODES
from assets.sample.drop import Generator, Recipe
from assets.sample.plan import build_plan
from assets.sample.profile import CHINA, UNITED_STATES, intensities
from tests.sample_survey import YEARS, Counted, Survey, files_of, key_paths, lines_of, survey


@dataclass(frozen=True)
class Sample:
    """The default drop and what was found in it."""

    summary: SampleSummary
    survey: Survey

    @property
    def folder(self) -> Path:
        return self.summary.destination


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Generated once: the default number of works, the default seed."""
    folder = tmp_path_factory.mktemp("sample") / "drop"
    summary = generate_drop(folder, works=DEFAULT_WORKS, workers=2)
    return Sample(summary, survey(folder))


@pytest.fixture(scope="module")
def counted(sample: Sample) -> Counted:
    return sample.survey.counted


def digests(drop: Path) -> dict[str, str]:
    files = [path for path in drop.rglob("*") if path.is_file()]
    return {
        path.relative_to(drop).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


# The stylised facts.


def test_output_in_2024_is_five_times_that_of_2005(counted: Counted) -> None:
    assert counted.works[2024] / counted.works[2005] == pytest.approx(5, rel=0.01)
    assert all(counted.works[year] < counted.works[year + 1] for year in YEARS[:-1])


def test_the_share_of_china_grows_from_13_to_40_percent(counted: Counted) -> None:
    assert counted.world_share(2005, "CN") == pytest.approx(0.13, abs=0.01)
    assert counted.world_share(2024, "CN") == pytest.approx(0.40, abs=0.01)


@pytest.mark.parametrize("year", YEARS)
def test_the_united_states_are_the_largest_partner_of_china_in_every_year(
    counted: Counted, year: int
) -> None:
    partners = counted.partners(year)
    united_states = partners.pop("US")
    assert united_states > 2.5 * max(partners.values())


def test_the_united_states_lose_half_of_their_share_in_chinas_collaboration(
    counted: Counted,
) -> None:
    assert counted.partner_share(2016, "US") == pytest.approx(0.50, abs=0.02)
    assert counted.partner_share(2024, "US") == pytest.approx(0.27, abs=0.02)


def test_intensity_of_china_and_the_united_states_peaks_in_2019(counted: Counted) -> None:
    intensity = {year: counted.intensity(year, "US") for year in YEARS}
    others = [value for year, value in intensity.items() if year != 2019]
    assert intensity[2019] > 1.05 * max(others)
    assert intensity[2019] > 2 * intensity[2005]
    assert intensity[2024] == pytest.approx(intensity[2005], rel=0.1)


def test_pakistan_passes_japan_in_2019(counted: Counted) -> None:
    ahead = [year for year in YEARS if counted.intensity(year, "PK") > counted.intensity(year, "JP")]
    assert ahead == list(range(2019, 2025))
    assert counted.intensity(2024, "PK") > 2 * counted.intensity(2024, "JP")


@pytest.mark.parametrize("country", ["PK", "SA", "BY", "IR", "RU"])
def test_rising_partners_rise(counted: Counted, country: str) -> None:
    early, middle, late = (
        counted.mean_intensity(country, *years) for years in ((2005, 2011), (2013, 2018), (2021, 2024))
    )
    assert early < middle
    assert 1.5 * middle < late


def test_italy_rises_from_the_early_2010s_on(counted: Counted) -> None:
    means = [counted.mean_intensity("IT", year, year + 2) for year in (2010, 2013, 2016, 2019, 2022)]
    assert means == sorted(means)
    assert means[-1] > 1.8 * means[0]
    assert counted.mean_intensity("IT", 2005, 2007) == pytest.approx(means[0], rel=0.15)


def test_the_united_kingdom_is_flat_from_2021_on(counted: Counted) -> None:
    intensity = [counted.intensity(year, "GB") for year in range(2021, 2025)]
    assert max(intensity) < 1.08 * min(intensity)
    assert counted.mean_intensity("GB", 2005, 2008) < 0.6 * min(intensity)


@pytest.mark.parametrize("country", ["AU", "CA", "NL"])
def test_falling_partners_fall_from_2018_on(counted: Counted, country: str) -> None:
    means = [counted.mean_intensity(country, year, year + 1) for year in (2017, 2019, 2021, 2023)]
    assert means == sorted(means, reverse=True)
    assert means[-1] < 0.85 * means[0]


def test_new_zealand_stays_level(counted: Counted) -> None:
    means = [counted.mean_intensity("NZ", year, year + 3) for year in (2009, 2013, 2017, 2021)]
    assert max(means) < 1.25 * min(means)


def test_without_the_peak_only_one_pair_is_flat() -> None:
    flat, peaked = intensities(2019, peak=False), intensities(2019, peak=True)
    start = intensities(2005, peak=True)
    assert flat[CHINA, UNITED_STATES] == start[CHINA, UNITED_STATES]
    assert (flat != peaked).sum() == 2


# What the records are like.


def test_ids_and_dois_are_unique_and_dois_bear_the_test_prefix(sample: Sample) -> None:
    dois = [work.doi for work in sample.survey.works if work.doi]
    assert len({work.id for work in sample.survey.works}) == DEFAULT_WORKS
    assert len(set(dois)) == len(dois) > 0.85 * DEFAULT_WORKS
    assert all(doi.startswith("https://doi.org/10.5555/") for doi in dois)


def test_teams_are_small_with_a_few_of_several_hundred(counted: Counted) -> None:
    assert 4 < sum(counted.sizes) / len(counted.sizes) < 5.2
    assert sum(size == 1 for size in counted.sizes) > 0.05 * len(counted.sizes)
    assert 2 <= sum(size > 200 for size in counted.sizes) < 0.002 * len(counted.sizes)


def test_every_basis_of_an_author_occurs(counted: Counted) -> None:
    authors = sum(counted.sizes)
    assert 0.01 < counted.basis["string"] / authors < 0.04
    assert 0.03 < counted.basis["none"] / authors < 0.07
    assert 0.01 < counted.basis["two countries"] / authors < 0.05


def test_all_countries_occur_and_china_partly_under_folded_codes(counted: Counted) -> None:
    assert set(counted.codes) == {*CODES, "HK", "MO"}
    assert 0.02 < counted.codes["HK"] / counted.codes["CN"] < 0.08
    assert 60 <= len(CODES) <= 100


def test_every_reason_to_leave_a_work_out_occurs(sample: Sample) -> None:
    types = Counter(work.type for work in sample.survey.works)
    assert set(types) > {"review", "book-chapter", "preprint", "editorial", "dataset", None}
    assert 0.0005 < sum(work.is_retracted for work in sample.survey.works) / DEFAULT_WORKS < 0.002
    assert any(work.is_paratext for work in sample.survey.works)
    assert any(work.is_xpac for work in sample.survey.works)
    assert any(not work.authorships for work in sample.survey.works)
    early = sum(work.publication_year < 2005 for work in sample.survey.works)
    assert 0.005 < early / DEFAULT_WORKS < 0.02
    assert all(work.publication_year <= 2024 for work in sample.survey.works)


def test_most_works_have_an_abstract_in_words_a_query_finds(sample: Sample) -> None:
    assert sample.survey.abstracts / DEFAULT_WORKS == pytest.approx(0.84, abs=0.03)
    assert sample.survey.with_blockchain > 20


def test_words_are_as_unevenly_frequent_as_in_english(sample: Sample) -> None:
    ranked = [count for _, count in sample.survey.words.most_common()]
    assert len(ranked) > 1500
    assert 5 < ranked[0] / ranked[50] < 50
    assert 5 < ranked[50] / ranked[500] < 50


def test_records_have_the_keys_of_the_newest_real_ones(sample: Sample, real_landing: Path) -> None:
    real = [
        record
        for file in files_of(real_landing / "openalex-2025-09")
        for record in map(json.loads, lines_of(file))
        if "is_xpac" in record and "abstract_inverted_index" in record
    ]
    generated = [json.loads(line) for line in lines_of(files_of(sample.folder)[0])]
    # The real drop was collected by searches, whose score no snapshot has.
    expected = {*real[0]} - {"relevance_score"}
    assert all({*record} == expected for record in generated)
    assert key_paths(generated) <= key_paths(real)
    missing = key_paths(real) - key_paths(generated)
    assert {path.split(".")[1].removesuffix("[]") for path in missing} <= {
        "relevance_score", "ids", "apc_paid", "funders", "content_urls", "primary_location",
        "locations", "best_oa_location",
    }  # fmt: skip


def test_bytes_a_work_and_gzip_ratio_are_those_of_the_real_drops(sample: Sample, real_landing: Path) -> None:
    """Both real drops taken together are the measure: the one figure the sample aims at."""
    records = json_bytes = gzip_bytes = 0
    for drop in ("openalex-2023-03", "openalex-2025-09"):
        for file in files_of(real_landing / drop):
            text = isal_zlib.decompress(file.read_bytes(), 31)
            records += text.count(b"\n")
            json_bytes += len(text)
            gzip_bytes += file.stat().st_size
    summary = sample.summary
    assert summary.json_bytes / summary.works == pytest.approx(json_bytes / records, rel=0.1)
    ratio = summary.json_bytes / summary.content_length
    assert ratio == pytest.approx(json_bytes / gzip_bytes, rel=0.1)


# The drop as files.


def test_the_manifest_tells_every_file_with_its_size_and_records(sample: Sample) -> None:
    manifest = json.loads((sample.folder / "jsonl" / "works" / "manifest.json").read_text())
    found = {file.url: file.meta for file in sample.survey.files}
    assert {entry["url"]: entry["meta"] for entry in manifest["files"]} == found
    assert (manifest["format"], manifest["entity"]) == ("jsonl", "works")
    assert manifest["record_count"] == DEFAULT_WORKS == sample.summary.works
    assert manifest["content_length"] == sample.summary.content_length
    assert len(found) == sample.summary.files == 100


def test_a_file_holds_the_works_of_the_day_it_is_named_after(sample: Sample) -> None:
    for file in sample.survey.files:
        (day,) = file.days
        assert f"/updated_date={day}/part_0000.gz" in file.url


def test_the_drop_says_that_it_is_synthetic(sample: Sample) -> None:
    statement = tomllib.loads((sample.folder / "drop.toml").read_text())
    manifest = json.loads((sample.folder / "jsonl" / "works" / "manifest.json").read_text())
    assert statement["synthetic"] is manifest["synthetic"] is True
    assert statement["received"].isoformat() > manifest["date"]


def test_equal_arguments_give_equal_bytes_in_one_process_or_two(tmp_path: Path) -> None:
    for name, workers in (("one", 1), ("two", 2)):
        generate_drop(tmp_path / name, works=300, seed=7, workers=workers)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_another_seed_and_the_control_give_other_drops(tmp_path: Path) -> None:
    generate_drop(tmp_path / "drop", works=300)
    generate_drop(tmp_path / "seed", works=300, seed=2)
    generate_drop(tmp_path / "control", works=300, peak=False)
    files = [digests(tmp_path / name) for name in ("drop", "seed", "control")]
    assert files[0] != files[1]
    assert files[0] != files[2]


@pytest.mark.parametrize("works", [1, 40])
def test_a_tiny_drop_has_its_works(tmp_path: Path, works: int) -> None:
    reported: list[int] = []
    summary = generate_drop(tmp_path / "drop", works=works, on_progress=reported.append)
    lines = [line for file in files_of(tmp_path / "drop") for line in lines_of(file)]
    assert len({json.loads(line)["id"] for line in lines}) == works == len(lines)
    assert sum(len(line) + 1 for line in lines) == summary.json_bytes
    assert reported == sorted(reported)
    assert reported[-1] == works


def test_years_are_those_asked_for(tmp_path: Path) -> None:
    generate_drop(tmp_path / "drop", works=200, start_year=2018, end_year=2019)
    lines = [line for file in files_of(tmp_path / "drop") for line in lines_of(file)]
    years = Counter(json.loads(line)["publication_year"] for line in lines)
    assert years[2018] + years[2019] == 198
    assert max(years) == 2019


def test_memory_does_not_grow_with_the_number_of_works() -> None:
    generator = Generator(Recipe(3000, 1, 2005, 2024, True))
    peaks = []
    for works in (100, 400):
        tracemalloc.start()
        assert sum(len(line) for line in generator.lines("2025-10-10", 0, works)) > works * 10_000
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # 300 works more are 4.5 MB of JSON; one consortium is up to half a megabyte.
    assert peaks[1] < peaks[0] + 1_500_000


def test_the_plan_of_seven_million_works_is_a_small_table() -> None:
    plan = build_plan(7_000_000, 1, YEARS, peak=True)
    assert plan.works == 7_000_000
    assert len(plan.cells) < 60_000


def test_a_drop_that_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    with pytest.raises(CollaborationError, match=r"drop exists already; remove it"):
        generate_drop(tmp_path / "drop", works=10)
    assert list((tmp_path / "drop").iterdir()) == []


def test_an_interrupted_generation_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(works: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate_drop(tmp_path / "drop", works=10, on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CollaborationError, match=r"file/drop could not be written .* make room"):
        generate_drop(tmp_path / "file" / "drop", works=10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"works": 0}, "sample of 0 works cannot be made; ask for 1 to"),
        ({"works": 5, "seed": -1}, "needs a seed of 0 or more"),
        ({"works": 5, "workers": 0}, "at least one worker"),
        ({"works": 5, "start_year": 2020, "end_year": 2019}, "from 2020 to 2019 cannot be made"),
    ],
)
def test_senseless_arguments_are_refused(tmp_path: Path, arguments: dict[str, int], message: str) -> None:
    with pytest.raises(CollaborationError, match=message):
        generate_drop(tmp_path / "drop", **arguments)  # type: ignore[arg-type]
