// Conveniences only; every page works without this file.
// Keys in the calendar, focus on what went wrong, and a guard against sending a form twice.

const dayLinks = (calendar) => [...calendar.querySelectorAll("td .day[data-on]:is(a, button:not(:disabled))")];

/** One day at a time is in the tab order; the arrows reach the others. */
function prepareCalendar(calendar) {
  const days = dayLinks(calendar);
  const first = days.find((day) => day.matches(".chosen")) ?? days.find((day) => day.matches(".free")) ?? days[0];
  for (const day of days) day.tabIndex = day === first ? 0 : -1;
}

function focusDay(days, day) {
  for (const other of days) other.tabIndex = other === day ? 0 : -1;
  day.focus();
}

const dayNumber = (day) => Math.round(Date.parse(day.dataset.on) / 86_400_000);

/** The nearest day in a direction; up and down stay in the weekday where they can. */
function nextDay(days, from, step) {
  const start = dayNumber(from);
  const ahead = days.filter((day) => (dayNumber(day) - start) * step > 0);
  const column = Math.abs(step) === 7 ? ahead.filter((day) => (dayNumber(day) - start) % 7 === 0) : ahead;
  return step > 0 ? column[0] : column.at(-1);
}

let arriveFrom = null; // where focus goes once the next month is here: "first", "last", or an id

document.addEventListener("keydown", (event) => {
  const day = event.target.closest?.(".calendar td .day[data-on]");
  if (!day || event.altKey || event.ctrlKey || event.metaKey) return;
  const calendar = day.closest(".calendar");
  const days = dayLinks(calendar);
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
  if (event.key === " " && day.matches("a")) day.click();
  else if (event.key === "Home") focusDay(days, days[0]);
  else if (event.key === "End") focusDay(days, days.at(-1));
  else if (step || event.key === "PageUp" || event.key === "PageDown") {
    const forward = step ? step > 0 : event.key === "PageDown";
    const target = step && nextDay(days, day, step);
    if (target) focusDay(days, target);
    else {
      const turn = calendar.querySelector(forward ? "a.calendar-turn.next" : "a.calendar-turn.previous");
      if (!turn) return;
      arriveFrom = forward ? "first" : "last";
      turn.click();
    }
  } else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const turn = event.target.closest?.("a.calendar-turn");
  if (turn && event.isTrusted) arriveFrom = turn.id;
});

/** After a month was fetched: keep the keyboard where it was, or on the first day if that button is gone. */
function settleCalendar(calendar) {
  prepareCalendar(calendar);
  if (arriveFrom === null) return;
  const days = dayLinks(calendar);
  const turn = calendar.querySelector(`a#${CSS.escape(arriveFrom)}`);
  const day = arriveFrom === "last" ? days.at(-1) : days[0];
  const target = turn ?? day ?? calendar.querySelector("a.calendar-turn");
  arriveFrom = null;
  if (target === day && day) focusDay(days, day);
  else target?.focus();
}

const focusFirstError = (root) => root.querySelector('[aria-invalid="true"]')?.focus();

/** A fetched fragment speaks up, but only when it has something new to say. */
function say(root) {
  const text = root.querySelector?.("[data-say]")?.textContent.replace(/\s+/g, " ").trim();
  const said = document.getElementById("said");
  if (text && said && said.textContent !== text) said.textContent = text;
}

document.addEventListener("htmx:afterSettle", (event) => {
  const root = event.target;
  const calendar = root.matches?.(".calendar") ? root : root.querySelector?.(".calendar");
  if (calendar) settleCalendar(calendar);
  say(root);
  if (root.querySelector) focusFirstError(root);
});

/** A form is sent once; coming back with the browser's button makes it usable again. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  await navigator.clipboard.writeText(field.value);
  button.textContent = button.dataset.copied;
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});

document.documentElement.classList.add("js");
for (const calendar of document.querySelectorAll(".calendar")) prepareCalendar(calendar);
focusFirstError(document);
