// Keeps the list of apps fresh while somebody looks at it. Without it a reload does.
const list = document.getElementById("apps");
const said = document.getElementById("apps-said");
const token = document.querySelector(".account [name=csrfmiddlewaretoken]");
const EVERY = 2000, LONGEST = 60000; // milliseconds
let tag = "", pause = EVERY, timer = 0;

const states = () => new Map([...list.querySelectorAll("[data-app]")].map((app) => [app.dataset.app, app.querySelector(".pill")?.textContent ?? ""]));

function arm() {
  for (const field of list.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token?.value ?? "";
}

async function refresh() {
  try {
    const headers = { "X-SSO-Looks": "1", ...(tag && { "If-None-Match": tag }) };
    const answer = await fetch(list.dataset.freshAt, { headers, redirect: "manual" });
    if (answer.type === "opaqueredirect") return location.reload(); // signed out
    if (answer.status !== 200 && answer.status !== 304) throw new Error(answer.status);
    pause = EVERY;
    if (answer.status === 200) {
      const first = !tag, before = states();
      tag = answer.headers.get("ETag");
      const html = await answer.text();
      if (!list.contains(document.activeElement)) {
        list.innerHTML = html;
        arm();
      } else {
        tag = "";
      }
      const changed = [...states()].filter(([name, state]) => before.get(name) !== state);
      if (!first || changed.length) said.textContent = changed.map(([name, state]) => `${name}: ${state}`).join(", ");
    }
  } catch {
    pause = Math.min(LONGEST, pause * 2);
  }
  if (!document.hidden) timer = setTimeout(refresh, pause);
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) refresh();
});
arm();
refresh();
