// The side panel: what is selected, or the whole, in numbers and sentences.

const STORY_LENGTH = 8;
const MEMBER_LENGTH = 60;

// The panel's sections are [key, make]; only those whose key has changed are made anew.
function fillPanel(S, panel) {
  const focused = panel.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const row = S.run.stateRow.get(S.selected), body = S.run.bodyRow.get(S.selected);
  const found = row !== undefined ? statePanel(S, row) : body !== undefined ? bodyPanel(S, body) : wholePanel(S);
  const common = [S.version, S.replicates.length, S.one, S.selected, S.language, S.mode, S.words["panel.hint"]].join();
  while (panel.children.length > found.length) panel.lastChild.remove();
  while (panel.children.length < found.length) panel.append(h("div"));
  found.forEach(([key, make], at) => {
    const section = panel.children[at], whole = `${common} ${key}`;
    if (section.key === whole) return;
    section.key = whole;
    section.replaceChildren(...make().filter(Boolean));
  });
  if (focused && !panel.contains(document.activeElement)) panel.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

const heading = (S, name, kind) => [
  h("h2", {}, name, S.selected ? h("button", { type: "button", class: "close", "data-key": "close", "aria-label": S.say("panel.close"), title: S.say("panel.close"), onclick: () => S.select("") }, "×") : null),
  h("p", { class: "kind" }, kind),
];

function wholePanel(S) {
  const rows = () => measuresOf(S).map((name) => {
    const lines = linesAnew(S, name, false), at = (line) => line[Math.min(S.quarter, line.length - 1)];
    return numberRow(S, measureName(S, name), at(lines.run), at(lines.twin), (value, sign) => measureText(S, name, value, sign), hasWord(S, `measure.${name}.long`) ? S.say(`measure.${name}.long`) : null);
  });
  return [["head", () => heading(S, S.say("panel.whole"), `${S.say(isMedian(S) ? "panel.median" : "picture.one_run", { count: S.replicates.length + 1 })} · ${S.say("panel.hint")}`)], [`numbers ${S.quarter}`, () => [numberTable(S, rows())]]];
}

function numberRow(S, label, own, other, text, title) {
  const cells = [h("td", {}, text(own, false))];
  if (S.twin) cells.push(h("td", {}, text(other, false)), h("td", {}, text(own - other, true)));
  return h("tr", {}, h("th", { scope: "row", title }, label), ...cells);
}

function numberTable(S, rows) {
  const heads = S.twin ? ["run", "twin", "difference"] : ["run"];
  return h("table", { class: "numbers" }, h("caption", {}, quarterName(S.run, S.quarter)),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, S.say("table.what")), ...heads.map((name) => h("th", { scope: "col" }, S.say(`column.${name}`))))),
    h("tbody", {}, ...rows));
}

function statePanel(S, row) {
  const { run, twin, quarter } = S, code = run.header.states[row], other = twin?.stateRow.get(code);
  const value = (one, place, name) => (one && place !== undefined ? ofState(one, name, quarter, place) : NaN);
  const line = (key, name, text) => numberRow(S, S.say(key), value(run, row, name), value(twin, other, name), text);
  const plainText = (digits) => (amount, sign) => number(S, amount, digits, sign);
  const percent = (amount, sign) => S.say("percent", { value: number(S, 100 * amount, 2, sign) });
  const rows = () => [
    line("state.memberships", "memberships", plainText(0)),
    line("state.agenda_share", "agenda_share", percent),
    line("state.given", "given", (amount, sign) => money(S, amount, sign)),
    ...(run.header.focus.includes(row) ? [] : [line("state.trust", "trust_in_actor", plainText(2)), line("state.alignment", "agreement_with_actor", plainText(2))]),
    line("state.legitimacy", "mean_legitimacy", plainText(2)),
    line("state.credibility", "credibility", plainText(2)),
    line("state.sovereigntism", "sovereigntism", plainText(2)),
  ];
  const kind = [S.say("kind.state"), campName(S, run.header.camps[row]), S.say("state.gdp", { amount: money(S, run.header.gdp[row]) })];
  if (run.actors.has(row)) kind.unshift(S.say("kind.actor"));
  const status = exitText(S, run, quarter, row);
  return [
    [`head ${S.details[code]}`, () => [...heading(S, stateName(S, run, row), kind.join(" · ")), detailsOf(S, code)]],
    [status, () => [h("p", { class: "status" }, status)]],
    [`numbers ${quarter}`, () => [numberTable(S, rows())]],
    storySection(S, (event) => event.actor === row), ...tieSections(S, row),
    ["sources", () => [sourceList(S, "states", row)]],
  ];
}

function bodyPanel(S, row) {
  const { run, twin, quarter } = S, code = run.header.organizations[row], other = twin?.bodyRow.get(code);
  const line = (key, name, text) => numberRow(S, S.say(key), ofBody(run, name, quarter, row), twin ? ofBody(twin, name, quarter, other) : NaN, text);
  const percent = (amount, sign) => S.say("percent", { value: number(S, 100 * amount, 1, sign) });
  const rows = () => [
    ...["budget", "staff", "effectiveness", "legitimacy"].map((name) => line(`body.${name}`, name, percent)),
    line("body.members", "members", (amount, sign) => number(S, amount, 0, sign)), line("body.actor_agenda_share", "actor_agenda_share", percent),
  ];
  const kind = [S.words[`kind.${run.header.kinds[row]}`] ?? run.header.kinds[row], issueName(S, run, run.header.issue[row])];
  if (run.header.founded[row]) kind.push(S.say("body.founded", { year: run.header.founded[row] }));
  if (run.header.budgets[row]) kind.push(S.say("body.rest", { amount: money(S, run.header.budgets[row]) }));
  const status = bodyStatus(S, row);
  return [
    [`head ${S.details[code]}`, () => [...heading(S, bodyName(S, run, row), kind.join(" · ")), detailsOf(S, code)]],
    [status, () => [h("p", { class: "status" }, status)]],
    [`numbers ${quarter}`, () => [numberTable(S, rows())]],
    storySection(S, (event) => event.body === row), ...memberSections(S, row),
    ["sources", () => [sourceList(S, "organizations", row)]],
  ];
}

function bodyStatus(S, row) {
  const { run, quarter } = S, life = lifeOf(run, quarter, row), leader = leaderOf(run, quarter, row);
  const said = [S.say(["life.not_yet", "life.lives", "life.sleeps", "life.ended"][life])];
  if (lives(life) && leader >= 0) said.push(S.say("body.led_by", { state: stateName(S, run, leader) }));
  if (run.shocked.has(row)) said.push(S.say("body.shocked"));
  return said.join(S.say("list.comma"));
}

const detailsOf = (S, code) => (S.details[code] ? h("p", { class: "details" }, S.details[code]) : null);

function storySection(S, wanted) {
  const events = S.run.events.filter((event) => wanted(event) && !event.kind.routine && event.quarter <= S.quarter);
  return [`story ${events.length}`, () => {
    const found = groupsOf({ ...S.run, events }).slice(-STORY_LENGTH).reverse();
    if (!found.length) return [h("p", { class: "none" }, S.say("panel.no_story"))];
    const items = found.map((group) => h("li", {}, h("b", {}, quarterName(S.run, group.quarter)), " ", ...saidOf(S, group)));
    return [h("h3", {}, S.say("panel.story")), h("ul", { class: "story" }, ...items)];
  }];
}

const link = (S, code, text) => h("button", { type: "button", class: "link", "data-key": code, onclick: () => S.select(code) }, text);

function tieSections(S, row) {
  const { run, quarter } = S, groups = [["tie.leaving", [LEAVING]], ["tie.out", [AWAY, LEFT]], ["tie.member", [TAKES_PART]]];
  return groups.map(([key, wanted]) => {
    const rows = run.header.organizations.map((_, body) => body).filter((body) => wanted.includes(tieOf(run, quarter, row, body)) && lives(lifeOf(run, quarter, body)));
    return linkSection(S, key, rows, (body) => link(S, run.header.organizations[body], bodyLabel(S, run, body)));
  });
}

function memberSections(S, row) {
  const { run, quarter } = S, groups = [["tie.leaving.states", [LEAVING]], ["tie.out.states", [AWAY, LEFT]], ["tie.member.states", [TAKES_PART]]];
  const order = (a, b) => ofState(run, "agenda_share", 0, b) - ofState(run, "agenda_share", 0, a);
  return groups.map(([key, wanted]) => {
    const rows = run.header.states.map((_, state) => state).filter((state) => wanted.includes(tieOf(run, quarter, state, row)));
    return linkSection(S, key, rows.sort(order), (state) => link(S, run.header.states[state], stateName(S, run, state)));
  });
}

function linkSection(S, key, rows, made) {
  return [`${key} ${rows}`, () => {
    if (!rows.length) return [];
    const more = rows.length > MEMBER_LENGTH ? S.say("list.more", { count: rows.length - MEMBER_LENGTH }) : null;
    const links = rows.slice(0, MEMBER_LENGTH).flatMap((row) => [made(row), " "]);
    return [h("h3", {}, S.say(key, { count: rows.length })), h("p", { class: "links" }, ...links, more)];
  }];
}

function sourceList(S, kind, row) {
  const { sources } = S.run.header;
  const items = Object.entries(sources[kind]).map(([column, places]) => [column, sources.texts[places[row]]]).filter(([, text]) => text);
  if (!items.length) return null;
  return h("details", { class: "sources" }, h("summary", { "data-key": "sources" }, S.say("panel.sources")),
    h("ul", {}, ...items.map(([column, text]) => h("li", {}, S.say("panel.source", { what: S.words[`source.${column}`] ?? column, text })))));
}
