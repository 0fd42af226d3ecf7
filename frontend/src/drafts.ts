// What somebody is writing is kept in this tab until it is safely sent: a lost connection, a failed
// request, an ended session or a closed form loses no typed text. Kept in sessionStorage, by page
// and form, for one visitor only; gone with the tab, at log-out, and when another visitor comes.
//
// Forms with a <textarea> or `data-draft` take part, unless they say `data-no-draft`. Passwords,
// files, hidden fields and one-time codes are never kept.
import { exchangeOf } from "./events";

interface Draft {
  fields: Record<string, string[]>;
  sent: boolean;
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const PREFIX = "minkang.draft:";
const OWNER = "minkang.drafts-of";
const NEVER = new Set(["password", "file", "hidden", "submit", "button", "reset", "image"]);

function store(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null; // storage may be switched off; the page works all the same
  }
}

function draftKeys(kept: Storage): string[] {
  return Object.keys(kept).filter((key) => key.startsWith(PREFIX));
}

function forget(): void {
  const kept = store();
  if (kept) for (const key of draftKeys(kept)) kept.removeItem(key);
}

function read(kept: Storage, key: string): Draft | null {
  try {
    return JSON.parse(kept.getItem(key) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

function write(key: string, draft: Draft): void {
  try {
    store()?.setItem(key, JSON.stringify(draft));
  } catch {
    // full: what is typed stays on the page
  }
}

function takesPart(form: Element | null | undefined): form is HTMLFormElement {
  return (
    form instanceof HTMLFormElement &&
    (form.method === "post" || form.hasAttribute("hx-post")) &&
    !form.matches("[data-no-draft], [data-login], [role=search]") &&
    (form.matches("[data-draft]") || form.querySelector("textarea") !== null)
  );
}

function keyOf(form: HTMLFormElement): string {
  const action = form.getAttribute("action") ?? form.getAttribute("hx-post") ?? "";
  const same = Array.from(document.forms).filter(
    (other) => (other.getAttribute("action") ?? other.getAttribute("hx-post") ?? "") === action,
  );
  return `${PREFIX}${location.pathname}|${action}|${same.indexOf(form)}`;
}

function fieldsOf(form: HTMLFormElement): Field[] {
  return Array.from(form.elements).filter(
    (one): one is Field =>
      (one instanceof HTMLInputElement && !NEVER.has(one.type) && one.autocomplete !== "one-time-code") ||
      one instanceof HTMLTextAreaElement ||
      one instanceof HTMLSelectElement,
  );
}

function isTicked(field: Field): field is HTMLInputElement {
  return field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");
}

function valuesOf(form: HTMLFormElement): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  for (const field of fieldsOf(form)) {
    if (!field.name) continue;
    const list = (values[field.name] ??= []);
    if (!isTicked(field) || field.checked) list.push(field.value);
  }
  return values;
}

/** Puts a draft back; whether that changed anything. */
function fill(form: HTMLFormElement, draft: Draft): boolean {
  let changed = false;
  const taken: Record<string, number> = {};
  for (const field of fieldsOf(form)) {
    const values = draft.fields[field.name];
    if (!values) continue;
    if (isTicked(field)) {
      const ticked = values.includes(field.value);
      changed ||= ticked !== field.checked;
      field.checked = ticked;
    } else {
      const at = taken[field.name] ?? 0;
      taken[field.name] = at + 1;
      const value = values[at];
      if (value === undefined || value === field.value) continue;
      field.value = value;
      changed = true;
    }
  }
  return changed;
}

function tell(form: HTMLFormElement, key: string): void {
  const words = document.getElementById("notice");
  const note = document.createElement("div");
  note.className = "mk-box is-info mk-draft";
  note.setAttribute("role", "status");
  const text = document.createElement("p");
  text.textContent = words?.dataset["draft"] ?? "";
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "btn btn-sm";
  drop.textContent = words?.dataset["draftDrop"] ?? "";
  drop.addEventListener("click", () => {
    store()?.removeItem(key);
    form.reset();
    note.remove();
  });
  note.append(text, drop);
  form.prepend(note);
}

function restore(part: ParentNode): void {
  const kept = store();
  if (!kept) return;
  for (const form of Array.from(part.querySelectorAll("form")).filter(takesPart)) {
    const key = keyOf(form);
    const draft = read(kept, key);
    if (draft && fill(form, draft) && !form.querySelector(".mk-draft")) tell(form, key);
  }
}

/** Whether the page came as the answer to what was sent, and not by going back or trying again. */
function delivered(status: number): boolean {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const again = entry?.type === "back_forward" || entry?.type === "reload";
  return status < 400 && !again;
}

/** What was sent is forgotten once a page says that it arrived; else it is a draft again. */
function settle(kept: Storage, status: number): void {
  for (const key of draftKeys(kept)) {
    const draft = read(kept, key);
    if (!draft?.sent) continue;
    if (delivered(status)) kept.removeItem(key);
    else write(key, { ...draft, sent: false });
  }
}

function markSent(form: HTMLFormElement): void {
  const kept = store();
  const key = keyOf(form);
  if (kept?.getItem(key)) write(key, { fields: valuesOf(form), sent: true });
}

export function startDrafts(): void {
  const kept = store();
  if (!kept) return;
  const { visitor = "", status = "200" } = document.body.dataset;
  if (visitor && kept.getItem(OWNER) !== visitor) {
    forget();
    kept.setItem(OWNER, visitor);
  }
  if (visitor || Number(status) >= 400) settle(kept, Number(status));
  if (visitor) restore(document);

  document.addEventListener("input", (event) => {
    const form = event.target instanceof Element ? event.target.closest("form") : null;
    if (takesPart(form)) write(keyOf(form), { fields: valuesOf(form), sent: false });
  });
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement)) return;
    if (event.target.matches("[data-log-out]")) forget();
    else if (takesPart(event.target) && !event.defaultPrevented) markSent(event.target);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = exchangeOf(event);
    const form = elt.closest("form");
    if (takesPart(form) && xhr.status >= 200 && xhr.status < 400) kept.removeItem(keyOf(form));
  });
  document.addEventListener("htmx:load", (event) => {
    if (visitor && event.target instanceof Element && event.target !== document.body) {
      restore(event.target);
    }
  });
}
