"use strict";
// A question that depends on others is shown as soon as they call for it; a chosen cell is left blank by a second tap.
(() => {
  const form = document.getElementById("answer");
  if (!form) return;
  const before = JSON.parse(form.dataset.given ?? "{}"); // what the page before has asked
  const given = (code) => [
    ...(before[code] ?? []),
    ...[...form.querySelectorAll(`[name="${code}"]`)].filter((i) => i.checked || i.type === "hidden").map((i) => i.value),
  ];
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
  // What is added to a short answer on a page of its own is asked without the question that it may depend on.
  const alone = form.elements.amends && !form.elements.step && !form.dataset.given;
  const show = () => {
    for (const part of form.querySelectorAll("[data-if]")) {
      const kept = part.querySelector(":checked") || part.querySelector("textarea")?.value;
      part.hidden = !holds(JSON.parse(part.dataset.if)) && !kept && !alone;
    }
  };
  let was;
  form.addEventListener("pointerdown", (event) => {
    const cell = event.target.closest?.(".cells label")?.querySelector("input");
    was = cell?.checked ? cell : undefined;
  });
  form.addEventListener("click", (event) => {
    if (event.target !== was) return;
    was.checked = false;
    show();
  });
  form.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
})();
