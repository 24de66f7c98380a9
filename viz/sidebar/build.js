// Building HTML: elements from a tag, properties and children; sentences from the words of the page.

function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !["list", "form"].includes(name) && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const sayer = (words) => (key, values = {}) =>
  (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

// How many runs a number is made of: of how many, while others are still to come.
const countOf = (say, count, of) => (count < of ? say("runs.of", { count, of }) : String(count));

// English names such as "United States" or "World Health Organization" take an article in a sentence.
const ARTICLE = /^(?!.*, the )(United \w+|Netherlands|Philippines|Bahamas|Gambia|Maldives|Comoros|Seychelles|DR Congo|.*(Republic|Islands|Emirates|Federation|Kingdom|Organization|Organisation|Fund|Agency|Programme|Commission|Council|Union|Court|Convention|Agreement|Committee|Centre|Bank|Forum|Office|Institute|Network|Association|Authority|Panel|Alliance|Center|Coalition|Agenda|Refugees))\b/;
const inSentence = (say, name) => (document.documentElement.lang === "en" && ARTICLE.test(name) ? `the ${name}` : name);
// In Chinese a code that is made of words, such as "Paris Agreement", has its name where that is short.
const codeName = (words, code) => (document.documentElement.lang === "zh" && /[a-z]{2}/.test(code) && words[`name.${code}`]?.length < 9 ? words[`name.${code}`] : code);
const inList = (say, names) => (names.length < 2 ? names.join("") : names.slice(0, -1).join(say("list.comma")) + say("list.and") + names.at(-1));
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// Takes a place, [left, top, right, bottom], where none of those taken lies over it.
function fits(taken, box) {
  if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return false;
  taken.push(box);
  return true;
}

// Draws a part anew and leaves the keyboard where it was.
function redraw(place, ...children) {
  const root = place.getRootNode();
  const active = root.activeElement;
  const key = active && place.contains(active) ? active.dataset.key : null;
  const open = new Set([...place.querySelectorAll("details[open]")].map((one) => one.dataset.key));
  place.replaceChildren(...children.flat(3).filter(Boolean));
  for (const one of place.querySelectorAll("details")) if (open.has(one.dataset.key)) one.open = true;
  if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

// Turns to a tab of the controls and brings it into sight; before there is a session, there are none.
function goTo(tab, send) {
  send({ do: "view", tab });
  document.querySelector(".abm-controls")?.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth", block: "start" });
}

// Calls once before the next picture, however often it is asked to: what the server tells comes in several messages.
// A button that is pressed has to be there when it is let go, else there is no click: so long, a second at most, it waits.
function together(call) {
  let asked = 0;
  const next = () => {
    if (performance.now() - pressed < HELD) asked = requestAnimationFrame(next);
    else { asked = 0; call(); }
  };
  return () => { asked ||= requestAnimationFrame(next); };
}

const HELD = 1000; // ms
let pressed = -Infinity;
addEventListener("pointerdown", () => { pressed = performance.now(); }, true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => { pressed = -Infinity; }), true);

function later(wait, call) {
  let timer = null;
  const start = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...values), wait);
  };
  start.now = (...values) => {
    clearTimeout(timer);
    call(...values);
  };
  return start;
}

function save(name, content, type = "text/plain") {
  const link = h("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
