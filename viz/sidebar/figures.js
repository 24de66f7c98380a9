// Numbers in texts: significant digits, shares as percent.

function number(value, digits = 3, signed = false) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const shown = Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(digits)));
  return ((signed && value > 0 ? "+" : "") + shown).replace("-", "−");
}

function percent(value, signed = false, digits = 0) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const rounded = (100 * value).toFixed(digits);
  const zero = Number(rounded) === 0;
  return ((signed && value > 0 && !zero ? "+" : "") + (zero ? rounded.replace("-", "") : rounded) + "\u202f%").replace("-", "−");
}
