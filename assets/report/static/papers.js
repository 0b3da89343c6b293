"use strict";
// Papers: those that give most to the weight of a pair in a year, and the command that lists all of them.

(() => {
  const { element, format } = Report;

  const papersOf = async (state, partner) => {
    const piece = await Report.piece(`papers/${state.year}/${state.country}`);
    const records = Report.rows(piece.papers);
    return Report.rows(piece.rows[Report.technologyNumber(state.technology)])
      .filter((row) => row.partner === partner)
      .map((row, i) => ({ rank: i + 1, ...records[row.paper], weight: row.weight }));
  };

  // Some identifiers hold what means something in an address.
  const inAddress = (id) => encodeURIComponent(id).replaceAll("%2F", "/");
  const link = (paper) => {
    if (paper.doi) return `https://doi.org/${inAddress(paper.doi)}`;
    return paper.source === "openalex" ? `https://openalex.org/${inAddress(paper.work_id)}` : null;
  };

  const title = (paper) => {
    const text = paper.title || "(no title)";
    const address = link(paper);
    const where = paper.doi ? `doi.org/${paper.doi}` : `${Report.sourceName(paper.source)} ${paper.work_id}`;
    return element("span", {},
      address ? element("a", { href: address, rel: "external noopener noreferrer" }, text) : text,
      element("span", { class: "range" }, where));
  };

  const inShell = (text) => (/^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const command = (state, partner) => `python -m orchestration explain ${state.country} ${partner} ${state.year}`
    + (state.technology === "all" ? "" : ` --technology ${inShell(state.technology)}`);

  const counted = (number) => `${format.whole(number)} ${number === 1 ? "paper" : "papers"}`;
  const summary = (row, papers) => {
    const shown = papers.reduce((sum, paper) => sum + paper.weight, 0);
    return papers.length === row.papers
      ? `${papers.length === 1 ? "This paper gives" : `These ${counted(papers.length)} together give`} the whole weight of ${format.size(row.weight)}.`
      : `${papers.length} of ${counted(row.papers)}, ${format.size(shown)} of a weight of ${format.size(row.weight)}.`;
  };

  const table = (state, row, papers) => {
    const columns = [
      { key: "rank", label: "Rank", number: true, ascending: true, format: format.whole },
      { key: "title", label: "Paper", wide: true, show: title },
      { key: "weight", label: "Gives", number: true, format: format.size, title: "to the weight" },
      { key: "authors", label: "Authors", number: true, format: format.whole },
      { key: "citations", label: "Citations", number: true, format: format.whole },
    ];
    columns.heading = 1;
    return Report.table({
      caption: `${Report.nameOf(state.country)} and ${Report.nameOf(row.partner)}: papers of ${state.year}, ${Report.technologyName(state.technology)}`,
      columns, rows: papers.map((paper) => ({ year: state.year, ...paper })), sort: { key: "rank", direction: "ascending" },
      file: Report.fileName("papers", state.country, row.partner, state.year, state.technology),
      exported: ["rank", "year", "title", "doi", "source", "work_id", "weight", "authors", "citations"],
    });
  };

  const content = async (state, row) => {
    const papers = await papersOf(state, row.partner);
    return [
      element("p", { class: "sum" }, summary(row, papers)),
      table(state, row, papers),
      papers.length < row.papers ? element("p", { class: "quiet" }, "The command that lists all of them, in the folder of the project: ",
        element("code", {}, command(state, row.partner))) : null,
      Report.site.vintage.synthetic ? element("p", { class: "quiet" }, "SYNTHETIC: these papers are made up, and their links lead nowhere.") : null,
    ].filter(Boolean);
  };

  const ofTheUnion = (text) => element("p", { class: "quiet" }, `The papers of the European Union as one are those of its members: ${text}`);

  const chooser = (partners) => element("select", { id: "behind" }, partners.map((code) => [code, Report.nameOf(code)])
    .sort((a, b) => a[1].localeCompare(b[1], "en"))
    .map(([code, name]) => element("option", { value: code }, name)));

  // The section: `has` says whether a partner can be shown in it, `show` shows one, `ready` waits for the first.
  Report.papersBehind = (state, rows, chosen) => {
    const section = element("section", { "aria-labelledby": "behind-heading" });
    const heading = element("h2", { id: "behind-heading", tabindex: "-1" }, "The papers behind a number");
    const byPartner = new Map(rows.filter((row) => row.year === state.year && row.partner !== "EU27").map((row) => [row.partner, row]));
    if (state.country === "EU27" || !byPartner.size) {
      if (state.country === "EU27") section.append(heading, ofTheUnion("choose one of them as the country."));
      return { section, has: () => false, ready: Promise.resolve() };
    }
    const select = chooser([...byPartner.keys()]);
    const list = element("div");
    const fill = async (partner) => {
      select.value = partner;
      const found = await content(state, byPartner.get(partner));
      if (select.value === partner) list.replaceChildren(...found);
    };
    const show = async (partner) => {
      // Kept in the address, without drawing the rest of the page anew.
      history.replaceState(null, "", Report.address({ ...Report.readState(), behind: partner }));
      await fill(partner);
      document.getElementById("status").textContent = `Papers with ${Report.nameOf(partner)}: ${list.firstChild.textContent}`;
    };
    select.addEventListener("change", () => show(select.value));
    section.append(heading,
      element("p", {}, `A weight is a sum over joint papers. Here are those that give most to the weight of ${Report.nameOf(state.country)} with one partner in ${state.year}, at most five; those that give the same come by their citations.`),
      rows.some((row) => row.partner === "EU27") ? ofTheUnion("to see them, show it one by one.") : "",
      element("label", { class: "behind" }, "Partner ", select), list);
    const largest = [...byPartner.values()].reduce((most, row) => (row.weight > most.weight ? row : most)).partner;
    const first = [state.behind, ...chosen.map((item) => item.key)].find((code) => byPartner.has(code)) ?? largest;
    return {
      section, has: (partner) => byPartner.has(partner), ready: fill(first),
      show: async (partner) => {
        await show(partner);
        heading.focus();
      },
    };
  };
})();
