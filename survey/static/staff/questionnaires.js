// The preview follows what is typed; without this script its buttons do the same. Nothing is saved by it.
const draft = document.getElementById("draft");

if (draft) {
  let language = document.documentElement.lang;
  let part = "";
  let waiting = 0;
  let unsaved = false;

  const look = () => {
    const button = document.querySelector(`[data-live="${language}"]`) || document.querySelector("[data-live]");
    const address = new URL(draft.dataset.preview, window.location.href);
    address.searchParams.set("preview_lang", button.dataset.live);
    address.searchParams.set("part", part);
    button.formAction = address.href;
    draft.requestSubmit(button);
  };

  draft.addEventListener("focusin", (event) => {
    const section = event.target.closest("[data-part]");
    if (section) part = section.dataset.part;
    if (event.target.lang) language = event.target.lang;
  });
  draft.addEventListener("input", () => {
    unsaved = true;
    clearTimeout(waiting);
    waiting = setTimeout(look, 600);
  });
  for (const field of draft.querySelectorAll("[data-when]")) {
    const [about, answer] = field.querySelectorAll("select");
    const fitting = () => {
      answer.parentElement.hidden = ["", "keep"].includes(about.value);
      for (const group of answer.querySelectorAll("optgroup")) {
        group.hidden = group.disabled = !group.dataset.of.split(" ").includes(about.value);
      }
      if (answer.selectedOptions[0].parentElement.disabled) answer.value = "";
    };
    about.addEventListener("change", fitting);
    fitting();
  }
  draft.addEventListener("click", (event) => {
    if (event.target.formTarget === "preview") document.getElementById("preview").scrollIntoView();
  });
  draft.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget !== "preview") unsaved = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.copy);
    field.select(); // to be copied by hand where the clipboard refuses or never answers
    const copied = () => (button.textContent = button.dataset.copied);
    navigator.clipboard.writeText(field.value).then(copied, () => undefined);
  });
}
