"use strict";
// Partners: one country and those it works with, over the years and ranked in one year.

(() => {
  const { element, format } = Report;

  const ofYear = (rows, state) => rows.filter((row) => row.year === state.year && (state.small || !row.is_small));

  // The most of a measure in the chosen year, small numbers aside unless they are asked for.
  const largest = (rows, state, measure, count) => ofYear(rows, state)
    .filter((row) => (row[measure.field] ?? null) !== null)
    .sort((a, b) => b[measure.field] - a[measure.field])
    .slice(0, count).map((row) => row.partner);

  Report.partnerRows = async (state) => {
    const number = Report.technologyNumber(state.technology);
    if (!(Report.site.partners[number] ?? []).includes(state.country)) return { rows: [], classes: [] };
    const piece = await Report.piece(`partners/${number}/${state.country}`);
    return {
      rows: Report.rows(piece.rows[state.view]),
      classes: Report.rows(piece.classes).filter((row) => row.view === state.view),
    };
  };

  Report.chosenPartners = (state, rows, measure) => {
    const present = new Set(rows.map((row) => row.partner));
    const asked = state.partners.filter((code) => present.has(code));
    return (asked.length ? asked : largest(rows, state, measure, 6)).map((key) => ({ key, name: Report.nameOf(key) }));
  };

  // The measure whose trend, and the one whose rank and changes, the ranking tells.
  const fitted = (measure) => measure.trend?.replace("trend_", "") ?? "intensity";
  const changing = (measure) => measure.rank.replace("rank_", "");
  const trendOf = (classes, measure) =>
    new Map(classes.filter((row) => row.measure === fitted(measure)).map((row) => [row.partner, row]));

  // Leads to the papers that are counted here.
  const papers = (behind) => (row) => (behind.has(row.partner)
    ? element("button", { type: "button", class: "link", onclick: () => behind.show(row.partner),
      "aria-label": `${format.whole(row.papers)}: show papers with ${row.name}` }, format.whole(row.papers))
    : format.whole(row.papers));

  const ranking = (state, rows, classes, { measure, chosen, behind, file }) => {
    const rank = state.small ? measure.rank : `${measure.rank}_stable`;
    const trends = trendOf(classes, measure);
    const picked = new Set(chosen.map((item) => item.key));
    const shown = ofYear(rows, state).map((row) => ({
      ...row, name: Report.nameOf(row.partner), trend_class: trends.get(row.partner)?.trend_class ?? null,
      peak_year: trends.get(row.partner)?.peak_year ?? null,
    }));
    const columns = [
      { key: rank, label: "Rank", number: true, ascending: true, format: format.whole },
      { key: "name", label: "Partner" },
      { key: "papers", label: "Papers", number: true, show: papers(behind) },
      { key: "weight", label: "Weight", number: true, show: Report.withRange(format.size, "weight", "weight_low", "weight_high") },
      { key: "intensity", label: "Intensity", number: true, show: Report.withRange(format.three, "intensity", "intensity_low", "intensity_high") },
      { key: "share_of_international", label: "Share", number: true, title: "of the weight with all known partners",
        show: Report.withRange(format.percent, "share_of_international", "share_low", "share_high") },
      ...(measure.base ? [{ key: measure.field, label: measure.label, number: true, format: format.whole }] : []),
      { key: `${changing(measure)}_change_last_year`, label: `Since ${state.year - 1}`, number: true, format: format.change, title: `Change of the ${changing(measure)}` },
      { key: `${changing(measure)}_change_base`, label: "Since 2005", number: true, format: format.change, title: `Change of the ${changing(measure)}` },
      { key: "trend_class", label: "Trend" },
      { key: "peak_year", label: "Peak", number: true, format: format.year },
    ];
    columns.heading = 1;
    return Report.table({
      caption: `Partners of ${Report.nameOf(state.country)} in ${state.year}, ${Report.technologyName(state.technology)}${Report.without(state)}`,
      columns, rows: shown, file, sort: { key: rank, direction: "ascending" },
      rowClass: (row) => [row.is_small ? "small" : "", picked.has(row.partner) ? "chosen" : ""].join(" ").trim(),
      exported: ["year", "partner", "name", "papers", "is_small", "weight", "weight_low", "weight_high", "intensity", "intensity_low",
        "intensity_high", "share_of_international", "share_low", "share_high", "share_including_unknown", "index_weight", "index_intensity",
        "rank_weight", "rank_intensity", "rank_weight_stable", "rank_intensity_stable", "weight_change_last_year",
        "intensity_change_last_year", "weight_change_base", "intensity_change_base", "trend_class", "peak_year"],
    });
  };

  const reading = (measure) => element("p", { class: "quiet" },
    `Rank and changes are those of the ${changing(measure)}; trend and peak those of the line fitted to the ${fitted(measure)}. The page Methods says what each is.`);

  const headline = (state, measure) => `${measure.label} with ${Report.nameOf(state.country)}`;

  const render = async (state, target) => {
    const measure = Report.measures[state.measure](state.base);
    const { rows, classes } = await Report.partnerRows(state);
    const chosen = Report.chosenPartners(state, rows, measure);
    const options = [...new Set(rows.map((row) => row.partner))];
    const file = Report.fileName(state.measure, state.country, state.technology);
    return {
      heading: `${Report.nameOf(state.country)}: partners in research`,
      lead: measure.says, chosen, options,
      status: `${measure.label} of ${Report.nameOf(state.country)} with ${chosen.map((item) => item.name).join(", ")}.`,
      fill: async () => {
        const lines = Report.series({ rows, series: chosen, by: "partner", measure, small: state.small });
        if (!lines.length) {
          target.replaceChildren(Report.nothing(state, rows.length > 0));
        } else {
          const chart = element("div");
          target.replaceChildren(chart);
          await Report.chart(chart, {
            draw: (width) => Report.lines({ rows: lines, series: chosen, measure, year: state.year, width, title: headline(state, measure),
              subtitle: `${Report.technologyName(state.technology)}${Report.without(state)}. Points: values, lines: trend where one is fitted, bands: 95% intervals.` }),
            description: `Line chart: ${headline(state, measure)} by year, for ${chosen.map((item) => item.name).join(", ")}.`,
            file, names: Report.seriesNames, rows: lines,
            table: Report.seriesTable({ caption: headline(state, measure), rows: lines, measure, who: "Partner", across: "Year", file }),
          });
        }
        if (!rows.length) return;
        const behind = Report.papersBehind(state, rows, chosen);
        target.append(element("h2", {}, `The ranking of ${state.year}`), reading(measure),
          ranking(state, rows, classes, { measure, chosen, behind, file: Report.fileName("ranking", state.country, state.technology, state.year) }),
          behind.section);
        await behind.ready;
      },
    };
  };

  const why = (state, smallOnly) => {
    if (smallOnly) return "Nothing here is large enough to be shown with confidence. Include small numbers to see it, or choose a larger technology.";
    if (!Report.site.years.length) return "No paper is counted in these records.";
    if (!Report.isCoupled()) return "No two countries share a paper in these records, so that there is no collaboration to show. The page Output has what each country does.";
    return `There is no joint paper of ${Report.nameOf(state.country)} here. Choose another country or technology.`;
  };
  Report.isCoupled = () => Object.values(Report.site.partners).some((countries) => countries.length);
  Report.nothing = (state, smallOnly) => element("p", { class: "notice" }, why(state, smallOnly));
  Report.without = (state) => (state.small ? "" : "; small numbers left out");

  Report.pages = { partners: { parties: "partners", render } };
})();
