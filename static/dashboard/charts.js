// Charts come drawn from the server, each with the table of its numbers. This reads that table aloud
// and beside the pointer, place by place, and turns a drawing into a PNG. Without it the tables do.
(() => {
  "use strict";

  const STEPS = { ArrowRight: 1, ArrowLeft: -1, PageUp: 7, PageDown: -7 };
  const UPRIGHT = { ArrowUp: 1, ArrowDown: -1 };
  const LYING = { ArrowUp: -1, ArrowDown: 1 };
  const GAP = 12;
  // A picture for documents: twice as fine as on the screen.
  const FINER = 2;

  const slotsOf = (frame) => [...frame.querySelectorAll(".slot")];
  const tableOf = (frame) => frame.closest("[data-chart]").querySelector(".plot-table");

  function element(name, className, ...children) {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
  }

  function prepare() {
    for (const frame of document.querySelectorAll(".plot-frame:not([data-ready])")) {
      const reader = element("div", "plot-reader");
      const last = slotsOf(frame).length;
      frame.dataset.ready = "";
      const attributes = {
        id: `${frame.id}-reader`, role: "slider", tabindex: "0", "aria-label": frame.dataset.label,
        "aria-valuemin": "1", "aria-valuemax": String(last),
        "aria-orientation": frame.closest("[data-chart]").dataset.chart === "upright" ? "horizontal" : "vertical",
      };
      for (const [key, value] of Object.entries(attributes)) reader.setAttribute(key, value);
      frame.append(reader, Object.assign(element("div", "plot-tip"), { hidden: true }));
      frame.querySelector(".plot-tip").setAttribute("aria-hidden", "true");
      // One begins at the latest day, or at the first row.
      tell(frame, frame.closest("[data-chart]").dataset.chart === "upright" ? last - 1 : 0);
    }
  }

  function cellsOf(frame, index) {
    const table = tableOf(frame);
    const row = table.tBodies[0].rows[index];
    const heads = [...table.tHead.rows[0].cells].slice(1);
    return { name: row.cells[0], pairs: heads.map((head, n) => [head, row.cells[n + 1]]) };
  }

  const plain = (node) => node.textContent.replace(/\s+/g, " ").trim();

  function tell(frame, index) {
    const reader = frame.querySelector(".plot-reader");
    const { name, pairs } = cellsOf(frame, index);
    frame.dataset.at = String(index);
    reader.setAttribute("aria-valuenow", String(index + 1));
    reader.setAttribute("aria-valuetext", `${plain(name)}: ${pairs.map((pair) => pair.map(plain).join(" ")).join("; ")}`);
  }

  function show(frame, index) {
    const slots = slotsOf(frame);
    const at = Math.min(Math.max(index, 0), slots.length - 1);
    slots.forEach((slot, n) => slot.classList.toggle("is-read", n === at));
    tell(frame, at);
    const { name, pairs } = cellsOf(frame, at);
    const lines = pairs.map(([head, cell]) => {
      const copies = [head, cell].map((part) => element("span", "", ...part.cloneNode(true).childNodes));
      return element("p", "", copies[0], " ", copies[1]);
    });
    const tip = frame.querySelector(".plot-tip");
    tip.replaceChildren(element("strong", "", plain(name)), ...lines);
    tip.hidden = false;
    place(frame, tip, slots[at]);
  }

  // Beside what is read, never over it, and within the chart.
  function place(frame, tip, slot) {
    const around = frame.getBoundingClientRect();
    const box = slot.getBoundingClientRect();
    if (frame.closest("[data-chart]").dataset.chart === "upright") {
      const middle = (box.left + box.right) / 2 - around.left;
      const left = middle > around.width / 2 ? middle - tip.offsetWidth - GAP : middle + GAP;
      tip.style.left = `${Math.min(Math.max(left, 0), Math.max(around.width - tip.offsetWidth, 0))}px`;
      tip.style.top = "0px";
    } else {
      tip.style.left = `${around.width - tip.offsetWidth}px`;
      tip.style.top = `${box.bottom - around.top}px`;
    }
  }

  function hide(frame) {
    frame.querySelector(".plot-tip").hidden = true;
    for (const slot of slotsOf(frame)) slot.classList.remove("is-read");
  }

  function onPointer(event) {
    const slot = event.target.closest?.(".slot");
    if (slot) show(slot.closest(".plot-frame"), slotsOf(slot.closest(".plot-frame")).indexOf(slot));
  }

  document.addEventListener("pointerover", onPointer);
  document.addEventListener("pointerdown", onPointer);
  document.addEventListener("pointerout", (event) => {
    const frame = event.target.closest?.(".plot-frame");
    const stays = event.relatedTarget?.closest?.(".plot-frame") === frame;
    if (!frame || stays || event.pointerType === "touch") return;
    if (frame.contains(document.activeElement)) show(frame, Number(frame.dataset.at));
    else hide(frame);
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches(".plot-reader")) show(event.target.parentElement, Number(event.target.parentElement.dataset.at));
  });
  document.addEventListener("focusout", (event) => {
    if (event.target.matches(".plot-reader")) hide(event.target.parentElement);
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.(".plot-reader") || event.altKey || event.ctrlKey || event.metaKey) return;
    const frame = event.target.parentElement;
    const keys = { ...STEPS, ...(frame.closest("[data-chart]").dataset.chart === "upright" ? UPRIGHT : LYING) };
    const last = slotsOf(frame).length - 1;
    if (event.key === "Escape") return hide(frame);
    const to = event.key === "Home" ? 0 : event.key === "End" ? last : Number(frame.dataset.at) + keys[event.key];
    if (Number.isNaN(to)) return;
    event.preventDefault();
    show(frame, to);
  });

  // What is read when fresh results come is read on.
  let before = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const frame = event.detail.target.querySelector?.(".plot-frame:has(.plot-tip:not([hidden]))");
    before = frame && { id: frame.id, at: Number(frame.dataset.at), hasFocus: frame.contains(document.activeElement) };
  });
  document.addEventListener("htmx:afterSwap", () => {
    prepare();
    const frame = before && document.getElementById(before.id);
    if (frame) {
      show(frame, before.at);
      if (before.hasFocus) frame.querySelector(".plot-reader").focus({ preventScroll: true });
    }
    before = null;
  });

  async function savePng(button) {
    const image = new Image();
    image.src = button.dataset.png;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), {
      width: image.naturalWidth * FINER, height: image.naturalHeight * FINER,
    });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: button.dataset.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-png]");
    if (!button) return;
    savePng(button).catch(() => {
      const messages = [{ text: button.dataset.failed, tags: "error" }];
      document.body.dispatchEvent(new CustomEvent("plainsplit:messages", { detail: { messages } }));
    });
  });

  prepare();
})();
