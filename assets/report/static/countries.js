"use strict";
// Countries: their collaboration with groups of countries, and their own output.

(() => {
  const { element, format } = Report;

  const page = async (target, { lines, smallOnly, series, measure, state, title, subtitle, file, who, below }) => {
    if (!lines.length) {
      target.replaceChildren(Report.nothing(state, smallOnly));
      return;
    }
    const chart = element("div");
    target.replaceChildren(chart);
    await Report.chart(chart, {
      draw: (width) => Report.lines({ rows: lines, series, measure, year: state.year, width, title, subtitle }),
      description: `Line chart: ${title} by year, for ${series.map((item) => item.name).join(", ")}.`,
      file, names: Report.seriesNames, rows: lines,
      table: Report.seriesTable({ caption: title, rows: lines, measure, who, across: "Year", file }),
    });
    target.append(element("h2", {}, `The figures of ${state.year}`), below);
  };

  const setName = (set) => ({ eu27: "European Union", stance_china: "Stance towards China" }[set] ?? set);
  Report.setName = setName;

  const renderGroups = async (state, target) => {
    const measure = Report.groupMeasures[state.group_measure]();
    const piece = await Report.piece(`groups/${Report.technologyNumber(state.technology)}`);
    const rows = Report.rows(piece).filter((row) => row.country === state.country && row.group_set === state.group_set);
    const series = [...new Set(rows.map((row) => row.group_name))].map((key) => ({ key, name: Report.nameOf(key) }));
    const title = `${measure.label} with ${Report.nameOf(state.country)}, by group`;
    return {
      heading: `${Report.nameOf(state.country)}: groups of partners`, lead: measure.says, chosen: series, options: [],
      status: `${title}: ${setName(state.group_set)}.`,
      fill: () => page(target, {
        lines: Report.series({ rows, series, by: "group_name", measure, small: true }), smallOnly: false, series, measure, state, title, who: "Group",
        subtitle: `${Report.technologyName(state.technology)}. Groups: ${setName(state.group_set)}; their members stand on the page Methods.`,
        file: Report.fileName("groups", state.group_measure, state.country, state.technology),
        below: Report.table({
          caption: `${Report.nameOf(state.country)} and groups in ${state.year}, ${Report.technologyName(state.technology)}`,
          columns: [{ key: "name", label: "Group" }, { key: "papers", label: "Papers", number: true, format: format.whole },
            { key: "weight", label: "Weight", number: true, format: format.size },
            { key: "intensity", label: "Intensity", number: true, format: format.three }],
          rows: rows.filter((row) => row.year === state.year).map((row) => ({ ...row, name: Report.nameOf(row.group_name) })), sort: { key: "weight", direction: "descending" },
          file: Report.fileName("groups", state.country, state.year),
        }),
      }),
    };
  };

  const renderOutput = async (state, target) => {
    const measure = Report.outputMeasures[state.output_measure]();
    const all = Report.rows(await Report.piece(`output/${Report.technologyNumber(state.technology)}`));
    const rows = all.filter((row) => row.country !== "ZZ");
    const ofYear = rows.filter((row) => row.year === state.year && (state.small || !row.is_small))
      .map((row) => ({ ...row, name: Report.nameOf(row.country) }));
    const top = [...ofYear].sort((a, b) => b.output - a.output).slice(0, 5).map((row) => row.country);
    const keys = state.countries.length ? state.countries : [...new Set([state.country, ...top])];
    const series = keys.map((key) => ({ key, name: Report.nameOf(key) }));
    const picked = new Set(keys);
    const title = state.output_measure === "share" ? "Share of the world's research" : "Research output";
    return {
      heading: "How much research countries do", lead: measure.says, chosen: series,
      options: [...new Set(rows.map((row) => row.country))],
      status: `${title}: ${series.map((item) => item.name).join(", ")}.`,
      fill: () => page(target, {
        lines: Report.series({ rows, series, by: "country", measure, small: state.small }), smallOnly: rows.length > 0, series, measure, state, title, who: "Country",
        subtitle: `${Report.technologyName(state.technology)}${Report.without(state)}. Bands: 95% intervals.`,
        file: Report.fileName(state.output_measure, state.technology),
        below: Report.table({
          caption: `Output in ${state.year}, ${Report.technologyName(state.technology)}${Report.without(state)}`,
          columns: [{ key: "name", label: "Country" },
            { key: "output", label: "Output", number: true, show: Report.withRange(format.size, "output", "output_low", "output_high") },
            { key: "share", label: "Share of the world", number: true, show: Report.withRange(format.percent, "share", "share_low", "share_high") }],
          rows: ofYear, sort: { key: "output", direction: "descending" },
          rowClass: (row) => [row.is_small ? "small" : "", picked.has(row.country) ? "chosen" : ""].join(" ").trim(),
          exported: ["country", "name", "year", "output", "output_low", "output_high", "share", "share_low", "share_high", "is_small"],
          file: Report.fileName("output", state.technology, state.year),
        }),
      }),
    };
  };

  Report.pages.groups = { render: renderGroups };
  Report.pages.output = { parties: "countries", render: renderOutput };
})();
