// Theme and keys, kept in this browser only. `auto` follows the system.

export type Theme = "auto" | "light" | "dark";

const THEME = "minkang.theme";
const KEYS = "minkang.keys";

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage may be switched off; the page works all the same
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // see above
  }
}

const systemDark = matchMedia("(prefers-color-scheme: dark)");

export function isDark(): boolean {
  const theme = remembered(THEME);
  return theme === "dark" || (theme !== "light" && systemDark.matches);
}

export function applyTheme(): void {
  document.documentElement.dataset["bsTheme"] = isDark() ? "dark" : "light";
}

export function chooseTheme(theme: Theme): void {
  remember(THEME, theme);
  applyTheme();
}

export function onSystemTheme(then: () => void): void {
  systemDark.addEventListener("change", then);
}

/** Whether keys of one character do something. */
export function areKeysOn(): boolean {
  return remembered(KEYS) !== "off";
}

export function chooseKeys(on: boolean): void {
  remember(KEYS, on ? "on" : "off");
}
