// Parts that refresh themselves: say what is new to a screen reader, keep opened details open,
// show whether the connection lives, and let people pause (WCAG 2.2.2).
import { exchangeOf, within } from "./events";

const opened = new Set<string>();

function rememberOpened(part: ParentNode): void {
  for (const details of within<HTMLDetailsElement>(part, "details[id]")) {
    if (details.open) opened.add(details.id);
    else opened.delete(details.id);
  }
}

function reopen(part: ParentNode): void {
  for (const details of within<HTMLDetailsElement>(part, "details[id]")) {
    if (opened.has(details.id)) details.open = true;
  }
}

/** On a phone, what is open on a desk starts closed: <details open data-open-when-wide>. */
function closeOnNarrow(part: ParentNode): void {
  if (!matchMedia("(max-width: 991.98px)").matches) return;
  for (const details of within<HTMLDetailsElement>(part, "details[data-open-when-wide]")) {
    details.open = false;
  }
}

function announce(part: ParentNode): void {
  const place = document.getElementById("announcements");
  const news = within<HTMLElement>(part, "[data-announce]")
    .map((element) => element.dataset["announce"] ?? "")
    .filter((text) => text !== "");
  if (place && news.length > 0) place.textContent = news.slice(0, 3).join("；");
}

function showConnection(alive: boolean): void {
  for (const sign of document.querySelectorAll<HTMLElement>("[data-connection]")) {
    sign.dataset["connection"] = alive ? "open" : "lost";
    const label = sign.querySelector("[data-connection-label]");
    if (label) label.textContent = sign.getAttribute(alive ? "data-open" : "data-lost");
  }
}

export function startLive(): void {
  let paused = false;

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest("[data-pause]");
    if (!button) return;
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
    const label = button.querySelector("[data-pause-label]");
    if (label) label.textContent = button.getAttribute(paused ? "data-resume-text" : "data-pause-text");
    button.closest("[data-live-page]")?.classList.toggle("is-paused", paused);
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt } = exchangeOf(event);
    // Only the refresh itself is held back, never what a person asked for.
    if (elt.matches("[data-live]") && (paused || document.hidden)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    rememberOpened(exchangeOf(event).target);
  });
  document.addEventListener("htmx:load", (event) => {
    if (!(event.target instanceof Element)) return;
    closeOnNarrow(event.target);
    reopen(event.target);
    announce(event.target);
  });
  closeOnNarrow(document);
  document.addEventListener("htmx:sseOpen", () => showConnection(true));
  document.addEventListener("htmx:sseError", () => showConnection(false));
}
