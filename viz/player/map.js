// The map: one colour for each state, markers for the smallest; tiles for a world that is on no map.

const MARKER = 3.2;

// What is drawn of the world: a path or a place for every state of the run, by row.
function groundOf(run, land) {
  const known = run.header.states.every((code) => land.points[code]);
  return known ? landGround(run, land) : tileGround(run);
}

function landGround(run, land) {
  const markers = new Set(land.markers);
  const shapes = run.header.states.map((code) => (land.shapes[code] ? new Path2D(land.shapes[code]) : null));
  const boxes = run.header.states.map((code) => boxOf(land.shapes[code]));
  return {
    width: land.width, height: land.height, other: new Path2D(land.other), shapes, boxes, tiles: false,
    points: run.header.states.map((code) => land.points[code]),
    small: run.header.states.map((code) => markers.has(code)),
  };
}

function boxOf(path) {
  if (!path) return null;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [, x, y] of path.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

function tileGround(run) {
  const columns = Math.ceil(Math.sqrt(run.states * 2.3)), size = 1000 / columns;
  const rows = Math.ceil(run.states / columns), points = [], shapes = [], boxes = [];
  for (let row = 0; row < run.states; row++) {
    const x = (row % columns) * size, y = Math.floor(row / columns) * size, shape = new Path2D();
    shape.rect(x + 2, y + 2, size - 4, size - 4);
    shapes.push(shape);
    points.push([x + size / 2, y + size / 2]);
    boxes.push([x, y, x + size, y + size]);
  }
  const small = points.map(() => false);
  return { width: 1000, height: rows * size, other: null, shapes, boxes, points, small, tiles: true };
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

// Run less twin, by state.
function differenceTheme(S) {
  const base = THEMES[S.colour](S), digits = S.colour === "exit" ? 0 : 2;
  const value = (run, quarter, row) => {
    const other = S.twin?.stateRow.get(run.header.states[row]);
    return other === undefined ? NaN : base.value(run, quarter, row) - base.value(S.twin, quarter, other);
  };
  const classes = S.colour === "exit"
    ? classesOf(S, [-4.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 4.5], [...DIVERGING].reverse(), 1, true)
    : aroundZero(S, everyValue([S.run], value));
  const title = S.say("title.difference", { what: S.say(`colour.${S.colour}`) });
  return { ...classes, title, value, digits, sign: true, class: by(classes, value), text: plain(S, value, digits), ofOthers: base.ofOthers };
}

// States lie on a layer of their own, on which only those are painted anew whose colour has changed.
function paintMap(S, canvas, run, theme, width, height, bare = false) {
  const pen = sized(canvas, width, height), ground = S.ground;
  const zoom = Math.min(width / ground.width, height / ground.height);
  const left = (width - zoom * ground.width) / 2, top = (height - zoom * ground.height) / 2;
  const quarter = Math.min(S.quarter, run.quarters - 1), still = (canvas.still ??= document.createElement("canvas"));
  const lower = sized(still, width, height), place = (layer) => { layer.translate(left, top); layer.scale(zoom, zoom); };
  place(lower);
  paintGround(S, lower, still, run, theme, quarter, zoom, [S.version, width, height, canvas.width].join());
  pen.drawImage(still, 0, 0, width, height);
  canvas.frame = { zoom, left, top };
  if (bare) return;
  pen.save();
  place(pen);
  for (const row of run.actors) outline(S, pen, row, zoom, "#000", 0.9);
  const chosen = run.stateRow.get(S.selected);
  if (chosen !== undefined) outline(S, pen, chosen, zoom, SELECTED, 2.6);
  pen.restore();
}

function paintGround(S, pen, still, run, theme, quarter, zoom, key) {
  const ground = S.ground, inside = membersOf(S, run, quarter), painted = still.painted ?? [];
  const fills = Array.from({ length: run.states }, (_, row) => ({ fill: colourOf(pen, run, theme, quarter, row), dim: Boolean(inside && !inside(row)) }));
  const changed = (row) => fills[row].fill !== painted[row]?.fill || fills[row].dim !== painted[row]?.dim;
  let rows = fills.map((_, row) => row).filter(changed);
  if (still.key !== key || rows.length > run.states / 3) {
    clearGround(pen, ground, zoom);
    rows = fills.map((_, row) => row);
  }
  for (const row of rows) if (ground.shapes[row]) paintState(pen, ground.shapes[row], fills[row]);
  const all = rows.length > 0;
  for (let row = 0; all && row < run.states; row++) if (ground.small[row]) paintMarker(S, pen, ground.points[row], fills[row], zoom);
  if (all && ground.tiles) labelTiles(S, pen, run, zoom);
  [still.painted, still.key] = [fills, key];
}

function clearGround(pen, ground, zoom) {
  pen.save();
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, pen.canvas.width, pen.canvas.height);
  pen.restore();
  pen.strokeStyle = "#fff";
  pen.lineWidth = Math.max(0.35, 0.5 / zoom);
  pen.fillStyle = LAND;
  if (ground.other) pen.fill(ground.other);
}

function paintState(pen, shape, { fill, dim }) {
  pen.fillStyle = dim ? "#fff" : fill;
  pen.fill(shape);
  if (dim) {
    pen.globalAlpha = 0.25;
    pen.fillStyle = fill;
    pen.fill(shape);
    pen.globalAlpha = 1;
  }
  pen.strokeStyle = "#fff";
  pen.lineWidth = 0.4;
  pen.stroke(shape);
}

function colourOf(pen, run, theme, quarter, row) {
  if (theme.ofOthers && run.actors.has(row) && run.actors.size === 1) return INK;
  if (Number.isNaN(theme.value(run, quarter, row))) return NO_DATA;
  return fillOf(pen, theme.entries[theme.class(run, quarter, row)]);
}

function membersOf(S, run, quarter) {
  const body = run.bodyRow.get(S.selected);
  if (body === undefined) return null;
  return (row) => { const tie = tieOf(run, quarter, row, body); return tie === TAKES_PART || tie === LEAVING; };
}

function paintMarker(S, pen, [x, y], { fill, dim }, zoom) {
  pen.beginPath();
  pen.arc(x, y, markerSize(S, zoom), 0, 2 * Math.PI);
  pen.fillStyle = dim ? "#fff" : fill;
  pen.fill();
  pen.strokeStyle = "#444";
  pen.lineWidth = 0.8 / zoom;
  pen.stroke();
}

const markerSize = (S, zoom) => Math.max(1.9, MARKER * Math.min(1, 1.15 / Math.sqrt(zoom)) * Math.sqrt(S.scale));

function outline(S, pen, row, zoom, colour, width) {
  pen.strokeStyle = colour;
  pen.lineWidth = (width * S.scale) / zoom;
  if (S.ground.shapes[row]) pen.stroke(S.ground.shapes[row]);
  const box = S.ground.boxes[row];
  if (S.ground.small[row] || !box || Math.max(box[2] - box[0], box[3] - box[1]) * zoom < 12) {
    pen.beginPath();
    pen.arc(...S.ground.points[row], 8 / zoom, 0, 2 * Math.PI);
    pen.stroke();
  }
}

function labelTiles(S, pen, run, zoom) {
  pen.font = font(S, Math.min(13, 200 / Math.sqrt(run.states)) / zoom, 600);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  run.header.states.forEach((code, row) => haloText(pen, code, ...S.ground.points[row]));
}

// The state at a place of a canvas, -1 for none; markers go first.
function stateAt(S, canvas, x, y) {
  const { zoom, left, top } = canvas.frame, ground = S.ground;
  const across = (x - left) / zoom, down = (y - top) / zoom, near = Math.max(9 / zoom, 4);
  let best = -1, nearest = near;
  ground.points.forEach(([px, py], row) => {
    const distance = Math.hypot(px - across, py - down);
    if (ground.small[row] && distance < nearest) [best, nearest] = [row, distance];
  });
  if (best >= 0) return best;
  const pen = canvas.getContext("2d");
  pen.save();
  pen.setTransform(1, 0, 0, 1, 0, 0);
  best = ground.boxes.findIndex((box, row) => box && across >= box[0] && across <= box[2] && down >= box[1]
    && down <= box[3] && pen.isPointInPath(ground.shapes[row], across, down));
  pen.restore();
  return best;
}
