"use strict";
// On the citizen's page: an answer that was sent into a dead network is kept, and goes when there is one again.
(() => {
  const form = document.getElementById("answer");
  const done = document.querySelector("[data-receipt]");
  const say = (name, code) => {
    const place = document.getElementById("unsent");
    if (!place) return;
    place.textContent = place.dataset[name] + (code ? ` ${code}` : "");
    place.hidden = false;
  };
  const worker = window.trustedTypes
    ? trustedTypes.createPolicy("hailong", { createScriptURL: () => "/sw.js" }).createScriptURL("")
    : "/sw.js";
  navigator.serviceWorker?.register(worker).catch(() => undefined);

  const flush = async () => {
    for (const { code, status } of await queue.flush()) {
      if (code) say("sent", code);
      else if (status === 404 || status === 410) say("gone");
    }
    if ((await queue.all()).length) say("kept");
  };
  const settle = async () => {
    const shown = form?.elements.key?.value;
    // The reply to this very page is on the screen: thanks, or the form again with what to mend.
    const answered = done?.dataset.key ?? (document.querySelector("[role=alert]") && shown);
    if (answered) await queue.remove(answered);
    await flush();
  };
  form?.addEventListener("submit", async (event) => {
    if (event.submitter?.name || event.defaultPrevented) return; // language, or another part of the form
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form));
    try {
      await queue.put(form.action, fields, fields.get("key"));
    } catch {
      // a browser that keeps nothing: the form goes the ordinary way
    }
    if (navigator.onLine) HTMLFormElement.prototype.submit.call(form);
    else say("kept");
  });
  addEventListener("online", flush);
  settle();
})();
