// The page's parts: what is built once, what is arranged anew, what is painted each quarter.

const ICONS = { first: "«", back: "‹", forward: "›", last: "»" };
const NARROW = 620, WIDE = 900;

const tool = (S, key, text, action, attributes = {}) =>
  h("button", { type: "button", title: S.say(key), "aria-label": S.say(key), onclick: action, ...attributes }, text);

function build(S) {
  const ui = (S.ui = {});
  ui.views = buttons(S, VIEWS, "view", (view) => change(S, { view }));
  ui.modes = buttons(S, MODES, "mode", (mode) => change(S, { mode }));
  ui.colours = h("select", { "aria-label": S.say("colour.label"), onchange: (event) => change(S, { colour: event.target.value }) },
    ...COLOURS.map((name) => h("option", { value: name }, S.say(`colour.${name}`))));
  ui.names = h("datalist", { id: `names-${Math.round(performance.now() * 1000)}` });
  ui.find = h("input", { type: "search", list: ui.names.id, placeholder: S.say("find.label"), "aria-label": S.say("find.label"), onchange: (event) => find(S, event.target) });
  ui.table = tool(S, "table.toggle", S.say("table.short"), () => change(S, { table: !S.table }));
  ui.png = tool(S, "download.png", "PNG", () => savePicture(S));
  ui.csv = tool(S, "download.csv", "CSV", () => saveCsv(S));
  ui.one = h("label", {}, h("input", { type: "checkbox", onchange: (event) => { S.one = event.target.checked; renew(S); } }), S.say("series.one"));
  ui.wipe = h("input", { type: "range", class: "wipe", min: "0", max: "1", step: "0.01", value: String(S.wipe), "aria-label": S.say("pane.wipe"), oninput: (event) => { S.wipe = Number(event.target.value); paint(S); } });
  ui.routine = h("label", {}, h("input", { type: "checkbox", onchange: (event) => { S.routine = event.target.checked; renew(S); } }), S.say("events.routine"));
  ui.bar = h("div", { class: "bar", role: "toolbar", "aria-label": S.say("bar.label") }, group(S, "view.label", ui.views), group(S, "mode.label", ui.modes),
    ui.colours, ui.routine, ui.one, ui.find, ui.names, h("span", { class: "group files" }, ui.table, ui.png, ui.csv));
  ui.panes = [pane(S), pane(S)];
  ui.pictures = h("div", { class: "pictures" }, ...ui.panes.map(({ figure }) => figure), ui.wipe);
  ui.legend = h("ul", { class: "legend" });
  ui.note = h("p", { class: "note" });
  ui.small = h("canvas", { class: "small", role: "img", onclick: (event) => scrubChart(S, event) });
  ui.smallLegend = h("ul", { class: "legend" });
  ui.tableBox = h("div", { class: "table", tabindex: "0", role: "region", "aria-label": S.say("table.toggle") });
  ui.events = h("ol", { class: "events", tabindex: "0", "aria-label": S.say("view.events") });
  ui.main = h("div", { class: "main" }, ui.pictures, ui.tableBox, ui.events, ui.legend, ui.note, ui.small, ui.smallLegend);
  ui.panel = h("aside", { class: "panel", "aria-label": S.say("panel.label"), tabindex: "0" });
  ui.tip = h("div", { class: "tip", hidden: true });
  buildTime(S);
  S.root.replaceChildren(ui.bar, h("div", { class: "body" }, ui.main, ui.panel), ui.time, ui.tip);
}

const buttons = (S, names, kind, action) => names.map((name) => h("button", { type: "button", "data-name": name, onclick: () => action(name) }, S.say(`${kind}.${name}`)));
const group = (S, key, members) => h("span", { class: "group", role: "group", "aria-label": S.say(key) }, ...members);

function pane(S) {
  const canvas = h("canvas", { role: "img", tabindex: "0" }), caption = h("figcaption");
  const found = { figure: h("figure", {}, caption, canvas), canvas, caption, run: null };
  canvas.addEventListener("click", (event) => touch(S, found, event));
  canvas.addEventListener("pointermove", (event) => point(S, found, event));
  canvas.addEventListener("pointerleave", () => { S.ui.tip.hidden = true; });
  return found;
}

function buildTime(S) {
  const { ui } = S;
  ui.play = tool(S, "time.play", S.say("time.play.short"), () => play(S, !S.playing), { class: "play" });
  ui.range = h("input", { type: "range", min: "0", max: "0", step: "1", "aria-label": S.say("time.quarter"), oninput: (event) => go(S, Number(event.target.value)) });
  ui.marks = h("canvas", { class: "marks", role: "img", onclick: (event) => scrubMarks(S, event) });
  ui.quarter = h("output", { class: "quarter" });
  ui.speed = h("select", { "aria-label": S.say("time.speed"), onchange: (event) => change(S, { speed: Number(event.target.value) }) },
    ...SPEEDS.map((speed) => h("option", { value: String(speed) }, S.say("time.speed.value", { speed }))));
  ui.said = h("p", { class: "said", "aria-live": "polite" });
  ui.time = h("div", { class: "time" }, h("div", { class: "row" },
    h("span", { class: "group" }, tool(S, "time.first", ICONS.first, () => go(S, 0)), tool(S, "time.back", ICONS.back, () => go(S, S.quarter - 1)), ui.play,
      tool(S, "time.forward", ICONS.forward, () => go(S, S.quarter + 1)), tool(S, "time.last", ICONS.last, () => go(S, lastQuarter(S)))),
    tool(S, "time.next", S.say("time.next.short"), () => nextEvent(S), { class: "next" }), ui.speed, ui.quarter,
    h("div", { class: "track" }, ui.marks, ui.range)), ui.said);
}

// --- what is touched

const spotOf = (event) => [event.offsetX, event.offsetY];

function codeAt(S, found, event) {
  if (!S.run || !found.run || !found.canvas.frame) return "";
  if (S.view === "network") return nodeAt(S, found, ...spotOf(event));
  return S.view === "map" ? (found.run.header.states[stateAt(S, found, ...spotOf(event))] ?? "") : "";
}

function touch(S, found, event) {
  if (S.view === "series") return scrubChart(S, event);
  const code = codeAt(S, found, event);
  if (code || S.selected) change(S, { selected: code === S.selected ? "" : code });
}

function point(S, found, event) {
  const code = codeAt(S, found, event), { tip } = S.ui;
  found.canvas.style.cursor = code || S.view === "series" ? "pointer" : "default";
  tip.hidden = !code;
  if (!code) return;
  const row = found.run.stateRow.get(code), theme = themeOf(S, found.difference);
  const value = S.view === "map" && row !== undefined ? `: ${theme.text(found.run, Math.min(S.quarter, found.run.quarters - 1), row)}` : "";
  tip.textContent = nameOf(S, found.run, code) + value;
  const frame = S.root.getBoundingClientRect(), left = event.clientX - frame.left + 14;
  tip.style.left = `${Math.min(left, frame.width - 190)}px`;
  tip.style.top = `${event.clientY - frame.top + 16}px`;
}

function scrubChart(S, event) {
  const quarter = quarterAt(event.target, ...spotOf(event));
  if (quarter >= 0) go(S, quarter);
}

const markAt = (S, width, quarter) => 8 + ((width - 16) * quarter) / Math.max(1, lengthOf(S) - 1);

function scrubMarks(S, event) {
  go(S, Math.round(((event.offsetX - 8) / (S.ui.marks.clientWidth - 16)) * (lengthOf(S) - 1)));
}

function find(S, input) {
  const wanted = input.value.trim().toLowerCase(), run = S.run;
  if (!wanted || !run) return;
  const codes = [...run.header.states, ...run.header.organizations];
  const code = codes.find((one) => one.toLowerCase() === wanted || nameOf(S, run, one).toLowerCase() === wanted)
    ?? codes.find((one) => nameOf(S, run, one).toLowerCase().startsWith(wanted));
  if (!code) return;
  change(S, { selected: code });
  input.value = "";
}

// --- arrange: after a setting, new data or another size

function panesOf(S) {
  const { run, twin, second } = S;
  if (S.view === "series") return [{ run, key: "" }];
  if (S.mode === "side" && second) return [{ run, key: "pane.run" }, { run: second, key: "pane.second" }];
  if (S.mode === "wipe" && twin) return [{ run, wipe: twin, key: "pane.wipe" }];
  if (S.mode === "difference" && twin) return [{ run, difference: true, key: "pane.difference" }];
  return [{ run, key: "pane.run" }];
}

function arrange(S) {
  const { ui, root } = S;
  root.lang = S.language === "zh" ? "zh-Hans" : "en";
  root.classList.toggle("presentation", S.presentation);
  root.classList.toggle("narrow", root.clientWidth < NARROW);
  root.classList.toggle("middle", root.clientWidth < WIDE);
  S.scale = S.presentation ? 1.4 : 1;
  const pressed = (list, name) => list.forEach((node) => node.setAttribute("aria-pressed", String(node.dataset.name === name)));
  pressed(ui.views, S.view);
  pressed(ui.modes, S.mode);
  ui.table.setAttribute("aria-pressed", String(S.table));
  ui.colours.value = S.colour;
  ui.colours.hidden = S.view !== "map";
  ui.routine.hidden = S.view !== "events";
  ui.one.hidden = S.view !== "series" || !S.replicates.length;
  ui.wipe.hidden = S.mode !== "wipe" || !S.twin || !["map", "network"].includes(S.view);
  ui.png.hidden = S.table || S.view === "events";
  for (const node of ui.modes) node.hidden = node.dataset.name === "side" ? !S.second : !S.twin && node.dataset.name !== "run";
  const pictured = !S.table && S.view !== "events";
  ui.pictures.hidden = ui.legend.hidden = !pictured;
  ui.tableBox.hidden = !S.table;
  ui.events.hidden = S.table || S.view !== "events";
  ui.note.hidden = !pictured || S.view === "series" || S.presentation;
  ui.small.hidden = ui.smallLegend.hidden = !pictured || S.view === "series" || S.presentation;
  if (S.run) fillLegends(S);
  measure(S);
  if (!S.run) return;
  const told = `${S.version} ${Boolean(S.occurs.run)}`;
  if (S.storyKey !== told) Object.assign(S, { story: storyOf(S), storyKey: told });
  ui.range.max = String(lengthOf(S) - 1);
  fillNames(S);
  arrangePanes(S);
  if (!ui.events.hidden) fillEvents(S);
}

// Sizes are read here once, since reading them while painting makes the browser lay out the page twice.
function measure(S) {
  S.width = S.ui.main.clientWidth;
  S.above = Math.min(window.innerHeight / 2, document.querySelector(".abm-lesson") ? S.root.getBoundingClientRect().top + window.scrollY : 0);
  S.track = S.ui.marks.parentElement.clientWidth;
  S.around = S.above + d3.sum([S.ui.bar, S.ui.time, S.ui.legend], (part) => part.offsetHeight) + 60; // with title and margins
}

function arrangePanes(S) {
  const found = panesOf(S), side = found.length > 1 && S.width >= 760;
  S.ui.pictures.classList.toggle("side", side);
  S.ui.panes.forEach((one, at) => {
    one.figure.hidden = at >= found.length;
    Object.assign(one, { difference: false, wipe: null, run: null }, found[at]);
  });
}

// Width and height of every picture on the page, as they are now.
function sizeOf(S, panes) {
  const all = S.width, side = S.ui.pictures.classList.contains("side");
  const width = Math.max(200, Math.floor(side ? (all - 12) / 2 : all)), high = S.presentation ? Math.max(220, window.innerHeight - S.around) : Math.max(300, window.innerHeight - 330);
  if (S.view === "series") return [width, seriesHeight(S, width)];
  if (S.view === "map") return [width, Math.round(Math.min(width * d3.max(panes, ({ run }) => groundOf(S, run).height / groundOf(S, run).width), high))];
  return [width, Math.round(width < 560 ? width : Math.min(width * 0.64, S.presentation ? high : Math.max(high - 140, 400)))];
}

const seriesColumns = (S, width) => Math.max(1, Math.min(4, Math.floor(width / (250 * S.scale))));
const seriesHeight = (S, width) => Math.ceil(shownMeasures(S, width).length / seriesColumns(S, width)) * 160 * S.scale;
// On a big screen only what fits without scrolling, the telling ones first.
const shownMeasures = (S, width) => {
  if (!S.presentation) return measuresOf(S);
  const rows = Math.max(1, Math.floor((window.innerHeight - S.around) / (160 * S.scale)));
  return [...keyMeasures(S, KEY_MEASURES.length), ...measuresOf(S)].filter((name, at, all) => all.indexOf(name) === at).slice(0, rows * seriesColumns(S, width));
};

function fillNames(S) {
  const codes = [...S.run.header.states, ...S.run.header.organizations], key = `${S.language} ${codes}`;
  if (S.named === key && S.ui.names.childElementCount) return;
  S.named = key;
  S.ui.names.replaceChildren(...codes.map((code) => h("option", { value: nameOf(S, S.run, code) })));
}

const swatch = (entry) => {
  const node = h("i", { class: `swatch ${entry.shape ?? ""}`, "aria-hidden": "true" });
  node.style.background = ["line", "dashed", "dotted"].includes(entry.shape) ? "" : entry.pattern ? `url(${tileOf(entry).toDataURL()})` : entry.colour;
  node.style.color = entry.colour;
  return node;
};

function legendOf(S) {
  if (S.view === "map") {
    const theme = themeOf(S, S.mode === "difference" && Boolean(S.twin)), entries = [...theme.entries];
    if (S.run.actors.size) entries.push(theme.ofOthers && S.run.actors.size === 1 ? { colour: INK, text: S.say("legend.actor") } : { colour: INK, shape: "ring", text: S.say("legend.actor") });
    return entries;
  }
  if (S.view === "network") return networkLegend(S);
  return seriesLegend(S);
}

function networkLegend(S) {
  const difference = S.mode === "difference";
  const texts = ["much_less", "less", "same", "more", "much_more"].map((key) => S.say(`health.${difference ? "difference." : ""}${key}`));
  return [
    ...HEALTH.map((colour, at) => ({ colour, shape: "dot", text: texts[at] })), { colour: "#fff", pattern: "lines", text: S.say("life.sleeps"), shape: "dot" },
    { colour: CAMPS[1], shape: "diamond", text: S.say("legend.club") }, ...(S.run.shocked.size ? [{ colour: INK, shape: "ring", text: S.say("legend.shocked") }] : []),
    ...[1, 0, -1].map((camp) => ({ colour: CAMPS[camp], text: S.say("legend.camp", { camp: campName(S, camp) }) })),
    { colour: STATUS[LEAVING].colour, shape: "dashed", text: S.say("legend.leaving") }, { colour: STATUS[LEFT].colour, shape: "dashed", text: S.say("legend.left") },
  ];
}

function seriesLegend(S) {
  const count = runsShown(S), median = isMedian(S), difference = S.mode === "difference";
  const own = S.say(difference ? "legend.difference" : "legend.run"), other = S.say(difference ? "legend.zero" : "legend.twin");
  const entries = [{ colour: RUN, shape: "line", text: S.say(median ? "series.median" : "series.run", { count, what: own }) }];
  if (S.twin) entries.push({ colour: TWIN, shape: "dashed", text: S.say(median && !difference ? "series.twin" : "series.run.twin", { what: other }) });
  if (secondShown(S, difference)) entries.push({ colour: SECOND, shape: "dashed", text: secondText(S) });
  if (S.replicates.length) entries.push({ colour: "rgba(10,84,136,.25)", text: S.say("legend.band", { count }) });
  const who = [...S.run.actors].length === 1 ? stateName(S, S.run, [...S.run.actors][0]) : S.say("legend.actor");
  for (const theme of ["exit", "return"]) {
    const mark = marksOf(S).find((one) => one.theme === theme);
    if (mark) entries.push({ colour: mark.colour, shape: "dotted", text: S.say(`mark.${theme}`, { who }) });
  }
  return entries;
}

// The second scenario may begin in another year, and measures look at its own actor.
function secondText(S) {
  const { run, second } = S, [focus, other] = [run, second].map((one) => focusName(S, one));
  const apart = [
    second.header.start !== run.header.start && S.say("legend.second.from", { quarter: quarterName(second, 0) }),
    other !== focus && S.say("legend.second.focus", { other, focus }),
  ].filter(Boolean);
  return apart.length ? S.say("legend.second.apart", { how: apart.join(S.say("list.comma")) }) : S.say("legend.second");
}

function fillLegends(S) {
  const items = (entries) => entries.map((entry) => h("li", {}, swatch(entry), entry.text));
  S.ui.legend.replaceChildren(...items(legendOf(S)));
  S.ui.smallLegend.replaceChildren(...items(seriesLegend(S)));
  const notes = panesOf(S).map(({ run }) => (S.view === "network" ? "note.network" : groundOf(S, run).tiles ? "note.tiles" : "note.map"));
  S.ui.note.textContent = [...new Set(notes)].map((key) => S.say(key)).join(S.say("sentence.space"));
}

function fillEvents(S) {
  const shown = S.story.filter((found) => S.routine || !found.routine);
  S.ui.events.replaceChildren(...shown.map((found) => {
    const at = toldOf(S).indexOf(found);
    return h("li", { class: found.background ? "background" : null, "data-quarter": found.quarter, "data-step": at }, h("button", { class: "link", "data-key": `event${at}`, onclick: () => go(S, found.quarter, at) },
      h("b", {}, quarterName(S.run, found.quarter)), " ", ...saidOf(S, found)));
  }));
}
