"use strict";
// Measures: which columns of a piece hold one, and how its values read. Nothing is computed from them.

(() => {
  const { format } = Report;
  const bases = [
    { key: "", label: "2005" },
    { key: "_2005_2007", label: "mean of 2005–2007" },
    { key: "_2008_2010", label: "mean of 2008–2010" },
  ];
  Report.bases = bases;
  const baseName = (base) => bases.find((item) => item.key === base).label;

  Report.measures = {
    intensity: () => ({
      label: "Intensity", field: "intensity", low: "intensity_low", high: "intensity_high", trend: "trend_intensity",
      rank: "rank_intensity", format: format.three, tick: "~g", axis: "intensity, 0 to 1",
      says: "Joint papers set against the output of both: 0 is none, 1 the most there could be.",
    }),
    weight: () => ({
      label: "Weight", field: "weight", low: "weight_low", high: "weight_high", trend: "trend_weight",
      rank: "rank_weight", format: format.size, tick: "~s", axis: "joint papers, counted in fractions",
      says: "Joint papers, each counted by the share of author pairs that are between the two.",
    }),
    share: () => ({
      label: "Share of international weight", field: "share_of_international", low: "share_low", high: "share_high",
      trend: "trend_share", rank: "rank_weight", format: format.percent, tick: "~%", axis: "share of all weight abroad",
      says: "The partner's part of all collaboration abroad with known partners.",
    }),
    index_intensity: (base) => ({
      label: "Index of intensity", field: `index_intensity${base}`, rank: "rank_intensity", format: format.whole, tick: "~s",
      low: base ? null : "index_intensity_low", high: base ? null : "index_intensity_high",
      axis: `${baseName(base)} = 100`, base: true, says: `Intensity against its own base (${baseName(base)} = 100).`,
    }),
    index_weight: (base) => ({
      label: "Index of weight", field: `index_weight${base}`, rank: "rank_weight", format: format.whole, tick: "~s",
      low: base ? null : "index_weight_low", high: base ? null : "index_weight_high",
      axis: `${baseName(base)} = 100`, base: true, says: `Weight against its own base (${baseName(base)} = 100).`,
    }),
  };

  Report.groupMeasures = {
    weight: () => ({ label: "Weight", field: "weight", format: format.size, tick: "~s", axis: "joint papers, counted in fractions",
      says: "Joint papers with any member, counted in fractions." }),
    intensity: () => ({ label: "Intensity", field: "intensity", format: format.three, tick: "~g", axis: "intensity, 0 to 1",
      says: "Weight with the group set against the output of both." }),
  };

  Report.outputMeasures = {
    output: () => ({ label: "Output", field: "output", low: "output_low", high: "output_high", format: format.size, tick: "~s",
      axis: "papers, counted in fractions", says: "Papers, each divided among the countries of its authors." }),
    share: () => ({ label: "Share of the world", field: "share", low: "share_low", high: "share_high", format: format.percent,
      tick: "~%", axis: "share of the world's output", says: "Part of the output of all known countries." }),
  };

  // Rows of a chart over years: one a series and year, empty where the mart has no row or it is too small.
  // `stretch` counts the gaps, so that no line crosses one.
  Report.series = ({ rows, series, by, measure, small }) => series.flatMap((item) => {
    const own = new Map(rows.filter((row) => row[by] === item.key).map((row) => [row.year, row]));
    const shown = (row) => row && (small || !row.is_small) && row[measure.field] !== null && row[measure.field] !== undefined;
    const fitted = [...own.values()].some((row) => shown(row) && measure.trend && row[measure.trend] !== null);
    let stretch = 0;
    return Report.site.years.flatMap((year) => {
      const row = own.get(year);
      if (!shown(row)) {
        stretch += 1;
        return [];
      }
      const value = row[measure.field];
      return [{
        key: item.key, name: item.name, x: year, value, papers: row.papers, small: Boolean(row.is_small), stretch,
        low: measure.low ? row[measure.low] ?? null : null, high: measure.high ? row[measure.high] ?? null : null,
        line: fitted ? row[measure.trend] ?? null : value, trend: fitted ? row[measure.trend] ?? null : null,
      }];
    });
  });

  // The same rows as a table and a file.
  Report.seriesTable = ({ caption, rows, measure, who, across, file }) => Report.table({
    caption, file, rows,
    exported: Report.seriesNames,
    sort: null,
    columns: [
      { key: "name", label: who },
      { key: "x", label: across, number: across === "Year", ascending: true, format: format.text },
      { key: "value", label: measure.label, number: true, format: measure.format, show: Report.withRange(measure.format, "value", "low", "high") },
      ...(rows.some((row) => row.trend !== null && row.trend !== undefined)
        ? [{ key: "trend", label: "Trend", number: true, format: measure.format }] : []),
      { key: "papers", label: "Papers", number: true, format: format.whole },
    ],
  });
  Report.seriesNames = ["key", "name", "x", "value", "low", "high", "trend", "papers", "small"];
})();
