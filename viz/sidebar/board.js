// The board below the player: outcome, claims, downloads.

const BOARDS = ["outcome", "claims", "downloads"];

function render({ model, el }) {
  el.classList.add("abm-board");
  const send = (message) => model.send(message);
  let say = sayer(model.get("words")), tab = "outcome", verdict = "all", quarter = 0;

  const date = () => model.get("values").dates?.[quarter] ?? "";
  const panels = {
    outcome: (outcome) => h("div", { className: "cards" }, h("div", {}, regimeGauge(outcome, say), donorList(outcome, say)), measureTable(outcome, say, date(), quarter), outcomeTable(outcome, say)),
    claims: () => claimsBoard(model.get("claims"), say, verdict, (chosen) => { verdict = chosen; draw(); }, send),
    downloads: (outcome) => downloadList(model, say, send, outcome),
  };
  const draw = () => {
    say = sayer(model.get("words"));
    const outcome = model.get("outcome"), ready = tab === "claims" || outcome.measures;
    const top = el.querySelector(".scroll")?.scrollTop ?? 0, same = el.dataset.tab === tab;
    el.dataset.tab = tab;
    el.setAttribute("role", "region");
    el.setAttribute("aria-label", say("board"));
    redraw(el, h("h2", { className: "hidden" }, say("board")), tabs(BOARDS, say, "board", tab, (name) => { tab = name; draw(); }, say("board")),
      h("div", { className: "panel", id: "board-panel", role: "tabpanel", tabIndex: 0, "aria-labelledby": `board-tab-${tab}`, "data-key": "board-panel" },
        ready ? panels[tab](outcome) : h("p", { className: "hint" }, say("outcome.waiting"))));
    if (same && el.querySelector(".scroll")) el.querySelector(".scroll").scrollTop = top;
  };
  const redrawn = together(draw), outcomeChanged = () => { if (tab !== "claims") redrawn(); };
  const answered = (message) => { if (message.do === "save") save(message.name, message.text, "application/yaml"); };
  const heard = [["change:words", redrawn], ["change:claims", redrawn], ["change:outcome", outcomeChanged], ["msg:custom", answered]];
  for (const [what, call] of heard) model.on(what, call);
  const moved = later(120, (event) => { quarter = event.detail; if (tab === "outcome") redrawn(); });
  document.addEventListener("abm-quarter", moved);
  draw();
  return () => {
    document.removeEventListener("abm-quarter", moved);
    for (const [what, call] of heard) model.off(what, call);
  };
}

function downloadList(model, say, send, outcome) {
  const name = (what) => `${model.get("values").scenario}-${what}.csv`;
  return h("section", { className: "card wide" }, h("h3", {}, say("downloads.title")),
    h("ul", { className: "downloads" },
      h("li", {}, button(say("downloads.config"), () => send({ do: "download" }), { "data-key": "config", className: "main" }), h("p", { className: "hint" }, say("downloads.config.hint"))),
      h("li", {}, button(say("downloads.measures"), () => save(name("measures"), measureText(outcome), "text/csv"), { "data-key": "csv-measures" })),
      h("li", {}, h("p", { className: "hint" }, say("downloads.player")))));
}

export default { render };
