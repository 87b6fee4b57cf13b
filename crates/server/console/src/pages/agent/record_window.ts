// The one window in which records open, so that the next record takes the place of the one before. A browser lets a page open a window only
// while somebody presses something in it: so it is opened then, and led on afterwards.

const NAME = "patchcord-record";
let held: Window | null = null;

/** Whether there is a window to be led on. */
export function isWindowOpen(): boolean {
  return held !== null && !held.closed;
}

/** Opens the window empty, or finds the one that there is; false where the browser refuses. */
export function openWindow(): boolean {
  if (isWindowOpen()) return true;
  held = open("", NAME);
  if (!held) return false;
  try {
    // What opens in it must not lead this page elsewhere.
    held.opener = null;
    if (held.location.href === "about:blank") {
      held.document.title = "Records open here · Patchcord";
      held.document.body.textContent =
        "Records open here as calls come in. Leave this window open.";
    }
  } catch {
    // Dynamics 365 is in it already, from before this page was loaded anew.
  }
  return true;
}

/** Shows a record in the window; false where the browser refuses. */
export function showRecord(link: string): boolean {
  if (!openWindow() || !held) return false;
  held.location.href = link;
  held.focus();
  return true;
}
