"use strict";
// Keeps the pages that were opened, so that they open again without a network. It never sends anything by itself.
const STORE = "hailong-1";
const SHELL = ["/unsent", "/static/citizen/queue.js", "/static/citizen/unsent.js", "/static/citizen/kiosk.js", "/static/citizen/kiosk.css"];
const KEPT = /^\/(?:[rqk]\/|static\/)/;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(SHELL)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => {
  const stale = caches.keys().then((names) => Promise.all(names.filter((n) => n !== STORE).map((n) => caches.delete(n))));
  event.waitUntil(stale.then(() => clients.claim()));
});
const fresh = async (request) => {
  const reply = await fetch(request);
  if (reply.ok) await (await caches.open(STORE)).put(request, reply.clone());
  return reply;
};
addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (!KEPT.test(path)) return;
  if (request.method === "GET") {
    const kept = async () =>
      (await caches.match(request)) ?? (await caches.match(request, { ignoreSearch: true })) ?? caches.match("/unsent");
    event.respondWith(fresh(request).catch(kept));
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match("/unsent")));
  }
});
