"use strict";
// Technologies: one country and its partners side by side in every technology of one year.

(() => {
  const { element, format } = Report;

  const render = async (state, target) => {
    const measure = Report.measures[state.measure](state.base);
    const overall = await Report.partnerRows({ ...state, technology: "critical" });
    const chosen = Report.chosenPartners(state, overall.rows, measure).slice(0, state.partners.length ? Report.mostParties : 3);
    const has = Report.site.across[state.year]?.includes(state.country);
    const piece = has ? await Report.piece(`technologies/${state.year}/${state.country}`) : {};
    const picked = new Map(chosen.map((item) => [item.key, item]));
    const rows = Report.rows(piece[state.view])
      .filter((row) => picked.has(row.partner) && !["all", "critical"].includes(row.technology))
      .filter((row) => (row[measure.field] ?? null) !== null)
      .map((row) => ({
        key: row.partner, name: Report.nameOf(row.partner), x: Report.technologyName(row.technology), value: row[measure.field],
        low: measure.low ? row[measure.low] ?? null : null, high: measure.high ? row[measure.high] ?? null : null,
        papers: row.papers, small: false,
      }));
    const strongest = new Map();
    for (const row of rows) strongest.set(row.x, Math.max(strongest.get(row.x) ?? 0, row.value));
    const order = [...strongest.keys()].sort((a, b) => strongest.get(b) - strongest.get(a));
    const most = 30;
    const title = `${measure.label} with ${Report.nameOf(state.country)} by technology, ${state.year}`;
    const file = Report.fileName("technologies", state.measure, state.country, state.year);
    return {
      heading: `${Report.nameOf(state.country)}: partners by technology`,
      lead: measure.says, chosen, options: [...new Set(overall.rows.map((row) => row.partner))],
      status: `${title}: ${chosen.map((item) => item.name).join(", ")}.`,
      fill: async () => {
        if (!rows.length) {
          target.replaceChildren(Report.isCoupled() ? element("p", { class: "notice" },
            `No technology has numbers large enough to be shown with confidence in ${state.year}. Choose other partners or another year. `,
            element("a", { href: Report.address({ ...state, page: "partners", small: true }) }, "Small numbers are on the page Partners"), ", technology by technology.")
            : Report.nothing(state, false));
          return;
        }
        const chart = element("div");
        target.replaceChildren(chart);
        const drawn = new Set(order.slice(0, most));
        await Report.chart(chart, {
          draw: (width) => Report.dots({ rows: rows.filter((row) => drawn.has(row.x)), series: chosen, order: order.slice(0, most), measure, title, width,
            subtitle: `Small numbers left out. ${order.length > most ? `The ${most} highest of ${order.length} technologies. ` : ""}Bars: 95% intervals.` }),
          description: `Dot chart: ${title}, for ${chosen.map((item) => item.name).join(", ")}.`,
          file, names: Report.seriesNames, rows,
          table: Report.seriesTable({ caption: title, rows, measure, who: "Partner", across: "Technology", file }),
        });
        target.append(element("h2", {}, "Technologies side by side"), sideBySide(state, rows, chosen, measure, file));
      },
    };
  };

  const sideBySide = (state, rows, chosen, measure, file) => {
    const found = new Map();
    for (const row of rows) found.set(row.x, { ...found.get(row.x), technology: row.x, [row.key]: row.value });
    return Report.table({
      caption: `${measure.label} of ${Report.nameOf(state.country)} in ${state.year}`,
      columns: [{ key: "technology", label: "Technology" },
        ...chosen.map((item) => ({ key: item.key, label: item.name, number: true, format: measure.format }))],
      rows: [...found.values()], file: `${file}-side-by-side`,
      sort: chosen.length ? { key: chosen[0].key, direction: "descending" } : null,
    });
  };

  Report.pages.technologies = { parties: "partners", render };
})();
