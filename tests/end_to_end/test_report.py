"""The report as a reader has it: opened from disk in Chromium, every control used, nothing fetched."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Download, Page, Request

from assets.report import write_report
from tests.report_history import first, revised
from tests.report_marts import MARKUP, NAMES, without_rows, write_marts

PAGES = ("partners", "technologies", "groups", "output", "scorecard", "methods", "data", "revisions")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the page."""
    folder = tmp_path_factory.mktemp("report")
    write_marts(folder / "collaboration.duckdb")
    summary = write_report(folder / "collaboration.duckdb", folder / "report", "CN", NAMES, revised())
    return summary.index.as_uri()


class Reader:
    """A page with what it said on the console and asked for."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        # A machine busy with other tests is no fault of the page.
        page.set_default_timeout(90_000)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.requests.append(request.url)

    def open(self, shown: str = "page=partners") -> None:
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}#{shown}")
        self.page.wait_for_selector("body[data-ready]")

    def changed(self, control: str, value: str) -> tuple[str, str]:
        """Choose a value; returns chart and tables before and after."""
        before, ready = self.content(), self.turn()
        self.page.select_option(f"#{control}", value)
        self.wait_after(ready)
        return before, self.content()

    def turn(self) -> str:
        return self.page.evaluate("document.body.dataset.ready") or ""

    def wait_after(self, turn: str) -> None:
        self.page.wait_for_function("turn => document.body.dataset.ready !== turn", arg=turn)

    def content(self) -> str:
        """What the chart draws and the tables say."""
        drawn: str = self.page.evaluate("document.querySelector('#shown').innerHTML")
        return drawn

    def first_row(self, table: str = ".table") -> list[str]:
        return self.page.locator(f"#shown > div > {table} tbody tr").first.locator("th, td").all_inner_texts()

    def chips(self) -> list[str]:
        return [
            text.removesuffix("×").strip() for text in self.page.locator("#chips button").all_inner_texts()
        ]


@pytest.fixture
def reader(browser: Browser, report: str) -> Iterator[Reader]:
    context = browser.new_context(viewport={"width": 1200, "height": 900}, accept_downloads=True)
    reader = Reader(context.new_page(), report)
    yield reader
    context.close()
    assert reader.complaints == []
    assert all(url.startswith(("file:", "about:")) for url in reader.requests)


@pytest.mark.parametrize(
    ("page", "control", "value", "says"),
    [
        ("partners", "country", "US", "United States: partners in research"),
        ("partners", "technology", "electric-batteries", "Electric batteries"),
        ("partners", "measure", "weight", "Weight with China"),
        ("partners", "measure", "share", "Share of international weight with China"),
        ("partners", "measure", "index_intensity", "Index of intensity with China"),
        ("partners", "year", "2012", "The ranking of 2012"),
        ("partners", "view", "eu27", "EU-27"),
        ("technologies", "country", "US", "United States: partners by technology"),
        ("technologies", "measure", "share", "Share of international weight with China by technology"),
        ("technologies", "year", "2010", "by technology, 2010"),
        ("technologies", "view", "eu27", "EU-27"),
        ("groups", "country", "AU", "Australia: groups of partners"),
        ("groups", "technology", "all", "All research"),
        ("groups", "group_measure", "weight", "Weight with China, by group"),
        ("groups", "group_set", "eu27", "European Union"),
        ("groups", "year", "2011", "The figures of 2011"),
        ("output", "country", "SG", "Singapore"),
        ("output", "technology", "machine-learning", "Machine learning"),
        ("output", "output_measure", "output", "Research output"),
        ("output", "year", "2009", "The figures of 2009"),
    ],
)
def test_every_control_changes_what_it_names(
    reader: Reader, page: str, control: str, value: str, says: str
) -> None:
    reader.open(f"page={page}")
    before, after = reader.changed(control, value)
    assert before != after
    shown = reader.page.locator("main").inner_text() + " ".join(
        reader.page.locator("#shown svg text").all_text_contents()
    )
    assert says in shown
    assert f"{control}={value}" in reader.page.url


def test_the_base_of_an_index_can_be_chosen(reader: Reader) -> None:
    reader.open("page=partners&measure=index_weight")
    before, after = reader.changed("base", "_2008_2010")
    assert before != after
    assert "mean of 2008–2010 = 100" in after
    reader.changed("measure", "weight")
    assert not reader.page.locator("#base").is_visible()


def test_small_numbers_show_only_when_asked_for(reader: Reader) -> None:
    reader.open("page=partners&country=PK&measure=weight")
    rows = reader.page.locator("#shown > div > .table tbody tr")
    large, ready = rows.count(), reader.turn()
    reader.page.check("#small")
    reader.wait_after(ready)
    assert 0 < large < rows.count() == 9
    assert reader.page.locator("#shown > div > .table tr.small").count() == rows.count() - large


def test_a_year_of_small_numbers_has_no_ranking_but_its_papers(reader: Reader) -> None:
    reader.open("page=partners&country=BY&technology=quantum </ stated>&year=2005")
    assert "No partner of 2005 has numbers large enough" in reader.page.locator("#shown").inner_text()
    assert reader.page.locator("#shown > div > .table").count() == 0
    assert reader.page.locator("#shown section tbody tr").count() > 0


def test_names_take_their_article_in_sentences(reader: Reader) -> None:
    reader.open("page=partners&country=US&partners=CN")
    drawn = reader.page.locator("#shown svg text").all_text_contents()
    assert "Intensity with the United States" in drawn
    assert "United States: partners in research" in reader.page.locator("h1").inner_text()


def test_a_fall_is_shown_with_a_minus_sign(reader: Reader) -> None:
    reader.open("page=partners&measure=weight")
    changes = reader.page.locator("#shown > div > .table tbody td:nth-of-type(6)").all_inner_texts()
    assert changes
    assert all(text[0] in "+\u2212" or text == "0.00" for text in changes)


def test_the_scorecard_reads_as_its_statements_do(reader: Reader) -> None:
    reader.open("page=scorecard")
    peak = reader.page.locator("tbody tr", has_text="peaks in 2019").locator("td").all_inner_texts()
    assert peak[1].split("\n") == ["2019", "2018 to 2020"]
    assert peak[2:4] == ["2019", "± 1"]
    rise = reader.page.locator("tbody tr", has_text="Belarus").locator("td").all_inner_texts()
    assert rise[1:4] == ["–", "number 20", "± 2"]


def test_the_revisions_say_what_moved_and_which_drop_moved_it(reader: Reader) -> None:
    reader.open("page=revisions")
    assert "the vintage of 3 November 2024" in reader.page.locator("#lead").inner_text()
    assert "No number of 2005–2017, 2020–2024 changed." in reader.page.locator("#shown").inner_text()
    moved = reader.page.locator("tbody tr", has_text="Weight of China with the United States")
    assert moved.locator("td").all_inner_texts() == [
        "All critical technologies", "2019", "410\n371 to 454", "120", "7.36", MARKUP,
    ]  # fmt: skip
    vanished = reader.page.locator("tbody tr", has_text="Intensity of China with Pakistan")
    assert vanished.locator("td").all_inner_texts()[3] == "vanished"
    year = reader.page.locator("table", has_text="Revisions by year").locator("tbody tr").first
    assert year.locator("th").inner_text() == "2019"
    assert year.locator("td").all_inner_texts()[-1].startswith(f"moved by {MARKUP}: ")
    this = reader.page.locator("tr.chosen")
    assert this.locator("th").inner_text() == "2025-02-01T120000Z-0a1b2c3d SYNTHETIC"


def test_every_page_says_of_which_vintage_it_is(reader: Reader) -> None:
    for shown in PAGES:
        reader.open(f"page={shown}")
        assert reader.page.locator("#vintage").inner_text() == "Vintage of 1 February 2025"
        assert "Vintage 2025-02-01T120000Z-0a1b2c3d." in reader.page.locator("#source").inner_text()
        assert reader.page.locator("#synthetic").is_visible()


def test_a_country_with_small_numbers_only_is_told_so(reader: Reader) -> None:
    reader.open("page=technologies&country=BY&partners=PK&year=2005")
    assert "No technology has numbers large enough" in reader.page.locator("#shown").inner_text()


def test_partners_are_added_taken_away_and_reset(reader: Reader) -> None:
    reader.open("page=partners&partners=US,JP")
    assert reader.chips() == ["United States", "Japan"]
    reader.changed("add", "SG")
    assert reader.chips() == ["United States", "Japan", "Singapore"]
    assert "Singapore" in reader.page.locator("#shown svg text").all_text_contents()
    ready = reader.turn()
    reader.page.get_by_role("button", name="Remove Japan").click()
    reader.wait_after(ready)
    assert reader.chips() == ["United States", "Singapore"]
    assert "Japan" not in reader.page.locator("#shown svg text").all_text_contents()
    ready = reader.turn()
    reader.page.get_by_role("button", name="Show the largest").click()
    reader.wait_after(ready)
    assert len(reader.chips()) == 6
    ready = reader.turn()
    reader.page.go_back()
    reader.wait_after(ready)
    assert reader.chips() == ["United States", "Singapore"]


def test_a_table_sorts_by_its_heads_with_the_keyboard(reader: Reader) -> None:
    reader.open("page=partners")
    head = reader.page.locator("#shown > div > .table thead th", has_text="Papers")
    head.locator("button").focus()
    reader.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert reader.first_row()[1] == "United States"
    reader.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert reader.first_row()[1] == "Belarus"


def test_the_papers_behind_a_number_are_listed_with_their_sum(reader: Reader) -> None:
    reader.open("page=partners&technology=machine-learning&year=2019&partners=US")
    behind = reader.page.locator("#shown section")
    row = reader.page.locator("#shown > div > .table tbody tr.chosen")
    papers, weight = (
        row.locator("td").nth(1).inner_text(),
        row.locator("td").nth(2).inner_text().split("\n")[0],
    )
    table = behind.locator("tbody tr")
    gives = [float(text) for text in behind.locator("tbody td:nth-of-type(2)").all_inner_texts()]
    assert table.count() == 5
    shown, total = behind.locator(".sum").inner_text().removesuffix(".").split(" papers, ")
    assert shown == f"5 of {papers}"
    assert total.endswith(f" of a weight of {weight}")
    assert float(total.split()[0]) == pytest.approx(sum(gives), abs=0.05)
    assert (
        behind.locator("code").inner_text()
        == "python -m orchestration explain CN US 2019 --technology machine-learning"
    )
    assert "made up" in behind.inner_text()


def test_titles_of_papers_stay_text_and_link_to_where_they_are(reader: Reader) -> None:
    reader.open("page=partners&technology=all&year=2019&partners=US")
    papers = reader.page.locator("#shown section tbody tr")
    links = papers.locator("a")
    assert papers.locator("th span span").all_inner_texts() == [
        "doi.org/10.5555/a<b>#1",
        "OpenAlex CNUS2019-2",
        "Web of Science CNUS2019-3",
        "doi.org/10.5555/four",
        "OpenAlex CNUS2019-5",
    ]
    assert [link.get_attribute("href") for link in links.all()] == [
        "https://doi.org/10.5555/a%3Cb%3E%231",
        "https://openalex.org/CNUS2019-2",
        "https://doi.org/10.5555/four",
        "https://openalex.org/CNUS2019-5",
    ]
    assert links.all_inner_texts()[1] == MARKUP
    assert "(no title)" in papers.nth(2).inner_text()
    assert papers.nth(2).locator("td").all_inner_texts()[-1] == "–"
    assert reader.page.locator("#shown section code").inner_text() == (
        "python -m orchestration explain CN US 2019"
    )


def test_a_technology_of_any_name_is_quoted_for_the_shell(reader: Reader) -> None:
    reader.open("page=partners&technology=quantum </ stated>&year=2019&partners=US")
    assert (
        reader.page.locator("#shown section code").inner_text().endswith("--technology 'quantum </ stated>'")
    )


def test_the_papers_of_another_partner_are_chosen_in_the_list(reader: Reader) -> None:
    reader.open("page=partners&partners=US")
    select = reader.page.locator("#behind")
    assert select.input_value() == "US"
    chart = reader.page.locator("#shown svg").inner_html()
    select.select_option("BY")
    caption = reader.page.locator("#shown section caption", has_text="China and Belarus: papers of 2024")
    caption.wait_for()
    assert "behind=BY" in reader.page.url
    # The rest of the page stays as it is.
    assert reader.page.locator("#shown svg").inner_html() == chart
    assert "Belarus" in reader.page.locator("#status").inner_text()
    reader.changed("year", "2012")
    assert select.input_value() == "BY"
    assert "papers of 2012" in reader.page.locator("#shown section caption").inner_text()


def test_a_number_of_papers_leads_to_them_with_the_keyboard(reader: Reader) -> None:
    reader.open("page=partners&partners=US")
    reader.page.get_by_role("button", name="show papers with Japan").focus()
    reader.page.keyboard.press("Enter")
    reader.page.locator("#shown section caption", has_text="China and Japan").wait_for()
    reader.page.wait_for_function("document.activeElement.id === 'behind-heading'")


def test_where_all_papers_are_shown_they_give_the_whole(reader: Reader) -> None:
    reader.open("page=partners&country=BY&technology=quantum </ stated>&behind=PK&small=yes")
    behind = reader.page.locator("#shown section")
    assert "the whole weight of" in behind.locator(".sum").inner_text()
    assert behind.locator("code").count() == 0


def test_the_union_as_one_has_the_papers_of_its_members(reader: Reader) -> None:
    reader.open("page=partners&view=eu27&partners=EU27,US")
    behind = reader.page.locator("#shown section")
    assert "to see them, show it one by one" in behind.inner_text()
    assert behind.locator("option[value=EU27]").count() == 0
    assert behind.locator("#behind").input_value() == "US"
    reader.open("page=partners&country=EU27")
    assert "choose one of them as the country" in behind.inner_text()
    assert behind.locator("table").count() == 0


@pytest.mark.parametrize(
    ("nothing_at_all", "says"),
    [(False, "No two countries share a paper in these records"), (True, "No paper is counted")],
)
def test_a_report_without_collaboration_says_so(
    browser: Browser, tmp_path: Path, nothing_at_all: bool, says: str
) -> None:
    write_marts(tmp_path / "whole.duckdb")
    published = without_rows(
        tmp_path / "whole.duckdb", tmp_path / "published.duckdb", nothing_at_all=nothing_at_all
    )
    summary = write_report(published, tmp_path / "report", "CN", NAMES, first())
    context = browser.new_context()
    reader = Reader(context.new_page(), summary.index.as_uri())
    for shown in PAGES:
        reader.open(f"page={shown}")
        if shown in ("partners", "technologies", "groups"):
            assert says in reader.page.locator("#shown").inner_text()
        if shown == "output":
            assert reader.page.locator("#shown svg").count() == (not nothing_at_all)
        if shown == "revisions":
            assert "This is the first vintage" in reader.page.locator("#lead").inner_text()
            assert reader.page.locator("#shown table").count() == 1
    context.close()
    assert reader.complaints == []


def test_a_point_says_its_value_when_pointed_at(reader: Reader) -> None:
    reader.open("page=partners&partners=US&year=2024")
    reader.page.locator("#shown svg .mark-symbol path").last.hover(force=True)
    tooltip = reader.page.locator("#vg-tooltip-element")
    tooltip.wait_for(state="visible")
    (intensity,) = reader.page.locator(
        "#shown > div > .table tbody tr.chosen td:nth-of-type(4)"
    ).all_inner_texts()
    value, interval = intensity.split("\n")
    said = tooltip.inner_text()
    assert all(part in said for part in ("United States", "2024", value, interval))


@pytest.mark.parametrize(
    ("button", "suffix", "begins"),
    [
        ("Chart as PNG", "png", b"\x89PNG"),
        ("Chart as SVG", "svg", b"<svg"),
        ("Numbers as CSV", "csv", b"key,name,x,value,low,high,trend,papers,small\r\n"),
    ],
)
def test_a_chart_can_be_taken_away(reader: Reader, button: str, suffix: str, begins: bytes) -> None:
    reader.open("page=partners")
    saved = _download(reader, button)
    assert saved.suggested_filename == f"synthetic-intensity-cn-critical.{suffix}"
    assert saved.path().read_bytes().startswith(begins)


def test_a_saved_table_starts_no_formula(reader: Reader) -> None:
    reader.open("page=scorecard")
    text = _download(reader, "Table as CSV").path().read_text(encoding="utf-8")
    assert "'=1+1" in text
    assert ",=1+1" not in text


def _download(reader: Reader, button: str) -> Download:
    with reader.page.expect_download() as waiting:
        reader.page.get_by_role("button", name=button).first.click()
    return waiting.value


@pytest.mark.parametrize("shown", [*PAGES, "partners&technology=quantum </ stated>"])
def test_markup_in_names_stays_text(reader: Reader, shown: str) -> None:
    reader.open(f"page={shown}")
    assert reader.page.evaluate("window.broken") is None
    assert reader.page.locator("main img").count() == 0
    if shown in ("technologies", "scorecard", "data", "revisions"):
        assert "<b>Quantum</b> & co" in reader.page.locator("#shown").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("shown", PAGES)
def test_axe_finds_no_serious_fault(browser: Browser, report: str, shown: str, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    reader = Reader(context.new_page(), report)
    reader.open(f"page={shown}")
    found = Axe().run(reader.page).response["violations"]
    context.close()
    assert [
        (fault["id"], [node["html"] for node in fault["nodes"]][:3])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ] == []


@pytest.mark.parametrize("shown", PAGES)
def test_a_phone_never_scrolls_sideways(browser: Browser, report: str, shown: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    reader = Reader(context.new_page(), report)
    reader.open(f"page={shown}")
    width = reader.page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert width == 360


def test_colours_can_be_chosen_and_are_remembered(reader: Reader) -> None:
    reader.open()
    background = "getComputedStyle(document.body).backgroundColor"
    light = reader.page.evaluate(background)
    for expected in ("Colours: Light", "Colours: Dark"):
        ready = reader.turn()
        reader.page.locator("#theme").click()
        reader.wait_after(ready)
        assert reader.page.locator("#theme").inner_text() == expected
    assert reader.page.evaluate(background) != light
    reader.open()
    assert reader.page.evaluate(background) != light


def test_made_up_records_are_called_so_in_page_and_chart(reader: Reader) -> None:
    reader.open()
    assert reader.page.locator("#synthetic").is_visible()
    assert any("SYNTHETIC" in text for text in reader.page.locator("#shown svg text").all_text_contents())


def test_the_first_view_is_small_and_loads_one_piece(reader: Reader, report: str) -> None:
    reader.open()
    files = [
        Path(url.split("#")[0].removeprefix("file://")) for url in reader.requests if url.startswith("file:")
    ]
    assert sum(path.stat().st_size for path in files) <= 5_000_000
    pieces = ["/".join(path.parts[path.parts.index("data") :]) for path in files if "data" in path.parts]
    assert pieces == ["data/site.js", "data/partners/0/CN.js", "data/papers/2024/CN.js"]
