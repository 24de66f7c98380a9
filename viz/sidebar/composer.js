// The composer: who leaves what, when, how, and when back, without a config file.

function composerPanel(model, say, send) {
  const parts = model.get("catalogue").composer, values = model.get("values");
  const draft = model.abmDraft ??= { actor: "USA", kind: "exit", by: "codes", list: parts.lists[0][0], issue: parts.issues[0][0],
    type: parts.types[0][0], codes: ["WHO"], announced: "", notice: "4", mode: "decouple", back: "", strength: "1", position: "CHN", action: "censure", club: "deep", government: "sovereigntist" };
  if (!values.dates.includes(draft.announced)) draft.announced = values.dates[Math.min(4, values.dates.length - 1)];
  const place = h("div", { className: "composer" });
  const draw = () => redraw(place, composerForm(model, say, send, draft, draw));
  draw();
  const list = h("ol", { className: "shocks" }, values.shocks.map((shock, row) => h("li", {},
    h("span", {}, shockSentence(say, model.get("words"), parts, shock)),
    button("×", () => send({ do: "shocks", shocks: values.shocks.filter((_, other) => other !== row) }),
      { className: "small", "data-key": `remove-${row}`, "aria-label": say("shock.remove", { number: row + 1 }), title: say("shock.remove", { number: row + 1 }) }))));
  return [
    h("h2", {}, say("shock.list.title")),
    values.shocks.length ? list : h("p", { className: "hint" }, say("shock.empty")),
    h("p", {}, values.shocks.length ? button(say("shock.clear"), () => send({ do: "shocks", shocks: [] }), { className: "small", "data-key": "clear" }) : null, " ",
      values.changed ? button(say("reset"), () => send({ do: "reset" }), { className: "small reset", "data-key": "reset-shocks" }) : null),
    h("h2", {}, say("shock.new")), place,
    h("h2", {}, say("file.title")), uploadField(say, send),
  ];
}

// Fields of a shock that are shares, and those that are one of a few words.
const SHARES = ["fraction", "strength", "share", "bar"], WORDED = ["mode", "action", "club", "government"];

function composerForm(model, say, send, draft, draw) {
  const parts = model.get("catalogue").composer, values = model.get("values"), fields = parts.fields[draft.kind];
  const set = (key, again = false) => (value) => { draft[key] = value; if (again) draw(); };
  const pick = (key, options, again) => select(say(`shock.${key}`), options, draft[key], set(key, again), { "data-key": `shock-${key}`, "data-part": key });
  const named = (key, names) => names.map((name) => [name, say(`shock.${key}.${name}`)]);
  const options = { list: parts.lists, issue: parts.issues, type: parts.types }, has = (name) => fields.includes(name);
  return h("div", {},
    pick("actor", parts.actors), pick("kind", named("kind", parts.kinds), true),
    has("organizations") ? [pick("by", named("by", ["codes", "list", "issue", "type", "all"]), true),
      draft.by === "codes" ? bodyPicker(say, parts.organizations, draft) : draft.by === "all" ? null : pick(draft.by, options[draft.by])] : null,
    has("issue_area") ? pick("issue", parts.issues) : null, has("position") ? pick("position", parts.actors.filter(([code]) => parts.positions[code])) : null,
    pick("announced", values.dates.map((date) => [date, date])),
    has("notice_quarters") ? pick("notice", named("notice", ["0", "2", "4", "8", "by_body"])) : null,
    WORDED.filter(has).map((key) => pick(key, named(key, parts.choices[key]))),
    SHARES.some(has) ? pick("strength", ["0.25", "0.5", "0.75", "1"].map((share) => [share, `${100 * share} %`])) : null,
    has("until") || parts.returning.includes(draft.kind) ? select(say(has("until") ? "shock.until" : "shock.back"), [["", say("shock.never")], ...values.dates.map((date) => [date, date])],
      draft.back, set("back"), { "data-key": "shock-back", "data-part": "back" }) : null,
    h("p", {}, button(say("shock.add"), () => send({ do: "shocks", shocks: [...values.shocks, ...drafted(draft, parts)] }), { className: "main", "data-key": "add" }),
      h("span", { className: "hint" }, " ", say("shock.at_once"))));
}

function bodyPicker(say, organizations, draft) {
  const known = new Map(organizations), chosen = h("p", { className: "chosen" });
  const search = h("input", { type: "search", list: "abm-bodies", "data-key": "shock-search", placeholder: say("shock.search"), "data-part": "codes" });
  search.setAttribute("list", "abm-bodies");
  const show = () => chosen.replaceChildren(...draft.codes.map((code) => h("span", { className: "chip" }, code,
    button("×", () => { draft.codes = draft.codes.filter((other) => other !== code); show(); search.focus(); },
      { className: "small", "aria-label": say("shock.drop", { name: code }) }))));
  const take = () => {
    const text = search.value.trim().toLowerCase();
    const found = organizations.find(([code]) => code.toLowerCase() === text) ?? organizations.find(([, name]) => name.toLowerCase() === text);
    if (!found) return;
    if (!draft.codes.includes(found[0])) draft.codes.push(found[0]);
    search.value = "";
    show();
  };
  search.addEventListener("input", take);
  show();
  return h("div", {}, h("label", { className: "field" }, h("span", {}, say("shock.codes")), search),
    h("datalist", { id: "abm-bodies" }, [...known].map(([code, name]) => h("option", { value: code }, name))), chosen);
}

function drafted(draft, parts) {
  const whom = { codes: draft.codes, list: { list: draft.list }, issue: { issue_area: draft.issue }, type: { kind: draft.type }, all: "all" }[draft.by];
  const known = { organizations: whom, issue_area: draft.issue, position: parts.positions[draft.position], notice_quarters: draft.notice === "by_body" ? "by_body" : Number(draft.notice) };
  for (const key of WORDED) known[key] = draft[key];
  for (const key of SHARES) known[key] = Number(draft.strength);
  const { kind, actor, announced } = draft, fields = parts.fields[kind];
  const shock = { kind, actor, announced, ...Object.fromEntries(Object.entries(known).filter(([key]) => fields.includes(key))) };
  if (draft.back && fields.includes("until")) return [{ ...shock, until: draft.back }];
  return draft.back && parts.returning.includes(kind) ? [shock, { kind: "return", actor, organizations: whom, announced: draft.back }] : [shock];
}

function shockSentence(say, words, parts, shock) {
  const name = (list, code) => new Map(list).get(code) ?? code, whom = shock.organizations;
  const who = [shock.actor].flat().map((code) => name(parts.actors, code)).join(say("list.joint"));
  const what = whom === undefined ? "" : whom === "all" ? say("shock.by.all") : Array.isArray(whom) ? shortened(whom.map((code) => codeName(words, code)), say)
    : whom.list ? name(parts.lists, whom.list) : whom.issue_area ? name(parts.issues, whom.issue_area) : name(parts.types, whom.kind);
  const share = SHARES.map((key) => shock[key]).find((value) => value !== undefined), like = Object.entries(parts.positions).find(([, place]) => String(place) === String(shock.position));
  const worded = WORDED.filter((key) => key !== "mode" && shock[key]).map((key) => say(`shock.${key}.${shock[key]}`));
  return [shock.announced, who, say(`shock.kind.${shock.kind}`), what, shock.issue_area && name(parts.issues, shock.issue_area), shock.position && (like ? name(parts.actors, like[0]) : shock.position.join(", ")),
    ...worded, share !== undefined && percent(share), shock.until && say("shock.until.date", { date: shock.until })].filter(Boolean).join(" · ");
}

const shortened = (codes, say) => codes.length > 6 ? codes.slice(0, 6).join(", ") + say("list.further", { count: codes.length - 6 }) : codes.join(", ");

function uploadField(say, send) {
  const input = h("input", { type: "file", accept: ".yaml,.yml,.json", "data-key": "upload", id: "abm-upload",
    onchange: async (event) => {
      const file = event.target.files[0];
      if (!file) return;
      if (file.size > 200000) send({ do: "upload", name: file.name, text: "x".repeat(200001) });
      else send({ do: "upload", name: file.name, text: await file.text() });
      event.target.value = "";
    } });
  return h("div", {}, h("label", { className: "field", htmlFor: "abm-upload" }, h("span", {}, say("file.upload"))), input, h("p", { className: "hint" }, say("file.hint")));
}
