// Numbers in texts: significant digits, shares as percent.

function number(value, digits = 3, signed = false) {
  if (!Number.isFinite(value)) return "–";
  const shown = Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(digits)));
  return ((signed && value > 0 ? "+" : "") + shown).replace("-", "−");
}

function percent(value, signed = false, digits = 0) {
  if (!Number.isFinite(value)) return "–"; // null, too
  return `${fixed(100 * value, digits, signed)}${document.documentElement.lang === "zh" ? "" : "\u202f"}%`;
}

// Numbers of fixed digits; the formats are kept, since tables ask for thousands of them.
const formats = new Map();
function fixed(value, digits = 2, signed = false) {
  if (!Number.isFinite(value)) return "–";
  const key = Math.abs(value) * 10 ** digits >= 0.5 && signed ? `+,.${digits}f` : `,.${digits}f`;
  if (!formats.has(key)) formats.set(key, d3.format(key));
  return formats.get(key)(value);
}

// Money in the units of the language, of which the words say how large they are.
function money(say, value, signed = false) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value), unit = ["large", "middle"].find((name) => size >= Number(say(`money.${name}.unit`))) ?? "small", amount = size / Number(say(`money.${unit}.unit`));
  return (value < 0 ? "−" : signed && size >= 0.5 ? "+" : "") + say(`money.${unit}`, { amount: fixed(amount, amount < 10 && unit !== "small" ? 1 : 0) });
}
