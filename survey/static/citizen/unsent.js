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

  // A page that is kept for the time without a network opens again with the key of an answer that was given by it
  // before: whoever answers now gives another one. Going back to a page changes that page's own answer.
  const used = {
    all: () => JSON.parse(localStorage.getItem("used") ?? "[]"),
    add: (key) => {
      try {
        localStorage.setItem("used", JSON.stringify([key, ...used.all()].slice(0, 100)));
      } catch {
        // a browser that keeps nothing keeps no page either
      }
    },
    renew: () => {
      const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
      try {
        if (form?.elements.key && !back && used.all().includes(form.elements.key.value)) {
          form.elements.key.value = queue.newKey();
        }
      } catch {
        // as above
      }
    },
  };

  const flush = async () => {
    for (const { key, code, gone, refused } of await queue.flush()) {
      if (code) {
        used.add(key);
        say("sent", code);
      } else if (gone) say("gone");
      else if (refused) say("refused");
    }
    if ((await queue.all()).length) say("kept");
  };
  const settle = async () => {
    const shown = form?.elements.key?.value;
    // The reply to this very page is on the screen: thanks, or the form again with what to mend.
    const answered = done?.dataset.key ?? (document.querySelector("[role=alert]") && shown);
    if (answered) await queue.remove(answered);
    if (done) used.add(done.dataset.key);
    await flush();
  };
  form?.addEventListener("submit", async (event) => {
    if (event.submitter?.name || event.defaultPrevented) return; // language, or another part of the form
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form));
    const { needs } = form.dataset;
    try {
      // What cannot be taken is not kept either: the reply says what is missing.
      if (!needs || fields.get(needs)) await queue.put(form.action, fields, fields.get("key"));
    } catch {
      // a browser that keeps nothing: the form goes the ordinary way
    }
    if (navigator.onLine || (needs && !fields.get(needs))) return HTMLFormElement.prototype.submit.call(form);
    say("kept");
    delete form.dataset.sent; // the page stays: what is changed now and sent again takes the place of what is kept
  });
  addEventListener("online", flush);
  used.renew();
  settle();
})();
