// Moments come from the server in UTC; here they get the reader's own zone. The form stays the same,
// so that nothing moves. Without this file they are in UTC, and say so (dashboard.css).
(() => {
  "use strict";

  const DAY = { day: "numeric", month: "short", year: "numeric" };
  const MINUTE = { ...DAY, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  // "en" alone abbreviates months as the server does; other English ones don't.
  const language = document.documentElement.lang;
  // English days are put together below, all others as their language does it: 05.03.2026.
  const isEnglish = language === "en";
  const day = isEnglish ? DAY : { dateStyle: "medium" };
  const minute = isEnglish ? MINUTE : { ...day, timeStyle: "short", hourCycle: "h23" };
  const writers = {
    day: new Intl.DateTimeFormat(language, day),
    minute: new Intl.DateTimeFormat(language, minute),
    clock: new Intl.DateTimeFormat(language, CLOCK),
  };

  function written(moment, precision) {
    if (!isEnglish) return writers[precision].format(moment);
    const part = {};
    for (const { type, value } of writers[precision].formatToParts(moment)) part[type] = value;
    if (precision === "clock") return `${part.hour}:${part.minute}:${part.second}`;
    const day = `${part.day} ${part.month} ${part.year}`;
    return precision === "day" ? day : `${day}, ${part.hour}:${part.minute}`;
  }

  function adjust() {
    for (const element of document.querySelectorAll("time[data-moment]")) {
      element.textContent = written(new Date(element.dateTime), element.dataset.moment);
      element.removeAttribute("data-moment");
    }
  }

  adjust();
  // Before what was swapped in is painted.
  document.body.addEventListener("htmx:afterSwap", adjust);
})();
