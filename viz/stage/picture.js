// The money of one organization: what others give, the leaver, the rescue, and the gap up to the world without the exit.

const BEFORE = 6; // quarters drawn before the first act, at rest
const LAYERS = ["others", "leaver", "rescue"];

// Rows of the picture by quarter; the year before the act is the world without it.
function rowsOf(money) {
  const rest = { others: money.twin[0] - money.share, leaver: money.share, rescue: 0, twin: money.twin[0] };
  const before = d3.range(-BEFORE, 0).map((quarter) => ({ quarter, ...rest }));
  return [...before, ...money.twin.map((twin, quarter) => ({ quarter, twin, others: money.others[quarter], leaver: money.leaver[quarter], rescue: money.rescue[quarter] }))];
}

// Width of a text in its own size, roughly: Chinese letters are square.
const widthOf = (text) => d3.sum(text, (letter) => (letter > "\u2e80" ? 1 : 0.55));
const lowestOf = (rows) => (d3.min(rows, (row) => row.others) > 0.62 ? 0.5 : 0); // an axis cut below says so

// Draws the picture into an SVG; returns what shows it up to a quarter.
function moneyPicture(svg, finding, say, dates, { width, height, size = 14, bare = false }) {
  const money = finding.case, rows = rowsOf(money), low = lowestOf(rows), top = d3.max(rows, (row) => Math.max(row.twin, row.others + row.leaver + row.rescue));
  const edge = bare ? { left: 0, right: 0, top: 4, bottom: 0 } : { left: 4, right: 3.4 * size, top: 2.6 * size, bottom: 1.75 * size };
  const last = rows.at(-1).quarter;
  const x = d3.scaleLinear([-BEFORE, last], [edge.left, width - edge.right]);
  const y = d3.scaleLinear([low, Math.max(1.02, top * 1.02)], [height - edge.bottom, edge.top]);
  const root = d3.select(svg).attr("viewBox", `0 0 ${width} ${height}`).attr("width", width).attr("height", height).attr("font-size", size);
  root.selectAll("*").remove();
  const clip = `abm-clip-${Math.round(Math.random() * 1e9)}`;
  const seen = root.append("clipPath").attr("id", clip).append("rect").attr("height", height).attr("width", width);
  const drawn = root.append("g").attr("clip-path", `url(#${clip})`);
  const filled = d3.area().x((row) => x(row.data?.quarter ?? row.quarter)).curve(d3.curveMonotoneX);
  for (const layer of d3.stack().keys(LAYERS)(rows))
    drawn.append("path").attr("class", `layer ${layer.key}`).attr("d", filled.y0(([from]) => y(Math.max(low, from))).y1(([, to]) => y(Math.max(low, to)))(layer));
  const given = (row) => row.others + row.leaver + row.rescue;
  drawn.append("path").attr("class", "layer gap").attr("d", filled.y0((row) => y(Math.min(row.twin, given(row)))).y1((row) => y(row.twin))(rows));
  root.append("path").attr("class", "ghost").attr("d", d3.line().x((row) => x(row.quarter)).y((row) => y(row.twin))(rows));
  if (bare) return () => {};
  pictureAxes(root, x, y, dates, low, say, size);
  const labels = pictureLabels(root, x, y, rows, finding, say, low, size);
  const now = root.append("line").attr("class", "now").attr("y1", edge.top - 6).attr("y2", height - edge.bottom);
  return (quarter) => {
    const at = x(Math.min(quarter, last));
    seen.attr("width", Math.max(0, at));
    now.attr("x1", at).attr("x2", at);
    labels(quarter);
  };
}

function pictureAxes(root, x, y, dates, low, say, size) {
  const [, right] = x.range(), [bottom] = y.range();
  const years = dates.map((date, quarter) => [Number(date.slice(0, 4)), quarter, date.endsWith("Q1")]).filter(([, quarter, first]) => first && quarter <= x.domain()[1]);
  root.append("g").attr("class", "axis").attr("transform", `translate(0,${bottom})`)
    .call(d3.axisBottom(x).tickValues(years.map(([, quarter]) => quarter - 1)).tickFormat((quarter) => years.find((one) => one[1] === quarter + 1)[0]).tickSize(4));
  const values = low ? [low, 0.75, 1] : [0, 0.25, 0.5, 0.75, 1];
  root.append("g").attr("class", "axis").attr("transform", `translate(${right},0)`)
    .call(d3.axisLeft(y).tickValues(values).tickFormat(() => "").tickSize(-4))
    .call((axis) => axis.selectAll(".tick").append("text").attr("x", 0.5 * size).attr("dy", ".32em").style("text-anchor", "start").text((value) => percent(value)));
  if (low) root.append("text").attr("class", "cut").attr("x", right - 6).attr("y", bottom - 6).attr("text-anchor", "end").text(say("picture.cut", { low: percent(low) }));
}

// Names in the areas, the ghost's name, and marks for the exit and the return; each shows once the picture has reached its
// end. A quarter begins where the one before it ends, so marks and years stand one quarter to the left.
function pictureLabels(root, x, y, rows, finding, say, low, size) {
  const money = finding.case, [left, right] = x.range(), found = [], top = y.range()[1];
  const who = money.leavers.length > 2 ? say("actors.many", { count: money.leavers.length }) : inList(say, money.leavers.map((code) => say(`name.${code}`)));
  const taken = []; // places of names: one that would lie over another is left out
  const put = (from, across, down, text, style, anchor = "start") => {
    const wide = size * widthOf(text), begin = anchor === "end" ? across - wide : across;
    if (!fits(taken, [begin, down - size, begin + wide, down])) return;
    const node = root.append("text").attr("class", style).attr("x", across).attr("y", down).attr("text-anchor", anchor).style("opacity", 0).text(text);
    found.push([anchor === "end" ? from : Math.max(from, Math.min(x.domain()[1], x.invert(across + wide))), node]);
  };
  const rest = rows[0], end = rows.at(-1), peak = d3.greatest(rows, (row) => row.rescue), given = (row) => row.others + row.leaver + row.rescue;
  const others = say("picture.others"), whole = x(0) - left > size * widthOf(others) + 8;
  put(-BEFORE, left + 8, y((low + rest.others) / 2), others, "name");
  const short = x(0) - left < size * widthOf(who) + 8 && money.leavers.length === 1 ? money.leavers[0] : who;
  if (rest.leaver * (y(0) - y(1)) > 1.1 * size) put(-BEFORE, left + 8, y(rest.others + rest.leaver / 2) + size / 3, short, "name light");
  found.forEach((one, at) => { if (at || whole) one[0] = -BEFORE; });
  const missing = end.twin - given(end), lack = say("picture.gap", { share: percent(missing / end.twin) });
  // The band between two lines that is free over the whole width of a name.
  const band = (from, text, low, high) => {
    const span = rows.filter(({ quarter }) => x(quarter) >= from - 8 && x(quarter) <= from + size * widthOf(text) + 8), [floor, ceiling] = [y(d3.max(span, low)), y(d3.min(span, high))];
    return { floor, middle: (floor + ceiling) / 2 + size / 3, holds: floor - ceiling > 1.3 * size, above: y(d3.max(span, high)) - size / 3 };
  };
  const gap = band(right - 10 - size * widthOf(lack), lack, given, (row) => row.twin), at = gap.holds ? gap.middle : gap.above; // over the dashed line where the gap is narrow
  if (missing * (y(0) - y(1)) > 1.3 * size && at > top + size) put(end.quarter - 6, right - 10, at, lack, "name gap", "end");
  const again = band(right - 10 - size * widthOf(who), who, (row) => row.others, (row) => row.others + row.leaver);
  if (again.holds) put(end.quarter, right - 10, again.middle, who, "name light", "end");
  const help = say("picture.rescue"), helped = band(x(peak.quarter), help, given, (row) => row.twin);
  if (peak.rescue * (y(0) - y(1)) > size / 2) put(peak.quarter, x(peak.quarter) + 4, helped.holds ? helped.floor - size / 3 : helped.above, help, "name help");
  const { count, quarter: back } = money.returns, stopped = money.leaver[money.act + 4] < 0.1 * money.share && (money.out ?? Infinity) >= money.act + 4; let reached = left;
  for (const [quarter, text] of [[money.act, capital(say(!money.announced ? "picture.act" : stopped ? "picture.announced.stops" : "picture.announced", { who: inSentence(say, who) }))], [money.out, say("picture.out", { who })], [back, count ? say("picture.back", { who, count, of: finding.runs }) : ""]]) {
    if (quarter === null || !text || quarter > x.domain()[1]) continue;
    const from = x(quarter - 1), wide = size * widthOf(text) + 8, ends = from + wide > right, lower = (ends ? from - wide : from) < reached + size ? 1.2 * size : 0;
    found.push([quarter - 1, root.append("line").attr("class", "mark").style("opacity", 0).attr("x1", from).attr("x2", from).attr("y1", top - 1.5 * size + lower).attr("y2", y.range()[0])]);
    if (!ends || from - wide >= left) put(quarter - 1, ends ? from - 4 : from + 4, top - 0.9 * size + lower, text, "event", ends ? "end" : "start");
    reached = Math.max(reached, ends ? from : from + wide);
  }
  return (quarter) => { for (const [shown, node] of found) node.style("opacity", quarter >= shown - 0.01 ? 1 : 0); };
}
