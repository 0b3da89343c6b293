"use strict";
// Tables: sortable by every column, scrollable by keyboard, saved as CSV.

(() => {
  const { element } = Report;
  let counter = 0;

  const compare = (key, direction) => (left, right) => {
    const [a, b] = [left[key] ?? null, right[key] ?? null];
    // What is unknown comes last in both directions.
    if (a === null || b === null) return (a === null) - (b === null);
    const order = typeof a === "string" ? a.localeCompare(b, "en") : a - b;
    return direction === "ascending" ? order : -order;
  };

  const body = (columns, rows, rowClass) =>
    rows.map((row) => element("tr", { class: rowClass?.(row) || null }, columns.map((column, place) => {
      const shown = column.show ? column.show(row) : (column.format ?? Report.format.text)(row[column.key]);
      const kind = [column.number ? "number" : "", column.wide ? "wide" : ""].join(" ").trim() || null;
      return place === (columns.heading ?? 0)
        ? element("th", { scope: "row", class: kind }, shown)
        : element("td", { class: kind }, shown);
    })));

  // columns: [{key, label, number, format, show, csv}]; columns.heading is the place of the row's name.
  // headed: the heading above says what the caption does, so it is for screen readers only.
  Report.table = ({ caption, columns, rows, sort, file, rowClass, exported, headed }) => {
    let order = sort;
    const rowsPart = element("tbody");
    const heads = columns.map((column) =>
      element("th", { scope: "col", class: column.number ? "number" : null, title: column.title },
        element("button", { type: "button", onclick: () => turn(column) }, column.label)));
    const draw = () => {
      const sorted = order ? [...rows].sort(compare(order.key, order.direction)) : rows;
      rowsPart.replaceChildren(...body(columns, sorted, rowClass));
      columns.forEach((column, i) => {
        if (order?.key === column.key) heads[i].setAttribute("aria-sort", order.direction);
        else heads[i].removeAttribute("aria-sort");
      });
    };
    const turn = (column) => {
      const first = column.number && !column.ascending ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      order = { key: column.key, direction: order?.key === column.key && order.direction === first ? other : first };
      draw();
    };
    draw();
    const id = `caption-${counter += 1}`;
    const names = exported ?? columns.map((column) => column.key);
    return element("div", { class: "table" },
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": id },
        element("table", {},
          element("caption", { id, class: headed ? "visually-hidden" : null }, element("span", {}, caption)),
          element("thead", {}, element("tr", {}, heads)),
          rowsPart)),
      element("div", { class: "actions" },
        element("button", { type: "button", onclick: () => Report.saveText(`${file}.csv`, Report.csv(names, rows), "text/csv") },
          "Table as CSV"),
        element("span", { class: "quiet" }, `${Report.format.whole(rows.length)} ${rows.length === 1 ? "row" : "rows"}`)));
  };

  // A value with its interval underneath.
  Report.withRange = (format, key, low, high) => (row) => {
    if (row[key] === null || row[key] === undefined) return "–";
    const parts = [format(row[key])];
    if (row[low] !== null && row[low] !== undefined) {
      parts.push(element("span", { class: "range" }, `${format(row[low])} to ${format(row[high])}`));
    }
    return element("span", {}, parts);
  };
})();
