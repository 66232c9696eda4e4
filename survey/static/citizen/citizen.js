"use strict";
(() => {
  const form = document.getElementById("answer");
  const done = document.querySelector("[data-receipt]");
  if (done) history.replaceState(null, "", done.dataset.receipt);
  if (!form) return;
  // What is added to a short answer is asked without the question that it may depend on.
  const added = done || (form.elements.amends && !form.elements.step);
  const given = (code) =>
    [...form.querySelectorAll(`[name="${code}"]`)].filter((i) => i.checked || i.type === "hidden").map((i) => i.value);
  const compares = (answers, sign, value) => {
    if (sign === "==") return answers.includes(value);
    if (sign === "!=") return answers.length > 0 && !answers.includes(value);
    const ordered = (a, b) => ({ "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b })[sign];
    return answers.some((a) => a !== "9" && /^\d+$/.test(a) && ordered(+a, +value));
  };
  const holds = ([kind, one, other, value]) => {
    if (kind === "and") return holds(one) && holds(other);
    if (kind === "or") return holds(one) || holds(other);
    if (kind === "not") return !holds(one);
    return one[kind === "any" ? "some" : "every"]((code) => compares(given(code), other, value));
  };
  const show = () => {
    for (const part of form.querySelectorAll("[data-if]")) {
      const kept = part.querySelector(":checked") || part.querySelector("textarea")?.value;
      part.hidden = !holds(JSON.parse(part.dataset.if)) && !kept && !added;
    }
  };
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1"; // taken away where the form stays, or no reply comes
    setTimeout(() => delete form.dataset.sent, 5e3);
  });
  addEventListener("pageshow", () => {
    delete form.dataset.sent;
    show();
  });
  show();
})();
