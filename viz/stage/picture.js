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
    .call(d3.axisBottom(x).tickValues(years.map(([, quarter]) => quarter)).tickFormat((quarter) => years.find((one) => one[1] === quarter)[0]).tickSize(4));
  const values = low ? [low, 0.75, 1] : [0, 0.25, 0.5, 0.75, 1];
  root.append("g").attr("class", "axis").attr("transform", `translate(${right},0)`)
    .call(d3.axisLeft(y).tickValues(values).tickFormat(() => "").tickSize(-4))
    .call((axis) => axis.selectAll(".tick").append("text").attr("x", 0.5 * size).attr("dy", ".32em").style("text-anchor", "start").text((value) => percent(value)));
  if (low) root.append("text").attr("class", "cut").attr("x", right - 6).attr("y", bottom - 6).attr("text-anchor", "end").text(say("picture.cut", { low: percent(low) }));
}

// Names in the areas, the ghost's name, and marks for the exit and the return; each shows once the picture reaches it.
function pictureLabels(root, x, y, rows, finding, say, low, size) {
  const money = finding.case, [, right] = x.range(), found = [];
  const who = money.leavers.length > 2 ? say("actors.many", { count: money.leavers.length }) : money.leavers.map((code) => say(`name.${code}`)).join(say("list.joint"));
  const put = (from, place, text, style, anchor = "start") => found.push([from, root.append("text").attr("class", style).attr("x", place[0]).attr("y", place[1]).attr("text-anchor", anchor).style("opacity", 0).text(text)]);
  const at = (quarter) => rows.find((row) => row.quarter === quarter) ?? rows.at(-1);
  put(-BEFORE, [x(-BEFORE) + 8, y((low + at(-1).others) / 2)], say("picture.others"), "name");
  put(-BEFORE, [x(-BEFORE) + 8, y(at(-1).others + at(-1).leaver / 2) + size / 3], who, "name light");
  const peak = rows.reduce((best, row) => (row.rescue > best.rescue ? row : best), rows[0]);
  if (y(0) - y(peak.rescue) > 1.3 * size) put(peak.quarter, [x(peak.quarter) + 4, y(peak.others + peak.leaver + peak.rescue / 2) + size / 3], say("picture.rescue", { names: money.givers.slice(0, 2).map((code) => say(code === "private" ? "donor.private" : `name.${code}`)).join(say("list.joint")) }), "name light");
  const end = rows.at(-1), missing = end.twin - end.others - end.leaver - end.rescue;
  if (y(0) - y(missing) > 1.3 * size) put(end.quarter - 6, [right - 10, y(end.twin - missing / 2) + 5], say("picture.gap", { share: percent(missing / end.twin) }), "name gap", "end");
  const marks = [[money.act, say("picture.announced", { who })], [money.out, say("picture.out")], [money.returns.quarter, money.returns.count ? say("picture.back", { count: money.returns.count, of: finding.runs }) : ""]];
  let taken = -Infinity;
  for (const [quarter, text] of marks) {
    if (quarter === null || !text || quarter > x.domain()[1]) continue;
    const from = x(quarter), lower = from < taken ? 1.1 * size : 0;
    found.push([quarter, root.append("line").attr("class", "mark").style("opacity", 0).attr("x1", from).attr("x2", from).attr("y1", y.range()[1] - 1.5 * size + lower).attr("y2", y.range()[0])]);
    put(quarter, [from + 4, y.range()[1] - 0.9 * size + lower], text, "event");
    taken = from + 8 + size * widthOf(text);
  }
  root.append("text").attr("class", "name ghostly").attr("x", right - 4).attr("y", y(d3.max(rows.slice(rows.length / 3), (row) => row.twin)) - size / 2).attr("text-anchor", "end").text(say("picture.ghost"));
  return (quarter) => { for (const [from, node] of found) node.style("opacity", quarter >= from - 0.01 ? 1 : 0); };
}
