// The map: one colour for each state, markers for the smallest; tiles for a world that is on no map.

const MARKER = 3.2;

const statesOf = (run) => (run.codes ??= run.header.states.join());
// Whether a run plays in the world and the years of the first one.
const likeFirst = (S, run) => run.header.start === S.run.header.start && statesOf(run) === statesOf(S.run);

// What is drawn of a run's world: a path or a place for every state, by row. Runs of the same states share it.
function groundOf(S, run) {
  const states = statesOf(run);
  if (!S.grounds.has(states)) {
    const known = run.header.states.every((code) => S.land.points[code]);
    S.grounds.set(states, { ...(known ? landGround(run, S.land) : tileGround(run)), states });
  }
  return S.grounds.get(states);
}

function landGround(run, land) {
  const markers = new Set(land.markers), { states } = run.header;
  return {
    width: land.width, height: land.height, other: new Path2D(land.other), tiles: false,
    shapes: states.map((code) => new Path2D(land.shapes[code] ?? "")),
    points: states.map((code) => land.points[code]), small: states.map((code) => markers.has(code)),
  };
}

function tileGround(run) {
  const columns = Math.ceil(Math.sqrt(run.states * 2.3)), size = 1000 / columns;
  const points = d3.range(run.states).map((row) => [((row % columns) + 0.5) * size, (Math.floor(row / columns) + 0.5) * size]);
  const shapes = points.map(([x, y]) => new Path2D(`M${x - size / 2 + 2},${y - size / 2 + 2}h${size - 4}v${size - 4}h${4 - size}z`));
  return { width: 1000, height: Math.ceil(run.states / columns) * size, other: new Path2D(), tiles: true, shapes, points, small: [] };
}

// The title of the colours for a run, which may have another actor than the first one.
const themeTitle = (S, difference, run) => {
  const what = S.say(`colour.${S.colour}`, { focus: focusName(S, run) });
  return difference ? S.say("title.difference", { what }) : what;
};

// What states are coloured by: a value, and the classes that it falls into.
const measured = (name) => (run, quarter, row) => ofState(run, name, quarter, row);
const COLOURINGS = {
  exit: { value: (run, quarter, row) => run.out[quarter * run.states + row], digits: 0, classes: exitClasses, changes: countClasses },
  trust: { value: measured("trust_in_actor"), ofOthers: true, classes: (S) => classesOf(S, [-0.7, -0.5, -0.3, -0.1, 0.1, 0.3, 0.5, 0.7], DIVERGING, 1, true) },
  alignment: { value: measured("agreement_with_actor"), ofOthers: true, classes: (S) => classesOf(S, [0.3, 0.4, 0.5, 0.6, 0.7, 0.8], VIRIDIS, 1, false) },
  influence: { value: (run, quarter, row) => 100 * (ofState(run, "agenda_share", quarter, row) - ofState(run, "agenda_share", 0, row)) },
};

// What a map shows: value, class and text of every state, and the legend's entries.
function themeOf(S, difference) {
  const key = `${S.colour} ${difference} ${S.language}`;
  if (!S.themes.has(key)) S.themes.set(key, themeAnew(S, COLOURINGS[S.colour], difference));
  return S.themes.get(key);
}

function themeAnew(S, { value: own, digits = 2, ofOthers, ...given }, difference) {
  const less = (run, quarter, row) => {
    const other = S.twin.stateRow.get(run.header.states[row]);
    return other === undefined ? NaN : own(run, quarter, row) - own(S.twin, quarter, other);
  };
  const value = difference ? less : own, made = difference ? given.changes : given.classes;
  const classes = made?.(S) ?? aroundZero(S, everyValue(difference ? [S.run] : [S.run, S.twin], value));
  return {
    class: (...place) => classes.of(value(...place)), text: (...place) => fixed(value(...place), digits, true),
    ...classes, value, ofOthers,
  };
}

function exitClasses(S) {
  const out = d3.scaleThreshold([1, 2, EXIT_MANY], [0, 2, 3, 4]), at = (run, quarter, row) => quarter * run.states + row;
  return {
    entries: EXIT.map((entry) => ({ ...entry, text: S.say(entry.key) })), text: (...place) => exitText(S, ...place),
    class: (run, ...place) => out(run.out[at(run, ...place)]) || (run.leaving[at(run, ...place)] ? 1 : run.back[at(run, ...place)] ? 5 : 0),
  };
}

function exitText(S, run, quarter, row) {
  const place = quarter * run.states + row;
  const said = ["out", "leaving", "back"].filter((name) => run[name][place]);
  if (!said.length) return S.say("exit.stays");
  return said.map((name) => S.say(`exit.count.${name}`, { count: run[name][place] })).join(S.say("list.comma"));
}

function* everyValue(runs, value) {
  for (const run of runs)
    for (let quarter = 0; run && quarter < run.quarters; quarter += 3)
      for (let row = 0; row < run.states; row++) yield value(run, quarter, row);
}

// Classes of a difference of counts, which are whole numbers.
function countClasses(S) {
  const classes = classesOf(S, [-4.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 4.5], [...DIVERGING].reverse(), 1, true), count = (value) => fixed(value, 0, true);
  const texts = [S.say("class.fewer", { value: count(-5) }), S.say("class.between", { low: count(-4), high: count(-3) }), count(-2), count(-1), S.say("class.no"), count(1), count(2), S.say("class.between", { low: count(3), high: count(4) }), S.say("class.more", { value: count(5) })];
  return { ...classes, entries: classes.entries.map((entry, at) => ({ ...entry, text: texts[at] })) };
}

function paintMap(S, canvas, run, theme, width, height) {
  const pen = sized(canvas, width, height), ground = groundOf(S, run), zoom = Math.min(width / ground.width, height / ground.height);
  const left = (width - zoom * ground.width) / 2, top = (height - zoom * ground.height) / 2, quarter = Math.min(S.quarter, run.quarters - 1);
  const inside = membersOf(S, run, quarter), fills = d3.range(run.states).map((row) => ({ ...fillAt(run, theme, quarter, row), dim: !inside(row) }));
  canvas.frame = { zoom, left, top };
  pen.clearRect(0, 0, width, height);
  pen.drawImage(coloured(canvas, ground, fills, width, height), 0, 0, width, height);
  pen.save();
  pen.translate(left, top);
  pen.scale(zoom, zoom);
  fills.forEach((fill, row) => { if (ground.small[row]) inked(pen, { fill: fillOf(pen, fill), stroke: "#444", width: 0.8 / zoom, alpha: fill.dim ? 0.4 : 1 }, dot(...ground.points[row], markerSize(S, zoom))); });
  if (ground.tiles) labelTiles(S, pen, run, zoom);
  for (const row of run.actors) outline(S, pen, ground, row, zoom, "#000", 0.9);
  const chosen = run.stateRow.get(S.selected);
  if (chosen !== undefined) outline(S, pen, ground, chosen, zoom, SELECTED, 2.6);
  pen.restore();
}

// A layer with the states in their colours; those are painted again whose colour is another than before.
function coloured(canvas, ground, fills, width, height) {
  const still = (canvas.still ??= document.createElement("canvas")), pen = sized(still, width, height), { zoom, left, top } = canvas.frame, key = `map ${width} ${height} ${ground.states}`;
  const fresh = canvas.key !== key;
  if (fresh) {
    Object.assign(canvas, { key, fills: [] });
    pen.clearRect(0, 0, width, height);
  }
  pen.save();
  pen.translate(left, top);
  pen.scale(zoom, zoom);
  if (fresh) Object.assign(pen, { fillStyle: LAND }).fill(ground.other);
  ground.shapes.forEach((shape, row) => {
    const { colour, dim } = fills[row], before = canvas.fills[row];
    if (colour === before?.colour && dim === before.dim) return;
    for (const fillStyle of [fillOf(pen, fills[row]), ...(dim ? ["rgba(255,255,255,.75)"] : [])]) Object.assign(pen, { fillStyle }).fill(shape);
    Object.assign(pen, { strokeStyle: "#fff", lineWidth: 0.4 }).stroke(shape);
  });
  pen.restore();
  canvas.fills = fills;
  return still;
}

function fillAt(run, theme, quarter, row) {
  if (theme.ofOthers && run.actors.has(row) && run.actors.size === 1) return { colour: INK };
  if (Number.isNaN(theme.value(run, quarter, row))) return { colour: NO_DATA };
  return theme.entries[theme.class(run, quarter, row)];
}

// Whether a state takes part in what is selected; all do where that is no organization.
function membersOf(S, run, quarter) {
  const body = run.bodyRow.get(S.selected);
  return (row) => body === undefined || [TAKES_PART, LEAVING].includes(tieOf(run, quarter, row, body));
}

const markerSize = (S, zoom) => Math.max(1.9, MARKER * Math.min(1, 1.15 / Math.sqrt(zoom)) * Math.sqrt(S.scale));

function outline(S, pen, ground, row, zoom, stroke, width) {
  Object.assign(pen, { strokeStyle: stroke, lineWidth: (width * S.scale) / zoom }).stroke(ground.shapes[row]);
  if (ground.small[row]) inked(pen, { stroke, width: pen.lineWidth }, dot(...ground.points[row], 8 / zoom));
}

function labelTiles(S, pen, run, zoom) {
  pen.font = font(S, Math.min(13, 200 / Math.sqrt(run.states)) / zoom, 600);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  run.header.states.forEach((code, row) => haloText(pen, code, ...groundOf(S, run).points[row]));
}

// The state at a place of a canvas, -1 for none; markers go first.
function stateAt(S, { canvas, run }, x, y) {
  const { zoom, left, top } = canvas.frame, { points, small, shapes } = groundOf(S, run), spot = [(x - left) / zoom, (y - top) / zoom];
  const away = (row) => Math.hypot(points[row][0] - spot[0], points[row][1] - spot[1]) * zoom;
  const nearest = d3.least(d3.range(points.length).filter((row) => small[row]), away), probe = (S.probe ??= document.createElement("canvas").getContext("2d"));
  return nearest !== undefined && away(nearest) < Math.max(9, 4 * zoom) ? nearest : shapes.findIndex((shape) => probe.isPointInPath(shape, ...spot));
}
