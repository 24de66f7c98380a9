// The parameters that matter: sliders that act at once, each with what it means and where its value comes from.

const WAIT = 250; // milliseconds of rest before a moved slider counts

function parameterPanel(model, say, send) {
  const { parameters } = model.get("catalogue");
  const rows = new Map();
  const panel = h("div", { className: "parameters" });
  const note = h("p", { className: "hint" }, say("parameters.hint")), challenge = h("p", { className: "note challenge" });
  const resetAll = button(say("reset"), () => send({ do: "reset" }), { className: "small reset", "data-key": "reset-parameters" });
  for (const one of parameters) {
    const id = `abm-p-${one.path.replace(".", "-")}`;
    const ask = later(WAIT, (value) => send({ do: "parameter", path: one.path, value: Number(value) }));
    const output = h("output", { htmlFor: id });
    const back = button("↺", () => send({ do: "parameter", path: one.path, value: model.get("values").own[one.path] }),
      { className: "small back", "aria-label": say("parameters.back", { name: one.title }), title: say("parameters.back", { name: one.title }) });
    const slider = h("input", {
      type: "range", id, min: one.low, max: one.high, step: one.step, "data-path": one.path, "aria-describedby": `${id}-text`,
      oninput: (event) => { output.textContent = shownValue(event.target.value, one); ask(event.target.value); },
      onchange: (event) => ask.now(event.target.value),
    });
    rows.set(one.path, { one, slider, output, back });
    panel.append(h("div", { className: "parameter" },
      h("div", { className: "head" }, h("label", { htmlFor: id }, one.title), output, back), slider,
      h("p", { id: `${id}-text`, className: "hint" }, one.text),
      h("details", { "data-key": id }, h("summary", {}, say("parameters.source")),
        h("p", {}, [one.meaning, `${say("parameters.range")} ${number(one.low)} – ${number(one.high)}`, `${say("parameters.from")} ${one.source}`, one.path]
          .filter(Boolean).join(" · ")))));
  }
  const world = worldFields(model, say, send);
  const update = () => {
    const values = model.get("values");
    for (const [path, { one, slider, output, back }] of rows) {
      if (!(slider.matches(":active"))) slider.value = values.values[path];
      output.textContent = shownValue(slider.value, one);
      const same = values.values[path] === values.own[path];
      back.hidden = same;
      slider.closest(".parameter").classList.toggle("changed", !same);
    }
    const { order } = model.get("status");
    challenge.textContent = order?.name ? say("challenge", { order: say(`regime.${order.name}`), count: order.count, of: order.of }) : "";
    resetAll.hidden = !values.changed;
    world.update();
  };
  update();
  return { element: h("div", {}, challenge, note, resetAll, panel, world.element), update };
}

const shownValue = (value, one) => number(Number(value)) + (one.unit === "1" ? "" : ` ${one.unit}`);

function worldFields(model, say, send) {
  const field = (key, low, high) => {
    const input = h("input", { type: "number", min: low, max: high, step: 1, "data-setting": key,
      onchange: (event) => {
        const value = Math.round(Number(event.target.value));
        if (Number.isFinite(value) && value >= low && value <= high) send({ do: "key", key, value });
        else event.target.reportValidity();
      } });
    return { input, label: h("label", { className: "field" }, h("span", {}, say(`world.${key}`)), input) };
  };
  const seed = field("seed", 0, 2 ** 40), quarters = field("quarters", 4, 120);
  const update = () => {
    const values = model.get("values");
    if (document.activeElement !== seed.input) seed.input.value = values.seed;
    if (document.activeElement !== quarters.input) quarters.input.value = values.quarters;
  };
  const element = h("fieldset", {}, h("legend", {}, say("world.title")), seed.label, quarters.label,
    h("p", { className: "hint" }, say("world.hint")));
  return { element, update };
}
