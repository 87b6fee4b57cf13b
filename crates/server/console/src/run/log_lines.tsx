// What the block of a step logged.

import type { StepTrace } from "../api/types";
import { Badge, type Tone } from "../ui/notice";
import styles from "./log_lines.module.css";

type Log = StepTrace["log"];

const TONES: Record<Log[number]["level"], Tone | "neutral"> = {
  trace: "neutral",
  debug: "neutral",
  info: "info",
  warn: "warn",
  error: "bad",
};

export function LogLines({ log }: { log: Log }) {
  return (
    <ul className={styles.log}>
      {log.map(({ level, message }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are in order and never change
        <li key={index}>
          <Badge tone={TONES[level]}>{level}</Badge>
          <span>{message}</span>
        </li>
      ))}
    </ul>
  );
}
