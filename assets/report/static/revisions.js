"use strict";
// Revisions: what is new against the vintage before, what moved it, and the vintages there are.

(() => {
  const { element, format } = Report;

  const kinds = [["beyond", "moved beyond their interval"], ["within", "moved inside it"],
    ["unbounded", "moved, without an interval"], ["appeared", "appeared"], ["vanished", "vanished"]];
  const counted = { beyond: "Beyond interval", within: "Inside interval", unbounded: "No interval", appeared: "Appeared", vanished: "Vanished" };
  const counts = [{ key: "numbers", label: "Numbers", number: true, format: format.whole },
    ...Object.entries(counted).map(([key, label]) => ({ key, label, number: true, format: format.whole }))];

  const measures = { output: "Output", papers: "Papers", world_share: "Share of world output", weight: "Weight", intensity: "Intensity" };
  const value = (measure) => (measure === "world_share" ? format.percent : format.size);
  const of = (row) => (row.partner
    ? `${measures[row.measure] ?? row.measure} of ${Report.inText(row.country)} with ${Report.inText(row.partner)}`
    : `${measures[row.measure] ?? row.measure} of ${Report.inText(row.country)}`);

  const spans = (years) => {
    const ranges = [];
    for (const year of years) {
      const last = ranges.at(-1);
      if (last && last[1] === year - 1) last[1] = year;
      else ranges.push([year, year]);
    }
    return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
  };

  const moves = (found) => [
    element("h2", {}, "Farthest beyond their interval"),
    element("p", { class: "quiet" }, "Times: how many times as far as its interval reached to that side a number moved. A weight, and the intensity that follows from it, are two numbers."),
    Report.table({
      caption: "Farthest beyond their interval", headed: true, file: "revisions-moves", sort: null, exported: Object.keys(found),
      rows: Report.rows(found).map((row) => ({ ...row, number: of(row), name: Report.technologyName(row.technology) })),
      columns: [
        { key: "number", label: "Number", wide: true },
        { key: "name", label: "Technology" },
        { key: "year", label: "Year", number: true, format: format.year },
        { key: "before", label: "Before", number: true, show: (row) => Report.withRange(value(row.measure), "before", "low", "high")(row) },
        { key: "after", label: "Now", number: true, show: (row) => (row.after === null ? "vanished" : value(row.measure)(row.after)) },
        { key: "reach", label: "Times", number: true, format: format.three },
        { key: "moved_by", label: "Moved by", wide: true }],
    })];

  const changes = (piece) => [
    element("ul", { class: "tally" }, kinds.map(([key, label]) => element("li", {}, element("strong", {}, format.whole(piece.counts[key])), label))),
    element("p", {}, `Of ${format.whole(piece.counts.numbers)} numbers: outputs, papers and shares of countries, weights and intensities of pairs, in each year and technology.`),
    element("p", { class: "quiet" }, "A number moved beyond its interval when it lies outside the 95% interval it had before. Counts of papers and small numbers have none."),
    element("h2", {}, "What is different"),
    piece.inputs.length ? element("ul", {}, piece.inputs.map((text) => element("li", {}, text)))
      : element("p", {}, "Nothing on record: the same drops, rules, options, queries and code."),
    piece.years_same.length ? element("p", {}, `No number of ${spans(piece.years_same)} changed.`) : null,
    ...Object.keys(piece.years).length ? [
      element("h2", {}, "By year"),
      Report.table({ caption: "Revisions by year", headed: true, file: "revisions-years", sort: null, rows: Report.rows(piece.years).reverse(),
        columns: [{ key: "year", label: "Year", format: format.year }, ...counts, { key: "cause", label: "What moved it", wide: true }] })] : [],
    ...Object.keys(piece.moves).length ? moves(piece.moves) : [],
    ...Object.keys(piece.technologies).length ? [
      element("h2", {}, "By technology"),
      Report.table({ caption: "Revisions by technology", headed: true, file: "revisions-technologies", sort: null,
        rows: Report.rows(piece.technologies).map((row) => ({ ...row, name: Report.technologyName(row.technology) })),
        exported: Object.keys(piece.technologies), columns: [{ key: "name", label: "Technology" }, ...counts] })] : [],
  ];

  const vintages = (found) => [
    element("h2", {}, "Vintages"),
    element("p", { class: "quiet" }, "Those that were kept when this one was published. Beyond interval: how many numbers moved so when it took the place of the one before."),
    Report.table({ caption: "Vintages", headed: true, file: "vintages", sort: null, exported: Object.keys(found),
      rows: Report.rows(found).reverse(), rowClass: (row) => (row.name === Report.site.vintage.name ? "chosen" : ""),
      columns: [
        { key: "name", label: "Vintage", wide: true, show: (row) => `${row.name}${row.synthetic ? " SYNTHETIC" : ""}` },
        { key: "published_at", label: "Published", format: format.day },
        { key: "drops", label: "Deliveries", number: true, format: format.whole },
        { key: "works", label: "Works", number: true, format: format.whole },
        { key: "beyond", label: "Beyond interval", number: true, format: format.whole },
        { key: "inputs", label: "Different", wide: true }] })];

  const lead = ({ before, left_out: leftOut }) => {
    if (before) return `What is new against the vintage of ${format.day(before.published_at)} (${before.name}), which was published before it, and what moved it.`;
    return leftOut.length ? "The vintage before could not be held against this one." : "This is the first vintage: there is none before it to revise.";
  };

  const render = async (_, target) => {
    const piece = Report.site.revisions ? await Report.piece("revisions") : null;
    return {
      chosen: [], options: [], heading: "Revisions", status: "Revisions.",
      lead: piece ? lead(piece) : "What is new against the vintage before.",
      fill: () => {
        if (!piece) {
          target.replaceChildren(element("p", { class: "notice" }, "This report was written without the history of its vintage."));
          return;
        }
        target.replaceChildren(...[
          ...piece.left_out.map((text) => element("p", { class: "notice" }, text)),
          ...piece.before ? changes(piece) : [],
          ...vintages(piece.vintages),
          element("p", { class: "quiet" }, "The command that holds any two against each other, in the folder of the project: ",
            element("code", {}, "python -m orchestration diff previous published")),
        ].filter(Boolean));
      },
    };
  };

  Report.pages.revisions = { render };
})();
