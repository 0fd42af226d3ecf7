// Something is being fetched: a line at the top of the page after a moment, and no second sending
// of the same form. Live parts that refresh themselves show nothing.
import { exchangeOf } from "./events";

const PATIENCE = 350; // milliseconds: what is faster than this needs no sign
const LONGEST = 20_000; // a download answers without a new page

let waiting: ReturnType<typeof setTimeout> | undefined;
let ending: ReturnType<typeof setTimeout> | undefined;

function begin(): void {
  const line = document.getElementById("progress");
  if (!line) return;
  clearTimeout(waiting);
  clearTimeout(ending);
  waiting = setTimeout(() => {
    line.hidden = false;
  }, PATIENCE);
  ending = setTimeout(end, LONGEST);
}

function end(): void {
  clearTimeout(waiting);
  clearTimeout(ending);
  const line = document.getElementById("progress");
  if (line) line.hidden = true;
  for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
}

function leaves(link: HTMLAnchorElement, event: MouseEvent): boolean {
  return (
    event.button === 0 &&
    !event.defaultPrevented &&
    !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) &&
    link.target === "" &&
    !link.hasAttribute("download") &&
    link.origin === location.origin &&
    (link.pathname !== location.pathname || link.search !== location.search)
  );
}

export function startProgress(): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (link instanceof HTMLAnchorElement && leaves(link, event)) begin();
  });
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement) || event.defaultPrevented) return;
    if (event.target.hasAttribute("aria-busy")) {
      event.preventDefault();
      return;
    }
    if (event.target.target === "") event.target.setAttribute("aria-busy", "true");
    begin();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.defaultPrevented && !exchangeOf(event).elt.matches("[data-live]")) begin();
  });
  document.addEventListener("htmx:afterRequest", end);
  window.addEventListener("pageshow", end);
}
