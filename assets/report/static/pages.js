"use strict";
// Pages without a chart: scorecard, methods, data.

(() => {
  const { element, format } = Report;
  const quiet = { chosen: [], options: [] };

  const verdicts = {
    reproduced: { mark: "✓", kind: "reproduced", label: "reproduced" },
    "not reproduced": { mark: "✗", kind: "not", label: "not reproduced" },
    "cannot be told": { mark: "?", kind: "unknown", label: "cannot be told" },
  };

  const verdict = (row) => {
    const { mark, kind, label } = verdicts[row.verdict] ?? { mark: "?", kind: "unknown", label: row.verdict };
    return element("span", { class: `verdict ${kind}` }, element("span", { "aria-hidden": "true" }, `${mark} `), label);
  };

  // What a statement measures says how its values read. A slope of logarithms is a change by that part a year.
  const perYear = (value) => (value === null ? "–" : format.percent(Math.expm1(value)));
  const rank = { format: format.year, before: "number " };
  const ratio = { format: format.three, after: " times" };
  const readings = {
    share: { format: format.percent }, world_share: { format: format.percent }, yearly_change: { format: perYear, after: " a year" },
    peak_year: { format: format.year }, passing_year: { format: format.year }, years_first: { format: format.whole, after: " years" },
    rank_intensity: rank, high_impact_rank: rank, technology_rise_rank: rank,
    intensity_ratio: ratio, works_ratio: ratio, high_impact_ratio: ratio,
  };
  const reading = (row) => ({ before: "", after: "", format: format.three, ...readings[row.measure] });

  const renderScorecard = async (_, target) => {
    const rows = Report.site.scorecard ? Report.rows(await Report.piece("claims")) : [];
    const counted = Object.entries(verdicts).map(([key, { label }]) => [label, rows.filter((row) => row.verdict === key).length]);
    return {
      ...quiet, heading: "The scorecard", status: `${rows.length} statements.`,
      lead: "What the original study said of its own, closed data, tried on these records. What counts as near was written down beforehand.",
      fill: () => {
        if (!rows.length) {
          target.replaceChildren(element("p", { class: "notice" }, "This vintage was published without a scorecard."));
          return;
        }
        target.replaceChildren(
          element("ul", { class: "tally" }, counted.map(([label, count]) => element("li", {}, element("strong", {}, String(count)), label))),
          Report.table({
            caption: "Statements and what these records say", rows, file: "scorecard", sort: null,
            exported: Object.keys(rows[0]),
            columns: [
              { key: "statement", label: "Statement", wide: true, show: statement },
              { key: "verdict", label: "Verdict", show: verdict },
              { key: "found", label: "Found", number: true, show: (row) => Report.withRange(reading(row).format, "found", "low", "high")(row) },
              { key: "expected", label: "Said", number: true, show: said },
              { key: "tolerance", label: "Tolerance", number: true, show: tolerance },
              { key: "reason", label: "Why it cannot be told", wide: true },
            ],
          }));
      },
    };
  };

  const said = (row) => {
    const { before, after, format: shown } = reading(row);
    return `${{ at_least: "at least ", at_most: "at most " }[row.comparison] ?? ""}${before}${shown(row.expected)}${after}`;
  };
  // A limit has no tolerance: what is said to be at least 0.2 is not 0.19.
  const tolerance = (row) => {
    if (row.comparison !== "near") return "–";
    return row.tolerance ? `± ${reading(row).format(row.tolerance)}` : "exact";
  };

  const statement = (row) => element("span", {}, format.text(row.statement),
    row.query ? element("details", {}, element("summary", {}, "How it was asked"), element("code", {}, row.query)) : null);

  const renderMethods = async (_, target) => ({
    ...quiet, heading: "How it is counted", status: "Methods.",
    lead: "Each number on these pages follows from a handful of rules.",
    fill: () => target.replaceChildren(document.getElementById("methods").content.cloneNode(true), groupList()),
  });

  const groupList = () => element("section", { class: "prose" },
    element("h2", {}, "Members of the groups"),
    Report.site.groups.some((group) => group.set === "stance_china") ? element("p", {},
      "Stance towards China: the original study names some strategic partners and competitors and does not publish its lists. Who else is in which group was chosen here; a conclusion that rests on it should be tried with other lists.") : null,
    Report.site.groups.flatMap((group) => [
      element("h3", {}, group.set === "eu27" ? Report.nameOf(group.name) : `${Report.setName(group.set)}: ${group.name}`),
      element("p", {}, group.members.map(Report.nameOf).join(", "))]));

  const outcomes = { current: "counted", merged: "same work as another record", out_of_scope: "out of scope",
    superseded: "a newer version counts", retired: "its source holds it no more" };
  const reasons = { document_type: "no article, review or conference paper", publication_year: "of a year out of scope", retracted: "retracted",
    paratext: "front matter and the like", xpac: "OpenAlex’s expansion of 2025", no_authors: "no author", doi: "same DOI" };

  const tables = {
    years: { caption: "Works by year", columns: [
      { key: "year", label: "Year", format: format.year },
      { key: "works", label: "Works", number: true, format: format.whole },
      { key: "works_critical", label: "In critical technologies", number: true, format: format.whole },
      { key: "works_international", label: "International", number: true, format: format.whole },
      { key: "unknown_share", label: "Unknown country", number: true, format: format.percent },
      { key: "neighbour_ratio", label: "To neighbouring years", number: true, format: format.three }],
    says: "Unknown country: part of the output whose authors' country the records do not tell. To neighbouring years: works against the mean of the years beside it; far from 1, records are missing or came twice." },
    links: { caption: "Authors linked to addresses", columns: [
      { key: "year", label: "Year", format: format.year }, { key: "source", label: "Source", format: Report.sourceName },
      { key: "works", label: "Works", number: true, format: format.whole },
      { key: "works_with_addresses", label: "With addresses", number: true, format: format.whole },
      { key: "linked_share", label: "Authors linked", number: true, format: format.percent }],
    says: "Web of Science and Scopus: where a record does not say whose address is whose, each author gets the record's countries in equal parts." },
    abstracts: { caption: "Abstracts", columns: [
      { key: "year", label: "Year", format: format.year }, { key: "source", label: "Source", format: Report.sourceName },
      { key: "works", label: "Works", number: true, format: format.whole },
      { key: "abstract_share", label: "With abstract", number: true, format: format.percent }],
    says: "Technologies are found in titles and abstracts: where fewer works have an abstract, fewer are found." },
    sizes: { caption: "Works by technology", columns: [
      { key: "technology", label: "Technology" }, { key: "category", label: "Field" },
      { key: "works", label: "Works", number: true, format: format.whole },
      { key: "first_year", label: "First year", number: true, format: format.year },
      { key: "last_year", label: "Last year", number: true, format: format.year }],
    says: "A work can belong to several technologies." },
    balance: { caption: "What became of each record", columns: [
      { key: "drop_id", label: "Delivery" }, { key: "source", label: "Source", format: Report.sourceName },
      { key: "outcome", label: "Outcome", show: (row) => outcomes[row.outcome] ?? format.text(row.outcome).replaceAll("_", " ") },
      { key: "reason", label: "Reason", show: (row) => reasons[row.reason] ?? format.text(row.reason).replaceAll("_", " ") }, { key: "records", label: "Records", number: true, format: format.whole }],
    says: "Every record delivered has exactly one outcome; nothing is left out without a reason." },
    reconciliation: { caption: "Do the totals reconcile?", columns: [
      { key: "identity", label: "Identity" }, { key: "checks", label: "Checks", number: true, format: format.whole },
      { key: "failed", label: "Failed", number: true, format: format.whole },
      { key: "largest_difference", label: "Largest difference", number: true, format: format.tiny }],
    says: "Totals of each year and technology against the records, counted by another path. Differences are those of rounding." },
  };

  const renderData = async (_, target) => {
    const quality = await Report.piece("quality");
    const { vintage } = Report.site;
    return {
      ...quiet, heading: "The data behind it", status: "Data.",
      lead: `Vintage ${vintage.name}, published on ${format.day(vintage.published)} from ${vintage.drops} ${vintage.drops === 1 ? "delivery" : "deliveries"} of records.`,
      fill: () => target.replaceChildren(...Object.entries(tables).flatMap(([name, { caption, columns, says }]) => {
        const rows = Report.rows(quality[name]);
        if (!rows.length) return [];
        return [element("h2", {}, caption), element("p", { class: "quiet" }, says),
          Report.table({ caption, headed: true, columns, rows, file: name, sort: null, exported: Object.keys(quality[name]) })];
      })),
    };
  };

  Report.pages.scorecard = { render: renderScorecard };
  Report.pages.methods = { render: renderMethods };
  Report.pages.data = { render: renderData };
})();
