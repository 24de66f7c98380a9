// The table of each picture, and the same as CSV. A table is {caption, heads, rows}; a cell is a value to sort by, its text,
// and the code of what it names.

const cell = (value, text = value, code = undefined) => ({ value, text, code });

function tableOf(S) {
  return { map: stateTable, network: bodyTable, series: seriesTable, events: eventTable }[S.view](S);
}

function stateTable(S) {
  const { run } = S, quarter = Math.min(S.quarter, run.quarters - 1), twin = S.twin ? themeOf(S, true) : null;
  const rows = run.header.states.map((code, row) => {
    const of = (name, digits, factor = 1) => cell(ofState(run, name, quarter, row), fixed(factor * ofState(run, name, quarter, row), digits)), place = quarter * run.states + row;
    return [
      cell(stateName(S, run, row), undefined, code), cell(100 * run.out[place] + run.leaving[place], exitText(S, run, quarter, row)),
      of("memberships", 0), of("agenda_share", 2, 100), of("trust_in_actor", 2), of("agreement_with_actor", 2),
      ...(twin ? [cell(twin.value(run, quarter, row), twin.text(run, quarter, row))] : []),
    ];
  });
  const heads = ["state", "exit", "memberships", "agenda_share", "trust", "alignment"].map((key) => S.say(`table.${key}`));
  return { caption: S.say("table.caption.map", { quarter: quarterName(run, quarter), what: themeTitle(S, false, run) }), heads: twin ? [...heads, themeTitle(S, true, run)] : heads, rows };
}

function bodyTable(S) {
  const { run, twin } = S, quarter = Math.min(S.quarter, run.quarters - 1);
  const heads = ["organization", "issue", "budget", "budget_share", "staff", "effectiveness", "legitimacy", "members", "leader", ...(twin ? ["effectiveness_difference"] : [])];
  const rows = run.header.organizations.flatMap((code, row) => (lifeOf(run, quarter, row) ? [bodyRow(S, run, twin, quarter, row, code)] : []));
  return { caption: S.say("table.caption.network", { quarter: quarterName(run, quarter) }), heads: heads.map((key) => S.say(`table.${key}`)), rows };
}

function bodyRow(S, run, twin, quarter, row, code) {
  const value = (name) => ofBody(run, name, quarter, row), part = (name) => cell(value(name), fixed(100 * value(name), 1));
  const amount = run.header.budgets[row] * value("budget"), leader = leaderOf(run, quarter, row), name = bodyName(S, run, row);
  const less = twin ? value("effectiveness") - ofBody(twin, "effectiveness", Math.min(quarter, twin.quarters - 1), twin.bodyRow.get(code)) : NaN;
  return [
    cell(lives(lifeOf(run, quarter, row)) ? name : S.say("table.ended", { name }), undefined, code), cell(issueName(S, run, run.header.issue[row])), cell(amount, money(S.say, amount || NaN)),
    part("budget"), part("staff"), part("effectiveness"), part("legitimacy"), cell(value("members"), fixed(value("members"), 0)), cell(leader >= 0 ? stateName(S, run, leader) : "–"),
    ...(twin ? [cell(less, fixed(100 * less, 1, true))] : []),
  ];
}

function seriesTable(S) {
  const { run } = S, names = measuresOf(S), pairs = names.map((name) => [name, runSeries(run, name), runSeries(S.twin, name)]);
  const rows = d3.range(run.quarters).map((quarter) => [cell(quarter, quarterName(run, quarter)), ...pairs.map(([name, own, other]) => {
    const text = measureText(S, name, own[quarter]);
    return cell(own[quarter], quarter in other ? S.say("table.with_twin", { run: text, twin: measureText(S, name, other[quarter]) }) : text);
  })]);
  return { caption: S.say(S.twin ? "table.caption.series" : "table.caption.series.alone"), heads: [S.say("table.quarter"), ...names.map((name) => measureName(S, name))], rows };
}

function eventTable(S) {
  const rows = S.story.filter((group) => S.routine || !group.routine).map((group) => [cell(group.quarter, quarterName(S.run, group.quarter)), cell(h("p", {}, ...saidOf(S, group)).textContent)]);
  return { caption: S.say("table.caption.events"), heads: [S.say("table.quarter"), S.say("table.event")], rows };
}

const ROW_HEIGHT = 22, ROWS_SEEN = 45, REST = 120; // px at least, rows, ms
const COLUMN_EM = { map: 9.2, network: 9.2, series: 12, events: 0 };
// What has not changed is not written again, since the browser would lay it out anew.
const write = (places, text) => places.each(function (found) { const said = text(found); if (this.textContent !== said) this.textContent = said; });

function fillTable(S, place) {
  const { caption, heads, rows } = tableOf(S), sort = S.sorted[S.view], direction = (_, column) => (sort?.column !== column ? "none" : sort.down ? "descending" : "ascending");
  if (sort) rows.sort((a, b) => compared(a[sort.column].value, b[sort.column].value) * (sort.down ? -1 : 1));
  const table = d3.select(place).selectAll("table").data([S.view], (view) => view).join((enter) => enter.append(() => h("table", {}, h("caption"), h("thead", {}, h("tr")), h("tbody"))))
    .attr("class", `data ${S.view}`).style("min-width", `${heads.length * COLUMN_EM[S.view] + 5}em`), words = (column) => typeof rows[0]?.[column].value === "string";
  write(table.select("caption"), () => caption);
  write(table.select("thead tr").selectAll("th").data(heads)
    .join((enter) => enter.append((_, column) => h("th", { scope: "col" }, h("button", { type: "button", "data-key": `sort${column}`, onclick: () => S.sort(column) }))))
    .attr("aria-sort", direction).classed("words", (_, column) => words(column)).select("button"), (head) => head);
  const lines = table.select("tbody").selectAll("tr").data(rows).join("tr").classed("selected", ([{ code }]) => Boolean(S.selected) && code === S.selected);
  lines.selectAll("th").data(([first]) => [first]).join((enter) => enter.append(({ code }) => h("th", { scope: "row" }, h(code ? "button" : "span", { class: code && "link", onclick: ({ target }) => code && S.select(target.dataset.key) }))))
    .select("*").attr("data-key", ({ code }) => code ?? null);
  lines.selectAll("td").data((cells) => cells.slice(1)).join("td").classed("words", (_, column) => words(column + 1));
  const first = place.scrollTop / ROW_HEIGHT - 3, inSight = (_, at) => at >= first && at < first + ROWS_SEEN;
  const fill = (some) => write(some.selectAll("td"), ({ text }) => text);
  write(lines.selectAll("th").select("*"), ({ text }) => text); // all names, by which buttons are found and read aloud
  fill(lines.filter(inSight));
  clearTimeout(S.filling);
  S.filling = setTimeout(fill, REST, lines); // the others when time stands still
}

function compared(a, b) {
  if (typeof a === "string") return a.localeCompare(b);
  return (Number.isFinite(a) ? a : -Infinity) - (Number.isFinite(b) ? b : -Infinity);
}

// CSV: plain numbers, every quarter, the run and its twin.
const csvOf = (S) => d3.csvFormatRows(SHEETS[S.view](S).map((row) => row.map(plainly)));

const plainly = (value) => (typeof value !== "number" ? value : Number.isFinite(value) ? Number(value.toPrecision(7)) : "");

function* runsOf(S) {
  for (const [name, run] of [["run", S.run], ["twin", S.twin], ["second", S.second]]) if (run) yield [name, run];
}

// All measures of a kind, by run, quarter and item; `facts` gives what stands before them, nothing where an item is not there.
function sheetOf(S, kind, items, heads, facts) {
  const names = Object.keys(S.run.blocks).filter((name) => name.startsWith(`${kind}.`)), rows = [["which", "quarter", "code", "name", ...heads, ...names.map((name) => name.slice(kind.length + 1))]];
  for (const [which, run] of runsOf(S))
    for (let quarter = 0; quarter < run.quarters; quarter++)
      run.header[items].forEach((code, row) => {
        const found = facts(run, quarter, row), place = quarter * run.header[items].length + row;
        if (found) rows.push([which, quarterName(run, quarter), code, ...found, ...names.map((name) => run.blocks[name][place])]);
      });
  return rows;
}

const LIVES_AS = ["", "alive", "asleep", "ended"];
const SHEETS = {
  map: (S) => sheetOf(S, "state", "states", ["out", "leaving", "back"], (run, quarter, row) => [run.header.state_names[row], ...[run.out, run.leaving, run.back].map((counts) => counts[quarter * run.states + row])]),
  network: (S) => sheetOf(S, "body", "organizations", ["life", "leader"], (run, quarter, row) =>
    lifeOf(run, quarter, row) && [run.header.organization_names[row], LIVES_AS[lifeOf(run, quarter, row)], run.header.states[leaderOf(run, quarter, row)] ?? ""]),
  series: seriesSheet, events: eventSheet,
};

function seriesSheet(S) {
  const rows = [["which", "quarter", "measure", "value"]];
  for (const [which, run] of runsOf(S))
    for (const name of run.header.measures)
      runSeries(run, name).forEach((value, quarter) => rows.push([which, quarterName(run, quarter), name, value]));
  for (const name of measuresOf(S)) {
    const { band } = linesOf(S, name, false);
    for (const side of ["low", "high"]) band?.[side].forEach((value, quarter) => rows.push([`band_${side}`, quarterName(S.run, quarter), name, value]));
  }
  return rows;
}

function eventSheet(S) {
  const rows = [["which", "quarter", "kind", "actor", "organization", "details", "occurs"]];
  for (const [which, run] of runsOf(S))
    for (const event of run.events)
      rows.push([which, quarterName(run, event.quarter), event.kind.name, run.header.states[event.actor] ?? "", run.header.organizations[event.body] ?? "", Object.keys(event.details).length ? JSON.stringify(event.details) : "", event.occurs]);
  return rows;
}
