"use strict";
// What all scripts share: pieces, elements, numbers as text, downloads.

const Report = {};

(() => {
  const waiting = new Map();
  const loaded = new Map();

  // A piece calls this with its data when its script runs.
  Report.give = (name, content) => {
    const resolve = waiting.get(name);
    if (resolve) resolve(content);
    else loaded.set(name, Promise.resolve(content));
    waiting.delete(name);
  };

  Report.piece = (name) => {
    if (!loaded.has(name)) {
      loaded.set(name, new Promise((resolve, reject) => {
        waiting.set(name, resolve);
        const script = document.createElement("script");
        script.src = `data/${name}.js`;
        script.onload = () => script.remove();
        script.onerror = () => reject(new Error(`The file data/${name}.js of this report is missing.`));
        document.head.append(script);
      }));
    }
    return loaded.get(name);
  };

  // Columns to rows.
  Report.rows = (columns) => {
    const names = Object.keys(columns ?? {});
    if (!names.length) return [];
    return columns[names[0]].map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
  };

  // Text stays text: strings become text nodes, never markup.
  Report.element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return made;
  };

  const power = (exponent) => [...String(exponent)].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻").join("");
  const digits = (options) => new Intl.NumberFormat("en", options);
  const three = digits({ minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
  const whole = digits({ maximumFractionDigits: 0 });
  const percent = digits({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const change = digits({ maximumSignificantDigits: 2, signDisplay: "exceptZero" });
  // A minus sign, not a hyphen.
  const signed = (text) => text.replace("-", "\u2212");
  const known = (format) => (value) => (value === null || value === undefined ? "–" : signed(format.format(value)));
  Report.format = {
    three: known(three),
    whole: known(whole),
    percent: known(percent),
    change: known(change),
    size: known({ format: (value) => (Math.abs(value) < 100 ? three : whole).format(value) }),
    // Rounding errors: how many places they are from 1 is all there is to say.
    tiny: known({ format: (value) => (value && Math.abs(value) < 1e-4 ? `about 10${power(Math.round(Math.log10(Math.abs(value))))}` : three.format(value)) }),
    text: (value) => (value === null || value === undefined ? "–" : String(value)),
    day: (value) => new Date(value).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }),
    year: (value) => (value === null || value === undefined ? "–" : String(value)),
  };

  // What leaves the page says in its name, too, that it is made up.
  const saved = (name, href) => {
    const download = Report.site?.vintage.synthetic ? `synthetic-${name}` : name;
    const link = Report.element("a", { href, download });
    document.body.append(link);
    link.click();
    link.remove();
  };

  Report.saveText = (name, text, type) => {
    const href = URL.createObjectURL(new Blob([text], { type }));
    saved(name, href);
    setTimeout(() => URL.revokeObjectURL(href), 10000);
  };
  Report.saveAddress = saved;

  // A spreadsheet takes a text that begins so for a formula.
  const formula = /^[ '\u2018\u2019]*[-=+@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value !== "string") return String(value);
    const safe = formula.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  Report.csv = (names, rows) =>
    [names, ...rows.map((row) => names.map((name) => row[name]))]
      .map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";

  Report.fileName = (...parts) =>
    parts.join(" ").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
})();
