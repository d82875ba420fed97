// Reports what happens on this page for the visitor's experiments. Events gather for a moment and leave
// together; each has an id, so sending one twice is harmless. What the server hasn't confirmed waits in
// sessionStorage for the next chance. Nothing here may throw, and nothing waits for it.
(() => {
  "use strict";
  const ENDPOINT = "/api/events/batch";
  const PAUSE = 1000; // milliseconds in which events gather
  const MOST = 150; // events in a batch: about 40 KB, where a beacon may carry 64
  const KEPT = 1000; // events that wait at most
  const TRIES = 5; // for one batch, before it is left for the next chance
  const STORE = "plainsplit.unsent";

  // A fault of ours is never the page's.
  const safely = (act) => (...args) => {
    try { return act(...args); } catch { return undefined; }
  };

  safely(() => {
    const { visitorId, assignments, pageView, formSubmitId } = document.currentScript.dataset;
    const pairs = JSON.parse(assignments);
    let [waiting, flying, unsure] = [[], [], []]; // to be sent; on its way; sent in vain or unheard
    let [timer, failures, notBefore] = [0, 0, 0];

    const randomBytes = () => {
      const bytes = new Uint8Array(16);
      try { return crypto.getRandomValues(bytes); } catch { return bytes.map(() => Math.random() * 256); }
    };

    // crypto.randomUUID exists on https and localhost only.
    const uuid = () => {
      const bytes = randomBytes();
      bytes[6] = (bytes[6] & 15) | 64;
      bytes[8] = (bytes[8] & 63) | 128;
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    };

    // The server's id of a happening, made one for each experiment, and the same after a reload.
    const blend = (id, other) => id.replace(/[0-9a-f]/g, (digit, at) =>
      (parseInt(digit, 16) ^ parseInt(other[at], 16)).toString(16));

    const record = (eventType, metadata = {}, givenId = "") => {
      for (const { experimentId, variantId } of pairs) {
        const id = givenId ? blend(givenId, experimentId) : uuid();
        waiting.push({ visitorId, experimentId, variantId, eventType, metadata, id });
      }
      waiting = waiting.slice(-KEPT);
      schedule();
    };

    const schedule = () => {
      clearTimeout(timer);
      if (waiting.length) timer = setTimeout(send, Math.max(PAUSE, notBefore - Date.now()));
    };

    const all = () => [...unsure, ...flying, ...waiting];
    const keep = safely(() => sessionStorage.setItem(STORE, JSON.stringify(all().slice(-KEPT))));
    const kept = safely(() => JSON.parse(sessionStorage.getItem(STORE)).filter((event) => event.id));

    // A chance for what is unsure here, and for what this tab's other pages left behind.
    const again = safely(() => {
      const known = new Set(all().map((event) => event.id));
      const left = (kept() || []).filter((event) => !known.has(event.id));
      waiting = [...left, ...unsure, ...waiting].slice(-KEPT);
      [unsure, failures, notBefore] = [[], 0, 0];
      schedule();
    });

    const headers = { "Content-Type": "application/json" };
    const post = (body) => fetch(ENDPOINT, { method: "POST", body, keepalive: true, headers });

    const send = safely(async () => {
      if (flying.length || !waiting.length) return;
      const batch = flying = waiting.splice(0, MOST);
      let answer = null;
      try {
        answer = await post(JSON.stringify({ events: batch }));
        // Until its answer is read, a request counts against what may be kept alive.
        await answer.text();
      } catch { /* no connection */ }
      flying = [];
      settle(batch, answer);
      keep();
      schedule();
    });

    const settle = safely((batch, answer) => {
      const status = answer ? answer.status : 0;
      if (status && status < 500 && status !== 429) {
        failures = 0;
        if (status >= 400) rescue(batch);
      } else if (++failures < TRIES) {
        const asked = Number(answer && answer.headers.get("Retry-After")) * 1000;
        notBefore = Date.now() + (asked || PAUSE * 2 ** failures);
        waiting = batch.concat(waiting).slice(-KEPT);
      } else {
        failures = 0;
        unsure = unsure.concat(batch).slice(-KEPT);
      }
    });

    // A batch is kept whole or not at all: one experiment that has ended must not cost the others
    // theirs. So a refused mixture is sent once more, each experiment's events alone.
    const rescue = (batch) => {
      for (const id of new Set(batch.map((event) => event.experimentId))) {
        const own = batch.filter((event) => event.experimentId === id);
        if (own.length < batch.length) post(JSON.stringify({ events: own })).catch(() => {});
      }
    };

    // A beacon outlives the page, but nobody learns whether it was taken. What it refuses goes by fetch.
    const leave = safely(() => {
      clearTimeout(timer);
      keep();
      while (waiting.length) {
        const batch = waiting.splice(0, MOST);
        unsure = unsure.concat(batch).slice(-KEPT);
        const body = JSON.stringify({ events: batch });
        const blob = new Blob([body], { type: "application/json" });
        if (!(navigator.sendBeacon && navigator.sendBeacon(ENDPOINT, blob))) post(body).catch(() => {});
      }
    });

    // How much of the page was seen, once somebody scrolls: who doesn't has seen the top alone, on
    // a large screen as on a small one. Where there is nothing to scroll, all of it is seen at once.
    let unseen = [25, 50, 75, 100];
    const root = document.documentElement;
    const look = safely(() => {
      const share = ((scrollY + innerHeight + 2) / root.scrollHeight) * 100;
      const reached = unseen.filter((depth) => depth <= share);
      unseen = unseen.filter((depth) => depth > share);
      for (const depth of reached) record("scroll_depth", { depth });
    });
    const measure = () => root.scrollHeight <= innerHeight + 2 && look();

    const acts = { resize: measure, load: measure, pagehide: leave, online: again };
    for (const [name, act] of Object.entries(acts)) addEventListener(name, () => act());
    addEventListener("scroll", look, { passive: true });
    addEventListener("pageshow", (event) => event.persisted && again());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
    document.addEventListener("click", safely((event) => {
      const cta = event.target.closest("[data-cta]");
      if (cta) record("cta_click", { cta: cta.dataset.cta });
    }));

    again();
    record("page_view", JSON.parse(pageView || "{}"));
    if (formSubmitId) record("form_submit", {}, formSubmitId);
  })();
})();
