// The player: what is shown now, who asked for it, and what has to be painted again.

const VIEWS = ["map", "network", "series", "events"];
const MODES = ["run", "wipe", "difference", "side"];
const COLOURS = ["exit", "trust", "alignment", "influence"];
const SPEEDS = [1, 2, 4, 8];
const SETTINGS = ["view", "table", "colour", "mode", "words", "details", "language", "presentation", "playing", "speed", "selected", "titles", "quarter", "of"];
const QUIET = 400; // ms without a change after which the quarter is told to the server

function newPlayer(model, root) {
  const S = {
    model, root, land: null, grounds: new Map(), layouts: new Map(), run: null, twin: null, second: null, replicates: [],
    occurs: {}, themes: new Map(), bands: new Map(), sorted: {}, one: false, wipe: 0.5, version: 0, scale: 1, routine: false, step: -1,
  };
  for (const name of SETTINGS) S[name] = model.get(name);
  S.say = saying(S);
  S.select = (code) => change(S, { selected: S.selected === code ? "" : code });
  S.sort = (column) => {
    const before = S.sorted[S.view];
    S.sorted[S.view] = { column, down: before?.column === column ? !before.down : column > 0 };
    paint(S);
  };
  return S;
}

// Change settings here and tell the server, the quarter only when it rests.
function change(S, values) {
  Object.assign(S, values);
  const { quarter, ...others } = values;
  for (const [name, value] of Object.entries(others)) S.model.set(name, value);
  if (Object.keys(others).length) S.model.save_changes();
  if (quarter !== undefined) tellLater(S);
  if (Object.keys(others).some((name) => name !== "playing")) renew(S);
  else paint(S);
}

function tellLater(S) {
  clearTimeout(S.telling);
  if (!S.playing) S.telling = setTimeout(() => tell(S), QUIET);
}

function tell(S) {
  if (S.model.get("quarter") === S.quarter) return;
  S.model.set("quarter", S.quarter);
  S.model.save_changes();
}

const lengthOf = (S) => (S.run ? Math.max(S.run.of, S.second?.of ?? 0) : 1);
const lastQuarter = (S) => (S.run ? Math.max(S.run.quarters, S.second?.quarters ?? 0) - 1 : 0);

function go(S, quarter, step = -1) {
  S.step = step;
  change(S, { quarter: Math.max(0, Math.min(lastQuarter(S), quarter)) });
}

// --- time

function play(S, playing) {
  if (playing && S.quarter >= lastQuarter(S)) S.quarter = 0;
  change(S, { playing });
  if (!playing) tellLater(S);
  else tick(S, performance.now());
}

function tick(S, since) {
  cancelAnimationFrame(S.frame);
  S.frame = requestAnimationFrame((now) => {
    if (!S.playing || !S.root.isConnected) return;
    const wait = 1000 / S.speed;
    if (now - since < wait) return tick(S, since);
    if (S.quarter >= lastQuarter(S)) return S.quarter + 1 < lengthOf(S) ? tick(S, now) : play(S, false); // more of it comes
    S.quarter += 1;
    S.step = -1;
    draw(S);
    return tick(S, Math.max(since + wait, now - wait));
  });
}

// The next thing that happens; several in one quarter come one after the other.
function nextEvent(S, way = 1) {
  const told_ = toldOf(S);
  const ahead = (group) => group.quarter > S.quarter || (S.quarter === 0 && group.quarter === 0);
  const fresh_ = way > 0 ? told_.findIndex(ahead) : told_.findLastIndex((group) => group.quarter < S.quarter);
  const at = S.step >= 0 ? S.step + way : fresh_;
  if (at < 0 || at >= told_.length) return;
  if (S.playing) play(S, false);
  go(S, told_[at].quarter, at);
}

function faster(S, way) {
  const at = SPEEDS.findIndex((speed) => speed >= S.speed);
  change(S, { speed: SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, (at < 0 ? SPEEDS.length - 1 : at) + way))] });
}

const KEYS = {
  " ": (S) => play(S, !S.playing), ArrowRight: (S) => go(S, S.quarter + 1), ArrowLeft: (S) => go(S, S.quarter - 1),
  Home: (S) => go(S, 0), End: (S) => go(S, lastQuarter(S)), n: nextEvent, p: (S) => nextEvent(S, -1),
  "+": (S) => faster(S, 1), "=": (S) => faster(S, 1), "-": (S) => faster(S, -1), t: (S) => change(S, { table: !S.table }),
  Escape: (S) => S.selected && change(S, { selected: "" }),
};
VIEWS.forEach((view, at) => { KEYS[at + 1] = (S) => change(S, { view }); });

function onKey(S, event) {
  const target = event.composedPath()[0], action = KEYS[event.key];
  if (!action || !S.run || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const inside = S.root.contains(target);
  if (!inside && target !== document.body) return; // other controls keep their keys
  if (target.matches?.("input:not([type=range]), select, textarea")) return;
  if (event.key === " " && target.matches?.("button, summary")) return;
  event.preventDefault();
  action(S);
}

// --- data

async function load(S, name, unpack) {
  const asked = (S.asked ??= {})[name] = {};
  const found = await unpack(S.model.get(name)).catch((error) => { console.error(error); return null; });
  if (S.asked[name] !== asked) return; // a later one has come
  if (found?.quarters < found?.of && (S.quarter >= found.quarters || S.view === "network")) return; // shown once it is whole
  S[name] = found;
  fresh(S);
}

async function loadReplicates(S) {
  const asked = (S.askedReplicates = {}), views = S.model.get("replicates") ?? [];
  S.decoded ??= new WeakMap();
  const found = await Promise.all(views.map((view) => {
    if (!S.decoded.has(view)) S.decoded.set(view, unpackSeries(view));
    return S.decoded.get(view);
  }));
  if (S.askedReplicates !== asked) return;
  S.replicates = found;
  S.version += 1;
  S.bands.clear();
  S.themes.clear();
  if (S.run && S.land) fillLegends(S);
  paint(S);
}

function fresh(S) {
  S.version += 1;
  S.themes.clear();
  S.bands.clear();
  S.layouts.clear();
  S.step = -1;
  markAll(S);
  if (!S.run || !S.land) return;
  COLOURS.forEach((name, at) => { S.ui.colours.options[at].textContent = S.say(`colour.${name}`); });
  S.quarter = Math.min(S.quarter, lastQuarter(S));
  renew(S);
}

// Marks events anew: run, twin and marks come one by one.
function markAll(S) {
  S.occurs = S.model.get("occurs") ?? {};
  markOccurrences(S.run, S.occurs.run);
  markOccurrences(S.twin, S.occurs.twin);
}

function occurred(S) {
  markAll(S);
  Object.assign(S, { step: -1, storyKey: "" }); // the story is grouped anew
  if (S.run && S.land) renew(S);
}

// --- start

async function render({ model, el: root }) {
  const S = newPlayer(model, root);
  root.classList.add("player");
  build(S);
  const keys = (event) => onKey(S, event);
  document.addEventListener("keydown", keys);
  const follow = ({ detail }) => S.run && go(S, detail); // the stage has been played to a quarter
  document.addEventListener("abm-show", follow);
  const watcher = new ResizeObserver(() => renew(S));
  for (const one of [root, document.querySelector(".abm-controls")]) if (one) watcher.observe(one); // a presented lesson stands above
  const listeners = {
    run: () => load(S, "run", unpackRun), twin: () => load(S, "twin", unpackRun), second: () => load(S, "second", unpackRun),
    occurs: () => occurred(S), replicates: () => loadReplicates(S), ...Object.fromEntries(SETTINGS.map((name) => [name, () => heard(S, name)])),
  };
  for (const [name, listener] of Object.entries(listeners)) model.on(`change:${name}`, listener);
  S.land = JSON.parse(new TextDecoder().decode(await inflate(model.get("land"))));
  await Promise.all([...["run", "twin", "second"].map((name) => load(S, name, unpackRun)), loadReplicates(S)]);
  if (S.playing) tick(S, performance.now());
  return () => {
    document.removeEventListener("keydown", keys);
    document.removeEventListener("abm-show", follow);
    watcher.disconnect();
    cancelAnimationFrame(S.frame);
    clearTimeout(S.telling);
    clearTimeout(S.filling);
    for (const [name, listener] of Object.entries(listeners)) model.off(`change:${name}`, listener);
  };
}

// A setting came from the server.
function heard(S, name) {
  const value = S.model.get(name);
  if (S[name] === value) return;
  S[name] = value;
  if (name === "words" || name === "language") {
    S.themes.clear();
    build(S);
  }
  if (name === "quarter") S.step = -1;
  if (name === "playing" && S.playing) tick(S, performance.now());
  renew(S);
}

export default { render };
