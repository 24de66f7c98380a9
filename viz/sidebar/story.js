// Stories: the shipped scenarios by theme, and what is put beside the one that is shown.

function storyPanel(model, say, send) {
  const { stories } = model.get("catalogue"), values = model.get("values");
  const themes = [...new Set(stories.map((story) => story.theme))];
  const card = (story) => h("button", {
    type: "button", className: "story", "data-key": `story-${story.name}`, "data-story": story.name,
    "aria-pressed": String(story.name === values.scenario), onclick: () => send({ do: "scenario", name: story.name, rewind: true }),
  }, h("strong", {}, story.title), story.name === values.scenario ? h("span", { className: "tale" }, story.text) : null);
  const others = stories.filter((story) => story.name !== values.scenario).map((story) => [story.name, story.title]);
  return [
    values.changed ? h("p", { className: "note" }, say("story.changed"), " ",
      button(say("reset"), () => send({ do: "reset" }), { "data-key": "reset", className: "small reset" })) : null,
    select(say("story.second"), [["", say("story.none")], ...others], values.second,
      (name) => send({ do: "second", name }), { "data-key": "second", id: "abm-second" }),
    h("p", { className: "hint" }, say("story.second.hint")),
    themes.map((theme) => h("section", { className: "theme" }, h("h2", {}, say(`theme.${theme}`)),
      stories.filter((story) => story.theme === theme).map(card))),
  ];
}
