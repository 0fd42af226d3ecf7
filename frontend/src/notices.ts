// When a request of htmx fails, say so in one place; the texts come translated with the page.
import { exchangeOf } from "./events";

type Reason = "offline" | "server" | "refused" | "session" | "busy";

function reasonOf(status: number): Reason {
  if (status === 401) return "session";
  if (status === 403) return "refused";
  if (status === 429) return "busy";
  return "server";
}

export function startNotices(): void {
  const box = document.getElementById("notice");
  if (!box) return;
  const text = box.querySelector("[data-notice-text]");
  const show = (reason: Reason) => {
    if (text) text.textContent = box.getAttribute(`data-${reason}`) ?? "";
    box.hidden = false;
  };
  box.querySelector("[data-notice-close]")?.addEventListener("click", () => {
    box.hidden = true;
  });
  document.addEventListener("htmx:responseError", (event) => {
    show(reasonOf(exchangeOf(event).xhr.status));
  });
  document.addEventListener("htmx:sendError", () => show("offline"));
  document.addEventListener("htmx:timeout", () => show("offline"));
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = exchangeOf(event);
    if (xhr.status >= 200 && xhr.status < 400) box.hidden = true;
  });
}
