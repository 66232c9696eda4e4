"use strict";
// On the citizen's page: an answer that was sent into a dead network is kept, and goes when there is one again.
(() => {
  const form = document.getElementById("answer");
  const done = document.querySelector("[data-receipt]");
  const say = (name, code) => {
    const place = document.getElementById("unsent");
    if (!place?.dataset[name]) return;
    place.textContent = place.dataset[name] + (code ? ` ${code}` : "");
    place.hidden = false;
    if (name !== "none") place.scrollIntoView({ block: "nearest" });
  };
  const sayNothingWaits = () => document.getElementById("unsent")?.hidden && say("none");
  const worker = window.trustedTypes
    ? trustedTypes.createPolicy("hailong", { createScriptURL: () => "/sw.js" }).createScriptURL("")
    : "/sw.js";
  navigator.serviceWorker?.register(worker).catch(() => undefined);

  // One key to one entry of the history: whoever goes back to a page changes that page's own answer, though the
  // browser may have asked the server for the page anew. A page that is kept for the time without a network opens again
  // with the key of an answer that was given by it before: whoever answers now gives another one.
  const used = {
    all: () => JSON.parse(localStorage.getItem("used") ?? "[]"),
    add: (key) => {
      try {
        localStorage.setItem("used", JSON.stringify([key, ...used.all()].slice(0, 100)));
      } catch {
        // a browser that keeps nothing keeps no page either
      }
    },
    has: (key) => {
      try {
        return used.all().includes(key);
      } catch {
        return false; // as above
      }
    },
  };
  // What proves that the form is ours holds for its key only, and goes with it; a new one is given by the server.
  const takeKey = () => {
    const { key, csrf_token: proof } = form?.elements ?? {};
    if (!key) return;
    const before = history.state ?? {};
    if (before.key && before.key !== key.value) proof.value = before.proof;
    key.value = before.key ?? (used.has(key.value) ? queue.newKey() : key.value);
    history.replaceState({ ...before, key: key.value, proof: proof.value }, "");
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
    else sayNothingWaits();
  };
  const settle = async () => {
    const shown = form?.elements.key?.value;
    // The reply to this very page is on the screen: thanks, or the form again with what to mend.
    const answered = done?.dataset.key ?? (document.querySelector("[role=alert]") && shown);
    if (done) used.add(done.dataset.key);
    if (answered) await queue.remove(answered);
  };
  // An answer is the button that sends it; a form that a script sends goes without its button.
  const choose = (button) => {
    const field = document.getElementById("tapped") ?? form.appendChild(document.createElement("input"));
    Object.assign(field, { id: "tapped", type: "hidden", name: button.name, value: button.value });
  };
  addEventListener("pageshow", () => document.getElementById("tapped")?.remove());
  let pressed; // as event.submitter says in newer browsers
  addEventListener("click", (event) => (pressed = event.target.closest?.("button")), true);
  form?.addEventListener("submit", async (event) => {
    const turns = ["switch", "go"].includes(pressed?.name); // language, or another part of the form
    if (turns || event.defaultPrevented) return;
    event.preventDefault();
    if (pressed?.name) choose(pressed);
    const fields = new URLSearchParams(new FormData(form));
    const { needs } = form.dataset;
    let stored = false;
    try {
      // What cannot be taken is not kept either: the reply says what is missing.
      if (!needs || fields.get(needs)) {
        await queue.put(form.action, fields, fields.get("key"));
        stored = true;
      }
    } catch {
      // a browser that keeps nothing: the form goes the ordinary way
    }
    if (navigator.onLine || !stored) return HTMLFormElement.prototype.submit.call(form);
    say("kept");
    document.getElementById("unsent").focus({ preventScroll: true });
    delete form.dataset.sent; // the page stays: what is changed now and sent again takes the place of what is kept
    for (const mark of ["sent", "chosen"]) document.querySelector(`.${mark}`)?.classList.remove(mark);
    if (pressed?.name) pressed.classList.add("chosen");
    attempt();
  });
  const attempt = () => flush().catch(sayNothingWaits); // storage that does not answer holds nothing to be sent
  takeKey();
  settle()
    .catch(() => undefined)
    .then(() => queue.keepTrying(attempt));
})();
