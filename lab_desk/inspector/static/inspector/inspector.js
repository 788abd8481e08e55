// The inspector's own script: what htmx doesn't do. The connection's state, playback, keys.
(() => {
  "use strict";
  const LEAST = 300, MOST = 1500;   // milliseconds between two steps of a playback
  const byId = (id) => document.getElementById(id);

  // --- What a person has opened or is playing stays so when the page is brought up to date ---
  htmx.registerExtension("stays", {
    htmx_before_morph_attr: (element, detail) => {
      if (detail.attrName === "open" && element.matches?.("details")) return false;
      if (detail.attrName === "hidden" && element.matches?.(".playback")) return false;
      if (detail.attrName === "class" && element.matches?.(".row") && state.shown !== null) return false;
      return true;
    },
  });

  // --- Is what is seen still live? ---------------------------------------------------------
  const connection = byId("connection");
  const LIVE = connection?.querySelector(".words")?.textContent;
  function connected(well) {
    if (!connection || connection.classList.contains("lost") !== well) return;
    connection.classList.toggle("lost", !well);
    connection.querySelector(".words").textContent = well ? LIVE : connection.dataset.lost;
  }
  document.addEventListener("htmx:error", () => connected(false));
  document.addEventListener("htmx:response:error", () => connected(false));
  document.addEventListener("htmx:after:request", (event) => {
    const status = event.detail?.ctx?.response?.status ?? 0;
    if (status) connected(status < 500);
  });

  // --- Playback: at the pace at which it happened, within bounds, or step by step -----------
  const state = { shown: null, timer: 0 };
  const rows = () => [...document.querySelectorAll(".rows-of-diagram > .row")];
  const bar = () => document.querySelector(".playback");

  function show(count) {
    const all = rows();
    state.shown = count === null ? null : Math.max(0, Math.min(count, all.length));
    const upTo = state.shown ?? all.length;
    all.forEach((row, index) => {
      row.classList.toggle("waiting", index >= upTo);
      row.classList.toggle("now", state.shown !== null && index === upTo - 1);
    });
    const progress = bar()?.querySelector("[data-progress]");
    if (progress) progress.textContent = state.shown === null ? "" : `Step ${upTo} of ${all.length}`;
    const last = all[upTo - 1];
    if (state.shown !== null && last) {
      last.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
    }
  }
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  function pause() {
    clearTimeout(state.timer);
    state.timer = 0;
    const button = bar()?.querySelector("[data-play]");
    if (button) button.textContent = "Play";
  }
  function play() {
    if (state.timer) return pause();
    const all = rows();
    if (!all.length) return;
    if (state.shown === null || state.shown >= all.length) show(0);
    bar().querySelector("[data-play]").textContent = "Pause";
    const on = () => {
      show(state.shown + 1);
      const at = (index) => Number(rows()[index]?.dataset.ms ?? 0);
      if (state.shown >= rows().length) return pause();
      const gap = at(state.shown) - at(state.shown - 1);
      state.timer = setTimeout(on, Math.max(LEAST, Math.min(MOST, gap)));
    };
    on();
  }
  function step(by) {
    pause();
    show((state.shown ?? (by > 0 ? 0 : rows().length)) + by);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if ("play" in button.dataset) play();
    else if ("next" in button.dataset) step(1);
    else if ("back" in button.dataset) step(-1);
    else if ("all" in button.dataset) { pause(); show(null); }
    else if ("print" in button.dataset) print();
  });

  // --- Keys ----------------------------------------------------------------------------------
  const stops = () => [...document.querySelectorAll(".stories .cover, .row summary")]
    .filter((each) => !each.closest(".waiting"));
  function go(by, fits = () => true) {
    const all = stops(), here = all.indexOf(document.activeElement);
    for (let index = here < 0 && by < 0 ? all.length - 1 : here + by; index >= 0 && index < all.length; index += by) {
      if (fits(all[index])) return all[index].focus();
    }
  }
  const isBad = (stop) => stop.closest(".refused, .failed, .is-refused");
  const KEYS = {
    "?": () => byId("keymap")?.showModal(),
    "/": () => byId("who")?.focus(),
    j: () => go(1),
    k: () => go(-1),
    e: () => go(1, isBad),
    p: () => bar() && play(),
    n: () => bar() && step(1),
    b: () => bar() && step(-1),
    a: () => { pause(); show(null); },
    o: () => {
      const all = [...document.querySelectorAll(".row details")];
      const opening = !all.every((each) => each.open);
      all.forEach((each) => { each.open = opening; });
    },
    l: () => document.querySelector(".crumb")?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, select, textarea, dialog[open]")) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // --- What needs this script is there now ---------------------------------------------------
  if (bar()) bar().hidden = false;
  document.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; });
  document.addEventListener("htmx:after:swap", () => {
    if (bar()) bar().hidden = false;
    if (state.shown !== null) show(state.shown);
  });
})();
