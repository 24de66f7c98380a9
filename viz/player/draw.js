// Painting: everything that depends on the quarter, once a frame; before it, once, what has to be arranged anew.

function paint(S) {
  S.queued ??= requestAnimationFrame(() => draw(S));
}

function renew(S) {
  S.stale = true;
  paint(S);
}

function draw(S) {
  if (S.queued) cancelAnimationFrame(S.queued);
  S.queued = null;
  if (!S.root.isConnected || (S.run && !S.land)) return;
  if (S.stale) arrange(S);
  S.stale = false;
  if (!S.run || !S.width) return;
  drawPictures(S);
  drawTime(S);
  fillPanel(S, S.ui.panel);
  if (S.table) fillTable(S, S.ui.tableBox);
  if (!S.ui.events.hidden) markEvents(S);
}

function drawPictures(S) {
  const { ui } = S;
  if (ui.pictures.hidden) return;
  const shown = ui.panes.filter((one) => one.run), [width, height] = sizeOf(S, shown);
  for (const one of shown) {
    if (S.view === "series") paintSeries(S, one.canvas, shownMeasures(S, width), width, height, seriesColumns(S, width));
    else paintPane(S, one, one.canvas, one.run, width, height);
    if (one.wipe && S.view !== "series") paintWipe(S, one, width, height);
    const title = titleOf(S, one);
    if (one.caption.textContent !== title) one.caption.textContent = title;
    one.canvas.setAttribute("aria-label", S.say("picture.label", { title, quarter: quarterName(S.run, S.quarter) }));
  }
  if (ui.small.hidden) return;
  const all = S.width, columns = Math.max(2, Math.min(4, Math.floor(all / (210 * S.scale))));
  const names = keyMeasures(S, all < NARROW ? 4 : columns);
  paintSeries(S, ui.small, names, all, 138 * S.scale * Math.ceil(names.length / columns), columns);
  ui.small.setAttribute("aria-label", S.say("picture.series", { measures: names.map((name) => measureName(S, name)).join(S.say("list.comma")) }));
}

function paintPane(S, { difference }, canvas, run, width, height) {
  if (S.view === "map") paintMap(S, canvas, run, themeOf(S, difference), width, height);
  else paintNetwork(S, canvas, run, difference, width, height);
}

// The world without the shock on the right of the divider, drawn over the one with it.
function paintWipe(S, one, width, height) {
  const other = (one.other ??= document.createElement("canvas")), pen = one.canvas.getContext("2d"), from = Math.round(S.wipe * width);
  paintPane(S, one, other, one.wipe, width, height);
  const scale = other.width / width;
  pen.drawImage(other, from * scale, 0, (width - from) * scale, other.height, from, 0, width - from, height);
  inked(pen, { stroke: INK, width: 2 }, straight(from, 0, from, height));
  Object.assign(pen, { font: font(S, 12, 600), textBaseline: "top", textAlign: "right" });
  haloText(pen, S.say("pane.run"), from - 6, 4);
  pen.textAlign = "left";
  haloText(pen, S.say("pane.twin"), from + 6, 4);
}

// Each pane has the title of its own scenario, and speaks of its own actor.
function titleOf(S, { key, difference, run }) {
  const story = run === S.second ? S.titles.second : S.second ? S.titles.run : "", quarter = quarterName(run, Math.min(S.quarter, run.quarters - 1));
  const which = story || (key ? S.say(key) : ""), one = S.view !== "series" && S.replicates.length ? ` · ${oneRun(S)}` : "";
  if (S.view === "map") return S.say(difference ? "title.map.difference" : "title.map", { what: themeTitle(S, difference, run), which, quarter }) + one;
  return S.say(difference && S.view === "network" ? "title.network.difference" : `title.${S.view}`, { which, quarter }) + one;
}

const oneRun = (S) => S.say("picture.one_run", { count: Math.max(S.of, S.replicates.length + 1) });

function drawTime(S) {
  const { ui } = S, name = quarterName(S.run, S.quarter);
  if (S.root.dataset.quarter !== String(S.quarter)) {
    S.root.dataset.quarter = S.quarter;
    document.dispatchEvent(new CustomEvent("abm-quarter", { detail: S.quarter }));
  }
  ui.range.value = String(S.quarter);
  ui.range.setAttribute("aria-valuetext", name);
  ui.quarter.textContent = name;
  ui.play.textContent = S.say(S.playing ? "time.pause.short" : "time.play.short");
  ui.play.title = S.say(S.playing ? "time.pause" : "time.play");
  ui.play.setAttribute("aria-label", ui.play.title);
  ui.speed.value = String(S.speed);
  ui.said.setAttribute("aria-live", S.playing ? "off" : "polite");
  const parts = saidNow(S), text = h("p", {}, ...parts).textContent;
  if (ui.said.textContent !== text) ui.said.replaceChildren(...parts);
  drawMarks(S);
}

// The event that was jumped to, or the most telling ones of the quarter.
function saidNow(S) {
  if (S.step >= 0 && toldOf(S)[S.step]) return saidOf(S, toldOf(S)[S.step]);
  const now = S.story.filter((found) => !found.routine && found.quarter === S.quarter).sort((a, b) => weightOf(S, b) - weightOf(S, a));
  if (!now.length) return [S.say("time.quiet")];
  const [first, second] = now.map((found) => saidOf(S, found));
  return [...first, ...(second ? [S.say("sentence.end"), ...second] : []), S.say("sentence.stop")];
}

const weightOf = (S, found) => found.bodies.length + (S.run.actors.has(found.actor) ? 100 : 0) + (found.background ? -50 : 0) + (found.kind.theme === "government" ? -1 : 0);

const MARKS = [
  ["acts", (S, found) => S.run.actors.has(found.actor) && found.kind.theme !== "return", INK],
  ["leaves", (_, found) => ["announcement", "exit", "end"].includes(found.kind.theme), "#b3341d"],
  ["comes", (_, found) => found.kind.theme === "return", "#1f8f76"],
  ["clubs", (_, found) => found.kind.theme === "club", SECOND],
];

function drawMarks(S) {
  const { marks } = S.ui, width = S.track, height = 28, key = `${S.version} ${S.mode} ${width} ${S.language} ${Boolean(S.occurs.run)}`;
  if (marks.key === key || width < 20) return;
  marks.key = key;
  const pen = sized(marks, width, height), counts = new Map();
  pen.clearRect(0, 0, width, height);
  for (const found of S.story) {
    const row = found.routine ? -1 : MARKS.findIndex(([, wanted]) => wanted(S, found));
    const place = `${found.quarter} ${row} ${found.background ? 1 : 0}`;
    if (row >= 0) counts.set(place, (counts.get(place) ?? 0) + Math.max(1, found.bodies.length));
  }
  for (const [place, count] of [...counts].sort(([a], [b]) => b.at(-1) - a.at(-1))) { // the background lies below
    const [quarter, row, background] = place.split(" ").map(Number), radius = Math.min(5, 1.6 + 0.6 * Math.sqrt(count));
    inked(pen, { fill: MARKS[row][2], alpha: background ? 0.28 : 0.85 }, bodyPath(row === 3, markAt(S, width, quarter), [6, 12, 18, 24][row], row === 3 ? Math.min(3.2, radius) : radius));
  }
  marks.setAttribute("aria-label", S.say("time.marks"));
}

function markEvents(S) {
  let last = null;
  for (const item of S.ui.events.children) {
    const quarter = Number(item.dataset.quarter), now = S.step >= 0 ? Number(item.dataset.step) === S.step : quarter === S.quarter;
    item.classList.toggle("now", now);
    item.classList.toggle("later", quarter > S.quarter);
    if (now && !last) last = item;
  }
  const box = S.ui.events;
  if (last) box.scrollTop = Math.max(0, last.offsetTop - box.offsetTop - box.clientHeight / 3);
}

function savePicture(S) {
  const shown = S.ui.panes.filter((one) => one.run), title = shown.map((one) => titleOf(S, one)).join(" | ");
  savePng(S, shown.map((one) => one.canvas), title, legendOf(S), `${S.titles.run} · ${S.ui.note.textContent}`);
}
