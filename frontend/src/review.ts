// The identity desk by keyboard. In the queue j and k walk through the pairs; on a pair they lead to
// the next and the one before, t takes it, 1 2 3 choose a verdict and go to the reason.
import { areKeysOn } from "./preferences";

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("textarea, select, input:not([type=radio])");
}

function walk(by: number): boolean {
  const rows = Array.from(document.querySelectorAll<HTMLElement>("[data-review-row]"));
  if (rows.length === 0) return false;
  const at = rows.findIndex((row) => row === document.activeElement);
  rows[Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
  return true;
}

function press(selector: string): boolean {
  const found = document.querySelector<HTMLElement>(`[data-review-pair] ${selector}`);
  found?.click();
  return found !== null;
}

function choose(key: string): boolean {
  const radio = document.querySelector<HTMLInputElement>(`[data-review-verdict="${key}"]`);
  if (!radio) return false;
  radio.checked = true;
  radio.form?.querySelector<HTMLElement>("[data-review-reason]")?.focus();
  return true;
}

function act(key: string): boolean {
  if (key === "j") return walk(1) || press("[data-review-next]");
  if (key === "k") return walk(-1) || press("[data-review-previous]");
  if (key === "t") return press("[data-review-take]");
  return /^[123]$/.test(key) && choose(key);
}

export function startReview(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !areKeysOn()) return;
    if (!typing(event.target) && act(event.key)) event.preventDefault();
  });
}
