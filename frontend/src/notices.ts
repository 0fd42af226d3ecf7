// When a request of htmx fails, or the connection is lost, say so in one place; the texts come
// translated with the page.
import { exchangeOf } from "./events";

type Reason =
  | "offline" | "online" | "server" | "refused" | "session" | "busy"
  | "gone" | "changed" | "large" | "unsuitable"; // prettier-ignore

const REASONS: Record<number, Reason> = {
  400: "unsuitable",
  401: "session",
  403: "refused",
  404: "gone",
  409: "changed",
  413: "large",
  422: "unsuitable",
  429: "busy",
};
const SHORTLY = 5000; // milliseconds that good news stays

export function startNotices(): void {
  const box = document.getElementById("notice");
  if (!box) return;
  const text = box.querySelector("[data-notice-text]");
  const show = (reason: Reason) => {
    if (text) text.textContent = box.getAttribute(`data-${reason}`) ?? "";
    box.classList.toggle("is-ok", reason === "online");
    box.hidden = false;
  };
  box.querySelector("[data-notice-close]")?.addEventListener("click", () => {
    box.hidden = true;
  });
  document.addEventListener("htmx:responseError", (event) => {
    show(REASONS[exchangeOf(event).xhr.status] ?? "server");
  });
  document.addEventListener("htmx:sendError", () => show("offline"));
  document.addEventListener("htmx:timeout", () => show("offline"));
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = exchangeOf(event);
    if (xhr.status >= 200 && xhr.status < 400) box.hidden = true;
  });
  window.addEventListener("offline", () => show("offline"));
  window.addEventListener("online", () => {
    show("online");
    setTimeout(() => {
      box.hidden = true;
    }, SHORTLY);
  });
  // A form sent without a connection would leave the page for the browser's own error.
  document.addEventListener(
    "submit",
    (event) => {
      if (navigator.onLine) return;
      event.preventDefault();
      event.stopPropagation();
      show("offline");
    },
    true,
  );
}
