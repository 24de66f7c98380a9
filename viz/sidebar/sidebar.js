// The sidebar: header with what goes for the whole page, and the controls beside the player.

const DRAWN = { story: storyPanel, shock: composerPanel, parameters: parameterPanel, lessons: lessonPanel }, PANELS = Object.keys(DRAWN);

function render({ model, el }) {
  el.classList.add("abm-sidebar");
  const header = h("header", { className: "abm-header" }), aside = h("aside", { className: "abm-controls" });
  const status = h("div", { className: "abm-status", role: "status" });
  el.append(header, aside);
  const send = (message) => model.send(message);
  let say = sayer(model.get("words"));

  const drawHeader = () => {
    say = sayer(model.get("words"));
    const values = model.get("values"), { language } = model.get("catalogue");
    document.documentElement.lang = language;
    document.title = say("title");
    document.documentElement.classList.toggle("abm-presenting", values.presentation);
    document.documentElement.classList.toggle("abm-lesson", Boolean(values.lesson));
    aside.setAttribute("aria-label", say("controls"));
    redraw(header, button(say("skip"), () => document.querySelector(".abm-stage button")?.focus(), { className: "skip", "data-key": "skip" }), h("h1", { title: say("title") }, say("title.short")), h("p", { className: "subtitle" }, values.title), status,
      h("nav", { "aria-label": say("controls") }, PANELS.map((tab) => button(say(`tab.${tab}`), () => goTo(tab, send), { "data-key": `go-${tab}` }))),
      h("div", { className: "tools" },
        h("div", { className: "languages", role: "group", "aria-label": say("language") }, [["en", "English"], ["zh", "中文"]].map(([code, name]) =>
          button(name, () => send({ do: "view", language: code }), { lang: code, "data-key": `language-${code}`, "data-language": code, "aria-pressed": String(code === language) }))),
        button(say("undo"), () => history.back(), { "data-key": "undo", disabled: !(history.state?.abmDepth > 0) }),
        button(say("link"), () => copyLink(say, status), { "data-key": "link", className: "link" }),
        button(say("presentation"), () => send({ do: "view", presentation: !values.presentation }),
          { "data-key": "presentation", className: "presentation", "aria-pressed": String(values.presentation), title: say("presentation.hint") })));
  };
  const drawControls = () => {
    if (aside.querySelector("input:active")) return; // nothing is taken from a hand
    const values = model.get("values"), panel = h("div", { className: "panel", id: "tab-panel", role: "tabpanel", tabIndex: 0, "aria-labelledby": `tab-tab-${values.tab}`, "data-key": "panel" });
    panel.append(...DRAWN[values.tab](model, say, send).flat(3).filter(Boolean));
    const top = aside.dataset.tab === values.tab ? aside.querySelector(".panel").scrollTop : 0;
    aside.dataset.tab = values.tab;
    redraw(aside, tabs(PANELS, say, "tab", values.tab, (tab) => send({ do: "view", tab }), say("controls")), panel);
    panel.scrollTop = top;
  };
  const drawStatus = () => showStatus(status, model.get("status"), say);
  const drawAll = () => { drawHeader(); drawStatus(); drawControls(); };
  const statusChanged = () => {
    drawStatus();
    if (model.get("values").tab === "parameters" && !aside.querySelector("input[type=number]:focus")) drawControls(); // with its order
  };
  const lessonChanged = () => { if (model.get("values").tab === "lessons") drawControls(); };
  const follow = () => followAddress(model.get("address"), drawHeader);
  const undone = () => send({ do: "link", query: addressHere() });

  const heard = [["change:catalogue", drawAll], ["change:values", drawAll], ["change:status", statusChanged],
    ["change:lesson", lessonChanged], ["change:room", lessonChanged], ["change:address", follow]];
  for (const [what, call] of heard) model.on(what, call);
  drawAll();
  follow();
  const keys = (event) => pageKeys(event, model, send, drawControls);
  document.addEventListener("keydown", keys, true); // before the player's keys
  window.addEventListener("popstate", undone);
  return () => {
    for (const [what, call] of heard) model.off(what, call);
    document.removeEventListener("keydown", keys, true);
    window.removeEventListener("popstate", undone);
  };
}

// What changes the runs or the lesson is a step that Back takes back; where one looks is not.
const STEPS = ["scenario", "config", "second", "lesson", "step"];

// A page without a server keeps its address behind "#", where a browser lets it.
const addressHere = () => (globalThis.abmStatic ? location.hash.slice(1) : location.search);

function followAddress(address, told) {
  const before = new URLSearchParams(addressHere()), after = new URLSearchParams(address);
  const same = STEPS.every((key) => before.get(key) === after.get(key)), depth = history.state?.abmDepth;
  const to = globalThis.abmStatic ? `#${address}` : address ? `?${address}` : location.pathname.replace(/^\/+/, "/");
  if (depth === undefined || same) history.replaceState({ ...history.state, abmDepth: depth ?? 0 }, "", to);
  else history.pushState({ ...history.state, abmDepth: depth + 1 }, "", to);
  if (!same) told();
}

// Escape leaves the presentation; P enters it. Keys typed into fields are left alone.
function pageKeys(event, model, send, redrawn) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input:not([type=range]), select, textarea")) return;
  const { presentation } = model.get("values");
  const turned = event.key === "p" || event.key === "P" || (event.key === "Escape" && presentation);
  if (turned) send({ do: "view", presentation: !presentation });
  else if (!presentation || !model.get("lesson").name || !lessonKey(event, model, send, redrawn)) return;
  event.preventDefault();
  event.stopPropagation(); // the player has its own P
}

function showStatus(place, status, say) {
  const parts = [];
  if (status.problem) parts.push(h("span", { className: "problem" }, status.problem));
  if (status.waiting && status.ahead > 0) parts.push(h("span", { className: "waiting" }, say("status.queue", { ahead: status.ahead })));
  else if (status.waiting) parts.push(h("span", { className: "waiting" }, say("status.running")));
  else if (!status.failed) parts.push(h("span", { className: "done" }, say(status.done < status.of ? "status.band" : "status.done", status)));
  place.replaceChildren(...parts);
}

// The address holds the quarter once the player rests; while it plays, it is the one on the screen.
function linkNow() {
  const found = new URLSearchParams(addressHere()), quarter = document.querySelector(".player")?.dataset.quarter;
  if (quarter) found.set("quarter", quarter);
  return `${location.href.split(/[?#]/)[0]}${globalThis.abmStatic ? "#" : "?"}${found}`;
}

async function copyLink(say, status) {
  try {
    await navigator.clipboard.writeText(linkNow());
    status.replaceChildren(h("span", { className: "done" }, say("link.copied")));
  } catch {
    status.replaceChildren(h("span", { className: "done" }, linkNow()));
  }
}

export default { render };
