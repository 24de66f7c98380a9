// Colours: readable with every kind of colour vision; what matters has a pattern, a shape or an outline besides.

const INK = "#1f1f1f", SOFT = "#555", RULE = "#dcdcd6", LAND = "#e6e6e1", NO_DATA = "#cfcfca";
const RUN = "#0a5488", TWIN = "#7a7a75", SECOND = "#9a3d6b", SELECTED = "#000";
const CAMPS = { 1: "#0a5488", 0: "#8a8a85", "-1": "#9a3d6b" };
// From purple-orange (ColorBrewer): loss is orange, gain purple.
const DIVERGING = ["#b35806", "#e08214", "#fdb863", "#fee0b6", "#f1f1ee", "#d8daeb", "#b2abd2", "#8073ac", "#542788"];
const VIRIDIS = ["#440154", "#443983", "#31688e", "#21918c", "#35b779", "#90d743", "#fde725"];
const HEALTH = ["#d95f02", "#f6c79b", "#e8e8e4", "#9cc7e3", "#0a66a8"];
const HEALTH_LIMITS = [-0.15, -0.03, 0.03, 0.15];
const EXIT = [
  { key: "exit.stays", colour: "#e9e9e4" },
  { key: "exit.leaving", colour: "#f0c14b", pattern: "lines" },
  { key: "exit.one", colour: "#f2a072" },
  { key: "exit.some", colour: "#dd5f1c" },
  { key: "exit.many", colour: "#8a2d04" },
  { key: "exit.back", colour: "#35a58a", pattern: "dots" },
];
const EXIT_MANY = 5;

const TILE = 6, tiles = new Map(); // px of a pattern, and patterns that have been drawn

function tileOf({ colour, pattern }) {
  const key = `${colour} ${pattern}`;
  if (tiles.has(key)) return tiles.get(key);
  const tile = Object.assign(document.createElement("canvas"), { width: TILE, height: TILE }), pen = tile.getContext("2d");
  inked(pen, { fill: colour }, () => pen.rect(0, 0, TILE, TILE));
  if (pattern === "dots") inked(pen, { fill: "rgba(0,0,0,.55)" }, () => pen.rect(2, 2, 2, 2));
  else for (const shift of [-TILE, 0, TILE]) inked(pen, { stroke: "rgba(0,0,0,.55)" }, straight(shift, TILE, shift + TILE, 0));
  tiles.set(key, tile);
  return tile;
}

const fillOf = (pen, fill) => (fill.pattern ? pen.createPattern(tileOf(fill), "repeat") : fill.colour);

const digitsOf = (step) => Math.min(6, d3.precisionFixed(step));

// Classes of a value around zero, four on each side of the middle one.
function aroundZero(S, values, factor = 1) {
  const sizes = Float32Array.from(values, (value) => (Number.isFinite(value) ? Math.abs(value) : 0)).sort();
  const step = d3.tickStep(0, 0.8 * factor * (d3.quantileSorted(sizes, 0.985) || 0.001), 3.5);
  const limits = [-3, -2, -1, -0.1, 0.1, 1, 2, 3].map((place) => place * step);
  return classesOf(S, limits, DIVERGING, digitsOf(step), true);
}

function classesOf(S, limits, colours, digits, sign) {
  const text = (value) => fixed(value, digits + (Math.abs(value) > 0 && Math.abs(value) < 10 ** -digits ? 1 : 0), sign);
  const entries = colours.map((colour, place) => {
    const low = limits[place - 1], high = limits[place];
    if (low === undefined) return { colour, text: S.say("class.below", { value: text(high) }) };
    if (high === undefined) return { colour, text: S.say("class.above", { value: text(low) }) };
    if (sign && low < 0 && high > 0) return { colour, text: S.say("class.none") };
    return { colour, text: S.say("class.between", { low: text(low), high: text(high) }) };
  });
  return { entries, of: (value) => d3.bisectRight(limits, value) };
}

function sized(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const across = Math.round(width * ratio), down = Math.round(height * ratio);
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.height = `${height}px`;
    canvas.style.width = `${width}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

// Paints what is traced; dashes and paleness hold for this alone.
function inked(pen, { fill, stroke, width = 1, dash, alpha = 1 }, trace) {
  pen.globalAlpha = alpha;
  pen.beginPath();
  trace(pen);
  if (fill) { pen.fillStyle = fill; pen.fill(); }
  if (stroke) {
    Object.assign(pen, { strokeStyle: stroke, lineWidth: width });
    if (dash) pen.setLineDash(dash);
    pen.stroke();
    if (dash) pen.setLineDash([]);
  }
  pen.globalAlpha = 1;
}

const dot = (x, y, radius) => (pen) => pen.arc(x, y, radius, 0, 2 * Math.PI);
const straight = (fromX, fromY, x, y) => (pen) => { pen.moveTo(fromX, fromY); pen.lineTo(x, y); };

const FAMILY = '"Source Sans 3", system-ui, "Segoe UI", Roboto, "Noto Sans CJK SC", "WenQuanYi Micro Hei", "Microsoft YaHei", sans-serif';
const font = (S, size, weight = 400) => `${weight} ${Math.round(size * S.scale * 10) / 10}px ${FAMILY}`;

function haloText(pen, text, x, y, colour = INK) {
  pen.lineJoin = "round";
  pen.lineWidth = 3;
  pen.strokeStyle = "rgba(255,255,255,.9)";
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}
