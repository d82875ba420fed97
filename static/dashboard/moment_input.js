// Fields for moments hold UTC, as the server sends and takes them. Here people get them in their own
// zone, with UTC beside it; without this file the fields are in UTC, and say so.
(() => {
  "use strict";

  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const two = (number) => String(number).padStart(2, "0");
  const localText = (m) =>
    `${m.getFullYear()}-${two(m.getMonth() + 1)}-${two(m.getDate())}T${two(m.getHours())}:${two(m.getMinutes())}`;
  const utcText = (m) => m.toISOString().slice(0, 16);

  function tell(field, moment) {
    const note = document.querySelector(`[data-zone-of="${field.id}"]`);
    const inZone = note.dataset.zone.replace("%(zone)s", zone);
    const inUtc = note.dataset.utc.replace("%(utc)s", moment ? utcText(moment).replace("T", " ") : "");
    note.textContent = moment ? `${inZone} ${inUtc}` : inZone;
  }

  // What is sent is a hidden twin; what is seen loses its name.
  function localise(field) {
    const sent = Object.assign(document.createElement("input"), {
      type: "hidden", name: field.name, value: field.value,
    });
    const known = field.value ? new Date(`${field.value}Z`) : null;
    field.removeAttribute("data-utc");
    field.removeAttribute("name");
    field.after(sent);
    if (known && !isNaN(known)) field.value = localText(known);
    tell(field, known);
    field.addEventListener("input", () => {
      const moment = field.value ? new Date(field.value) : null;
      // Half a date is said to be one, and not to be none.
      sent.value = moment ? utcText(moment) : field.validity.badInput ? "?" : "";
      tell(field, moment);
    });
  }

  const localiseAll = () => document.querySelectorAll("input[data-utc]").forEach(localise);
  localiseAll();
  document.body.addEventListener("htmx:afterSwap", localiseAll);
})();
