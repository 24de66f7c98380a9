// The parameters that matter: sliders that act at once, each with what it means and where its value comes from.

const WAIT = 250; // milliseconds of rest before a moved slider counts

function parameterPanel(model, say, send) {
  const values = model.get("values"), { order } = model.get("status");
  return [
    order?.name ? h("p", { className: "note challenge" }, say("challenge", { order: say(`regime.${order.name}`), count: order.count, of: order.of })) : null,
    h("p", { className: "hint" }, say("parameters.hint")),
    values.changed ? button(say("reset"), () => send({ do: "reset" }), { className: "small reset", "data-key": "reset-parameters" }) : null,
    h("div", { className: "parameters" }, model.get("catalogue").parameters.map((one) => parameterField(one, values, say, send))),
    h("fieldset", {}, h("legend", {}, say("world.title")), worldField("seed", [0, 2 ** 40], values, say, send), worldField("quarters", [4, 120], values, say, send), h("p", { className: "hint" }, say("world.hint"))),
  ];
}

function parameterField(one, values, say, send) {
  const { path } = one, id = `abm-p-${path.replace(".", "-")}`, value = values.values[path], own = values.own[path], back = say("parameters.back", { name: one.title });
  const choose = (chosen) => send({ do: "parameter", path, value: Number(chosen) }), ask = later(WAIT, choose), output = h("output", { htmlFor: id }, shownValue(value, one));
  return h("div", { className: value === own ? "parameter" : "parameter changed" },
    h("div", { className: "head" }, h("label", { htmlFor: id }, one.title), output,
      value === own ? null : button("↺", () => choose(own), { className: "small back", "aria-label": back, title: back })),
    h("input", {
      type: "range", id, min: one.low, max: one.high, step: one.step, value, "data-path": path, "data-key": path, "aria-describedby": `${id}-text`,
      oninput: (event) => { output.textContent = shownValue(event.target.value, one); ask(event.target.value); },
      onchange: (event) => ask.now(event.target.value),
    }),
    h("p", { id: `${id}-text`, className: "hint" }, one.text),
    h("details", { "data-key": id }, h("summary", { "data-key": `${id}-source` }, say("parameters.source")),
      h("p", {}, [one.meaning, `${say("parameters.range")} ${number(one.low)} – ${number(one.high)}`, `${say("parameters.from")} ${one.source}`, path].filter(Boolean).join(" · "))));
}

const shownValue = (value, one) => number(Number(value)) + (one.unit === "1" ? "" : ` ${one.unit}`);

function worldField(key, [min, max], values, say, send) {
  const onchange = ({ target }) => { if (target.reportValidity() && target.value) send({ do: "key", key, value: Number(target.value) }); };
  return h("label", { className: "field" }, h("span", {}, say(`world.${key}`)), h("input", { type: "number", min, max, step: 1, value: values[key], "data-setting": key, "data-key": key, onchange }));
}
