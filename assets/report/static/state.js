"use strict";
// What is shown, kept in the address, so that a link or the back button gives the same page again.

(() => {
  // A set of one group has nothing to compare.
  const mostGroups = (groups) => {
    const size = (set) => groups.filter((item) => item.set === set).length;
    return groups.map((item) => item.set).sort((a, b) => size(b) - size(a))[0] ?? "";
  };

  const defaults = () => {
    const { years, partial, focal, groups } = Report.site;
    const full = years.filter((year) => !partial.includes(year));
    return {
      page: "partners", country: focal, technology: "critical", measure: "intensity", group_measure: "intensity",
      output_measure: "share", base: "", group_set: mostGroups(groups), year: full.at(-1) ?? years.at(-1),
      view: focal === "EU27" ? "eu27" : "countries", behind: "", small: false, partners: [], countries: [],
    };
  };

  const known = {
    page: (value) => value in Report.pages,
    country: (value) => value in Report.site.names,
    technology: (value) => Report.technologyNumber(value) >= 0,
    measure: (value) => value in Report.measures,
    group_measure: (value) => value in Report.groupMeasures,
    output_measure: (value) => value in Report.outputMeasures,
    base: (value) => Report.bases.some((item) => item.key === value),
    group_set: (value) => Report.site.groups.some((item) => item.set === value),
    year: (value) => Report.site.years.includes(value),
    behind: (value) => value in Report.site.names,
    view: (value) => ["countries", "eu27"].includes(value),
  };

  const codes = (text) => text.split(",").filter((code) => code in Report.site.names).slice(0, Report.mostParties);

  Report.readState = () => {
    const state = defaults();
    for (const [name, text] of new URLSearchParams(location.hash.slice(1))) {
      if (name === "partners" || name === "countries") state[name] = codes(text);
      else if (name === "small") state.small = text === "yes";
      else if (name in known) {
        const value = name === "year" ? Number(text) : text;
        if (known[name](value)) state[name] = value;
      }
    }
    // The Union has no row where its members stand one by one.
    if (state.country === "EU27") state.view = "eu27";
    return state;
  };

  Report.address = (state) => {
    const plain = defaults();
    const said = new URLSearchParams({ page: state.page });
    for (const name of Object.keys(known)) {
      if (name !== "page" && state[name] !== plain[name]) said.set(name, state[name]);
    }
    if (state.small) said.set("small", "yes");
    for (const name of ["partners", "countries"]) if (state[name].length) said.set(name, state[name].join(","));
    return `#${said.toString().replaceAll("%2C", ",")}`;
  };

  Report.go = (change) => {
    location.hash = Report.address({ ...Report.readState(), ...change });
  };

  Report.technologyNumber = (id) => Report.site.technologies.findIndex((item) => item.id === id);
  Report.technologyName = (id) => Report.site.technologies.find((item) => item.id === id)?.name ?? id;
  Report.nameOf = (code) => Report.site.names[code] ?? code;
  const sources = { openalex: "OpenAlex", wos: "Web of Science", scopus: "Scopus" };
  Report.sourceName = (id) => sources[id] ?? Report.format.text(id);
  Report.sourceLine = () => {
    const { vintage, sources: found } = Report.site;
    const origin = vintage.synthetic ? "SYNTHETIC records, no statement about any country."
      : `Source: ${found.map(Report.sourceName).join(", ")}.`;
    return `${origin} Vintage ${vintage.name}.`;
  };
})();
