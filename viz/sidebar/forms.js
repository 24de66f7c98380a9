// Parts of pages: a button, a labelled select, tables, tabs.

const button = (text, click, properties = {}) => h("button", { type: "button", onclick: click, ...properties }, text);

function select(label, options, value, change, properties = {}) {
  const list = h("select", { onchange: (event) => change(event.target.value), ...properties });
  for (const [code, text] of options) list.append(h("option", { value: code, selected: code === value }, text));
  if (value !== undefined) list.value = value;
  return h("label", { className: "field" }, h("span", {}, label), list);
}

// A table with a caption that is heard, not seen; the second kind scrolls by itself.
const table = (caption, heads, rows) => h("table", {}, h("caption", { className: "hidden" }, caption),
  h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows));
const scrolled = (caption, heads, rows, style = "scroll") => h("div", { className: style, tabIndex: 0, role: "region", "aria-label": caption }, table(caption, heads, rows));

// A row of tabs with the keyboard of tabs: arrows, Home, End.
function tabs(names, say, prefix, current, choose, label) {
  const move = (event) => {
    const place = names.indexOf(current);
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -place, End: names.length - 1 - place };
    if (!(event.key in steps)) return;
    event.preventDefault();
    choose(names[(place + steps[event.key] + names.length) % names.length]);
  };
  return h("div", { className: "tabs", role: "tablist", "aria-label": label, onkeydown: move },
    names.map((name) => h("button", {
      type: "button", role: "tab", id: `${prefix}-tab-${name}`, "aria-selected": String(name === current),
      "aria-controls": `${prefix}-panel`, tabIndex: name === current ? 0 : -1,
      "data-key": current === name ? `${prefix}-current` : `${prefix}-${name}`, onclick: () => choose(name),
    }, say(`${prefix}.${name}`))));
}
