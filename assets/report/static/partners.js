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

  const trendOf = (classes, measure) => {
    const name = { trend_weight: "weight", trend_share: "share" }[measure.trend] ?? "intensity";
    return new Map(classes.filter((row) => row.measure === name).map((row) => [row.partner, row]));
  };

  const ranking = (state, rows, classes, measure, chosen, file) => {
    const rank = state.small ? measure.rank : `${measure.rank}_stable`;
    const changing = measure.rank.replace("rank_", "");
    const trends = trendOf(classes, measure);
    const picked = new Set(chosen.map((item) => item.key));
    const shown = ofYear(rows, state).map((row) => ({
      ...row, name: Report.nameOf(row.partner), trend_class: trends.get(row.partner)?.trend_class ?? null,
      peak_year: trends.get(row.partner)?.peak_year ?? null,
    }));
    const columns = [
      { key: rank, label: "Rank", number: true, ascending: true, format: format.whole },
      { key: "name", label: "Partner" },
      { key: "papers", label: "Papers", number: true, format: format.whole },
      { key: "weight", label: "Weight", number: true, show: Report.withRange(format.size, "weight", "weight_low", "weight_high") },
      { key: "intensity", label: "Intensity", number: true, show: Report.withRange(format.three, "intensity", "intensity_low", "intensity_high") },
      { key: "share_of_international", label: "Share", number: true, title: "of the weight with all known partners",
        show: Report.withRange(format.percent, "share_of_international", "share_low", "share_high") },
      ...(measure.base ? [{ key: measure.field, label: measure.label, number: true, format: format.whole }] : []),
      { key: `${changing}_change_last_year`, label: "Since last year", number: true, format: format.change, title: `Change of the ${changing}` },
      { key: `${changing}_change_base`, label: "Since 2005", number: true, format: format.change, title: `Change of the ${changing}` },
      { key: "trend_class", label: "Trend" },
      { key: "peak_year", label: "Peak", number: true, format: format.year },
    ];
    columns.heading = 1;
    return Report.table({
      caption: `Partners of ${Report.nameOf(state.country)} in ${state.year}, ${Report.technologyName(state.technology)}`
        + (state.small ? "" : "; small numbers left out"),
      columns, rows: shown, file, sort: { key: rank, direction: "ascending" },
      rowClass: (row) => [row.is_small ? "small" : "", picked.has(row.partner) ? "chosen" : ""].join(" ").trim(),
      exported: ["year", "partner", "name", "papers", "is_small", "weight", "weight_low", "weight_high", "intensity", "intensity_low",
        "intensity_high", "share_of_international", "share_low", "share_high", "share_including_unknown", "index_weight", "index_intensity",
        "rank_weight", "rank_intensity", "rank_weight_stable", "rank_intensity_stable", "weight_change_last_year",
        "intensity_change_last_year", "weight_change_base", "intensity_change_base", "trend_class", "peak_year"],
    });
  };

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
              subtitle: `${Report.technologyName(state.technology)}. Points: values, lines: trend where one is fitted, bands: 95% intervals.` }),
            description: `Line chart: ${headline(state, measure)} by year, for ${chosen.map((item) => item.name).join(", ")}.`,
            file, names: Report.seriesNames, rows: lines,
            table: Report.seriesTable({ caption: headline(state, measure), rows: lines, measure, who: "Partner", across: "Year", file }),
          });
        }
        target.append(element("h2", {}, `The ranking of ${state.year}`),
          ranking(state, rows, classes, measure, chosen, Report.fileName("ranking", state.country, state.technology, state.year)));
      },
    };
  };

  Report.nothing = (state, smallOnly) => element("p", { class: "notice" }, smallOnly
    ? "Nothing here is large enough to be shown with confidence. Include small numbers to see it, or choose a larger technology."
    : `There is no joint paper of ${Report.nameOf(state.country)} here. Choose another country or technology.`);

  Report.pages = { partners: { parties: "partners", render } };
})();
