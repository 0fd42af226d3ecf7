// Buttons for theme (`data-theme-switch`) and large type (`data-size-switch`), and printing.
import {
  applySize,
  applyTheme,
  chooseSize,
  chooseTheme,
  isDark,
  isLarge,
  onSystemTheme,
} from "./preferences";

export const THEME_CHANGED = "minkang:theme";

function show(): void {
  applyTheme();
  applySize();
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.setAttribute("aria-pressed", String(isDark()));
  }
  for (const button of document.querySelectorAll("[data-size-switch]")) {
    button.setAttribute("aria-pressed", String(isLarge()));
  }
  document.dispatchEvent(new Event(THEME_CHANGED));
}

export function startSwitches(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-theme-switch]")) {
      chooseTheme(isDark() ? "light" : "dark");
      show();
    } else if (event.target.closest("[data-size-switch]")) {
      chooseSize(!isLarge());
      show();
    } else if (event.target.closest("[data-print]")) {
      window.print();
    }
  });
  onSystemTheme(show);
  window.addEventListener("storage", show); // another tab chose
  show();
}
