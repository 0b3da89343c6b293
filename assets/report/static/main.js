"use strict";
// Puts the pages together: controls to address, address to page.

(() => {
  const { element } = Report;
  const get = (id) => document.getElementById(id);
  const themes = [["", "System"], ["light", "Light"], ["dark", "Dark"]];
  let turn = 0;

  const options = (select, entries, value) => {
    select.replaceChildren(...entries.map(([key, label]) => element("option", { value: key, selected: key === value }, label)));
  };
  const byName = (codes) => codes.map((code) => [code, Report.nameOf(code)]).sort((a, b) => a[1].localeCompare(b[1], "en"));
  const labels = (measures) => Object.entries(measures).map(([key, make]) => [key, make("").label]);

  const fillControls = (state) => {
    const { site } = Report;
    const countries = [...new Set(Object.values(site.partners).flat())];
    if (!countries.includes(state.country)) countries.push(state.country);
    options(get("country"), byName(countries), state.country);
    options(get("technology"), site.technologies.map((item) => [item.id, item.name]), state.technology);
    options(get("measure"), labels(Report.measures), state.measure);
    options(get("group_measure"), labels(Report.groupMeasures), state.group_measure);
    options(get("output_measure"), labels(Report.outputMeasures), state.output_measure);
    options(get("base"), Report.bases.map((item) => [item.key, item.label]), state.base);
    options(get("group_set"), [...new Set(site.groups.map((item) => item.set))].map((set) => [set, Report.setName(set)]), state.group_set);
    options(get("year"), [...site.years].reverse().map((year) => [String(year), site.partial.includes(year) ? `${year} (incomplete)` : String(year)]), String(state.year));
    options(get("view"), [["countries", "one by one"], ["eu27", "as one"]], state.view);
    get("view").disabled = state.country === "EU27";
    get("small").checked = state.small;
    for (const part of document.querySelectorAll("[data-pages]")) {
      const fits = !part.dataset.measures || part.dataset.measures.split(" ").includes(state.measure);
      part.hidden = !(part.dataset.pages.split(" ").includes(state.page) && fits);
    }
    get("controls").hidden = ![...get("controls").children].some((part) => !part.hidden);
  };

  const fillParties = (state, { chosen, options: offered }) => {
    const { parties } = Report.pages[state.page];
    if (!parties) return;
    const keys = chosen.map((item) => item.key);
    get("parties_legend").textContent = parties === "partners" ? "Partners in the chart" : "Countries in the chart";
    const chips = chosen.map((item, place) => element("li", {},
      element("button", {
        type: "button", "aria-label": `Remove ${item.name}`,
        onclick: () => {
          Report.go({ [parties]: keys.filter((key) => key !== item.key) });
          get("add").focus();
        },
      }, element("i", { style: `--chip: ${Report.colour(place)}` }), item.name, element("span", { "aria-hidden": "true" }, "×"))));
    get("chips").replaceChildren(...chips);
    const left = offered.filter((code) => !keys.includes(code));
    const full = keys.length >= Report.mostParties;
    options(get("add"), [["", full ? `no more than ${Report.mostParties}` : "choose …"], ...byName(left)], "");
    get("add").disabled = full || !left.length;
    get("add").onchange = (event) => {
      if (event.target.value) Report.go({ [parties]: [...keys, event.target.value] });
    };
    get("largest").onclick = () => Report.go({ [parties]: [] });
  };

  const failed = (error) => {
    get("shown").replaceChildren(element("p", { class: "notice", role: "alert" }, error.message));
  };

  const render = async () => {
    const mine = turn += 1;
    const state = Report.readState();
    fillControls(state);
    for (const link of document.querySelectorAll("nav a")) {
      link.href = Report.address({ ...state, page: link.dataset.page });
      if (link.dataset.page === state.page) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    try {
      // Drawn beside what is shown, so that a slower piece of an older choice cannot overwrite a newer one.
      const target = element("div");
      const page = await Report.pages[state.page].render(state, target);
      if (mine !== turn) return;
      get("heading").textContent = page.heading;
      get("lead").textContent = page.lead;
      document.title = `${Report.site.vintage.synthetic ? "SYNTHETIC · " : ""}${page.heading} · Research coupling`;
      fillParties(state, page);
      get("shown").replaceChildren(target);
      await page.fill();
      if (mine !== turn) return;
      get("status").textContent = page.status;
      document.body.dataset.ready = String(mine);
    } catch (error) {
      if (mine === turn) failed(error);
    }
  };

  const remembered = () => {
    try { return localStorage.getItem("theme") ?? ""; } catch { return ""; }
  };
  const setTheme = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    const [, label] = themes.find(([key]) => key === theme) ?? themes[0];
    get("theme").textContent = `Colours: ${label}`;
  };
  const nextTheme = () => {
    const place = themes.findIndex(([key]) => key === (document.documentElement.dataset.theme ?? ""));
    const [theme] = themes[(place + 1) % themes.length];
    // A browser may refuse to remember anything for a page from disk.
    try { localStorage.setItem("theme", theme); } catch { /* the choice holds for this visit */ }
    setTheme(theme);
    render();
  };

  const listen = () => {
    const names = ["country", "technology", "measure", "group_measure", "output_measure", "base", "group_set", "year", "view"];
    for (const name of names) get(name).addEventListener("change", (event) => Report.go({ [name]: event.target.value }));
    get("small").addEventListener("change", (event) => Report.go({ small: event.target.checked }));
    get("controls").addEventListener("submit", (event) => event.preventDefault());
    get("theme").addEventListener("click", nextTheme);
    document.querySelector("[data-skip]").addEventListener("click", (event) => {
      event.preventDefault();
      get("main").focus();
    });
    addEventListener("hashchange", render);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", render);
  };

  const start = (site) => {
    Report.site = site;
    get("vintage").textContent = `Vintage of ${Report.format.day(site.vintage.published)}`;
    get("source").textContent = Report.sourceLine();
    get("synthetic").hidden = !site.vintage.synthetic;
    document.querySelector('nav a[data-page="scorecard"]').parentElement.hidden = !site.scorecard;
    document.querySelector('nav a[data-page="revisions"]').parentElement.hidden = !site.revisions;
    listen();
    render();
  };

  setTheme(remembered());
  Report.piece("site").then(start).catch(failed);
})();
