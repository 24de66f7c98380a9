// Curves: the run, its twin always beside it, the band over replicates, a second scenario.

const KEY_MEASURES = ["shocked.effectiveness", "mean_trust_in_actor", "shocked.budget", "clubs", "effectiveness", "legitimacy", "members"];
const PERCENT = new Set(["actor_agenda_share", "actor_wins"]);
const MONEY = new Set(["total_income", "actor_saving"]);
const WHOLE = new Set(["exits", "clubs", "bodies_alive"]);

const measuresOf = (S) => S.run.header.measures;
const keyMeasures = (S, count) => KEY_MEASURES.filter((name) => measuresOf(S).includes(name)).slice(0, count);

function measureText(S, name, value, sign = false) {
  if (MONEY.has(name)) return money(S, value * (name === "actor_saving" ? 4 : 1), sign);
  if (PERCENT.has(name)) return S.say("percent", { value: number(S, 100 * value, 1, sign) });
  return number(S, value, WHOLE.has(name) ? (sign ? 1 : 0) : name === "members" ? 1 : 3, sign);
}

// Lines of one chart by quarter, and the band; in the view of differences everything is less its own twin.
function linesOf(S, name) {
  const run = runSeries(S.run, name), twin = runSeries(S.twin, name), second = runSeries(S.second, name);
  const less = (values) => (twin.length ? values.map((value, quarter) => value - twin[quarter]) : values);
  const difference = S.mode === "difference";
  const band = bandOf(S, name, difference);
  if (difference) return { run: less(run), twin: twin.map(() => 0), second: less(second), band };
  return { run: S.mode === "twin" ? [] : run, twin, second, band: S.mode === "twin" ? bandOf(S, name, false, "twin") : band };
}

function bandOf(S, name, difference, which = "run") {
  const key = `${name} ${difference} ${which}`;
  if (!S.bands.has(key)) S.bands.set(key, spreadOf(replicateLines(S, name, difference, which)));
  return S.bands.get(key);
}

function replicateLines(S, name, difference, which) {
  const lines = S.replicates.map(({ measures, run, twin }) => {
    const own = seriesOf(measures, which === "twin" ? twin : run, name);
    const other = difference ? seriesOf(measures, twin, name) : [];
    return difference ? own.map((value, quarter) => value - other[quarter]) : own;
  });
  return lines.filter((line) => line.length === S.run.quarters && Number.isFinite(line[0]));
}

// From the 5th to the 95th percentile by quarter; of fewer than two replicates there is no band.
function spreadOf(lines) {
  if (lines.length < 2) return null;
  const low = [], high = [];
  for (let quarter = 0; quarter < lines[0].length; quarter++) {
    const values = lines.map((line) => line[quarter]).sort((a, b) => a - b), last = values.length - 1;
    low.push(between(values, 0.05 * last));
    high.push(between(values, 0.95 * last));
  }
  return { low, high, count: lines.length };
}

const between = (values, place) => {
  const left = Math.floor(place), right = Math.min(left + 1, values.length - 1);
  return values[left] + (place - left) * (values[right] - values[left]);
};

function paintSeries(S, canvas, names, width, height, columns) {
  const pen = sized(canvas, width, height), rows = Math.ceil(names.length / columns) || 1;
  const key = [S.version, S.mode, S.scale, S.language, S.replicates.length, width, height, names.join()].join(" ");
  if (canvas.key !== key) {
    const wide = width / columns, high = height / rows;
    canvas.charts = names.map((name, at) => chartOf(S, name, (at % columns) * wide, Math.floor(at / columns) * high, wide, high));
    canvas.still ??= document.createElement("canvas");
    const still = sized(canvas.still, width, height);
    still.fillStyle = "#fff";
    still.fillRect(0, 0, width, height);
    for (const chart of canvas.charts) paintChart(S, still, chart);
    canvas.key = key;
  }
  pen.drawImage(canvas.still, 0, 0, width, height);
  for (const chart of canvas.charts) paintNow(S, pen, chart);
}

function chartOf(S, name, left, top, width, height) {
  const lines = linesOf(S, name), head = 22 * S.scale, foot = 19 * S.scale, side = (MONEY.has(name) && S.language === "zh" ? 76 : 48) * S.scale;
  const box = { left: left + side, right: left + width - 12, top: top + head + 8, bottom: top + height - foot - 4 };
  const values = [...lines.run, ...lines.twin, ...lines.second, ...(lines.band?.low ?? []), ...(lines.band?.high ?? [])].filter(Number.isFinite);
  let low = Math.min(...values), high = Math.max(...values);
  if (!values.length) [low, high] = [0, 1];
  const least = WHOLE.has(name) ? 1 : MONEY.has(name) ? 1e6 : 0.01;
  if (high - low < least) [low, high] = [low - least / 2, high + least / 2];
  const step = niceStep(high - low, 3);
  low = Math.floor(low / step + 1e-9) * step;
  high = Math.ceil(high / step - 1e-9) * step;
  const quarters = Math.max(S.run.quarters, S.second?.quarters ?? 0);
  return {
    name, lines, box, step, low, high, quarters, titleAt: [left + 8, top + head * 0.75], width,
    x: (quarter) => box.left + (quarter / Math.max(1, quarters - 1)) * (box.right - box.left),
    y: (value) => box.bottom - ((value - low) / (high - low)) * (box.bottom - box.top),
  };
}

function paintChart(S, pen, chart) {
  paintAxes(S, pen, chart);
  const { lines } = chart;
  if (lines.band) paintBand(pen, chart, S.mode === "twin" ? TWIN : RUN);
  curve(pen, chart, lines.twin, TWIN, 1.6 * S.scale, [5, 3]);
  curve(pen, chart, lines.second, SECOND, 1.8 * S.scale, [9, 2, 2, 2]);
  curve(pen, chart, lines.run, RUN, 2.2 * S.scale, []);
  pen.font = font(S, chart.width < 210 * S.scale ? 11 : 12.5, 600);
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
  pen.fillStyle = INK;
  pen.fillText(shortened(pen, measureName(S, chart.name), chart.width - 16), ...chart.titleAt);
}

function shortened(pen, text, width) {
  let found = text;
  while (found.length > 4 && pen.measureText(found).width > width) found = `${found.slice(0, -2).trimEnd()}…`;
  return found;
}

function paintAxes(S, pen, chart) {
  const { box, step, low, high } = chart;
  pen.font = font(S, 10.5);
  pen.fillStyle = SOFT;
  pen.strokeStyle = RULE;
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (let value = low; value <= high + step / 2; value += step) {
    pen.beginPath();
    pen.moveTo(box.left, chart.y(value));
    pen.lineTo(box.right, chart.y(value));
    pen.stroke();
    pen.fillText(axisText(S, chart, value), box.left - 5, chart.y(value));
  }
  pen.textAlign = "center";
  pen.textBaseline = "top";
  const years = chart.quarters / 4, gap = [1, 2, 5, 10, 20, 50].find((size) => years / size <= (box.right - box.left) / (40 * S.scale)) ?? 100;
  for (let quarter = 0; quarter < chart.quarters; quarter++) {
    const index = S.run.header.start + quarter;
    if (index % (4 * gap) === 0) pen.fillText(index / 4, Math.min(chart.x(quarter), box.right - 12), box.bottom + 5);
  }
}

function axisText(S, { name, step }, value) {
  const shown = Math.abs(value) < step / 1e6 ? 0 : value, percent = PERCENT.has(name) ? 100 : 1;
  if (MONEY.has(name)) return money(S, shown * (name === "actor_saving" ? 4 : 1));
  return number(S, shown * percent, digitsOf(step * percent)) + (percent > 1 ? "%" : "");
}

function paintBand(pen, chart, colour) {
  const { low, high } = chart.lines.band;
  pen.beginPath();
  high.forEach((value, quarter) => pen.lineTo(chart.x(quarter), chart.y(value)));
  for (let quarter = low.length - 1; quarter >= 0; quarter--) pen.lineTo(chart.x(quarter), chart.y(low[quarter]));
  pen.closePath();
  pen.globalAlpha = 0.17;
  pen.fillStyle = colour;
  pen.fill();
  pen.globalAlpha = 1;
}

function curve(pen, chart, values, colour, width, dash) {
  if (!values.length) return;
  pen.beginPath();
  values.forEach((value, quarter) => Number.isFinite(value) && pen.lineTo(chart.x(quarter), chart.y(value)));
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.lineJoin = "round";
  pen.setLineDash(dash);
  pen.stroke();
  pen.setLineDash([]);
}

function paintNow(S, pen, chart) {
  const { box, lines } = chart, x = chart.x(Math.min(S.quarter, chart.quarters - 1));
  pen.beginPath();
  pen.moveTo(x, box.top - 4);
  pen.lineTo(x, box.bottom);
  pen.strokeStyle = "#333";
  pen.lineWidth = 1;
  pen.stroke();
  for (const [values, colour] of [[lines.twin, TWIN], [lines.second, SECOND], [lines.run, RUN]]) {
    const value = values[S.quarter];
    if (!Number.isFinite(value)) continue;
    pen.beginPath();
    pen.arc(x, chart.y(value), 3.2 * S.scale, 0, 2 * Math.PI);
    pen.fillStyle = colour;
    pen.fill();
  }
}

// The quarter under a place of a canvas of charts, -1 for none.
function quarterAt(canvas, x, y) {
  const chart = canvas.charts?.find(({ box }) => x >= box.left - 10 && x <= box.right + 10 && y >= box.top - 30 && y <= box.bottom + 24);
  if (!chart) return -1;
  const share = (x - chart.box.left) / (chart.box.right - chart.box.left);
  return Math.max(0, Math.min(chart.quarters - 1, Math.round(share * (chart.quarters - 1))));
}
