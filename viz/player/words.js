// Texts: every sentence comes from the words of the page; names come from the world.

const LIST_LENGTH = 6;
const LARGE_STATES = 12;

// {focus} is the state that measures look at: who acts, or the largest one where nobody does.
const saying = (S) => (key, values = {}) => sayer(S.words)(key, { get focus() { return focusName(S); }, ...values });

function focusName(S, run = S.run) {
  const focus = run?.header.focus ?? [];
  return focus.length === 1 ? inSentence(S.say, stateName(S, run, focus[0])) : S.say("focus.many");
}

const hasWord = (S, key) => Object.hasOwn(S.words, key);

const quarterName = (run, quarter) => `${Math.floor((run.header.start + quarter) / 4)}Q${((run.header.start + quarter) % 4) + 1}`;

const stateName = (S, run, row) => S.words[`name.${run.header.states[row]}`] ?? run.header.state_names[row];

function bodyName(S, run, row) {
  const code = run.header.organizations[row], founder = run.header.founders[row];
  if (founder >= 0)
    return S.say("club.name", {
      founder: stateName(S, run, founder), issue: issueName(S, run, run.header.issue[row]), year: run.header.founded[row],
    });
  return S.words[`name.${code}`] ?? run.header.organization_names[row];
}

// The shortest readable name, for labels and lists.
function bodyLabel(S, run, row) {
  const code = run.header.organizations[row], founder = run.header.founders[row];
  if (founder >= 0) return S.say("club.label", { founder: run.header.states[founder], year: run.header.founded[row] });
  return codeName(S.words, code);
}

const issueName = (S, run, issue) => S.words[`issue.${run.header.issues[issue]}`] ?? run.header.issues[issue];
const campName = (S, camp) => S.say(camp > 0 ? "camp.western" : camp < 0 ? "camp.rival" : "camp.other");
const measureName = (S, name) => (hasWord(S, `measure.${name}`) ? S.say(`measure.${name}`) : name);

function nameOf(S, run, code) {
  if (run.stateRow.has(code)) return stateName(S, run, run.stateRow.get(code));
  return run.bodyRow.has(code) ? bodyName(S, run, run.bodyRow.get(code)) : code;
}

function listed(S, names, length = LIST_LENGTH) {
  if (names.length > length + 1) {
    const more = S.say("list.more", { count: names.length - length });
    return names.slice(0, length).join(S.say("list.comma")) + more;
  }
  return inList(S.say, names);
}

// The story: what happens in the run, and what does not happen in it because of the shock.
function storyOf(S) {
  const missed = S.twin ? groupsOf(S.twin).filter((group) => group.occurs === "only_without") : [];
  return [...groupsOf(S.run), ...missed].sort((a, b) => a.quarter - b.quarter);
}

// What captions and "next event" tell: what happens because of the shock; all that matters where nothing is marked.
const toldOf = (S) => S.story.filter((group) => !group.routine && !group.background);

// Events of one quarter, kind and actor together, in the order in which they happened. What a club's founding and what
// the shock alone brings stand for themselves.
function groupsOf(run) {
  const large = (run.large ??= new Set(largest(run, LARGE_STATES))), groups = new Map();
  for (const event of run.events) {
    const { kind } = event;
    if (!kind.told) continue;
    const key = [event.quarter, kind.name, event.actor, JSON.stringify(event.details), event.occurs, kind.theme === "club" ? event.body : ""].join();
    if (!groups.has(key)) {
      const small = kind.theme === "government" && !large.has(event.actor) && !run.actors.has(event.actor);
      groups.set(key, { ...event, run, bodies: [], routine: small || kind.routine, background: event.occurs === "both" || event.occurs === "only_without" });
    }
    if (event.body >= 0) groups.get(key).bodies.push(event.body);
  }
  return [...groups.values()];
}

function largest(run, count) {
  const rows = Array.from({ length: run.states }, (_, row) => row);
  return rows.sort((a, b) => ofState(run, "agenda_share", 0, b) - ofState(run, "agenda_share", 0, a)).slice(0, count);
}

function sentence(S, run, group) {
  const key = group.kind.sentence, form = key + (group.bodies.length > 1 ? ".many" : group.bodies.length ? "" : ".alone");
  const many = group.bodies.length > 1 && hasWord(S, form);
  const labels = group.bodies.map((row) => (many ? bodyLabel(S, run, row) : inSentence(S.say, bodyName(S, run, row))));
  const details = Object.entries(group.details).map(([name, value]) => [name, phrase(S, name, value)]);
  const text = S.say(hasWord(S, form) ? form : key, {
    actor: group.actor >= 0 ? inSentence(S.say, stateName(S, run, group.actor)) : "", bodies: listed(S, labels), count: group.bodies.length,
    issue: group.body >= 0 ? issueName(S, run, run.header.issue[group.body]) : "", ...Object.fromEntries(details),
  });
  return capital(text);
}

// A detail in words: its value may have words of its own.
function phrase(S, name, value) {
  const own = `detail.${name}.${value}`;
  return hasWord(S, own) ? S.words[own] : S.say(`detail.${name}`, { value });
}

// A sentence with a word on where it occurs: muted where it also happens without the shock.
function saidOf(S, group) {
  const text = sentence(S, group.run, group);
  if (!group.occurs || group.occurs === "only_with") return [h("span", {}, text)];
  return [h("span", { class: group.background ? "background" : null }, text, " ", h("i", { class: "occurs" }, S.say(`occurs.${group.occurs}`)))];
}
