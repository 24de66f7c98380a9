// The first screen before there is a session: drawn from what came with the page. Then the session is begun.

globalThis.abmStart = (values) => {
  const place = document.getElementById("abm-early"), asked = [], data = { ...values, words: abmWords };
  const model = { get: (name) => data[name], on() {}, off() {}, send: (message) => asked.push(message) };
  const close = Stage.render({ model, el: place.querySelector(".abm-first > div") });
  globalThis.abmEarly = { place, close, asked, S: close.S };
};

const AHEAD = 300; // ms for the first screen to be there, before what begins the session takes the browser's time
document.addEventListener("DOMContentLoaded", () => requestAnimationFrame(() => setTimeout(async () => {
  for (const waiting of document.querySelectorAll("script[type='abm/later']")) {
    const script = document.createElement("script");
    for (const { name, value } of waiting.attributes) if (name !== "type") script.setAttribute(name, value);
    script.text = waiting.text;
    const loaded = script.src ? new Promise((done) => { script.onload = script.onerror = done; }) : null;
    waiting.replaceWith(script);
    await loaded;
  }
}, AHEAD)));
