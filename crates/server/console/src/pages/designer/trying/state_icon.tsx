// How a step ended, as a sign: colours are not the only one.

import { Icon } from "../../../ui/icons";
import type { State } from "../model/trial";
import styles from "./state_icon.module.css";

const ICONS: Record<State, string> = {
  running: "clock",
  done: "check",
  handled: "warning",
  failed: "close",
};

export function StateIcon({ state, size = 15 }: { state: State; size?: number }) {
  return (
    <span className={styles[state]}>
      <Icon name={ICONS[state]} size={size} />
    </span>
  );
}
