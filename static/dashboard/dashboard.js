// What HTML and htmx can't say alone. Every page works without this file; with it, a failure is
// told where it happened, and what was typed stays.
(() => {
  "use strict";

  const body = document.body;
  const region = document.getElementById("messages");
  // What can go wrong on the way, in the reader's language (shell/words.html).
  const words = {};
  for (const { dataset, textContent } of document.getElementById("words").content.children) {
    words[dataset.about] = textContent;
  }
  const READ_AFTER = 8000;
  const RESTS = 250;

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
      Object.assign(link, { href: body.dataset.signIn, target: "_blank", textContent: words.signIn });
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

  // No answer came. Of what was sent nobody knows whether it arrived; what is shown may be old.
  function unanswered(event) {
    const isReading = event.detail.requestConfig.verb === "get";
    failed(event, isReading ? words.old : words.unreachable);
    if (isReading) region.lastElementChild?.setAttribute("data-until-answered", "");
  }

  function forgetOldNews() {
    for (const toast of region.querySelectorAll("[data-until-answered]")) toast.remove();
  }

  // Whether anything on the page was typed, ticked or chosen since it came.
  function holdsTyping() {
    const fields = document.querySelectorAll("main :is(input:not([type=hidden]), textarea, select)");
    return [...fields].some((field) => {
      if (field.matches("[type=radio], [type=checkbox]")) return field.checked !== field.defaultChecked;
      if (field.matches("select")) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
      return field.value !== field.defaultValue;
    });
  }

  // A sign-in in another tab gave this page's session a new CSRF token.
  async function renewToken() {
    tokenIsStale = false;
    const answer = await fetch(location.href).catch(() => null);
    if (!answer) return;
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

  // What is being sent isn't sent a second time, however impatient the press.
  body.addEventListener("htmx:confirm", (event) => {
    const { elt, verb } = event.detail;
    if (verb !== "get" && elt.hasAttribute("data-sending")) event.preventDefault();
  });
  body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target } = event.detail;
    // Nobody reads a hidden page, and nobody wants a text swapped away while selecting it.
    if (elt.matches("[data-polls]") && (document.hidden || holdsSelection(elt) || elt.querySelector(":popover-open"))) return event.preventDefault();
    if (elt.matches("[data-switch]")) flip(elt);
    target.setAttribute("aria-busy", "true");
    elt.setAttribute("data-sending", "");
  });
  // Nobody is led away to sign in from what they have typed: a message offers it instead.
  body.addEventListener("htmx:beforeOnLoad", (event) => {
    const leadsTo = event.detail.xhr.getResponseHeader("HX-Redirect") || "";
    if (!leadsTo.startsWith(body.dataset.signIn) || !holdsTyping()) return;
    event.preventDefault();
    tokenIsStale = true;
    say({ text: words.signedOut, tags: "error sign-in" });
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    const { elt, target, successful } = event.detail;
    target.removeAttribute("aria-busy");
    elt.removeAttribute("data-sending");
    if (successful) forgetOldNews();
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
    failed(event, words[status] || words.trouble);
  });
  body.addEventListener("htmx:sendError", unanswered);
  body.addEventListener("htmx:timeout", unanswered);

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    if (tokenIsStale) renewToken();
    for (const element of document.querySelectorAll("[data-polls]")) htmx.trigger(element, "refresh");
  });

  // A form in the place of a text is given up as one expects.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") event.target.closest("[data-escape]")?.querySelector("[data-cancel]").click();
  });

  document.addEventListener("click", async (event) => {
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".toast").remove();
    const copy = event.target.closest("[data-copy]");
    if (!copy) return;
    try {
      await navigator.clipboard.writeText(document.querySelector(copy.dataset.copy).textContent);
      copy.textContent = words.copied;
    } catch {
      getSelection().selectAllChildren(document.querySelector(copy.dataset.copy));
      copy.textContent = words.selected;
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
