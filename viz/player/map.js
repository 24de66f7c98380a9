// The map: one colour for each state, markers for the smallest; tiles for a world that is on no map.

const MARKER = 3.2;

// What is drawn of the world: a path or a place for every state of the run, by row.
function groundOf(run, land) {
  const known = run.header.states.every((code) => land.points[code]);
  return known ? landGround(run, land) : tileGround(run);
}

function landGround(run, land) {
  const markers = new Set(land.markers), { states } = run.header;
  return {
    width: land.width, height: land.height, other: new Path2D(land.other), tiles: false, masks: new Map(),
    shapes: states.map((code) => new Path2D(land.shapes[code] ?? "")),
    points: states.map((code) => land.points[code]), small: states.map((code) => markers.has(code)),
  };
}

function tileGround(run) {
  const columns = Math.ceil(Math.sqrt(run.states * 2.3)), size = 1000 / columns;
  const points = d3.range(run.states).map((row) => [((row % columns) + 0.5) * size, (Math.floor(row / columns) + 0.5) * size]);
  const shapes = points.map(([x, y]) => {
    const shape = new Path2D();
    shape.rect(x - size / 2 + 2, y - size / 2 + 2, size - 4, size - 4);
    return shape;
  });
  return { width: 1000, height: Math.ceil(run.states / columns) * size, other: new Path2D(), tiles: true, masks: new Map(), shapes, points, small: points.map(() => false) };
}

// The title of the colours for a run, which may have another actor than the first one.
const themeTitle = (S, difference, run) => {
  const what = S.say(`colour.${S.colour}`, { focus: focusName(S, run) });
  return difference ? S.say("title.difference", { what }) : what;
};

// What a map shows: the value of every state, its class, and the legend's entries.
function themeOf(S, difference) {
  const key = `${S.colour} ${difference} ${S.language}`;
  if (!S.themes.has(key)) S.themes.set(key, difference ? differenceTheme(S) : THEMES[S.colour](S));
  return S.themes.get(key);
}

const THEMES = {
  exit: (S) => ({
    title: S.say("colour.exit"),
    entries: EXIT.map((entry) => ({ ...entry, text: S.say(entry.key) })),
    value: (run, quarter, row) => run.out[quarter * run.states + row],
    class: exitClass,
    text: (run, quarter, row) => exitText(S, run, quarter, row),
  }),
  trust: (S) =>
    scaleTheme(S, "trust", "trust_in_actor", classesOf(S, [-0.7, -0.5, -0.3, -0.1, 0.1, 0.3, 0.5, 0.7], DIVERGING, 1, true), 2),
  alignment: (S) =>
    scaleTheme(S, "alignment", "agreement_with_actor", classesOf(S, [0.3, 0.4, 0.5, 0.6, 0.7, 0.8], VIRIDIS, 1, false), 2),
  influence: (S) => {
    const value = (run, quarter, row) => 100 * (ofState(run, "agenda_share", quarter, row) - ofState(run, "agenda_share", 0, row));
    const classes = aroundZero(S, everyValue([S.run, S.twin], value));
    return { ...classes, title: S.say("colour.influence"), value, digits: 2, sign: true, class: by(classes, value), text: plain(S, value, 2) };
  },
};

const by = (classes, value) => (run, quarter, row) => classes.of(value(run, quarter, row));
const plain = (S, value, digits) => (run, quarter, row) => number(S, value(run, quarter, row), digits, true);

function scaleTheme(S, name, measure, classes, digits) {
  const value = (run, quarter, row) => ofState(run, measure, quarter, row);
  return { ...classes, title: S.say(`colour.${name}`), value, digits, class: by(classes, value), text: plain(S, value, digits), ofOthers: true };
}

function exitClass(run, quarter, row) {
  const place = quarter * run.states + row, out = run.out[place];
  if (out) return out >= EXIT_MANY ? 4 : out > 1 ? 3 : 2;
  return run.leaving[place] ? 1 : run.back[place] ? 5 : 0;
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
  const classes = classesOf(S, [-4.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 4.5], [...DIVERGING].reverse(), 1, true), count = (value) => number(S, value, 0, true);
  const texts = [S.say("class.fewer", { value: count(-5) }), S.say("class.between", { low: count(-4), high: count(-3) }), count(-2), count(-1), S.say("class.no"), count(1), count(2), S.say("class.between", { low: count(3), high: count(4) }), S.say("class.more", { value: count(5) })];
  return { ...classes, entries: classes.entries.map((entry, at) => ({ ...entry, text: texts[at] })) };
}

// Run less twin, by state.
function differenceTheme(S) {
  const base = THEMES[S.colour](S), digits = S.colour === "exit" ? 0 : 2;
  const value = (run, quarter, row) => {
    const other = S.twin?.stateRow.get(run.header.states[row]);
    return other === undefined ? NaN : base.value(run, quarter, row) - base.value(S.twin, quarter, other);
  };
  const classes = S.colour === "exit"
    ? countClasses(S)
    : aroundZero(S, everyValue([S.run], value));
  const title = S.say("title.difference", { what: S.say(`colour.${S.colour}`) });
  return { ...classes, title, value, digits, sign: true, class: by(classes, value), text: plain(S, value, digits), ofOthers: base.ofOthers };
}

// Which row of the states each pixel of a canvas shows (one more: other land; -1: none), and how much of the pixel it is.
// The shapes are painted for this once; a quarter only puts colours in.
function maskOf(S, { width, height }, { zoom, left, top }) {
  const { shapes, other, masks } = S.ground, key = `${width} ${height}`;
  if (masks.has(key)) return masks.get(key);
  if (masks.size > 3) masks.clear();
  const all = [...shapes, other], codes = new Map(), ratio = width / (2 * left + zoom * S.ground.width);
  const layer = () => {
    const pen = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
    pen.setTransform(zoom * ratio, 0, 0, zoom * ratio, left * ratio, top * ratio);
    return pen;
  };
  const read = (pen) => new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer);
  const coverage = layer(), ids = layer(), lines = layer();
  for (const shape of all) coverage.fill(shape);
  ids.lineWidth = 3 / (zoom * ratio); // wider than the shape, so that its edge is of one colour
  for (const step of ["stroke", "fill"])
    all.forEach((shape, row) => {
      const code = [(53 * row) & 255, (97 * row) % 251, row >> 4]; // mixtures of two such colours are none of them
      ids.fillStyle = ids.strokeStyle = `rgb(${code})`;
      ids[step](shape);
      codes.set((code[0] | (code[1] << 8) | (code[2] << 16) | (255 << 24)) >>> 0, row);
    });
  Object.assign(lines, { strokeStyle: "#fff", lineWidth: 0.4 });
  for (const shape of shapes) lines.stroke(shape);
  const colours = read(ids), alpha = read(coverage), rows = new Int16Array(colours.length).fill(-1), counts = new Uint32Array(all.length);
  for (let at = 0; at < rows.length; at++) {
    if (!alpha[at]) continue;
    rows[at] = codes.get(colours[at]) ?? rows[at - 1] ?? -1;
    if (rows[at] >= 0) counts[rows[at]] += 1;
  }
  const mask = { rows, counts, share: Uint8Array.from(alpha, (value) => value >>> 24), lines: lines.canvas, ratio };
  masks.set(key, mask);
  return mask;
}

function paintMap(S, canvas, run, theme, width, height, bare = false) {
  const pen = sized(canvas, width, height), ground = S.ground, zoom = Math.min(width / ground.width, height / ground.height);
  const frame = { zoom, left: (width - zoom * ground.width) / 2, top: (height - zoom * ground.height) / 2 };
  const mask = maskOf(S, canvas, frame), quarter = Math.min(S.quarter, run.quarters - 1), inside = membersOf(S, run, quarter);
  const fills = d3.range(run.states).map((row) => ({ ...fillAt(run, theme, quarter, row), dim: Boolean(inside && !inside(row)) }));
  canvas.frame = Object.assign(frame, { mask });
  pen.drawImage(coloured(canvas, mask, [...fills, { colour: LAND }]), 0, 0, width, height);
  pen.drawImage(mask.lines, 0, 0, width, height);
  pen.save();
  pen.translate(frame.left, frame.top);
  pen.scale(zoom, zoom);
  fills.forEach((fill, row) => { if (ground.small[row]) paintMarker(S, pen, ground.points[row], fill, zoom); });
  if (ground.tiles) labelTiles(S, pen, run, zoom);
  if (!bare) {
    for (const row of run.actors) outline(S, pen, row, frame, "#000", 0.9);
    const chosen = run.stateRow.get(S.selected);
    if (chosen !== undefined) outline(S, pen, chosen, frame, SELECTED, 2.6);
  }
  pen.restore();
}

// The layer of a canvas with the states in their colours; it stays as it is where none has changed.
function coloured(canvas, { rows, share }, fills) {
  const { width, height } = canvas, still = (canvas.still ??= document.createElement("canvas")), tiles = fills.map(tileOf);
  if (still.rows === rows && tiles.every((tile, row) => tile === still.tiles[row])) return still;
  if (still.rows !== rows) Object.assign(still, { width, height, rows, image: new ImageData(width, height) });
  const pixels = new Uint32Array(still.image.data.buffer);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      const row = rows[at];
      pixels[at] = row < 0 ? 0 : share[at] === 255 ? tiles[row][(y % TILE) * TILE + (x % TILE)] : (tiles[row][(y % TILE) * TILE + (x % TILE)] & 0xffffff) | (share[at] << 24);
    }
  still.getContext("2d").putImageData(still.image, 0, 0);
  still.tiles = tiles;
  return still;
}

function fillAt(run, theme, quarter, row) {
  if (theme.ofOthers && run.actors.has(row) && run.actors.size === 1) return { colour: INK };
  if (Number.isNaN(theme.value(run, quarter, row))) return { colour: NO_DATA };
  return theme.entries[theme.class(run, quarter, row)];
}

function membersOf(S, run, quarter) {
  const body = run.bodyRow.get(S.selected);
  if (body === undefined) return null;
  return (row) => { const tie = tieOf(run, quarter, row, body); return tie === TAKES_PART || tie === LEAVING; };
}

function paintMarker(S, pen, [x, y], fill, zoom) {
  inked(pen, { fill: fillOf(pen, fill), stroke: "#444", width: 0.8 / zoom }, dot(x, y, markerSize(S, zoom)));
}

const markerSize = (S, zoom) => Math.max(1.9, MARKER * Math.min(1, 1.15 / Math.sqrt(zoom)) * Math.sqrt(S.scale));

function outline(S, pen, row, { zoom, mask }, stroke, width) {
  Object.assign(pen, { strokeStyle: stroke, lineWidth: (width * S.scale) / zoom }).stroke(S.ground.shapes[row]);
  if (S.ground.small[row] || mask.counts[row] <= 100 * mask.ratio ** 2) inked(pen, { stroke, width: pen.lineWidth }, dot(...S.ground.points[row], 8 / zoom));
}

function labelTiles(S, pen, run, zoom) {
  pen.font = font(S, Math.min(13, 200 / Math.sqrt(run.states)) / zoom, 600);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  run.header.states.forEach((code, row) => haloText(pen, code, ...S.ground.points[row]));
}

// The state at a place of a canvas, -1 for none; markers go first.
function stateAt(S, canvas, x, y) {
  const { zoom, left, top, mask } = canvas.frame, { points, small } = S.ground;
  const away = ([px, py]) => Math.hypot(px * zoom + left - x, py * zoom + top - y);
  const nearest = d3.least(d3.range(points.length).filter((row) => small[row]), (row) => away(points[row]));
  if (nearest !== undefined && away(points[nearest]) < Math.max(9, 4 * zoom)) return nearest;
  return mask.rows[Math.round(y * mask.ratio) * canvas.width + Math.round(x * mask.ratio)] ?? -1;
}
