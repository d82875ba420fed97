// What HTML and htmx can't say alone. Every page works without this file; with it, a failure is
// told where it happened, and what was typed stays.
(() => {
  "use strict";

  const STALE = "Your sign-in changed meanwhile. Nothing was saved: try again.";
  const WORDS = {
    403: STALE,
    404: "It is no longer there. Reload the page to see what is.",
    413: "That is more than the server takes at once. Nothing was saved.",
    429: "Too many requests. Wait a minute, then try again.",
  };
  const OFFLINE = "The server can't be reached. Nothing was saved: try again.";
  const TROUBLE = "The server had a problem. Nothing was saved: try again.";
  const READ_AFTER = 8000;
  const RESTS = 250;

  const body = document.body;
  const region = document.getElementById("messages");
  let openDrawers = [];
  let tokenIsStale = false;

  function say({ text, tags }) {
    // What went well before is read; a message that comes again is said once.
    for (const shown of region.querySelectorAll(".toast")) {
      const isSame = shown.querySelector("p").textContent.startsWith(text);
      if (isSame || shown.classList.contains("success")) shown.remove();
    }
    const toast = document.getElementById("toast").content.cloneNode(true).firstElementChild;
    toast.className = `toast ${tags}`;
    toast.querySelector("p").textContent = text;
    if (tags.includes("sign-in")) {
      const link = document.createElement("a");
      Object.assign(link, { href: body.dataset.signIn, target: "_blank", textContent: "Sign in in another tab" });
      toast.querySelector("p").append(" ", link);
    }
    region.append(toast);
    fade(toast);
  }

  // Good news leaves by itself; bad news stays until it is dismissed.
  function fade(toast) {
    if (toast.classList.contains("success")) setTimeout(() => toast.remove(), READ_AFTER);
  }

  function flip(form) {
    const button = form.querySelector("[role=switch]");
    const isOn = button.getAttribute("aria-checked") === "true";
    button.setAttribute("aria-checked", String(!isOn));
  }

  function failed(event, text) {
    const { elt, xhr } = event.detail;
    if (elt.matches("[data-switch]") && elt.isConnected) flip(elt);
    if (!xhr || !xhr.getResponseHeader("HX-Trigger")) say({ text, tags: "error" });
  }

  // A sign-in in another tab gave this page's session a new CSRF token.
  async function renewToken() {
    tokenIsStale = false;
    const answer = await fetch(location.href);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = fresh.querySelector("[name=csrfmiddlewaretoken]");
    if (!token) return;
    body.setAttribute("hx-headers", fresh.body.getAttribute("hx-headers"));
    for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = token.value;
  }

  function holdsSelection(element) {
    const selection = getSelection();
    return !selection.isCollapsed && element.contains(selection.anchorNode);
  }

  // The choice is kept already; here the page that is open follows.
  body.addEventListener("plainsplit:theme", ({ detail: { theme } }) => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    document.querySelector("[name=color-scheme]").content = theme === "system" ? "light dark" : theme;
    for (const button of document.querySelectorAll("button[name=theme]")) {
      button.setAttribute("aria-pressed", String(button.value === theme));
    }
  });

  body.addEventListener("plainsplit:messages", (event) => event.detail.messages.forEach(say));

  body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target } = event.detail;
    // Nobody reads a hidden page, and nobody wants a text swapped away while selecting it.
    if (elt.matches("[data-polls]") && (document.hidden || holdsSelection(elt))) return event.preventDefault();
    if (elt.matches("[data-switch]")) flip(elt);
    target.setAttribute("aria-busy", "true");
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    const { elt, target, successful } = event.detail;
    target.removeAttribute("aria-busy");
    if (successful && elt.dataset.announce) {
      const announcer = document.getElementById("announcer");
      announcer.textContent = "";
      requestAnimationFrame(() => { announcer.textContent = elt.dataset.announce; });
    }
  });
  body.addEventListener("htmx:beforeSwap", (event) => {
    openDrawers = [...event.detail.target.querySelectorAll("details[id][open]")].map((drawer) => drawer.id);
  });
  body.addEventListener("htmx:afterSwap", () => {
    for (const id of openDrawers) document.getElementById(id)?.setAttribute("open", "");
  });
  body.addEventListener("htmx:afterSettle", (event) => {
    // What had the focus went with the swap: go on from what replaced it.
    if (document.activeElement === body) event.target.querySelector?.("[data-focus]")?.focus();
  });
  body.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    if (status === 401) tokenIsStale = true;
    if (status === 403) renewToken();
    failed(event, WORDS[status] || TROUBLE);
  });
  body.addEventListener("htmx:sendError", (event) => failed(event, OFFLINE));
  body.addEventListener("htmx:timeout", (event) => failed(event, OFFLINE));

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    if (tokenIsStale) renewToken();
    for (const element of document.querySelectorAll("[data-polls]")) htmx.trigger(element, "refresh");
  });

  document.addEventListener("click", async (event) => {
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".toast").remove();
    const copy = event.target.closest("[data-copy]");
    if (!copy) return;
    try {
      await navigator.clipboard.writeText(document.querySelector(copy.dataset.copy).textContent);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(document.querySelector(copy.dataset.copy));
      copy.textContent = "Selected: press Ctrl+C";
    }
  });

  // A term explains itself on a press; to a mouse it does so when it rests on the word, too.
  let resting;
  document.addEventListener("pointerover", (event) => {
    clearTimeout(resting);
    const term = event.pointerType === "mouse" && event.target.closest(".term");
    const explanation = term ? term.querySelector("[popover]") : document.querySelector(".term-text[data-hovered]:popover-open");
    if (!explanation || (term && explanation.matches(":popover-open"))) return;
    resting = setTimeout(() => {
      explanation.toggleAttribute("data-hovered", Boolean(term));
      if (term) explanation.showPopover({ source: term.querySelector("button") });
      else explanation.hidePopover();
    }, RESTS);
  });

  region.querySelectorAll(".toast").forEach(fade);
})();
