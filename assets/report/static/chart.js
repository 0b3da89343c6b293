"use strict";
// Charts: what a chart shows comes in as rows, how it looks is said here, once for all of them.

(() => {
  const { element } = Report;
  // Told apart by colour-blind readers; the dark set is lighter for contrast.
  const palettes = {
    light: ["#0072b2", "#b84a00", "#007a5a", "#a5427a", "#1c1c1c", "#8a6100", "#2a7ba8", "#6b6b6b"],
    dark: ["#56b4e9", "#ff9a4d", "#2fd3a2", "#e79bc4", "#f0f0f0", "#f0c040", "#9db8ff", "#a8a8a8"],
  };
  const shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left"];
  Report.mostParties = palettes.light.length;
  Report.isDark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  Report.colour = (place) => palettes[Report.isDark() ? "dark" : "light"][place % Report.mostParties];

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const config = () => ({
    background: css("paper"),
    font: "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif",
    view: { stroke: null },
    mark: { aria: false },
    axis: { labelColor: css("ink"), titleColor: css("quiet"), gridColor: css("grid"), domainColor: css("quiet"),
      tickColor: css("quiet"), labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", aria: false },
    title: { anchor: "start", frame: "bounds", color: css("ink"), subtitleColor: css("quiet"), fontSize: 17,
      subtitleFontSize: 12, subtitlePadding: 6, offset: 14 },
  });

  const wrapped = (text, width) => {
    const lines = [""];
    for (const word of text.split(" ")) {
      if (lines.at(-1) && lines.at(-1).length + word.length >= width) lines.push("");
      lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
    }
    return lines;
  };

  const titles = (title, subtitle, width) => ({
    text: wrapped(title, Math.floor(width / 9.6)),
    subtitle: [subtitle, Report.sourceLine()].flatMap((line) => wrapped(line, Math.floor(width / 6.4))),
  });

  // Moves the labels of line ends apart, from the lowest up, then back down from the top.
  const apart = (labels, gap, top) => {
    labels.sort((a, b) => a.y - b.y);
    labels.forEach((label, i) => { if (i) label.y = Math.max(label.y, labels[i - 1].y + gap); });
    for (let i = labels.length - 1; i >= 0; i -= 1) {
      const label = labels[i];
      label.y = Math.min(label.y, i === labels.length - 1 ? top : labels[i + 1].y - gap);
    }
    return labels;
  };

  const tooltip = (measure) => [
    { field: "name", type: "nominal", title: "Who" },
    { field: "x", type: "nominal", title: measure.across ?? "Year" },
    { field: "shown", type: "nominal", title: measure.label },
    { field: "range", type: "nominal", title: "95% interval" },
    { field: "papers", type: "nominal", title: "Papers" },
  ];

  const described = (rows, measure) => rows.map((row) => ({
    ...row,
    shown: measure.format(row.value) + (row.small ? " (small numbers)" : ""),
    range: row.low === null || row.low === undefined ? "–" : `${measure.format(row.low)} to ${measure.format(row.high)}`,
    papers: Report.format.whole(row.papers),
  }));

  const colours = (series) => ({
    field: "key", type: "nominal", legend: null,
    scale: { domain: series.map((item) => item.key), range: series.map((_, i) => Report.colour(i)) },
  });

  // rows: [{key, name, x: year, value, low, high, line, papers, small}]; series: [{key, name}].
  Report.lines = ({ rows, series, measure, title, subtitle, year, width }) => {
    const narrow = width < 560;
    const height = narrow ? 320 : 420;
    const { years, partial } = Report.site;
    const present = rows.filter((row) => row.value !== null);
    const highest = Math.max(...present.map((row) => Math.max(row.value, row.line ?? 0)), 0);
    const highs = Math.max(...present.map((row) => row.high ?? 0), 0);
    const top = Math.min(Math.max(highest * 1.06, highs * 1.02), highest * 1.5) || 1;
    const ends = series.flatMap((item) => {
      const own = present.filter((row) => row.key === item.key);
      const last = own.at(-1);
      return last ? [{ key: item.key, text: narrow ? item.key : item.name, x: last.x, y: last.line ?? last.value }] : [];
    });
    const color = colours(series);
    // Said in every layer: one that leaves it out would make the axis begin at the year 0.
    const scale = { domain: [years[0], years.at(-1)], nice: false, zero: false };
    const along = (field) => ({ field, type: "quantitative", title: null, scale });
    const x = { ...along("x"), axis: { format: "d", grid: false, tickMinStep: 1, tickCount: narrow ? 4 : 10 } };
    const y = (field) => ({ field, type: "quantitative", title: measure.axis,
      scale: { domain: [0, top], nice: false },
      axis: { format: measure.tick, titleAngle: 0, titleAlign: "left", titleAnchor: "end", titleX: 0, titleY: -8, domain: false, ticks: false, tickCount: 6 } });
    const incomplete = partial.map((item) => ({ from: item - 0.5, to: Math.min(item + 0.5, years.at(-1)), middle: Math.min(item, years.at(-1)) }));
    const layer = [
      { data: { values: incomplete },
        layer: [
          { mark: { type: "rect", color: css("shade"), clip: true }, encoding: { x: along("from"), x2: { field: "to" } } },
          { mark: { type: "text", text: "incomplete", angle: 270, align: "right", dx: -4, color: css("quiet"), y: 0 },
            encoding: { x: along("middle"), y: { value: 4 } } }] },
      { data: { values: [{ x: year }] }, mark: { type: "rule", color: css("quiet"), strokeDash: [2, 4] }, encoding: { x } },
      { mark: { type: "area", opacity: Report.isDark() ? 0.22 : 0.14, clip: true },
        transform: [{ filter: "datum.low !== null" }],
        encoding: { x, y: y("low"), y2: { field: "high" }, color, detail: { field: "stretch" } } },
      { mark: { type: "line", strokeWidth: 2.2, clip: true, invalid: null }, transform: [{ filter: "datum.line !== null" }],
        encoding: { x, y: y("line"), color, detail: { field: "stretch" } } },
      { mark: { type: "point", filled: true, opacity: 0.7, size: narrow ? 20 : 34, strokeWidth: 1.2 },
        encoding: { x, y: y("value"), color, stroke: color, fillOpacity: { condition: { test: "datum.small", value: 0 }, value: 1 } } },
      // What the pointer or a finger has to meet is larger than what is seen.
      { mark: { type: "point", filled: true, opacity: 0, size: 320, cursor: "crosshair" },
        encoding: { x, y: y("value"), color, tooltip: tooltip(measure) } },
      { data: { values: apart(ends, (15 / height) * top, top) },
        mark: { type: "text", align: "left", dx: 8, fontSize: 12.5, fontWeight: 600 },
        encoding: { x, y: { field: "y", type: "quantitative" }, text: { field: "text" }, color } },
    ];
    if (measure.base) {
      layer.splice(1, 0, { data: { values: [{ y: 100 }] }, mark: { type: "rule", color: css("quiet") },
        encoding: { y: { field: "y", type: "quantitative" } } });
    }
    return {
      width: "container", height, padding: 4,
      autosize: { type: "fit-x", contains: "padding" },
      title: titles(title, subtitle, width), data: { values: described(rows, measure) }, layer, config: config(),
    };
  };

  // rows: [{key, name, x: label of the row, value, low, high, papers, small}], one line of dots for each x.
  Report.dots = ({ rows, series, order, measure, title, subtitle, width }) => {
    const narrow = width < 560;
    const domain = series.map((item) => item.name);
    const color = { field: "name", type: "nominal", scale: { domain, range: series.map((_, i) => Report.colour(i)) },
      legend: { title: null, orient: "top", labelFontSize: 12.5, labelColor: css("ink"), symbolOpacity: 1, columns: narrow ? 2 : 0 } };
    const shape = { ...color, scale: { domain, range: shapes } };
    const y = { field: "x", type: "nominal", title: null, sort: order, scale: { paddingInner: 0.3 },
      axis: { labelLimit: narrow ? 130 : 320, grid: false, domain: false, ticks: false, labelPadding: 8 } };
    const yOffset = { field: "name", type: "nominal", sort: domain };
    const x = (field) => ({ field, type: "quantitative", title: measure.axis, scale: { zero: true },
      axis: { format: measure.tick, orient: "top", tickCount: narrow ? 4 : 8, domain: false } });
    return {
      autosize: { type: "fit-x", contains: "padding" }, padding: 4,
      title: titles(title, subtitle, width),
      width: "container", height: order.length * (10 * series.length + 10),
      data: { values: described(rows, measure) },
      layer: [
        { mark: { type: "rule", strokeWidth: 2, opacity: 0.5, clip: true }, transform: [{ filter: "datum.low !== null" }],
          encoding: { y, yOffset, x: x("low"), x2: { field: "high" }, color } },
        { mark: { type: "point", filled: true, size: 70, opacity: 1 },
          encoding: { y, yOffset, x: x("value"), color, shape, tooltip: tooltip({ ...measure, across: "Technology" }) } },
      ],
      config: config(),
    };
  };

  // The figure with its downloads, and the numbers as a table for who cannot see it.
  Report.chart = async (target, { draw, description, file, names, rows, table }) => {
    const plot = element("div", { class: "plot" });
    const buttons = element("div", { class: "actions" });
    target.replaceChildren(element("figure", {}, plot, buttons), element("details", {},
      element("summary", {}, "The numbers of this chart as a table"), table));
    const embedded = await vegaEmbed(plot, { ...draw(target.clientWidth), description }, {
      mode: "vega-lite", renderer: "svg", actions: false, tooltip: { theme: Report.isDark() ? "dark" : "light" },
    });
    plot.querySelector("svg")?.setAttribute("aria-label", description);
    const image = async (type) => {
      const href = await embedded.view.toImageURL(type, type === "png" ? 2 : 1);
      Report.saveAddress(`${file}.${type}`, href);
    };
    buttons.append(
      element("button", { type: "button", onclick: () => image("png") }, "Chart as PNG"),
      element("button", { type: "button", onclick: () => image("svg") }, "Chart as SVG"),
      element("button", { type: "button", onclick: () => Report.saveText(`${file}.csv`, Report.csv(names, rows), "text/csv") },
        "Numbers as CSV"));
  };
})();
