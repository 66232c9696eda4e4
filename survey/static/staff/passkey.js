// Asks the browser for a passkey, new or known, puts what it signs into the form, and sends it. The page says what to ask for.
"use strict";
(() => {
  const knows = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON && navigator.credentials;
  if (!knows) return;
  for (const part of document.querySelectorAll(".passkey")) {
    const options = JSON.parse(part.dataset.options);
    const ask = part.dataset.making
      ? () => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : () => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    part.hidden = false;
    part.querySelector("button").addEventListener("click", async () => {
      const fault = part.querySelector(".fault");
      fault.hidden = true;
      try {
        part.querySelector("input").value = JSON.stringify((await ask()).toJSON());
      } catch {
        fault.hidden = false;
        return;
      }
      part.closest("form").submit();
    });
  }
})();
