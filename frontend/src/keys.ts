// Keyboard: "/" goes to the search box, arrows walk from it through the results, "?" opens the help,
// "g" and then "h" lead home. Keys of one character can be switched off (WCAG 2.1.4).
import { areKeysOn, chooseKeys } from "./preferences";

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

function walk(event: KeyboardEvent): void {
  const box = document.querySelector<HTMLInputElement>("[data-search]");
  const steps = Array.from(document.querySelectorAll<HTMLElement>("[data-step]"));
  if (!box || steps.length === 0) return;
  const here = document.activeElement;
  const at = here === box ? -1 : steps.findIndex((step) => step === here);
  if (at === -1 && here !== box) return;
  const next = at + (event.key === "ArrowDown" ? 1 : -1);
  if (next >= steps.length) return;
  event.preventDefault();
  (next < 0 ? box : steps[next])?.focus();
}

function toSearch(event: KeyboardEvent): void {
  const box = document.querySelector<HTMLInputElement>("[data-search], input[type=search]");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
}

function toggleHelp(event: KeyboardEvent): void {
  const help = document.querySelector<HTMLDetailsElement>("details[data-help]");
  if (!help) return;
  event.preventDefault();
  help.open = !help.open;
  help.querySelector("summary")?.focus();
}

function showKeys(): void {
  for (const button of document.querySelectorAll("[data-keys-switch]")) {
    button.setAttribute("aria-pressed", String(areKeysOn()));
  }
}

export function startKeys(): void {
  let before = "";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(event);
    if (typing(event.target) || !areKeysOn()) return;
    if (event.key === "/") toSearch(event);
    else if (event.key === "?" || event.key === "？") toggleHelp(event);
    else if (event.key === "h" && before === "g") {
      document.querySelector<HTMLAnchorElement>("a.mk-brand")?.click();
    }
    before = event.key;
  });
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-keys-switch]")) return;
    chooseKeys(!areKeysOn());
    showKeys();
  });
  showKeys();
}
