// Lessons: the list, then one step at a time; the reveal comes after an answer.

function lessonPanel(model, say, send) {
  const lesson = model.get("lesson");
  const open = (name, step) => send({ do: "lesson", name, step });
  if (!lesson.name) {
    return [h("p", { className: "hint" }, say("lessons.hint")), (lesson.lessons ?? []).map((one) => h("button", {
      type: "button", className: "story", "data-key": `lesson-${one.name}`, "data-lesson": one.name, onclick: () => open(one.name, 0),
    }, h("strong", {}, one.title), h("span", { className: "tale" }, say("lessons.length", { minutes: one.minutes, steps: one.steps }))))];
  }
  const answered = lesson.answer >= 0;
  const last = lesson.step + 1 >= lesson.of;
  return [
    h("p", {}, button(say("lessons.leave"), () => open("", 0), { className: "small", "data-key": "leave" })),
    h("h2", {}, lesson.title),
    h("p", { className: "hint" }, say("lessons.step", { step: lesson.step + 1, of: lesson.of })),
    h("p", { className: "lesson" }, lesson.text),
    lesson.question ? h("fieldset", { className: "question" }, h("legend", {}, lesson.question),
      lesson.answers.map((answer, place) => h("button", { type: "button", className: "answer", "data-key": `answer-${place}`,
        "data-answer": place, "aria-pressed": String(lesson.answer === place), onclick: () => send({ do: "answer", answer: place }) }, answer))) : null,
    h("div", { "aria-live": "polite" }, lesson.reveal ? h("p", { className: "reveal" }, lesson.reveal) : null,
      lesson.question && !answered ? h("p", { className: "hint" }, say("lessons.answer_first")) : null),
    h("p", { className: "steps" },
      button(say("lessons.back"), () => open(lesson.name, lesson.step - 1), { disabled: lesson.step === 0, "data-key": "lesson-back" }),
      last ? button(say("lessons.done"), () => open("", 0), { className: "main", "data-key": "lesson-next" })
        : button(say("lessons.next"), () => open(lesson.name, lesson.step + 1), { className: "main", disabled: Boolean(lesson.question) && !answered, "data-key": "lesson-next" })),
  ];
}
