"use strict";
// Answers that a person has sent and the server has not yet confirmed. Each is on the disk before anything else
// happens, and is sent with its own key until the server confirms it: never lost, never counted twice.
const queue = (() => {
  const NAME = "hailong";
  const STORAGE_SECONDS = 2; // some browsers' storage never answers
  const REPLY_SECONDS = 15;
  const RETRY_SECONDS = 30;
  const within = (seconds, promise) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no answer in time")), seconds * 1000);
      promise.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  const opened = () =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore("unsent", { keyPath: "key" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const done = async (mode, work) => {
    const store = await opened();
    return new Promise((resolve, reject) => {
      const transaction = store.transaction("unsent", mode, { durability: "strict" });
      const request = work(transaction.objectStore("unsent"));
      transaction.oncomplete = () => (store.close(), resolve(request.result));
      transaction.onabort = () => (store.close(), reject(transaction.error));
    });
  };
  const act = (mode, work) => within(STORAGE_SECONDS, done(mode, work));
  const newKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").slice(0, 22);
  };
  const put = (url, fields, key) =>
    act("readwrite", (store) => store.put({ key, url, fields: [...fields], at: Date.now() }));
  const remove = (key) => act("readwrite", (store) => store.delete(key));
  // Unless it was changed while it was on its way: that is still to be sent.
  const settle = ({ key, at }) =>
    act("readwrite", (store) => {
      const request = store.get(key);
      request.onsuccess = () => request.result?.at === at && store.delete(key);
      return request;
    });
  const all = async () => (await act("readonly", (store) => store.getAll())).sort((a, b) => a.at - b.at);

  const post = async (entry, proof) => {
    const body = new URLSearchParams(entry.fields);
    body.set("key", entry.key);
    if (proof) body.set("csrf_token", proof);
    // How long it waited, by the difference of one clock with itself: a wrong clock does no harm.
    body.set("waited", String(Math.max(0, Math.round((Date.now() - entry.at) / 1000))));
    const stop = new AbortController();
    const options = { method: "POST", body, redirect: "error", credentials: "same-origin", signal: stop.signal };
    const whole = fetch(entry.url, options).then(async (reply) => ({ status: reply.status, text: await reply.text() }));
    return within(REPLY_SECONDS, whole).finally(() => stop.abort());
  };
  const sendOne = async (entry) => {
    let reply = await post(entry);
    // The page was open for too long: the reply is the form again, with a proof of today.
    const proof = reply.status === 400 && /name="csrf_token" value="([^"]+)"/.exec(reply.text)?.[1];
    if (proof) reply = await post(entry, proof);
    if (reply.status === 200) {
      await settle(entry);
      return { key: entry.key, code: /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(reply.text)?.[0] };
    }
    // A link that is gone, or an answer that lacks something, will never be taken, and the person is told so. A code
    // that is switched off may be switched on again.
    const gone = reply.status === 410 || (reply.status === 404 && new URL(entry.url, location).pathname.startsWith("/r/"));
    const refused = reply.status === 422 || reply.status === 409;
    if (gone || refused) await settle(entry);
    return { key: entry.key, gone, refused };
  };
  let sending = null;
  const flush = () => {
    const work = async () => {
      const results = [];
      for (const entry of await all()) {
        try {
          results.push(await sendOne(entry));
        } catch {
          // no network, or no reply: the next one may have better luck, and this one is tried again later
        }
      }
      return results;
    };
    sending ??= work().finally(() => (sending = null));
    return sending;
  };
  // What a browser says about the network is a hint: it may be wrong, and it need not tell when that has changed.
  const keepTrying = (work) => {
    for (const sign of ["online", "pageshow", "focus"]) addEventListener(sign, work);
    document.addEventListener("visibilitychange", work);
    setInterval(work, RETRY_SECONDS * 1000);
    work();
  };
  return { all, flush, keepTrying, newKey, put, remove };
})();
