// A digit chooses an answer of the question that has the focus, and goes on to the next; Enter saves, as browsers do anyway.
"use strict";
(() => {
  const form = document.querySelector(".sheet-entry");
  const questions = [...form.querySelectorAll("fieldset, textarea")];
  const first = (part) => (part && part.matches("fieldset") ? part.querySelector("input:checked") || part.querySelector("input") : part);
  form.addEventListener("keydown", (event) => {
    const here = event.target.closest("fieldset");
    if (!here || event.ctrlKey || event.altKey || event.metaKey || !/^[0-9]$/.test(event.key)) return;
    const chosen = [...here.querySelectorAll("input[type=radio]")].find((one) => one.value === event.key);
    if (!chosen) return;
    event.preventDefault();
    chosen.checked = true;
    const next = first(questions[questions.indexOf(here) + 1]) || form.querySelector(":scope > button");
    next.focus();
  });
  if (!document.querySelector("[role=alert]")) first(form.querySelector(".wrong") || questions[0]).focus({ preventScroll: false });
})();
