// Lessons: the list, then one step at a time; the answer of the runs comes after that of the visitor or the room.

const lessonOf = (model) => model.get("lesson");
const stepOf = ({ name, step }) => `${name} ${step}`;
// Votes of a room for the step that is shown, counted by keys; those of its phones come from the server.
const keyVotes = (model) => {
  const lesson = lessonOf(model), step = stepOf(lesson);
  if (model.abmVotes?.step !== step) model.abmVotes = { step, counts: (lesson.answers ?? []).map(() => 0) };
  return model.abmVotes.counts;
};
const votesOf = (model) => {
  const { step, counts = [] } = model.get("room") ?? {}, here = step === stepOf(lessonOf(model));
  return keyVotes(model).map((count, place) => count + (here ? (counts[place] ?? 0) : 0));
};
// Where phones vote; a page that only this machine can open has no such place.
const voteAddress = (model) => {
  const { code } = model.get("room") ?? {};
  return code && !["localhost", "127.0.0.1", "[::1]"].includes(location.hostname) ? `${location.host}${location.pathname}vote/${code}` : "";
};

function lessonPanel(model, say, send) {
  const lesson = lessonOf(model);
  const open = (name, step) => send({ do: "lesson", name, step });
  if (!lesson.name) {
    return [h("p", { className: "hint" }, say("lessons.hint")), (lesson.lessons ?? []).map((one) => h("button", {
      type: "button", className: "story", "data-key": `lesson-${one.name}`, "data-lesson": one.name, onclick: () => open(one.name, 0),
    }, h("strong", {}, one.title), h("span", { className: "tale" }, say("lessons.length", { minutes: one.minutes, steps: one.steps }))))];
  }
  return [
    h("p", { className: "leave" }, button(say("lessons.leave"), () => open("", 0), { className: "small", "data-key": "leave" }), " ",
      h("span", { className: "hint" }, `${lesson.title} · ${say("lessons.step", { step: lesson.step + 1, of: lesson.of })}`)),
    ...lessonStep(model, say, send), lessonSteps(lesson, say, open),
  ];
}

function lessonStep(model, say, send) {
  const lesson = lessonOf(model), answered = lesson.answer >= 0;
  const address = voteAddress(model), hint = !lesson.question ? "" : answered && lesson.waiting ? say("lessons.runs_first") : answered ? "" : say("lessons.answer_first");
  return [
    h("p", { className: "lesson" }, lesson.text),
    lesson.question ? h("fieldset", { className: "question" }, h("legend", {}, lesson.question), lesson.answers.map((answer, place) => lessonAnswer(model, say, send, answer, place))) : null,
    h("div", { "aria-live": "polite" }, lesson.reveal ? h("p", { className: "reveal" }, lesson.reveal) : null, hint ? h("p", { className: "hint" }, hint) : null,
      lesson.question && !answered && model.get("values").presentation ? h("p", { className: "hint" }, say("lessons.votes", { count: lesson.answers.length }), address ? h("b", { className: "join" }, say("lessons.join", { address })) : null) : null),
  ];
}

function lessonAnswer(model, say, send, answer, place) {
  const lesson = lessonOf(model), votes = votesOf(model)[place], right = lesson.right === place, maybe = (lesson.others ?? []).includes(place);
  const note = [votes || "", right ? say("lessons.from_runs") : maybe ? say("lessons.maybe") : ""].filter(Boolean).join(" · ");
  return h("button", { type: "button", className: ["answer", right ? "right" : maybe ? "maybe" : ""].join(" "), "data-key": `answer-${place}`, "data-answer": place,
    "aria-pressed": String(lesson.answer === place), onclick: () => send({ do: "answer", answer: place }) }, h("span", {}, answer), note ? h("small", {}, note) : null);
}

function lessonSteps(lesson, say, open) {
  const last = lesson.step + 1 >= lesson.of, held = Boolean(lesson.question) && lesson.answer < 0;
  return h("p", { className: "steps" },
    button(say("lessons.back"), () => open(lesson.name, lesson.step - 1), { disabled: lesson.step === 0, "data-key": "lesson-back" }),
    last ? button(say("lessons.done"), () => open("", 0), { className: "main", "data-key": "lesson-next" })
      : button(say("lessons.next"), () => open(lesson.name, lesson.step + 1), { className: "main", disabled: held, "data-key": "lesson-next" }));
}

// Keys of a presented lesson: numbers count answers, Enter asks the runs, arrows step. True where a key was one.
function lessonKey(event, model, send, redrawn) {
  const lesson = lessonOf(model), keys = keyVotes(model), votes = votesOf(model), place = Number(event.key) - 1;
  const open = (step) => send({ do: "lesson", name: lesson.name, step });
  if (place in keys) keys[place] += 1;
  else if (event.key === "Enter" && lesson.question && lesson.answer < 0) send({ do: "answer", answer: votes.indexOf(Math.max(...votes)) });
  else if (event.key === "ArrowRight" && lesson.step + 1 < lesson.of && !(lesson.question && lesson.answer < 0)) open(lesson.step + 1);
  else if (event.key === "ArrowLeft" && lesson.step > 0) open(lesson.step - 1);
  else return false;
  redrawn();
  return true;
}
