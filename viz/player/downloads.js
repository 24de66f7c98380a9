// Files made in the page: a PNG of the picture with its title, legend and note, and a CSV of what it shows.

const fileName = (S, ending) => `${S.view}-${quarterName(S.run, S.quarter)}.${ending}`;

const saveCsv = (S) => save(fileName(S, "csv"), `\ufeff${csvOf(S)}`, "text/csv;charset=utf-8");

function savePng(S, canvases, title, entries, note) {
  const shown = canvases.filter((canvas) => canvas.width && !canvas.hidden), ratio = Math.min(window.devicePixelRatio || 1, 2);
  const width = Math.max(...shown.map((canvas) => canvas.width)) / ratio, high = shown.reduce((sum, canvas) => sum + canvas.height, 0) / ratio;
  const sheet = document.createElement("canvas"), lines = legendLines(S, entries, width);
  const pen = sized(sheet, width, 40 + high + 20 * lines.length + 28);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.fillStyle = INK;
  pen.font = font(S, 16, 600);
  pen.fillText(shortened(pen, title, width - 20), 10, 26);
  let down = 40;
  for (const canvas of shown) {
    pen.drawImage(canvas, 0, down, canvas.width / ratio, canvas.height / ratio);
    down += canvas.height / ratio;
  }
  for (const line of lines) paintLegend(S, pen, line, (down += 20) - 8);
  pen.fillStyle = SOFT;
  pen.font = font(S, 11);
  pen.fillText(shortened(pen, note, width - 20), 10, down + 20);
  const letters = atob(sheet.toDataURL("image/png").split(",")[1]); // toBlob waits for a browser at rest
  save(fileName(S, "png"), Uint8Array.from(letters, (letter) => letter.charCodeAt(0)), "image/png");
}

function legendLines(S, entries, width) {
  const pen = document.createElement("canvas").getContext("2d"), lines = [[]];
  pen.font = font(S, 12);
  let across = 10;
  for (const entry of entries) {
    const wide = 38 + pen.measureText(entry.text).width;
    if (across + wide > width && lines.at(-1).length) { lines.push([]); across = 10; }
    lines.at(-1).push({ ...entry, across });
    across += wide;
  }
  return entries.length ? lines : [];
}

function paintLegend(S, pen, line, y) {
  pen.font = font(S, 12);
  pen.textBaseline = "middle";
  for (const entry of line) {
    pen.fillStyle = fillOf(pen, entry);
    pen.fillRect(entry.across, y - 6, 16, 12);
    pen.strokeStyle = "#888";
    pen.lineWidth = 0.6;
    pen.strokeRect(entry.across, y - 6, 16, 12);
    pen.fillStyle = INK;
    pen.fillText(entry.text, entry.across + 22, y);
  }
}
