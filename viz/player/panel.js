// The side panel: what is selected, or the whole, in numbers and sentences.

const STORY_LENGTH = 8;
const MEMBER_LENGTH = 60;

// The panel's sections are [key, make]; only those whose key has changed are made anew.
function fillPanel(S, panel) {
  const focused = panel.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const row = S.run.stateRow.get(S.selected), body = S.run.bodyRow.get(S.selected);
  const found = row !== undefined ? itemPanel(S, "state", row) : body !== undefined ? itemPanel(S, "body", body) : wholePanel(S);
  const common = [S.version, S.replicates.length, S.of, S.one, S.selected, S.language, S.mode, S.words["panel.hint"]].join();
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
    const lines = linesOf(S, name, false), at = (line) => line[Math.min(S.quarter, line.length - 1)];
    return numberRow(S, measureName(S, name), at(lines.run), at(lines.twin), (value, sign) => measureText(S, name, value, sign), hasWord(S, `measure.${name}.long`) ? S.say(`measure.${name}.long`) : null);
  });
  return [["head", () => heading(S, S.say("panel.whole"), [S.replicates.length ? (isMedian(S) ? S.say("panel.median", { count: runsShown(S) }) : oneRun(S)) : "", S.say("panel.hint")].filter(Boolean).join(" · "))], [`numbers ${S.quarter}`, () => [numberTable(S, rows())]]];
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

// What is told of a state and of an organization: facts, what it is now, and its numbers (words, measure, how it is written).
const plain = (digits) => (say, value, sign) => fixed(value, digits, sign), share = (digits) => (say, value, sign) => say("percent", { value: fixed(100 * value, digits, sign) });
const TRUST = ["trust", "alignment"];
const ITEMS = {
  state: {
    listed: "states", rows: "stateRow", of: ofState, facts: stateFacts, status: (S, row) => exitText(S, S.run, S.quarter, row),
    numbers: [["memberships", "memberships", plain(0)], ["agenda_share", "agenda_share", share(2)], ["given", "given", money], ["trust", "trust_in_actor", plain(2)], ["alignment", "agreement_with_actor", plain(2)],
      ["legitimacy", "mean_legitimacy", plain(2)], ["credibility", "credibility", plain(2)], ["sovereigntism", "sovereigntism", plain(2)]],
  },
  body: {
    listed: "organizations", rows: "bodyRow", of: ofBody, facts: bodyFacts, status: bodyStatus,
    numbers: [...["budget", "staff", "effectiveness", "legitimacy"].map((name) => [name, name, share(1)]), ["members", "members", plain(0)], ["actor_agenda_share", "actor_agenda_share", share(1)]],
  },
};

function itemPanel(S, kind, row) {
  const { run, twin, quarter } = S, { listed, rows, of, facts, status, numbers } = ITEMS[kind], code = run.header[listed][row], other = twin?.[rows].get(code), now = status(S, row);
  const told = numbers.filter(([key]) => kind === "body" || !run.header.focus.includes(row) || !TRUST.includes(key)); // nobody trusts itself
  const lines = () => told.map(([key, name, text]) => numberRow(S, S.say(`${kind}.${key}`), of(run, name, quarter, row), of(twin, name, quarter, other), (value, sign) => text(S.say, value, sign)));
  return [
    [`head ${S.details[code]}`, () => [...heading(S, nameOf(S, run, code), facts(S, row).join(" · ")), S.details[code] ? h("p", { class: "details" }, S.details[code]) : null]],
    [now, () => [h("p", { class: "status" }, now)]], [`numbers ${quarter}`, () => [numberTable(S, lines())]],
    storySection(S, (event) => event[kind === "state" ? "actor" : "body"] === row), ...tieSections(S, kind, row), ["sources", () => [sourceList(S, listed, row)]],
  ];
}

function stateFacts(S, row) {
  const { camps, gdp } = S.run.header, facts = [S.say("kind.state"), campName(S, camps[row]), S.say("state.gdp", { amount: money(S.say, gdp[row]) })];
  return S.run.actors.has(row) ? [S.say("kind.actor"), ...facts] : facts;
}

function bodyFacts(S, row) {
  const { kinds, issue, founded, budgets } = S.run.header;
  return [S.words[`kind.${kinds[row]}`] ?? kinds[row], issueName(S, S.run, issue[row]), founded[row] && S.say("body.founded", { year: founded[row] }), budgets[row] && S.say("body.rest", { amount: money(S.say, budgets[row]) })].filter(Boolean);
}

function bodyStatus(S, row) {
  const { run, quarter } = S, life = lifeOf(run, quarter, row), leader = leaderOf(run, quarter, row);
  const said = [S.say(["life.not_yet", "life.lives", "life.sleeps", "life.ended"][life])];
  if (lives(life) && leader >= 0) said.push(S.say("body.led_by", { state: stateName(S, run, leader) }));
  if (run.shocked.has(row)) said.push(S.say("body.shocked"));
  return said.join(S.say("list.comma"));
}

function storySection(S, wanted) {
  const events = S.run.events.filter((event) => wanted(event) && !event.kind.routine && event.quarter <= S.quarter);
  return [`story ${events.length}`, () => {
    const found = groupsOf({ ...S.run, events }).slice(-STORY_LENGTH).reverse();
    if (!found.length) return [h("p", { class: "none" }, S.say("panel.no_story"))];
    const items = found.map((group) => h("li", {}, h("b", {}, quarterName(S.run, group.quarter)), " ", ...saidOf(S, group)));
    return [h("h3", {}, S.say("panel.story")), h("ul", { class: "story" }, ...items)];
  }];
}

// To whom a state or an organization is tied: organizations that live, or states, those with most influence first.
function tieSections(S, kind, row) {
  const { run, quarter } = S, states = kind === "body", codes = states ? run.header.states : run.header.organizations, influence = (other) => ofState(run, "agenda_share", 0, other);
  const tie = (other) => (states ? tieOf(run, quarter, other, row) : lives(lifeOf(run, quarter, other)) ? tieOf(run, quarter, row, other) : 0);
  return [["leaving", [LEAVING]], ["out", [AWAY, LEFT]], ["member", [TAKES_PART]]].map(([key, wanted]) => {
    const rows = d3.range(codes.length).filter((other) => wanted.includes(tie(other)));
    if (states) rows.sort((a, b) => influence(b) - influence(a));
    return [`${key} ${rows}`, () => (rows.length ? [
      h("h3", {}, S.say(`tie.${key}${states ? ".states" : ""}`, { count: rows.length })),
      h("p", { class: "links" }, rows.slice(0, MEMBER_LENGTH).map((other) => [h("button", { type: "button", class: "link", "data-key": codes[other], onclick: () => S.select(codes[other]) }, (states ? stateName : bodyLabel)(S, run, other)), " "]),
        rows.length > MEMBER_LENGTH ? S.say("list.more", { count: rows.length - MEMBER_LENGTH }) : null)] : [])];
  });
}

function sourceList(S, kind, row) {
  const { sources } = S.run.header;
  const items = Object.entries(sources[kind]).map(([column, places]) => [column, sources.texts[places[row]]]).filter(([, text]) => text);
  if (!items.length) return null;
  return h("details", { class: "sources" }, h("summary", { "data-key": "sources" }, S.say("panel.sources")),
    h("ul", {}, ...items.map(([column, text]) => h("li", {}, S.say("panel.source", { what: S.words[`source.${column}`] ?? column, text })))));
}
