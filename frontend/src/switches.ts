// Buttons for the theme (`data-theme-switch`), and printing.
import { applyTheme, chooseTheme, isDark, onSystemTheme } from "./preferences";

/** Colours have changed: what is drawn must be drawn again. */
export const LOOK_CHANGED = "minkang:look";

function show(): void {
  applyTheme();
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.setAttribute("aria-pressed", String(isDark()));
  }
  document.dispatchEvent(new Event(LOOK_CHANGED));
}

export function startSwitches(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-theme-switch]")) {
      chooseTheme(isDark() ? "light" : "dark");
      show();
    } else if (event.target.closest("[data-print]")) {
      window.print();
    }
  });
  onSystemTheme(show);
  window.addEventListener("beforeprint", () => {
    document.documentElement.dataset["bsTheme"] = "light"; // paper is white
    document.dispatchEvent(new Event(LOOK_CHANGED));
  });
  window.addEventListener("afterprint", show);
  window.addEventListener("storage", show); // another tab chose
  show();
}
