// The opening: lines to the leaver break one by one, discs shrink inside their ghosts, others follow, clubs light up.

// Draws the bonds into an SVG; returns what shows them in a quarter, with the counts in two lines of text beside it.
function bondsPicture(svg, lines, finding, say, [who, sentenced], { width, height, size }) {
  const { organizations, follow, clubs } = finding.bonds, root = d3.select(svg).attr("viewBox", `0 0 ${width} ${height}`).attr("font-size", size);
  const foot = 1.8 * size, leaver = { x: 4.5 * size, y: (height - foot) / 2 };
  const most = d3.max(organizations, ({ size }) => size) || 1;
  const discs = organizations.map((one) => ({ ...one, radius: ((height - foot) / 190) * (4 + 20 * Math.sqrt(one.size / most)) }));
  d3.forceSimulation(discs).stop().force("x", d3.forceX(width * 0.62).strength(0.05)).force("y", d3.forceY(leaver.y).strength(0.13))
    .force("apart", d3.forceCollide(({ radius }) => radius + 3).iterations(2)).tick(160);
  for (const disc of discs) { disc.x = Math.max(leaver.x + 6 * size, Math.min(width - disc.radius - 4, disc.x)); disc.y = Math.max(disc.radius + 4, Math.min(height - disc.radius - foot, disc.y)); }
  const ties = root.append("g").selectAll("line").data(discs).join("line").attr("class", "bond").attr("x1", leaver.x).attr("y1", leaver.y).attr("x2", ({ x }) => x).attr("y2", ({ y }) => y);
  root.append("g").selectAll("circle").data(discs).join("circle").attr("class", "ghost").attr("cx", ({ x }) => x).attr("cy", ({ y }) => y).attr("r", ({ radius }) => radius);
  const filled = root.append("g").selectAll("circle").data(discs).join("circle").attr("class", "body").attr("cx", ({ x }) => x).attr("cy", ({ y }) => y);
  root.append("g").selectAll("text").data(discs.filter(({ code, radius }) => radius > 0.24 * size * code.length)).join("text").attr("class", "label").attr("x", ({ x }) => x).attr("y", ({ y }) => y + size / 4).text(({ code }) => code);
  root.append("circle").attr("class", "leaver").attr("cx", leaver.x).attr("cy", leaver.y).attr("r", size);
  root.append("text").attr("class", "name").attr("text-anchor", "middle").attr("x", leaver.x).attr("y", leaver.y + 2.2 * size).text(who);
  const place = new Map(discs.map((disc) => [disc.code, disc]));
  const sparks = root.append("g").selectAll("line").data(follow.filter(([, , body]) => place.has(body))).join("line").attr("class", "spark")
    .each(function ([, , body], at) { const { x, y, radius } = place.get(body), turn = at * 2.4; d3.select(this).attr("x1", x + radius * Math.cos(turn)).attr("y1", y + radius * Math.sin(turn)).attr("x2", x + (radius + 9) * Math.cos(turn)).attr("y2", y + (radius + 9) * Math.sin(turn)); });
  const named = size * widthOf(say("bonds.clubs")), apart = Math.min(13, (width - named - 12) / clubs.length); // many clubs stand closer
  const lights = root.append("g").selectAll("path").data(clubs).join("path").attr("class", "club").attr("d", (_, at) => `M${6 + apart * at},${height - 1.2 * size}l5,5 -5,5 -5,-5z`);
  const club = root.append("text").attr("x", apart * clubs.length + 8).attr("y", height - 0.5 * size).text(say("bonds.clubs"));
  return (quarter) => {
    const gone = ({ out }) => out !== null && out <= quarter;
    ties.classed("broken", gone);
    filled.attr("r", ({ radius, share }) => (share && quarter >= 0 ? radius * Math.sqrt(Math.max(0.02, Math.min(1.6, share[Math.min(share.length - 1, Math.round(quarter))]))) : radius)).classed("less", ({ share }) => share && quarter >= 0 && share[Math.min(share.length - 1, Math.round(quarter))] < 0.97);
    sparks.style("opacity", ([from]) => (from <= quarter ? 1 : 0));
    lights.style("opacity", (from) => (from <= quarter ? 1 : 0));
    const come = clubs.filter((from) => from <= quarter).length;
    club.style("opacity", come ? 1 : 0);
    if (discs.some(({ out }) => out !== null)) lines[0].textContent = capital(say("bonds.out", { who: sentenced, left: discs.filter(gone).length, of: discs.length }));
    lines[1].textContent = say("bonds.count", { follow: fixed(follow.filter(([from]) => from <= quarter).length, 0), clubs: come });
  };
}
