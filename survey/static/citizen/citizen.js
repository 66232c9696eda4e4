"use strict";
// On every page that asks or thanks: one tap sends once and says so; reloading the page that thanks sends nothing.
(() => {
  const WAIT_SECONDS = 5; // then another tap is taken: no reply came, or the page stays
  const done = document.querySelector("[data-receipt]");
  if (done) history.replaceState(null, "", done.dataset.receipt);
  const form = document.getElementById("answer");
  const place = document.getElementById("unsent");
  if (!form) return;
  let pressed; // as event.submitter says in newer browsers
  addEventListener("click", (event) => (pressed = event.target.closest?.("button")), true);
  const rest = () => {
    delete form.dataset.sent;
    document.querySelector(".sent")?.classList.remove("sent");
    if (place?.textContent === place?.dataset.sending) place.hidden = true;
  };
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    pressed?.classList.add("sent");
    if (place?.hidden) {
      place.textContent = place.dataset.sending;
      place.hidden = false;
    }
    setTimeout(rest, WAIT_SECONDS * 1000);
  });
  addEventListener("pageshow", rest);
})();
