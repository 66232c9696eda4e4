"use strict";
// Answers that a person has sent and the server has not yet confirmed. Each is on the disk before anything else
// happens, and is sent with its own key until the server confirms it: never lost, never counted twice.
const queue = (() => {
  const NAME = "hailong";
  const opened = () =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore("unsent", { keyPath: "key" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const act = async (mode, work) => {
    const store = await opened();
    return new Promise((resolve, reject) => {
      const transaction = store.transaction("unsent", mode, { durability: "strict" });
      const request = work(transaction.objectStore("unsent"));
      transaction.oncomplete = () => (store.close(), resolve(request.result));
      transaction.onabort = () => (store.close(), reject(transaction.error));
    });
  };
  const newKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").slice(0, 22);
  };
  const put = (url, fields, key) =>
    act("readwrite", (store) => store.put({ key, url, fields: [...fields], at: Date.now() }));
  const remove = (key) => act("readwrite", (store) => store.delete(key));
  const all = () => act("readonly", (store) => store.getAll());

  const post = (entry, proof) => {
    const body = new URLSearchParams(entry.fields);
    body.set("key", entry.key);
    if (proof) body.set("csrf_token", proof);
    // How long it waited, by the difference of one clock with itself: a wrong clock does no harm.
    body.set("waited", String(Math.max(0, Math.round((Date.now() - entry.at) / 1000))));
    return fetch(entry.url, { method: "POST", body, redirect: "error", credentials: "same-origin" });
  };
  const freshProof = async (url) => {
    const page = await (await fetch(url, { credentials: "same-origin" })).text();
    return /name="csrf_token" value="([^"]+)"/.exec(page)?.[1];
  };
  const sendOne = async (entry) => {
    let reply = await post(entry);
    if (reply.status === 400) reply = await post(entry, await freshProof(entry.url));
    if (reply.status === 200) {
      await remove(entry.key);
      return { key: entry.key, code: /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(await reply.text())?.[0] };
    }
    // A link that is gone, or an answer that lacks something, will never be taken, and the person is told so. A code
    // that is switched off may be switched on again.
    const gone = reply.status === 410 || (reply.status === 404 && new URL(entry.url, location).pathname.startsWith("/r/"));
    const refused = reply.status === 422;
    if (gone || refused) await remove(entry.key);
    return { key: entry.key, gone, refused };
  };
  let sending = null;
  const flush = () => {
    const work = async () => {
      const done = [];
      for (const entry of await all()) {
        try {
          done.push(await sendOne(entry));
        } catch {
          break; // no network: the rest waits too
        }
      }
      return done;
    };
    sending ??= work().finally(() => (sending = null));
    return sending;
  };
  return { all, flush, newKey, put, remove };
})();
