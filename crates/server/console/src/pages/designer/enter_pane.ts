// The way of the keyboard into the Edit pane.

/** By which the pane is found: who sends the focus there stands elsewhere on the page. */
export const PANE = "edit-pane";

/** Goes on in the Edit pane, once it shows what has just been selected. */
export function enterPane(): void {
  requestAnimationFrame(() => document.getElementById(PANE)?.focus());
}
