// Keeps a preview of the landing page in step with the form around it, and counts characters. Without
// this the preview's own button does the former, and what a field may hold is told by the browser.
(() => {
  "use strict";
  const PAUSE = 300; // milliseconds without typing
  const timers = new WeakMap();
  const latest = new WeakMap();

  const previewsOf = (form) => (form ? form.querySelectorAll("[data-preview]") : []);

  const asked = (preview) => {
    const sent = new FormData(preview.closest("form"));
    return new URLSearchParams([...sent].filter(([, value]) => typeof value === "string"));
  };

  // Only the body is exchanged: the reader stays where they were, and nothing flickers.
  const show = (frame, text) => {
    const there = frame.contentDocument;
    const fresh = new DOMParser().parseFromString(text, "text/html");
    there.body.replaceWith(there.adoptNode(fresh.body));
  };

  const renew = async (preview) => {
    const mine = {};
    latest.set(preview, mine);
    let text = null;
    try {
      const answer = await fetch(preview.dataset.preview, { method: "POST", body: asked(preview) });
      if (answer.ok && !answer.redirected) text = await answer.text();
    } catch { /* no connection */ }
    if (latest.get(preview) !== mine) return;
    preview.querySelector(".preview-trouble").hidden = text !== null;
    const frame = preview.querySelector("iframe");
    if (text !== null && frame.contentDocument && frame.contentDocument.body) show(frame, text);
  };

  const soon = (preview) => {
    clearTimeout(timers.get(preview));
    timers.set(preview, setTimeout(() => renew(preview), PAUSE));
  };

  const count = (field) => {
    const shown = field.id && document.querySelector(`[data-count="${CSS.escape(field.id)}"]`);
    if (!shown) return;
    shown.firstElementChild.textContent = field.value.length;
    shown.classList.toggle("is-full", field.value.length >= Number(shown.dataset.most));
  };

  const concerns = (preview, field) => (field.name || "").startsWith(`${preview.dataset.prefix}content_`);
  const changed = (event) => {
    count(event.target);
    for (const preview of previewsOf(event.target.form)) if (concerns(preview, event.target)) soon(preview);
  };
  document.addEventListener("input", changed);

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest(".preview-update");
    if (!button) return;
    event.preventDefault();
    renew(button.closest("[data-preview]"));
  });

  const onceThere = (frame, act) => {
    const isThere = frame.contentDocument?.readyState === "complete" && frame.contentWindow.location.href !== "about:blank";
    if (isThere) act();
    else frame.addEventListener("load", act, { once: true });
  };

  // On a phone the desktop's width is too small to read. It can still be chosen, and stays chosen.
  const fit = (preview) => {
    if ("fitted" in preview.dataset || !matchMedia("(max-width: 46rem)").matches) return;
    preview.dataset.fitted = "";
    preview.querySelector('.preview-widths input[value="phone"]').checked = true;
  };

  // What the browser kept in the form over a reload or Back is shown too, and what the server gave
  // back unsaved.
  const begin = (root) => {
    root.querySelectorAll("[data-preview]").forEach(fit);
    root.querySelectorAll("[data-preview] iframe").forEach((frame) => {
      const fields = [...frame.closest("form").elements];
      const preview = frame.closest("[data-preview]");
      const isKept = (field) => concerns(preview, field) && "defaultValue" in field && field.value !== field.defaultValue;
      if ("stale" in preview.dataset || fields.some(isKept)) onceThere(frame, () => renew(preview));
    });
  };
  addEventListener("pageshow", () => begin(document));
  document.addEventListener("htmx:afterSettle", (event) => begin(event.target));
})();
