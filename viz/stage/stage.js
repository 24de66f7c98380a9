// The stage: a question before the run, the run, and the answer beside what the visitor said.

const OPENING = 12000; // ms from the start to the end of the picture
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function render({ model, el }) {
  el.classList.add("abm-stage");
  const early = globalThis.abmEarly, S = early?.S ?? { told: false, guess: -1, story: "", quarter: -1, playing: false };
  const send = (message) => S.model.send(message);
  const draw = () => {
    const values = model.get("values");
    S.width = el.clientWidth;
    if (values.digest !== S.story) Object.assign(S, { story: values.digest, found: null, told: false, guess: -1, quarter: -1, playing: false });
    S.say = sayer(model.get("words"));
    el.setAttribute("role", "region");
    el.setAttribute("aria-label", S.say("stage.label"));
    redraw(el, ...stageParts(S, send));
    show(S);
  };
  Object.assign(S, { model, el, draw });
  const redrawn = together(() => S.el.isConnected && draw());
  const heard = ["words", "values", "findings", "cards", "phases"].map((name) => [`change:${name}`, redrawn]);
  heard.push(["change:status", () => drawWaiting(S)]);
  for (const [what, call] of heard) model.on(what, call);
  const watcher = new ResizeObserver(() => { if (Math.abs(el.clientWidth - S.width) > 2) draw(); });
  if (early) takeOver(S, early);
  else draw();
  watcher.observe(el);
  return Object.assign(() => {
    watcher.disconnect();
    cancelAnimationFrame(S.frame);
    for (const [what, call] of heard) model.off(what, call);
  }, { S });
}

// The first screen that was there before the session: it keeps what the visitor has done.
function takeOver(S, { place, close, asked }) {
  delete globalThis.abmEarly;
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  close();
  S.el.append(...place.querySelector(".abm-stage").childNodes);
  if (S.model.get("values").digest !== S.story) S.draw();
  place.remove();
  if (focused) S.el.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  if (S.playing) start(S);
  for (const message of asked) S.model.send(message);
}

// What the story says; what it said last is kept while a new session has no runs of it yet.
function findingsOf(S) {
  const found = S.model.get("findings");
  if (found.headline) S.found = found;
  return S.found ?? found;
}
const ready = (S) => Boolean(findingsOf(S).headline);

function stageParts(S, send) {
  const { say, model } = S, found = findingsOf(S), values = model.get("values");
  if (!ready(S)) return [h("h2", { className: "finding" }, say("stage.waiting")), h("p", { className: "deck waiting" })];
  const held = !S.told && found.question.key;
  return [
    h("div", { className: "upper" }, h("div", { className: "left" }, h("p", { className: "kicker" }, say("stage.kicker")), h("div", { className: "said" }, ...finding(S, found, held)), found.case.code ? picture(S, found, values) : null),
      h("div", { className: "right" }, question(S, found), opening(S, found))),
    h("div", { className: "numbers" }, fourNumbers(found, say, held), grows(S, found)),
    h("details", { className: "answers", "data-key": "answers", open: S.told }, h("summary", { "data-key": "answers-summary" }, say("stage.answers")), h("dl", {}, held ? h("p", {}, say("number.held")) : threeAnswers(found, say).map(([key, text]) => [h("dt", {}, say(key)), h("dd", {}, text)])), held ? null : h("p", { className: "note" }, countedOf(S, found.bonds.organizations ?? [])), order(S, send)),
    cards(S, send), h("h3", { className: "closer" }, say("stage.closer")), h("p", { className: "note closer" }, say("stage.closer.text")),
  ];
}

// Whether an interval is one of few runs, while others are still to come.
const runsOf = (S, { runs, of }) => countOf(S.say, runs, of);
const grows = (S, found) => (found.runs > 1 && found.runs < found.of ? h("span", { className: "note growing" }, S.say("runs.grow", { count: found.runs, of: found.of })) : null);

const bodyOf = (S, found) => inSentence(S.say, S.say(`name.${found.case.code}`));
const actorsOf = (S, found) => (found.actors.length > 3 ? S.say("actors.many", { count: found.actors.length }) : inList(S.say, found.actors.map((code) => inSentence(S.say, S.say(`name.${code}`)))));

function finding(S, found, held, brief = false) {
  const { say } = S, first = found.refill.case_1, third = found.refill.case_3, atLeast = (one) => percent(Math.max(0, one));
  const words = {
    body: found.case.code ? bodyOf(S, found) : "", who: actorsOf(S, found), share: percent(found.case.lost), runs: runsOf(S, found),
    first: first ? atLeast(first.mean) : "", third: third ? atLeast(third.mean) : "", when: brief || !third ? "" : say("headline.when", { year: S.model.get("values").dates[found.case.third_year].slice(0, 4) }),
    more: found.followers ? inCount(found.followers.mean, false) : "", trust: found.trust ? inPoints(found.trust.mean) : "",
  };
  const none = found.headline === "gap_stays" && !/[1-9]/.test(words.first + words.third) ? ".none" : "";
  const asked = found.question.key, [key, text] = held ? [`ask.${asked}`, `ask.${asked}.deck${asked === "refill" && stays(found) ? ".stays" : ""}`] : [`headline.${found.headline}${none}`, `headline.${found.headline}.text${none}`];
  return [h("h2", { className: "finding" }, capital(say(key, words))), h("p", { className: "deck" }, [capital(say(text, words)), ...(held ? [] : [brief ? "" : lasting(S, found), back(S, found)])].filter(Boolean).join(say("sentence.space")))];
}

// Whether who acts on the case does so without an exit.
const stays = (found) => !found.case.announced && found.case.out === null;

// In how many runs the leaver comes back while the picture lasts.
const back = (S, found) => (found.case.returns?.count ? S.say("headline.back", { count: found.case.returns.count, of: found.runs }) : "");

const givenBy = (S, codes) => inList(S.say, codes.map((code) => inSentence(S.say, S.say(code === "private" ? "donor.private" : `name.${code}`))));

// From whom the help comes, and for how long.
function lasting(S, found) {
  const { replaced, dry, givers } = found.case, { dates } = S.model.get("values");
  const last = replaced?.findLastIndex((share) => share !== null) ?? -1;
  if (last < 0 || !givers.length || !found.refill.case_3 || (dry === null && replaced[last] < 0.1)) return "";
  const names = givenBy(S, givers);
  const year = Number(dates[dry ?? last].slice(0, 4)) + (dry !== null && !dates[dry].endsWith("Q1") ? 1 : 0); // the first whole year
  return S.say(dry === null ? "lasting.stays" : "lasting.dry", { names, year, share: percent(replaced[last]) });
}

// The size of letters in pictures, px.
const lettersOf = (S) => (S.model.get("values").presentation ? (innerWidth > 1700 ? 21 : 16) : 14);

const picturing = (label) => d3.create("svg:svg").attr("role", "img").attr("aria-label", label).node();

function picture(S, found, values) {
  const { say } = S, last = found.case.twin.length - 1;
  const svg = picturing(say("picture.label.money", { body: bodyOf(S, found) })), wide = S.width || 1100, width = wide > 900 ? Math.round((wide - 40) * 0.62) : Math.max(300, wide - 24);
  S.reveal = moneyPicture(svg, found, say, values.dates, { width, height: Math.round(Math.min(Math.max(220, width * 0.42), Math.max(220, innerHeight * 0.4))), size: lettersOf(S) });
  const range = h("input", { type: "range", min: -1, max: last, step: 1, value: S.quarter, "aria-label": say("time.quarter"), "data-key": "stage-quarter",
    oninput: (event) => { S.quarter = Number(event.target.value); stop(S); } });
  S.controls = { range, play: button(say("stage.play"), () => (S.playing ? stop(S) : start(S)), { className: "main play", "data-key": "stage-play" }), date: h("output", { className: "date" }) };
  return h("div", { className: "money" }, h("p", { className: "note" }, say(found.runs > 1 ? "picture.note" : "picture.note.one", { runs: runsOf(S, found) }), " ", h("b", {}, h("i", { className: "dashes", "aria-hidden": "true" }), say(stays(found) ? "picture.ghost.stays" : "picture.ghost"))), svg, h("div", { className: "clock" }, S.controls.play, range, S.controls.date));
}

// The bonds, which are of the first run: they stay as they are while further runs come.
function opening(S, found) {
  const { organizations } = found.bonds, size = lettersOf(S);
  if (!organizations?.length) return (S.bonds = null);
  const width = Math.max(300, Math.round((S.width - 56) * 0.367)), height = Math.round(Math.min(width * 0.4, innerHeight * 0.23));
  const label = S.say("bonds.label", { who: actorsOf(S, found), count: organizations.length }), key = JSON.stringify([found.bonds, width, height, size, label]);
  if (S.bonds?.key !== key) {
    const svg = picturing(label), lines = [h("p", {}), h("p", {})];
    S.bonds = { key, parts: [svg, ...lines], show: bondsPicture(svg, lines, found, S.say, [found.actors.length > 1 ? S.say("actors.many", { count: found.actors.length }) : S.say(`name.${found.actors[0]}`), actorsOf(S, found)], { width, height, size }) };
  }
  return h("figure", { className: "bonds" }, S.bonds.parts, h("figcaption", { className: "note" }, S.say("bonds.note", { runs: Math.max(found.runs, found.of ?? 0) })));
}

// Which organizations are counted: those that the story's acts name, of which some were never left.
function countedOf(S, organizations) {
  const rest = organizations.filter(({ out }) => out === null).length, key = `bonds.story.${S.model.get("values").scenario}`, own = S.say(key);
  return [own === key ? "" : own, rest && rest < organizations.length ? S.say("bonds.rest", { rest, of: organizations.length }) : ""].filter(Boolean).join(S.say("sentence.space"));
}

// Shows the picture up to the quarter; the end of it gives the answer.
function show(S) {
  const found = findingsOf(S);
  if (!S.reveal || !found.case?.code || !S.controls) return;
  const last = found.case.twin.length - 1, { dates } = S.model.get("values"), quarter = Math.round(S.quarter);
  S.reveal(S.quarter);
  S.bonds?.show(S.quarter);
  S.controls.range.value = quarter;
  S.controls.range.setAttribute("aria-valuetext", quarter < 0 ? S.say("stage.before") : dates[quarter]);
  S.controls.play.textContent = S.say(S.playing ? "stage.pause" : S.quarter >= last ? "stage.again" : "stage.play");
  S.controls.date.textContent = quarter < 0 ? S.say("stage.before") : S.say("stage.now", { date: dates[quarter], ...moneyNow(found.case, quarter) });
  if (S.quarter < last || S.told) return;
  S.told = true;
  document.dispatchEvent(new CustomEvent("abm-show", { detail: found.horizon }));
  S.draw();
}

// Shares of the money without the shock: what others help with, and what is missing.
function moneyNow({ twin, others, leaver, rescue }, quarter) {
  const share = (amount) => percent(Math.max(0, amount / twin[quarter]));
  return { help: share(rescue[quarter]), missing: share(twin[quarter] - others[quarter] - leaver[quarter] - rescue[quarter]) };
}

function start(S) {
  const last = findingsOf(S).case.twin.length - 1;
  if (calm()) { S.quarter = last; return show(S); }
  if (S.quarter >= last) S.quarter = -1;
  S.playing = true;
  let before = performance.now();
  const tick = (now) => {
    if (!S.playing || !S.el.isConnected) return;
    S.quarter = Math.min(last, S.quarter + ((now - before) * (last + 1)) / OPENING);
    before = now;
    if (S.quarter >= last) S.playing = false;
    show(S);
    if (S.playing) S.frame = requestAnimationFrame(tick);
  };
  S.frame = requestAnimationFrame(tick);
}

function stop(S) {
  S.playing = false;
  cancelAnimationFrame(S.frame);
  show(S);
}

function question(S, found) {
  const { say } = S, asked = found.question;
  if (!asked.key) return h("section", { className: "ask" }, h("h3", {}, say("ask.none")), h("p", {}, say("ask.none.text")));
  const write = asked.key === "refill" ? inPercent : inCount;
  const answer = (place) => {
    const right = S.told && place === asked.right, maybe = S.told && asked.others.includes(place), mine = S.guess === place;
    return h("button", { type: "button", className: ["answer", right ? "right" : "", maybe ? "maybe" : "", mine ? "mine" : ""].join(" "), "data-key": `guess-${place}`, "data-guess": place, "aria-pressed": String(mine), onclick: () => guess(S, place) },
      h("span", {}, say(`ask.${asked.key}.${place}`)), h("small", {}, [mine ? say("ask.you") : "", maybe ? say("lessons.maybe") : "", right ? say("ask.model", { number: write(asked.number.mean), low: write(asked.number.low ?? asked.number.mean), high: write(asked.number.high ?? asked.number.mean) }) : ""].filter(Boolean).join(" · ")));
  };
  return h("section", { className: "ask" }, h("h3", {}, say(!S.told ? "ask.expect" : S.guess < 0 ? "ask.told.alone" : "ask.told")), h("p", { className: "what" }, say(`ask.${asked.key}.short`)), [0, 1, 2].map(answer),
    h("p", { className: "note", "aria-live": "polite" }, S.told ? (S.guess < 0 ? (asked.others.length ? say("lessons.open") : "") : say(S.guess === asked.right ? "ask.right" : asked.others.includes(S.guess) ? "ask.possible" : "ask.wrong")) : !found.case.code ? say("ask.then_see") : say(S.guess < 0 ? "ask.then_play" : "ask.now_play")));
}

function guess(S, place) {
  if (S.told) return;
  S.guess = place;
  if (!findingsOf(S).case.code) S.told = true;
  S.draw();
  S.el.querySelector(S.told ? `[data-guess='${place}']` : ".play")?.focus({ preventScroll: true });
}

// Which world results; with the kept study of phases, where this one lies among the possible ones.
function order(S, send) {
  const { say } = S;
  return h("section", { className: "order" }, h("h3", {}, say("order.title")), diagram(S, send),
    button(say("order.break"), () => goTo("parameters", send), { className: "plain", "data-key": "break" }));
}

// Size of the shock by coupling: each cell is the likeliest order there, and leads to its world.
function diagram(S, send) {
  const { say } = S, { sizes, places, cells, here } = S.model.get("phases");
  if (!cells?.length) return null;
  const at = (size, place) => cells.find((cell) => cell.size === size && cell.place === place);
  const title = (size) => say(size > 1 ? "phases.states" : size ? "phases.state" : "phases.listed", { count: size });
  const cell = (size, place) => {
    const found = at(size, place), own = here?.size === size && here?.place === place;
    if (!found) return h("td", {});
    const words = say("phases.cell", { order: say(`regime.${found.name}`), share: percent(found.share), runs: found.runs, size: title(size), place });
    return h("td", {}, h("button", { type: "button", className: `world ${found.name}`, "data-key": `world-${size}-${place}`, title: words, "aria-label": own ? `${words} ${say("order.here")}` : words, "aria-pressed": String(own), onclick: () => send({ do: "phase", size, place }) }, own ? "●" : ""));
  };
  const shown = [...new Set(cells.map(({ name }) => name))], flat = sizes.every((size) => new Set(cells.filter((one) => one.size === size).map(({ name }) => name)).size < 2);
  return h("div", { className: "phases" }, h("table", {}, h("caption", {}, ["caption", flat ? "flat" : "", cells.length < sizes.length * places.length ? "empty" : "", "choose"].filter(Boolean).map((key) => say(`phases.${key}`)).join(say("sentence.space"))), h("tbody", {}, [...places].reverse().map((place) => h("tr", {}, h("th", { scope: "row" }, number(place)), sizes.map((size) => cell(size, place))))),
    h("tfoot", {}, h("tr", {}, h("td", {}), sizes.map((size) => h("th", { scope: "col" }, title(size)))))),
    h("ul", {}, shown.map((name) => h("li", {}, h("i", { className: `world ${name}`, "aria-hidden": "true" }), h("span", {}, h("b", {}, say(`regime.${name}`)), ` · ${say(`regime.${name}.text`)}`))), h("li", {}, here ? "● " : "", say(here ? "order.here" : "phases.outside"))));
}

function cards(S, send) {
  const { say, model } = S, all = model.get("stories"), found = model.get("cards"), current = model.get("values").scenario;
  const shown = all.filter((story) => story.card);
  return h("section", { className: "cards" }, h("h3", {}, say("cards.title")), h("div", { className: "row" }, shown.map((story) => card(S, story, story.name === current && !S.model.get("values").changed ? findingsOf(S) : found[story.name], story.name === current, send))));
}

function card(S, story, found, current, send) {
  const { say } = S, place = h("div", { className: "mini", "aria-hidden": "true" });
  if (current && !S.told) place.textContent = "?";
  else if (found?.case.code) {
    const svg = d3.create("svg:svg").node();
    moneyPicture(svg, found, say, [], { width: 200, height: 56, bare: true });
    place.append(svg);
  } else if (found?.followers) place.append(whisker(found.followers, [-5, 20], inCount));
  return h("button", { type: "button", className: "card", "data-key": `card-${story.name}`, "data-card": story.name, "aria-pressed": String(current), onclick: () => send({ do: "scenario", name: story.name, rewind: true }) },
    place, h("strong", {}, story.title), h("span", {}, !found ? say("cards.waiting") : current && !S.told ? say("number.held") : finding(S, found, false, true).map((node) => node.textContent)[1]), found && (!current || S.told) ? grows(S, found) : null);
}

function drawWaiting(S) {
  const place = S.el.querySelector(".waiting"), status = S.model.get("status");
  if (place) place.textContent = status.problem || S.say(status.ahead ? "status.queue" : "status.running", status);
}

export default { render };
