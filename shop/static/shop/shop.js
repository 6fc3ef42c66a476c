// Small comforts. Every page works without them.
(() => {
  "use strict";

  // A countdown by the server's clock: the page says what time the server had, we only add what has passed since.
  const offsets = new WeakMap();

  function left(element) {
    if (!offsets.has(element)) offsets.set(element, Date.parse(element.dataset.now) - performance.now());
    return Date.parse(element.dataset.countdown) - (offsets.get(element) + performance.now());
  }

  function written(milliseconds) {
    const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    if (!parts[0]) parts.shift();
    return parts.map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
  }

  function tick() {
    for (const element of document.querySelectorAll("[data-countdown]")) {
      element.textContent = written(left(element));
      element.hidden = false;
    }
  }

  // A number to copy.
  function offerCopies() {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.copied;
  });

  // A form is sent once, however often its button is pressed. The button keeps the focus: `disabled` would lose it.
  const SENDING_MILLISECONDS = 10_000; // a download leaves the page as it is: it may be asked for again

  function sent(form, is) {
    form.toggleAttribute("data-sent", is);
    for (const button of form.querySelectorAll("button")) {
      if (is) button.setAttribute("aria-disabled", "true"); else button.removeAttribute("aria-disabled");
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.hasAttribute("data-sent")) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    sent(form, true);
    setTimeout(sent, SENDING_MILLISECONDS, form, false);
  }, true);

  addEventListener("pageshow", () => { for (const form of document.querySelectorAll("[data-sent]")) sent(form, false); });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.target.matches("form")) sent(event.target, false); });

  // What has the focus may be swapped away: then the news that came in its place has it, to be read out and gone on from.
  let hadFocus = false;
  document.addEventListener("htmx:beforeSwap", () => { hadFocus = document.activeElement !== document.body; });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!hadFocus || document.activeElement !== document.body || !event.target.closest("main")) return;
    const news = event.target.querySelector("[role=alert], .message, h1, h2") || event.target;
    if (!news.matches("a, button, input")) news.tabIndex = -1;
    news.focus();
  });

  // A form that did not get through says so; a quiet question for news just asks again later.
  document.addEventListener("htmx:afterRequest", (event) => {
    const note = document.getElementById("unreached");
    if (!note || event.detail.requestConfig.verb === "get") return;
    note.hidden = event.detail.successful;
    if (!note.hidden) note.scrollIntoView({ block: "center" });
  });

  document.addEventListener("htmx:afterSettle", () => { tick(); offerCopies(); });

  tick();
  offerCopies();
  setInterval(tick, 1000);
})();
