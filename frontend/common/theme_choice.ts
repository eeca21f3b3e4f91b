/** Light or dark: the person's stored choice, else the device's. Storage may be forbidden (private windows): then nothing is kept. */

export type Theme = "light" | "dark";
export const THEME_CHANGED = "liftlab:theme";
const KEY = "liftlab-theme";

export function storedTheme(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : null;
  } catch {
    return null;
  }
}

function deviceTheme(): Theme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function currentTheme(): Theme {
  return storedTheme() ?? deviceTheme();
}

/** Show and keep a theme. The device's own theme is kept as "no choice", so that the page follows the device again. */
export function chooseTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  try {
    if (theme === deviceTheme()) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Not kept; the page still shows it.
  }
  document.dispatchEvent(new CustomEvent(THEME_CHANGED));
}

export function onThemeChange(listener: () => void): void {
  document.addEventListener(THEME_CHANGED, listener);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener);
}
