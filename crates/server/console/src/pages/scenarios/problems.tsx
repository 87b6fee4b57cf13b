// What is wrong with a scenario, counted, with each place to be unfolded.

import { type Place, sentence } from "../../api/problem";
import { Icon } from "../../ui/icons";
import { counted, told } from "../designer/model/problems";
import styles from "./scenarios.module.css";

export function Problems({ problems }: { problems: Place[] }) {
  if (problems.length === 0) return null;
  const { errors, warnings } = counted(problems);
  return (
    <details className={styles.problems}>
      <summary className={errors ? styles.bad : styles.warn}>
        <Icon name="warning" size={14} /> {told(errors, warnings)}
      </summary>
      <Places places={problems} />
    </details>
  );
}

export function Places({ places }: { places: Place[] }) {
  return (
    <ul className={styles.places}>
      {places.map(({ pointer, message }) => (
        <li key={pointer + message}>
          {pointer && <code>{pointer}</code>} {sentence(message)}
        </li>
      ))}
    </ul>
  );
}
