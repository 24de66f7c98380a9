// The page without a server: what is chosen, the stories that are loaded, and what the four widgets show.

const USUAL = { scenario: "", second: "", language: "en", view: "map", table: false, colour: "exit", mode: "difference", quarter: 0, selected: "", tab: "story", lesson: "", step: 0, presentation: false };
const PLAYER_FIELDS = ["view", "table", "colour", "mode", "quarter", "selected", "presentation"];
const taken = { stories: {}, languages: {}, common: {} };
const answers = {};
let state = { ...USUAL };

globalThis.abmStatic = true;
globalThis.abmTake = (kind, name, data) => { if (name) taken[kind][name] = data; else taken[kind] = data; };

// A script of the folder, loaded once.
const loading = new Map();
function load(path) {
  if (!loading.has(path))
    loading.set(path, new Promise((done, failed) => {
      const script = document.createElement("script");
      Object.assign(script, { src: `data/${path}.js`, onload: done, onerror: () => failed(new Error(path)) });
      document.head.append(script);
    }));
  return loading.get(path);
}

const bytes = (text) => new DataView(Uint8Array.from(atob(text ?? ""), (letter) => letter.charCodeAt(0)).buffer);

// What a widget takes for its model: values with listeners; messages go to the session.
function newModel(values) {
  const listeners = {}, pending = {};
  return {
    get: (name) => values[name],
    set: (name, value) => { pending[name] = values[name] = value; },
    save_changes() { const found = { ...pending }; for (const name of Object.keys(pending)) delete pending[name]; shownChanged(found); },
    on: (name, call) => (listeners[name] ??= new Set()).add(call),
    off: (name, call) => listeners[name]?.delete(call),
    send: (message) => { handle(message).catch(console.error); },
    tell(found) {
      const changed = Object.keys(found).filter((name) => values[name] !== found[name]);
      Object.assign(values, found);
      for (const name of changed) for (const call of [...(listeners[`change:${name}`] ?? [])]) call();
    },
    answer: (message) => { for (const call of listeners["msg:custom"] ?? []) call(message); },
  };
}

const models = {
  stage: newModel({ words: {}, values: {}, findings: {}, status: {}, stories: [], cards: {}, phases: {} }),
  player: newModel({ land: bytes(""), run: bytes(""), twin: bytes(""), second: bytes(""), replicates: [], of: 1, occurs: {}, titles: {}, details: {}, words: {}, playing: false, speed: 2, ...USUAL }),
  sidebar: newModel({ words: {}, catalogue: { stories: [], parameters: [] }, values: {}, status: {}, lesson: {}, address: "" }),
  board: newModel({ words: {}, outcome: {}, claims: [], values: {} }),
};

const addressOf = () => new URLSearchParams(Object.entries(state).filter(([key, value]) => value !== USUAL[key]).map(([key, value]) => [key, typeof value === "boolean" ? Number(value) : value])).toString();

function stateOf(query) {
  const found = { ...USUAL };
  for (const [key, text] of new URLSearchParams(query.replace(/^[?#]/, "")))
    if (key in USUAL) found[key] = typeof USUAL[key] === "number" ? Math.max(0, Number(text) || 0) : typeof USUAL[key] === "boolean" ? text === "1" : text;
  const { order } = taken.common;
  if (!order.includes(found.scenario)) found.scenario = order[0];
  if (!order.includes(found.second)) found.second = "";
  if (!["en", "zh"].includes(found.language)) found.language = "en";
  return found;
}

// What the visitor did in the player is part of the address.
function shownChanged(found) {
  for (const name of PLAYER_FIELDS) if (name in found) state[name] = found[name];
  models.sidebar.tell({ address: addressOf() });
}

async function choose(changes) {
  const wanted = { ...state, ...changes };
  await Promise.all([load(`words-${wanted.language}`), load(`story-${wanted.scenario}`), wanted.second ? load(`story-${wanted.second}`) : null]);
  state = { ...state, ...changes }; // another choice may have come meanwhile
  show();
}

function show(problem = "") {
  const story = taken.stories[state.scenario], second = taken.stories[state.second], texts = taken.languages[state.language];
  for (const one of [story, second]) if (one) one.unpacked ??= { run: bytes(one.run), twin: bytes(one.twin), replicates: one.replicates.map(bytes) };
  state.quarter = Math.min(state.quarter, story.values.en.dates.length - 1);
  const values = { ...story.values[state.language], second: state.second, tab: state.tab, lesson: state.lesson, presentation: state.presentation };
  const { words, catalogue, claims } = texts, { count } = story.outcome, status = { waiting: false, ahead: 0, done: count, of: count, failed: false, problem, order: story.outcome.findings.order ?? {} };
  models.player.tell({ words, language: state.language, ...story.unpacked, of: count, second: second?.unpacked.run ?? EMPTY, occurs: story.occurs, titles: { run: values.title, second: second?.values[state.language].title ?? "" } });
  models.player.tell(Object.fromEntries(PLAYER_FIELDS.map((name) => [name, state[name]])));
  models.sidebar.tell({ words, catalogue, values, lesson: lessonNow(texts), status, address: addressOf() });
  models.stage.tell({ words, stories: texts.stories, cards: taken.common.cards, values, findings: story.outcome.findings, phases: story.phases, status });
  models.board.tell({ words, claims, outcome: story.outcome, values });
}
const EMPTY = bytes("");

// The step of a lesson; its reveal only once it is answered.
function lessonNow({ lessons }) {
  const step = taken.common.lessons[`${state.lesson} ${state.step}`];
  if (!step) return { lessons, name: "" };
  const page = step.pages[state.language], answer = answers[`${state.lesson} ${state.step}`] ?? -1;
  return answer < 0 ? { ...page, answer, reveal: "", right: -1, others: [] } : { ...page, answer };
}

const HANDLERS = {
  scenario: ({ name, rewind }) => choose({ scenario: name, lesson: "", quarter: rewind ? 0 : state.quarter }),
  second: ({ name }) => choose({ second: name, mode: name ? "side" : state.mode === "side" ? "difference" : state.mode }),
  view: ({ do: _, ...changes }) => choose(changes),
  link: ({ query }) => choose(stateOf(query)),
  lesson: ({ name, step }) => choose(name ? (taken.common.lessons[`${name} ${step}`]?.changes ?? {}) : { lesson: "", step: 0, tab: "lessons" }),
  answer: ({ answer }) => { answers[`${state.lesson} ${state.step}`] = answer; show(); },
  download: () => models.board.answer({ do: "save", name: `${state.scenario}.yaml`, text: taken.stories[state.scenario].config }),
};

async function handle(message) {
  if (message.do in HANDLERS) return HANDLERS[message.do](message);
  return show(taken.languages[state.language].words["static.needs_model"]);
}

(async () => {
  await load("common");
  models.player.tell({ land: bytes(taken.common.land) });
  await choose(stateOf(location.hash));
  const widgets = { sidebar: Sidebar, stage: Stage, player: Player, board: Board };
  for (const [name, { render }] of Object.entries(widgets)) await render({ model: models[name], el: document.getElementById(name) });
})();
