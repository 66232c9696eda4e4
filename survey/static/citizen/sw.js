"use strict";
// Keeps the pages that were opened, so that they open again without a network. It never sends anything by itself.
const STORE = "hailong-2";
const SHELL = ["/unsent", "/static/citizen/queue.js", "/static/citizen/unsent.js", "/static/citizen/kiosk.js", "/static/citizen/kiosk.css"];
const KEPT = /^\/(?:[rqk]\/|static\/)/;

const STORAGE_SECONDS = 2; // some browsers' storage never answers
const REPLY_SECONDS = 30;

const LATE = new Error("no answer in time");
const within = (seconds, promise) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(LATE), seconds * 1000);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });

addEventListener("install", (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(SHELL)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => {
  const stale = caches.keys().then((names) => Promise.all(names.filter((n) => n !== STORE).map((n) => caches.delete(n))));
  event.waitUntil(within(STORAGE_SECONDS, stale).catch(() => undefined).then(() => clients.claim()));
});
const keep = async (request, reply) => (await caches.open(STORE)).put(request, reply);
const kept = async (request, options) => within(STORAGE_SECONDS, caches.match(request, options));
addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (!KEPT.test(path)) return;
  const get = request.method === "GET";
  if (!get && request.mode !== "navigate") return;
  const asked = fetch(request);
  if (get) {
    // The reply does not wait until it is kept.
    const copied = asked.then((reply) => reply.ok && keep(request, reply.clone()));
    event.waitUntil(within(REPLY_SECONDS, copied).catch(() => undefined));
  }
  // A page that was kept stands in for one that does not come. Where none was kept, a late one is waited for.
  const instead = async (fault) => {
    const copy = get && ((await kept(request)) ?? (await kept(request, { ignoreSearch: true })));
    return copy || (get && fault === LATE ? asked : kept("/unsent"));
  };
  event.respondWith(within(REPLY_SECONDS, asked).catch((fault) => instead(fault).catch(() => asked)));
});
