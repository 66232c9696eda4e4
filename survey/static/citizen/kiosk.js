"use strict";
// A shared screen: one touch answers, the next seconds can take it back, nothing of the last answer stays in view, and
// answers are kept without a network.
(() => {
  const THANKS_SECONDS = 6;
  const IDLE_SECONDS = 30;
  const WARNING_SECONDS = 10;
  const FRESH_SECONDS = 24 * 3600;
  const find = (id) => document.getElementById(id);
  const [form, thanks, idle, waiting] = ["answer", "thanks", "idle", "waiting"].map(find);
  const worker = window.trustedTypes
    ? trustedTypes.createPolicy("hailong", { createScriptURL: () => "/sw.js" }).createScriptURL("")
    : "/sw.js";
  navigator.serviceWorker?.register(worker).catch(() => undefined);
  const opened = Date.now();
  let timer;
  let pressed;
  let held = false; // what was just chosen may still be taken back, so nothing is sent
  let key = queue.newKey();

  const fill = (place, number) => (place.textContent = place.dataset.words.replace("#", String(number)));
  const attempt = async () => {
    if (held) return;
    try {
      await queue.flush();
      const left = (await queue.all()).length;
      waiting.hidden = left === 0;
      fill(waiting, left);
    } catch {
      // storage that does not answer holds nothing to be sent
    }
    await renew().catch(() => undefined);
  };
  // A screen stands open for months, and what it asks may be another version by now: weeks after it was replaced, no
  // answer to the old one is taken any more. Without a network the page that is there goes on.
  const renew = async () => {
    const idling = () => !held && thanks.hidden && idle.hidden;
    if (Math.abs(Date.now() - opened) < FRESH_SECONDS * 1000 || !idling()) return;
    const reply = await fetch(location.href, { cache: "no-store" });
    if (reply.ok && idling()) location.reload();
  };
  const countdown = (seconds, place, finished) => {
    clearInterval(timer);
    const tick = () => {
      fill(place, seconds);
      if (seconds-- > 0) return;
      clearInterval(timer);
      finished();
    };
    tick();
    timer = setInterval(tick, 1000);
  };
  const ask = () => {
    clearInterval(timer);
    form.hidden = false;
    thanks.hidden = idle.hidden = true;
    find("chosen").replaceChildren();
  };
  const reset = () => {
    ask();
    const home = form.dataset.home;
    if (location.search !== home) location.replace(location.pathname + home);
    else scrollTo(0, 0);
  };
  const finish = () => {
    held = false;
    key = queue.newKey();
    attempt();
    reset();
  };
  const watch = () => {
    clearInterval(timer);
    idle.hidden = true;
    const touched = document.querySelector("[role=alert]") || form.elements.amends || location.search !== form.dataset.home;
    if (!touched) return;
    let rest = IDLE_SECONDS - WARNING_SECONDS;
    timer = setInterval(() => {
      if (--rest > 0) return;
      idle.hidden = false;
      find("stay").focus();
      countdown(WARNING_SECONDS, find("rest"), reset);
    }, 1000);
  };
  // Sent the ordinary way, where nothing can be kept: a form that a script sends goes without its button.
  const sendNow = (button) => {
    const { name, value } = button;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    HTMLFormElement.prototype.submit.call(form);
  };
  addEventListener("click", (event) => (pressed = event.target.closest?.(".answers button") ?? pressed), true);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (held || !pressed) return;
    held = true;
    form.elements.key.value = key; // one key whichever way it goes, and whatever is chosen instead
    const fields = new URLSearchParams(new FormData(form));
    fields.set(pressed.name, pressed.value);
    try {
      await queue.put(location.pathname, fields, key);
    } catch {
      return sendNow(pressed);
    }
    find("chosen").replaceChildren(...[...pressed.childNodes].map((part) => part.cloneNode(true)));
    form.hidden = true;
    thanks.hidden = false;
    thanks.focus();
    countdown(THANKS_SECONDS, find("left"), finish);
  });
  find("again").addEventListener("click", async () => {
    ask();
    await queue.remove(key).catch(() => undefined);
    held = false;
  });
  for (const sign of ["pointerdown", "keydown"]) {
    addEventListener(sign, () => thanks.hidden && watch());
  }
  find("stay").addEventListener("click", watch);
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  queue.keepTrying(attempt);
  watch();
})();
