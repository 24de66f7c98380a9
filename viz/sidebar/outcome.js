// The outcome: which order results, the handful of measures by quarter, and who pays.

// Digits of measures that are no shares.
const DIGITS = { "shocked.members": 1, clubs: 1, mean_trust_in_actor: 2, mean_agreement_with_actor: 2, trust_gap: 2 };
const inPoints = (name, value, signed) => (name in DIGITS ? fixed(value, DIGITS[name], signed) : percent(value, signed, 1));

function regimeGauge(outcome, say) {
  const rows = [...outcome.regimes].sort((a, b) => b.share - a.share || b.degree - a.degree);
  return h("section", { className: "card gauge" }, h("h3", {}, say("outcome.regime")),
    h("p", { className: "hint" }, outcome.judged ? say("outcome.regime.hint", { count: countOf(say, outcome.judged, outcome.of) }) : say("outcome.waiting")),
    table(say("outcome.regime"), ["outcome.order", "outcome.share", "outcome.degree"].map(say), rows.map((row) => h("tr", { title: say(`regime.${row.name}.text`), className: row.share > 0 ? "met" : "" },
      h("th", { scope: "row" }, say(`regime.${row.name}`), row.share > 0 ? h("span", { className: "tale" }, say(`regime.${row.name}.text`)) : null),
      h("td", { className: "bar" }, h("span", { className: "fill", style: `width:calc(${row.share} * (100% - 3.4em))` }), h("span", { className: "value" }, percent(row.share))),
      h("td", {}, percent(row.degree))))));
}

function measureTable(outcome, say, date, quarter) {
  const title = say("outcome.measures", { date }), heads = ["measure", "run", "twin", "difference", "range"].map((key) => say(`outcome.${key}`));
  const rows = outcome.measures.map((row) => {
    const at = (key) => row[key][Math.min(quarter, row.run.length - 1)], write = (key, signed) => inPoints(row.name, at(key), signed);
    return h("tr", { "data-measure": row.name }, h("th", { scope: "row" }, say(`outcome.${row.name}`)), h("td", {}, write("run")), h("td", {}, write("twin")),
      h("td", { className: "strong" }, write("difference", true)), h("td", {}, at("low") === null ? "–" : `${write("low", true)} … ${write("high", true)}`));
  });
  return h("section", { className: "card" }, h("h3", {}, title), scrolled(title, heads, rows), h("p", { className: "hint" }, say("outcome.measures.hint", { count: countOf(say, outcome.count, outcome.of) })));
}

// Outcomes of the whole run: shares in percent, money, the rest as counts; a new one shows its meaning.
const UNITS = { "1": (value) => percent(value, false, 1), USD: (value, say) => money(say, value ?? NaN) };
const amount = (row, value, say) => (UNITS[row.unit] ?? ((one) => number(one, 2)))(value, say);

function outcomeTable(outcome, say) {
  const heads = ["measure", "mean", "range", "twin"].map((key) => say(`outcome.${key}`));
  const rows = outcome.outcomes.map((row) => h("tr", { "data-outcome": row.name }, h("th", { scope: "row" }, wordOr(say, `outcome.of.${row.name}`, row.meaning)),
    h("td", { className: "strong" }, amount(row, row.mean, say)), h("td", {}, row.low === null ? "–" : `${amount(row, row.low, say)} … ${amount(row, row.high, say)}`),
    h("td", {}, row.twin_mean === null ? "–" : amount(row, row.twin_mean, say))));
  return h("details", { className: "card wide whole", "data-key": "whole" }, h("summary", { "data-key": "whole-summary" }, say("outcome.whole")),
    scrolled(say("outcome.whole"), heads, rows), h("p", { className: "hint" }, outcome.judged ? say("outcome.whole.hint", { count: countOf(say, outcome.judged, outcome.of) }) : say("outcome.waiting")));
}

function donorList(outcome, say) {
  const { mean: run = null, twin_mean: twin = null } = outcome.outcomes.find((row) => row.name === "followers") ?? {};
  return h("section", { className: "card" }, h("h3", {}, say("outcome.donors")),
    h("p", { className: "hint" }, say("outcome.donors.hint")),
    outcome.donors.length ? h("ul", { className: "donors" }, outcome.donors.map((row) => h("li", {}, say("outcome.donor", { name: wordOr(say, `name.${row.code}`, row.code), amount: money(say, row.change, true) }), row.actor ? ` (${say("outcome.actor")})` : ""))) : h("p", {}, say("outcome.nobody")),
    h("h3", {}, say("outcome.followers")), h("p", {}, say("outcome.followers.text", { run: number(run, 2), twin: number(twin, 2) })));
}

const wordOr = (say, key, other) => { const found = say(key); return found === key ? other : found; };

function measureText(outcome) {
  const names = ["run", "twin", "difference", "low", "high"];
  const rows = outcome.measures.flatMap((row) => row.run.map((_, quarter) => [row.name, quarter, ...names.map((name) => row[name][quarter] ?? "")]));
  return [["name", "quarter", ...names], ...rows].map((row) => row.join(",")).join("\n") + "\n";
}
