// Keyboard: "/" goes to the search box, arrows walk from it through the results.

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

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "/" && !typing(event.target)) {
      const box = document.querySelector<HTMLInputElement>("[data-search]");
      if (!box) return;
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      walk(event);
    }
  });
}
