"use strict";
(() => {
  const form = document.getElementById("answer");
  const done = document.querySelector("[data-receipt]");
  if (done) history.replaceState(null, "", done.dataset.receipt);
  if (!form) return;
  const low = () => [...form.querySelectorAll("input[type=radio]:checked")].some((i) => i.value > 0 && i.value < 4);
  const show = () => {
    for (const part of form.querySelectorAll("[data-if]")) {
      part.hidden = !low() && !part.querySelector(":checked") && !done;
    }
  };
  let sent = false;
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => {
    sent = false;
    show();
  });
  show();
})();
