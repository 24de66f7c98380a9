// Curves: the median over runs with its band, the same without the shock, a second scenario; one run is a choice.

const KEY_MEASURES = ["shocked.effectiveness", "mean_trust_in_actor", "shocked.budget", "clubs", "effectiveness", "legitimacy", "members"];
const PERCENT = new Set(["actor_agenda_share", "actor_wins"]);
const MONEY = new Set(["total_income", "actor_saving"]);
const WHOLE = new Set(["exits", "clubs", "bodies_alive"]);
const MARKED = 4; // at most so many marks of exits and returns

const measuresOf = (S) => S.run.header.measures;
const keyMeasures = (S, count) => KEY_MEASURES.filter((name) => measuresOf(S).includes(name)).slice(0, count);
const runsShown = (S) => countOf(S.say, S.replicates.length + 1, S.of);
const isMedian = (S) => S.replicates.length > 0 && Boolean(S.twin) && !S.one;

function measureText(S, name, value, sign = false) {
  if (MONEY.has(name)) return money(S.say, value * (name === "actor_saving" ? 4 : 1), sign);
  if (PERCENT.has(name)) return S.say("percent", { value: fixed(100 * value, 1, sign) });
  return fixed(value, WHOLE.has(name) ? (sign ? 1 : 0) : name === "members" ? 1 : 3, sign);
}

// Lines of one measure by quarter, made once until other runs come; as a difference, everything is less its own twin.
function linesOf(S, name, difference = S.mode === "difference" && Boolean(S.twin)) {
  const key = `${name} ${difference} ${S.one}`;
  if (!S.bands.has(key)) S.bands.set(key, linesAnew(S, name, difference));
  return S.bands.get(key);
}

function linesAnew(S, name, difference) {
  const own = [runSeries(S.run, name), runSeries(S.twin, name)], second = secondShown(S, difference) ? runSeries(S.second, name) : [];
  const pairs = [own, ...S.replicates.map(({ measures, run, twin }) => [seriesOf(measures, run, name), seriesOf(measures, twin, name)])]
    .filter(([run]) => run.length === S.run.quarters && Number.isFinite(run[0]));
  const shown = pairs.map(([run, twin]) => (difference ? less(run, twin) : run)), median = isMedian(S);
  const band = shown.length > 1 ? { low: across(shown, 0.05), high: across(shown, 0.95), count: shown.length } : null;
  return {
    run: median ? across(shown, 0.5) : difference ? less(...own) : own[0],
    twin: difference ? own[1].map(() => 0) : median ? across(pairs.map(([, twin]) => twin), 0.5) : own[1],
    second: difference ? less(second, own[1]) : second, band,
  };
}

// Less the counterfactual of another world, a second scenario would be no difference.
const secondShown = (S, difference) => Boolean(S.second) && (!difference || likeFirst(S, S.second));
const less = (values, other) => values.map((value, quarter) => value - other[quarter]);
// A quantile over lines, by quarter.
const across = (lines, share) => lines[0].map((_, quarter) => d3.quantileSorted(lines.map((line) => line[quarter]).sort((a, b) => a - b), share));

function paintSeries(S, canvas, names, width, height, columns) {
  const pen = sized(canvas, width, height), rows = Math.ceil(names.length / columns) || 1;
  const key = [S.version, S.mode, S.one, S.scale, S.language, S.replicates.length, width, height, names.join()].join(" ");
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
  const [least, most] = d3.extent([...lines.run, ...lines.twin, ...lines.second, ...(lines.band?.low ?? []), ...(lines.band?.high ?? [])].filter(Number.isFinite));
  const gap = Math.max(0, (WHOLE.has(name) ? 1 : MONEY.has(name) ? 1e6 : 0.01) - (most - least)) / 2, factor = PERCENT.has(name) ? 100 : name === "actor_saving" ? 4 : 1;
  const y = d3.scaleLinear([factor * ((least ?? 0) - gap), factor * ((most ?? 1) + gap)], [box.bottom, box.top]).nice(3);
  const quarters = lengthOf(S), x = d3.scaleLinear([0, Math.max(1, quarters - 1)], [box.left, box.right]);
  return { name, lines, box, quarters, titleAt: [left + 8, top + head * 0.75], width, x, scale: y, y: (value) => y(factor * value) };
}

function paintChart(S, pen, chart) {
  paintAxes(S, pen, chart);
  const { lines, x, y } = chart, at = (_, quarter) => x(quarter), area = d3.area().x(at).context(pen);
  const filled = (fill, low, high) => inked(pen, { fill }, () => area.y0((_, quarter) => y(low[quarter])).y1((_, quarter) => y(high[quarter]))(low));
  if (lines.band) filled("rgba(10,84,136,.17)", lines.band.low, lines.band.high);
  if (lines.twin.length) filled("rgba(181,88,6,.13)", lines.run, lines.twin);
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
  const { box, scale, x } = chart, write = scale.tickFormat(3);
  Object.assign(pen, { font: font(S, 10.5), fillStyle: SOFT, textAlign: "right", textBaseline: "middle" });
  for (const value of scale.ticks(3)) {
    inked(pen, { stroke: RULE }, straight(box.left, scale(value), box.right, scale(value)));
    pen.fillText(MONEY.has(chart.name) ? money(S.say, value) : write(value) + (PERCENT.has(chart.name) ? "%" : ""), box.left - 5, scale(value));
  }
  Object.assign(pen, { textAlign: "center", textBaseline: "top" });
  const start = S.run.header.start / 4, years = d3.scaleLinear([start, start + (chart.quarters - 1) / 4], x.range());
  for (const year of years.ticks((box.right - box.left) / (46 * S.scale)).filter(Number.isInteger)) pen.fillText(year, Math.min(years(year), box.right - 12), box.bottom + 5);
  for (const mark of marksOf(S)) inked(pen, { stroke: mark.colour, dash: [1, 2] }, straight(x(mark.quarter), box.top - 4, x(mark.quarter), box.bottom));
}

// When who acts goes and comes back, in the first run: the quarters in which most organizations are concerned.
function marksOf(S) {
  const counts = new Map();
  for (const { quarter, kind, actor } of S.run.events)
    if (S.run.actors.has(actor) && (kind.theme === "exit" || kind.theme === "return")) counts.set(`${kind.theme} ${quarter}`, (counts.get(`${kind.theme} ${quarter}`) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, MARKED)
    .map(([key]) => ({ theme: key.split(" ")[0], quarter: Number(key.split(" ")[1]), colour: key.startsWith("exit") ? "#b3341d" : "#1f8f76" }));
}

function curve(pen, chart, values, stroke, width, dash) {
  pen.lineJoin = "round";
  inked(pen, { stroke, width, dash }, () => d3.line().defined(Number.isFinite).x((_, quarter) => chart.x(quarter)).y((value) => chart.y(value)).context(pen)(values));
}

function paintNow(S, pen, chart) {
  const { box, lines } = chart, x = chart.x(Math.min(S.quarter, chart.quarters - 1));
  inked(pen, { stroke: "#333" }, straight(x, box.top - 4, x, box.bottom));
  for (const [values, fill] of [[lines.twin, TWIN], [lines.second, SECOND], [lines.run, RUN]])
    if (Number.isFinite(values[S.quarter])) inked(pen, { fill }, dot(x, chart.y(values[S.quarter]), 3.2 * S.scale));
}

// The quarter under a place of a canvas of charts, -1 for none.
function quarterAt(canvas, x, y) {
  const chart = canvas.charts?.find(({ box }) => x >= box.left - 10 && x <= box.right + 10 && y >= box.top - 30 && y <= box.bottom + 24);
  return chart ? Math.max(0, Math.min(chart.quarters - 1, Math.round(chart.x.invert(x)))) : -1;
}
