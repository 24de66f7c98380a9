// Files made in the page: a PNG of the picture with its title, legend and note, and a CSV of what it shows.

const fileName = (S, ending) => `${S.view}-${quarterName(S.run, S.quarter)}.${ending}`;

const saveCsv = (S) => save(fileName(S, "csv"), `\ufeff${csvOf(S)}`, "text/csv;charset=utf-8");

function savePng(S, canvases, title, entries, note) {
  const shown = canvases.filter((canvas) => canvas.width && !canvas.hidden), ratio = Math.min(window.devicePixelRatio || 1, 2);
  const width = d3.max(shown, (canvas) => canvas.width) / ratio, high = d3.sum(shown, (canvas) => canvas.height) / ratio;
  const sheet = document.createElement("canvas"), { placed, lines } = inLines(S, entries, width), pen = sized(sheet, width, 68 + high + 20 * lines);
  const write = (text, x, y, size, weight, fillStyle = INK) => Object.assign(pen, { font: font(S, size, weight), fillStyle }).fillText(shortened(pen, text, width - 20), x, y);
  inked(pen, { fill: "#fff" }, () => pen.rect(0, 0, sheet.width, sheet.height));
  write(title, 10, 26, 16, 600);
  let down = 40;
  for (const canvas of shown) {
    pen.drawImage(canvas, 0, down, canvas.width / ratio, canvas.height / ratio);
    down += canvas.height / ratio;
  }
  for (const { entry, across, line } of placed) {
    inked(pen, { fill: fillOf(pen, entry), stroke: "#888", width: 0.6 }, () => pen.rect(across, down + 20 * line + 6, 16, 12));
    write(entry.text, across + 22, down + 20 * line + 16, 12);
  }
  write(note, 10, down + 20 * lines + 20, 11, 400, SOFT);
  const letters = atob(sheet.toDataURL("image/png").split(",")[1]); // toBlob waits for a browser at rest
  save(fileName(S, "png"), Uint8Array.from(letters, (letter) => letter.charCodeAt(0)), "image/png");
}

// Places of the legend's entries, as many in a line as fit.
function inLines(S, entries, width) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font(S, 12);
  let across = 10, line = 0;
  const placed = entries.map((entry) => {
    const wide = 38 + pen.measureText(entry.text).width;
    if (across + wide > width && across > 10) { across = 10; line += 1; }
    across += wide;
    return { entry, line, across: across - wide };
  });
  return { placed, lines: entries.length ? line + 1 : 0 };
}
