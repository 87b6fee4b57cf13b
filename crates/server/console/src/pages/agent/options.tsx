// What happens when a screen pops, besides its being shown.

import { useEffect } from "react";
import { CheckField } from "../../ui/field";
import styles from "./agent.module.css";
import { allowNotifications, allowSound, canNotify } from "./attention";
import { isWindowOpen, openWindow } from "./record_window";
import type { Settings } from "./settings";

export function Options({
  settings,
  onChange,
  onBlocked,
}: {
  settings: Settings;
  onChange: (change: Partial<Settings>) => void;
  onBlocked: (blocked: boolean) => void;
}) {
  const { opens, sounds } = settings;
  // What was chosen before the page was loaded anew needs one press, whichever, before the browser allows it.
  useEffect(() => {
    if (!opens && !sounds) return;
    const pressed = () => {
      if (sounds) allowSound();
      if (opens && !isWindowOpen()) onBlocked(!openWindow());
    };
    addEventListener("click", pressed, { once: true });
    return () => removeEventListener("click", pressed);
  }, [opens, sounds, onBlocked]);
  return (
    <fieldset className={styles.options} aria-label="When a screen pops">
      <CheckField
        label="Open records by themselves"
        hint="In one window, which you leave open. Each record takes the place of the one before."
        checked={opens}
        onChange={(opens) => {
          onChange({ opens });
          onBlocked(opens && !openWindow());
        }}
      />
      <CheckField
        label="Play a sound"
        checked={sounds}
        onChange={(sounds) => {
          if (sounds) allowSound();
          onChange({ sounds });
        }}
      />
      {canNotify() && (
        <CheckField
          label="Notify on the desktop while this page is hidden"
          checked={settings.notifies}
          onChange={async (wanted) =>
            onChange({ notifies: wanted && (await allowNotifications()) })
          }
        />
      )}
    </fieldset>
  );
}
