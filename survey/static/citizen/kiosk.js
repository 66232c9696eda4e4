"use strict";
// A shared screen: it shows nothing of the last answer, resets by itself, and keeps answers without a network.
(() => {
  const THANKS_SECONDS = 5;
  const IDLE_SECONDS = 30;
  const WARNING_SECONDS = 10;
  const form = document.getElementById("answer");
  const thanks = document.getElementById("thanks");
  const left = document.getElementById("left");
  const idle = document.getElementById("idle");
  const worker = window.trustedTypes
    ? trustedTypes.createPolicy("hailong", { createScriptURL: () => "/sw.js" }).createScriptURL("")
    : "/sw.js";
  navigator.serviceWorker?.register(worker).catch(() => undefined);
  let timer;

  const attempt = () => queue.flush().catch(() => undefined);
  const countdown = (seconds, place, finished) => {
    clearInterval(timer);
    const tick = () => {
      place.textContent = place.dataset.words.replace("#", String(seconds));
      if (seconds-- > 0) return;
      clearInterval(timer);
      finished();
    };
    tick();
    timer = setInterval(tick, 1000);
  };
  const reset = () => {
    clearInterval(timer);
    form.reset();
    form.hidden = false;
    thanks.hidden = idle.hidden = true;
    const home = form.dataset.home;
    if (location.search !== home) location.replace(location.pathname + home);
    else scrollTo(0, 0);
  };
  const watch = () => {
    clearInterval(timer);
    idle.hidden = true;
    const touched = form.querySelector(":checked") || location.search !== form.dataset.home;
    if (!touched) return;
    let rest = IDLE_SECONDS - WARNING_SECONDS;
    timer = setInterval(() => {
      if (--rest > 0) return;
      idle.hidden = false;
      countdown(WARNING_SECONDS, idle, reset);
    }, 1000);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const key = queue.newKey();
    form.elements.key.value = key; // one key whichever way it goes
    const fields = new URLSearchParams(new FormData(form));
    if (!fields.has("S1")) return;
    try {
      await queue.put(location.pathname, fields, key);
    } catch {
      HTMLFormElement.prototype.submit.call(form); // nothing can be kept here: send it the ordinary way
      return;
    }
    form.hidden = true;
    form.reset();
    thanks.hidden = false;
    thanks.focus();
    countdown(THANKS_SECONDS, left, reset);
    attempt();
  });
  for (const sign of ["pointerdown", "keydown", "change"]) {
    addEventListener(sign, () => thanks.hidden && watch());
  }
  queue.keepTrying(attempt);
  watch();
})();
