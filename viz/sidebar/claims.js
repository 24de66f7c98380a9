// The claims board: what commentators say, in plain words, with the verdict of the runs.

const VERDICTS = ["supported", "conditional", "assumed", "refuted", "undecided", ""];

function claimsBoard(claims, say, chosen, choose, send) {
  const count = (verdict) => claims.filter((claim) => claim.verdict === verdict).length;
  const shown = claims.filter((claim) => chosen === "all" || claim.verdict === chosen);
  const share = (value) => (value === null || value === undefined ? "–" : percent(value));
  return h("section", { className: "card wide claims" }, h("h3", {}, say("claims.title")), h("p", { className: "hint" }, say("claims.hint")),
    h("div", { className: "filters", role: "group", "aria-label": say("claims.filter") }, ["all", ...VERDICTS.filter(count)].map((verdict) =>
      button(`${say(`verdict.${verdict || "none"}`)} (${verdict === "all" ? claims.length : count(verdict)})`, () => choose(verdict),
        { "aria-pressed": String(verdict === chosen), "data-key": `verdict-${verdict}` }))),
    scrolled(say("claims.title"), ["id", "claim", "verdict", "shares", "conditions", "show"].map((key) => say(`claims.${key}`)), shown.map((claim) => h("tr", { "data-claim": claim.id },
      h("th", { scope: "row" }, claim.id), h("td", { className: "text" }, claim.title || say("claims.no_text")),
      h("td", {}, h("span", { className: `verdict ${claim.verdict || "none"}` }, say(`verdict.${claim.verdict || "none"}`))),
      h("td", {}, claim.verdict ? say("claims.shares.text", { calibrated: share(claim.holds_calibrated), space: share(claim.holds_space), without: share(claim.holds_without_rule) }) : "–"),
      h("td", { className: "text" }, claim.conditions || "–"),
      h("td", {}, claim.scenario ? button(say("claims.see"), () => send({ do: "claim", id: claim.id }), { "data-key": `claim-${claim.id}`, "aria-label": `${say("claims.see")} ${claim.id}`, className: "small" }) : "–"))), "scroll tall"));
}
