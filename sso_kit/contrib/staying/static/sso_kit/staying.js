// Asks now and then how long the session lasts, says so in time, and keeps what is being written.
// Nothing here decides anything: the limits are the server's.
(() => {
  "use strict";
  const dialog = document.getElementById("sso-staying");
  if (!dialog) return;
  const { askAt, logInAt, person } = dialog.dataset;
  const text = dialog.querySelector("#sso-staying-text");
  const title = dialog.querySelector("#sso-staying-title");
  const [stay, close, again] = ["stay", "close", "again"].map((name) => dialog.querySelector(`[data-${name}]`));
  const LONGEST = 60, LONGEST_SLEEP = 300, SHORTEST_SLEEP = 1; // seconds
  const KEPT_FOR = 24 * 3600 * 1000; // milliseconds that a draft is kept
  const MOST = 100_000; // characters of one
  let end = null, mayStay = true, timer = 0, dismissed = false, whole = null;

  // --- What is being written -----------------------------------------------------------------
  const WRITTEN = "textarea, input:not([type]), input[type=text], input[type=search], input[type=email], input[type=url], input[type=tel], input[type=number]";
  const isKept = (field) =>
    field.name && !field.readOnly && !field.disabled &&
    !["off", "one-time-code", "current-password", "new-password", "username"].includes(field.autocomplete) &&
    field.name !== "csrfmiddlewaretoken";
  const forms = () => [...document.forms].filter((form) => form.method === "post" && !dialog.contains(form));
  const nameOf = (form) => `sso-draft ${person} ${location.pathname} ${new URL(form.action).pathname}`;
  const fieldsOf = (form) => [...form.querySelectorAll(WRITTEN)].filter(isKept);

  function keep(form) {
    const changed = fieldsOf(form).filter((field) => field.value !== field.defaultValue);
    if (!changed.length) return sessionStorage.removeItem(nameOf(form));
    const values = Object.fromEntries(changed.map((field) => [field.name, field.value.slice(0, MOST)]));
    sessionStorage.setItem(nameOf(form), JSON.stringify({ at: Date.now(), values, sent: false }));
  }

  function read(form) {
    try {
      const draft = JSON.parse(sessionStorage.getItem(nameOf(form)));
      return draft && Date.now() - draft.at < KEPT_FOR ? draft : null;
    } catch { return null; }
  }

  function bring(form, draft) {
    const back = fieldsOf(form).filter((field) => field.name in draft.values && field.value !== draft.values[field.name]);
    if (!back.length) return;
    const before = new Map(back.map((field) => [field, field.value]));
    for (const field of back) field.value = draft.values[field.name];
    const note = document.getElementById("sso-staying-draft").content.firstElementChild.cloneNode(true);
    note.querySelector("[data-discard]").addEventListener("click", () => {
      for (const [field, value] of before) field.value = value;
      sessionStorage.removeItem(nameOf(form));
      note.remove();
      back[0].focus();
    });
    form.prepend(note);
  }

  function mindDrafts() {
    forgetOthers();
    for (const form of forms()) {
      const draft = read(form);
      // Sent from here, and this very page again with what was sent: it was taken, or is shown.
      if (draft) bring(form, draft);
      form.addEventListener("input", () => keep(form));
      form.addEventListener("submit", () => { keep(form); mark(form); });
    }
  }

  // A form that was sent: its draft goes when another page of the person comes after it, and stays
  // where that page only says that the session has ended.
  function mark(form) {
    const name = nameOf(form), draft = read(form);
    if (draft) sessionStorage.setItem(name, JSON.stringify({ ...draft, sent: true }));
  }

  function forgetOthers() {
    for (const name of Object.keys(sessionStorage)) {
      if (!name.startsWith("sso-draft ")) continue;
      let draft = null;
      try { draft = JSON.parse(sessionStorage.getItem(name)); } catch { /* goes */ }
      const [, whose, path] = name.split(" ");
      const arrived = draft?.sent && path !== location.pathname;
      if (!draft || Date.now() - draft.at > KEPT_FOR || whose !== person || arrived) sessionStorage.removeItem(name);
    }
  }

  // --- How long it lasts ---------------------------------------------------------------------
  const left = () => (end === null ? null : Math.max(0, Math.round((end - Date.now()) / 1000)));
  const words = (seconds) => (seconds >= 90 ? `${Math.round(seconds / 60)} minutes` : `${seconds} second${seconds === 1 ? "" : "s"}`);
  const warnsAt = () => Math.min(LONGEST, Math.max(5, (whole ?? 4 * LONGEST) / 4));

  async function ask(method = "GET") {
    const options = { method, headers: { "X-SSO-Looks": "1", Accept: "application/json" }, credentials: "same-origin" };
    if (method === "POST") {
      options.headers = { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" };
      options.body = new URLSearchParams(new FormData(dialog.querySelector("form"))).toString();
    }
    const answer = await fetch(askAt, options);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const said = await answer.json();
    if (!said.signed_in) return over();
    mayStay = said.may_stay;
    end = said.seconds_left === null ? null : Date.now() + said.seconds_left * 1000;
    whole = Math.max(whole ?? 0, said.seconds_left ?? 0) || null;
  }

  function over() {
    end = 0;
    clearTimeout(timer);
    title.textContent = "Your session has ended";
    text.textContent = "What you have written on this page is kept in this tab. Sign in again, and it is put back.";
    stay.hidden = true;
    again.hidden = false;
    close.textContent = "Close";
    const here = location.pathname + location.search;
    again.href = logInAt ? `${logInAt}?next=${encodeURIComponent(here)}` : here;
    show();
  }

  function warn(seconds) {
    title.textContent = mayStay ? "Are you still there?" : "Your session ends soon";
    text.textContent = mayStay
      ? `You are signed out in ${words(seconds)}, because nothing happened here for a while.`
      : `You are signed out in ${words(seconds)}: it lasted as long as it may. Save what you are doing.`;
    stay.hidden = !mayStay;
    if (!dismissed) show();
  }

  function show() {
    if (dialog.open) return;
    dialog.showModal();
    (stay.hidden ? (again.hidden ? close : again) : stay).focus();
  }

  function schedule(seconds) {
    clearTimeout(timer);
    timer = setTimeout(tick, Math.max(SHORTEST_SLEEP, seconds) * 1000);
  }

  async function tick() {
    try {
      const seconds = left();
      // Every second while the warning counts down; the server is asked now and then.
      if (seconds === null || seconds > warnsAt() || seconds <= 0 || seconds % 10 === 0) await ask();
    } catch {
      return schedule(30);
    }
    if (end === 0) return;
    const seconds = left();
    if (seconds === null) return schedule(LONGEST_SLEEP);
    if (seconds > warnsAt()) {
      dismissed = false;
      if (dialog.open) dialog.close();
      return schedule(Math.min(LONGEST_SLEEP, seconds - warnsAt()));
    }
    warn(seconds);
    schedule(1);
  }

  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    try { await ask("POST"); } catch { return tick(); }
    dialog.close();
    if (end !== 0) schedule(Math.min(LONGEST_SLEEP, Math.max(1, (left() ?? LONGEST_SLEEP) - warnsAt())));
  });
  close.addEventListener("click", () => { dismissed = true; dialog.close(); });
  dialog.addEventListener("cancel", () => { dismissed = true; });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && end !== 0) tick(); });

  mindDrafts();
  tick();
})();
