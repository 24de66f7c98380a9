// Four numbers with what is known about them, and three answers in a sentence each.

const inPercent = (value) => percent(value);
const inCount = (value, signed = true) => number(Math.abs(value) < 10 ? Math.round(10 * value) / 10 : Math.round(value), 2, signed === true);
const inPoints = (value) => fixed(value, 2, true);

// What an interval allows to say: next to nothing, clear of zero, or open.
const isNone = (one, write) => [one.mean, one.low, one.high].every((value) => !/[1-9]/.test(write(value)));
const isClear = (one) => one.low !== null && one.low * one.high > 0;
const known = (one, write, say) => (one.low === null ? "" : say(isNone(one, write) ? "known.none" : !isClear(one) ? "known.open" : one.mean > 0 ? "known.clear" : "known.below"));

const whoActs = ({ actors }, say) => (actors.length === 1 ? inSentence(say, say(`name.${actors[0]}`)) : say("number.trust.many"));

// Before the visitor has seen the run, no number says what it will be.
function fourNumbers(found, say, held) {
  const { refill, followers, trust, order } = found, who = whoActs(found, say);
  return [
    bigNumber(say("number.refill"), refill.all_3 && percent(refill.all_3.mean), refill.all_3, [0, 1], inPercent, say, say(refill.all_3?.low < 0 ? "number.refill.note.below" : "number.refill.note"), held),
    bigNumber(say("number.followers"), followers && inCount(followers.mean), followers, [-5, 20], inCount, say, say("number.followers.note"), held),
    bigNumber(say("number.trust", { who }), trust && inPoints(trust.mean), trust, [-0.5, 0.1], inPoints, say, say("number.trust.note"), held),
    h("section", { className: "big" }, h("h3", {}, say("number.order")), h("p", { className: "value words" }, held ? "?" : order.name ? say(`regime.${order.name}`) : "–"),
      held ? h("div", { className: "whisker" }) : orderDots(order), h("p", { className: "note" }, held ? say("number.held") : order.name ? say("number.order.note", { text: say(`regime.${order.name}.text`), count: order.count, of: order.of }) : "")),
  ];
}

function bigNumber(title, value, found, domain, write, say, note, held) {
  const open = !held && found && found.low !== null && !isClear(found) && !isNone(found, write);
  return h("section", { className: open ? "big open" : "big" }, h("h3", {}, title), h("p", { className: "value" }, held ? "?" : open ? say("number.between", { low: write(found.low), high: write(found.high) }) : (value ?? say("number.none"))),
    found && !held ? whisker(found, domain, write) : h("div", { className: "whisker" }),
    h("p", { className: "note" }, held ? say("number.held") : found ? [known(found, write, say), note].filter(Boolean).join(say("sentence.space")) : say("number.none.note")));
}

// The interval on its scale; values beyond the scale widen it.
function whisker(found, domain, write) {
  const low = found.low ?? found.mean, high = found.high ?? found.mean, ends = [low, high].map((one) => write(one)).join(" … ");
  const x = d3.scaleLinear([Math.min(domain[0], low), Math.max(domain[1], high)], [6, 194]).nice();
  const svg = d3.create("svg:svg").attr("class", "whisker").attr("viewBox", "0 0 200 34").attr("role", "img").attr("aria-label", ends);
  svg.append("line").attr("class", "scale").attr("x1", 6).attr("x2", 194).attr("y1", 9).attr("y2", 9);
  if (x(0) > 6 && x(0) < 194) svg.append("line").attr("class", "scale").attr("x1", x(0)).attr("x2", x(0)).attr("y1", 3).attr("y2", 15);
  svg.append("line").attr("class", "reach").attr("x1", x(low)).attr("x2", Math.max(x(low) + 0.5, x(high))).attr("y1", 9).attr("y2", 9);
  svg.append("circle").attr("cx", x(found.mean)).attr("cy", 9).attr("r", 5);
  svg.append("text").attr("x", Math.min(150, Math.max(50, (x(low) + x(high)) / 2))).attr("y", 30).attr("text-anchor", "middle").text(ends);
  return svg.node();
}

const orderDots = (order) => h("div", { className: "whisker dots", "aria-hidden": "true" }, d3.range(order.of ?? 0).map((place) => h("i", { className: place < order.count ? "met" : "" })));

// Which states follow most often, and which rules decide that; nobody is named where as many may leave without it.
function whoFollows(found, say) {
  if (!isClear(found)) return [say("answer.follows.unclear")];
  const named = (rows, key) => inList(say, rows.map(([name, share]) => say("answer.follows.share", { name: inSentence(say, say(`${key}.${name}`)), share: percent(share) })));
  return [found.states.length ? say("answer.follows.states", { names: named(found.states, "name") }) : "", found.rules.length ? say("answer.follows.rules", { share: percent(found.decided), rules: named(found.rules, "rule") }) : ""];
}

// Who pays, who follows, what order results.
function threeAnswers(found, say) {
  const { refill, followers, trust, order } = found;
  const exits = (value, signed = true) => fixed(value, followers.run < 100 ? 1 : 0, signed); // of one kind, so that they add up
  const with_ = (one, write) => ({ mean: write(one.mean), low: write(one.low ?? one.mean), high: write(one.high ?? one.mean) });
  const of = (name, one, write) => Object.fromEntries(Object.entries(with_(one, write)).map(([key, value]) => [`${name}_${key}`, value]));
  const sentences = (...parts) => parts.flat().filter(Boolean).join(say("sentence.space"));
  const helps = (one) => one && one.low > 0;
  const names = helps(refill.case_1) || helps(refill.case_3) ? givenBy({ say }, found.case.givers ?? []) : "";
  const body = found.case.code ? inSentence(say, say(`name.${found.case.code}`)) : "";
  return [
    ["answer.pays", refill.case_3 ? sentences(say("answer.pays.text", { body, ...of("first", refill.case_1, inPercent), ...of("third", refill.case_3, inPercent) }), names && say("answer.pays.from", { names })) : say("answer.pays.none")],
    ["answer.follows", followers ? sentences(say("answer.follows.text", { ...with_(followers, exits), run: exits(followers.run, false), twin: exits(followers.twin, false) }), whoFollows(followers, say)) : say("answer.follows.none")],
    ["answer.order", order.name ? sentences(say(order.count === order.of ? "answer.order.all" : "answer.order.some", { count: order.count, of: order.of, order: say(`regime.${order.name}`), text: say(`regime.${order.name}.text`), ...(order.next && { other: say(`regime.${order.next}`), other_text: say(`regime.${order.next}.text`) }) }), trust && say("answer.trust", { who: whoActs(found, say), ...with_(trust, inPoints) })) : ""],
  ];
}
