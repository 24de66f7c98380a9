// The network: states on a ring by camp, organizations inside by issue area, ties between them.

const ROUNDS = 170;
const FILLED = 0.26; // share of the inner ellipse that discs cover
const NAMED_STATES = { 1: 9, 0: 12, "-1": 6 };
const STATUS = { [LEAVING]: { colour: "#c98a00", dash: [5, 3] }, [AWAY]: { colour: "#b3341d", dash: [2, 3] }, [LEFT]: { colour: "#b3341d", dash: [2, 3] } };

// Places in a drawing of 1000 x height, the same for all runs of the same states.
function layoutOf(S, run, height) {
  const key = `${height} ${statesOf(run)}`;
  if (!S.layouts.has(key)) S.layouts.set(key, layoutAnew([S.run, S.twin, S.second].filter((one) => one && statesOf(one) === statesOf(run)), height));
  return S.layouts.get(key);
}

function layoutAnew(runs, height) {
  const place = { width: 1000, height, states: [], bodies: new Map(), issues: [], arcs: [] };
  const radii = { x: 500 - 105, y: height / 2 - 46 };
  placeStates(runs[0], place, radii);
  placeBodies(runs, place, { x: radii.x - 34, y: radii.y - 30 });
  return place;
}

function placeStates(run, place, radii) {
  const influence = (row) => ofState(run, "agenda_share", 0, row);
  const rows = { 1: [], 0: [], "-1": [] };
  run.header.camps.forEach((camp, row) => rows[camp].push(row));
  for (const camp of [1, 0, -1]) rows[camp].sort((a, b) => influence(b) - influence(a));
  const neither = [0, 1].map((side) => rows[0].filter((_, at) => at % 2 === side)), ring = [[1, rows[1]], [0, neither[0]], [-1, rows[-1]], [0, neither[1]]];
  const start = Math.PI * (1.5 - rows[1].length / run.states); // Western states on the left, clockwise from the top
  for (const { data: [camp, group], startAngle, endAngle, padAngle } of d3.pie().sort(null).value(([, { length }]) => length).startAngle(start).endAngle(start + 2 * Math.PI).padAngle(0.05)(ring)) {
    const [from, to] = [startAngle - Math.PI / 2, endAngle - padAngle - Math.PI / 2], named = Math.ceil(NAMED_STATES[camp] / (camp === 0 ? 2 : 1));
    spread(group, named).forEach((row, at) => {
      const turn = from + ((at + 0.5) / group.length) * (to - from);
      place.states[row] = { turn, x: 500 + radii.x * Math.cos(turn), y: place.height / 2 + radii.y * Math.sin(turn), named: group.indexOf(row) < named };
    });
    if (group.length) place.arcs.push({ camp, from, to });
  }
  place.radii = radii;
}

// The first `named` of a sorted group at even distances, the others between them.
function spread(group, named) {
  const found = new Array(group.length).fill(-1), count = Math.min(named, group.length);
  for (let at = 0; at < count; at++) found[Math.floor(((at + 0.5) * group.length) / count)] = group[at];
  let next = count;
  return found.map((row) => (row >= 0 ? row : group[next++]));
}

const restRadius = (run, row) =>
  run.header.founders[row] >= 0 ? 4.2 : 3.4 + 4.2 * (run.header.budgets[row] / 1e9) ** 0.38;

function placeBodies(runs, place, inner) {
  const all = [], { issues } = runs[0].header;
  for (const run of runs)
    run.header.organizations.forEach((code, row) => all.push({ code, issue: run.header.issue[row], radius: restRadius(run, row) }));
  const discs = [...d3.group(all, ({ code }) => code).values()].map(([first]) => first);
  const factor = Math.min(4, Math.sqrt((FILLED * inner.x * inner.y) / d3.sum(discs, ({ radius }) => radius ** 2)));
  for (const disc of discs) disc.radius *= factor;
  const centres = issueCentres(discs, issues, place, inner);
  discs.forEach((disc, at) => {
    const [x, y] = centres[disc.issue], turn = at * 2.39996, away = 10 * Math.sqrt(at % 19);
    Object.assign(disc, { x: x + away * Math.cos(turn), y: y + away * Math.sin(turn), homeX: x, homeY: y });
  });
  pushApart(discs, place, inner);
  for (const disc of discs) place.bodies.set(disc.code, disc);
}

// Each issue area has a sector as wide as its discs need.
function issueCentres(discs, issues, place, inner) {
  const weight = d3.rollup(discs, (own) => d3.sum(own, ({ radius }) => radius ** 2 + 60), ({ issue }) => issue);
  return d3.pie().sort(null)(issues.map((_, issue) => weight.get(issue) ?? 0)).map(({ startAngle, endAngle }) => {
    const turn = (startAngle + endAngle) / 2; // from the top, clockwise
    return [500 + 0.66 * inner.x * Math.sin(turn), place.height / 2 - 0.66 * inner.y * Math.cos(turn)];
  });
}

function pushApart(discs, place, inner) {
  const settled = d3.forceSimulation(discs).stop().alphaDecay(0).velocityDecay(0.5)
    .force("home x", d3.forceX((disc) => disc.homeX).strength(0.03)).force("home y", d3.forceY((disc) => disc.homeY).strength(0.03))
    .force("apart", d3.forceCollide((disc) => disc.radius + 5.5).iterations(3));
  for (let round = 0; round < ROUNDS; round++) {
    settled.alpha(1 - round / ROUNDS).tick();
    for (const disc of discs) keepInside(disc, place, inner);
  }
}

function keepInside(disc, place, inner) {
  const x = disc.x - 500, y = disc.y - place.height / 2;
  const far = Math.hypot(x / (inner.x - disc.radius), y / (inner.y - disc.radius));
  if (far <= 1) return;
  disc.x = 500 + x / far;
  disc.y = place.height / 2 + y / far;
}

function paintNetwork(S, canvas, run, difference, width, height) {
  const pen = sized(canvas, width, height), tall = width < 560 ? 1000 : 620, place = layoutOf(S, run, tall);
  const zoom = Math.min(width / 1000, height / tall);
  const left = (width - 1000 * zoom) / 2, top = (height - tall * zoom) / 2;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  pen.save();
  pen.translate(left, top);
  pen.scale(zoom, zoom);
  const quarter = Math.min(S.quarter, run.quarters - 1), view = { S, pen, run, difference, quarter, zoom, place };
  paintArcs(view);
  paintTies(view);
  paintStates(view);
  paintBodies(view);
  const taken = [];
  labelStates(view, taken);
  labelBodies(view, taken);
  pen.restore();
  canvas.frame = { zoom, left, top, place };
}

function paintArcs({ S, pen, place }) {
  for (const { camp, from, to } of place.arcs)
    inked(pen, { stroke: CAMPS[camp], width: 3 * S.scale, alpha: 0.55 }, () => pen.ellipse(500, place.height / 2, place.radii.x + 12, place.radii.y + 12, 0, from + 0.01, to - 0.01));
}

// Ties that are drawn: of who acts, of what is selected, and from every organization to its leader.
function paintTies(view) {
  const { S, run, quarter, pen } = view, state = run.stateRow.get(S.selected), body = run.bodyRow.get(S.selected), plain = state === undefined && body === undefined;
  const led = d3.range(run.bodies).filter((row) => lives(lifeOf(run, quarter, row)) && leaderOf(run, quarter, row) >= 0);
  inked(pen, { stroke: "#a9a9a3", width: 0.6 * S.scale, alpha: plain ? 0.6 : 0.2 }, () => led.forEach((row) => trace(view, leaderOf(run, quarter, row), row)));
  for (const row of plain ? run.actors : state === undefined ? [] : [state]) for (let other = 0; other < run.bodies; other++) paintTie(view, row, other);
  if (body !== undefined) for (let row = 0; row < run.states; row++) paintTie(view, row, body);
}

function paintTie(view, state, body) {
  const { S, run, quarter, pen } = view, tie = tieOf(run, quarter, state, body), { colour, dash } = STATUS[tie] ?? { colour: "#2f2f2f" };
  const style = tie === TAKES_PART ? { width: 0.5 * S.scale, alpha: 0.5 } : { width: S.scale, alpha: 0.9 };
  if (tie) inked(pen, { stroke: colour, dash, ...style }, () => trace(view, state, body));
}

function trace({ pen, place, run }, state, body) {
  const from = place.states[state], to = place.bodies.get(run.header.organizations[body]);
  straight(from.x, from.y, to.x, to.y)(pen);
}

const stateRadius = (S, run, quarter, row) => (2.4 + 26 * Math.sqrt(Math.max(0, ofState(run, "agenda_share", quarter, row)))) * Math.sqrt(S.scale);

function paintStates({ S, pen, place, run, quarter, zoom }) {
  run.header.states.forEach((code, row) => {
    const { x, y } = place.states[row], radius = stateRadius(S, run, quarter, row);
    inked(pen, { fill: run.actors.has(row) ? INK : CAMPS[run.header.camps[row]], stroke: "#fff", width: 0.7 }, dot(x, y, radius));
    if (code === S.selected) ring(pen, x, y, radius + 4 / zoom, 2.4 / zoom);
  });
}

const ring = (pen, x, y, radius, width) => inked(pen, { stroke: SELECTED, width }, dot(x, y, radius));

// Radius by the budget of the quarter; a body without money keeps its size.
function bodyRadius(view, run, row, quarter) {
  const disc = view.place.bodies.get(run.header.organizations[row]), budget = ofBody(run, "budget", quarter, row);
  return disc.radius * (Number.isFinite(budget) ? Math.sqrt(Math.max(0.03, budget)) : 1);
}

// A club is a diamond.
const bodyPath = (club, x, y, radius) => (club ? (pen) => {
  const reach = radius * 1.25;
  pen.moveTo(x, y - reach);
  for (const [dx, dy] of [[1, 0], [0, 1], [-1, 0]]) pen.lineTo(x + dx * reach, y + dy * reach);
  pen.closePath();
} : dot(x, y, radius));

const healthColour = d3.scaleThreshold(HEALTH_LIMITS, HEALTH);

function healthOf(view, row) {
  const { S, run, quarter, difference } = view, own = ofBody(run, "effectiveness", quarter, row);
  const other = difference ? ofBody(S.twin, "effectiveness", quarter, S.twin?.bodyRow.get(run.header.organizations[row])) : 1;
  const value = own - other;
  return Number.isFinite(value) ? healthColour(value) : "#fff";
}

function paintBodies(view) {
  const { S, pen, run, place, quarter } = view, body = run.bodyRow.get(S.selected);
  for (let row = 0; row < run.bodies; row++) {
    const life = lifeOf(run, quarter, row), { x, y } = place.bodies.get(run.header.organizations[row]);
    if (!life) continue;
    if (life === ENDED) { paintEnded(view, x, y); continue; }
    const radius = bodyRadius(view, run, row, quarter), club = run.header.founders[row] >= 0;
    const shocked = run.shocked.has(row), edge = club ? CAMPS[run.header.camps[run.header.founders[row]]] : "#55554f";
    inked(pen, { fill: life === SLEEPS ? fillOf(pen, { colour: "#ffffff", pattern: "lines" }) : healthOf(view, row), stroke: shocked ? INK : edge, width: (shocked ? 2.4 : club ? 1.8 : 0.7) * Math.sqrt(S.scale) }, bodyPath(club, x, y, radius));
    paintOther(view, row, x, y, radius);
    if (row === body) ring(pen, x, y, radius + 5, 2.6);
    if (club && isNew(run, quarter, row)) ring(pen, x, y, radius * 1.25 + 5, 1.2);
  }
}

const isNew = (run, quarter, row) => quarter > 0 && !lifeOf(run, quarter - 1, row);

// The size that the body has without the shock, as a dashed ring.
function paintOther({ S, pen, run, quarter, place, difference }, row, x, y, radius) {
  const other = S.twin && run !== S.twin && likeFirst(S, run) ? S.twin.bodyRow.get(run.header.organizations[row]) : undefined;
  if (other === undefined) return;
  const without = bodyRadius({ place }, S.twin, other, Math.min(quarter, S.twin.quarters - 1));
  if (Math.abs(without - radius) >= 0.8) inked(pen, { stroke: "#444", dash: [3, 2] }, dot(x, y, without));
}

const paintEnded = ({ pen }, x, y) => inked(pen, { stroke: "#8a8a85", width: 1.4 }, () => {
  for (const way of [4, -4]) straight(x - 4, y - way, x + 4, y + way)(pen);
});

function labelStates({ S, pen, place, run, zoom, quarter }, taken) {
  const size = 11.5 / zoom;
  pen.font = font(S, size);
  pen.textBaseline = "middle";
  const order = place.states.map((_, row) => row).filter((row) => place.states[row].named || run.actors.has(row) || run.header.states[row] === S.selected);
  const first = (row) => (run.header.states[row] === S.selected ? 2 : run.actors.has(row) ? 1 : 0);
  order.sort((a, b) => first(b) - first(a) || ofState(run, "agenda_share", 0, b) - ofState(run, "agenda_share", 0, a));
  for (const row of order) {
    const { x, y, turn } = place.states[row], name = stateName(S, run, row), wide = pen.measureText(name).width;
    const away = Math.max(18, stateRadius(S, run, quarter, row) + 7), sideways = Math.cos(turn), high = size * S.scale;
    let at = x + away * sideways + (sideways > 0.35 ? 0 : sideways < -0.35 ? -wide : -wide / 2);
    at = Math.max(2, Math.min(998 - wide, at));
    const down = y + (away + (Math.abs(sideways) <= 0.35 ? high * 0.2 : 0)) * Math.sin(turn);
    if (!fits(taken, [at - 2, down - high * 0.6, at + wide + 2, down + high * 0.6])) continue;
    pen.textAlign = "left";
    haloText(pen, name, at, down, run.actors.has(row) ? INK : CAMPS[run.header.camps[row]]);
  }
}

function labelBodies(view, taken) {
  const { S, pen, place, run, zoom, quarter } = view, size = 10.5 / zoom, high = size * S.scale;
  pen.font = font(S, size);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const selected = run.bodyRow.get(S.selected);
  const weight = (row) => (row === selected ? 1e3 : 0) + (run.shocked.has(row) ? 6 : 0) + (run.header.founders[row] >= 0 ? 9 : 0) + place.bodies.get(run.header.organizations[row]).radius;
  const rows = run.header.organizations.map((_, row) => row).filter((row) => lives(lifeOf(run, quarter, row)));
  for (const row of rows.sort((a, b) => weight(b) - weight(a))) {
    const { x, y, radius } = place.bodies.get(run.header.organizations[row]), name = bodyLabel(S, run, row);
    const wide = pen.measureText(name).width, inside = wide < 2.1 * radius;
    const down = inside ? y : y + bodyRadius(view, run, row, quarter) + high * 0.75;
    if (fits(taken, [x - wide / 2 - 1, down - high * 0.5, x + wide / 2 + 1, down + high * 0.5])) haloText(pen, name, x, down);
  }
}

// The code of the state or organization at a place of a canvas, "" for none.
function nodeAt(S, { canvas, run }, x, y) {
  const { zoom, left, top, place } = canvas.frame, across = (x - left) / zoom, down = (y - top) / zoom, quarter = Math.min(S.quarter, run.quarters - 1);
  const near = (code, spot, radius) => ({ code, away: Math.hypot(spot.x - across, spot.y - down) - radius });
  const states = run.header.states.map((code, row) => near(code, place.states[row], stateRadius(S, run, quarter, row)));
  const bodies = run.header.organizations.flatMap((code, row) => (lifeOf(run, quarter, row) ? [near(code, place.bodies.get(code), place.bodies.get(code).radius)] : []));
  const best = d3.least([...states, ...bodies], ({ away }) => away);
  return best.away < Math.max(10 / zoom, 8) ? best.code : "";
}
