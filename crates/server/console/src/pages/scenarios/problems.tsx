// What is wrong with a scenario, counted, with each place to be unfolded.

import type { Place } from "../../api/problem";
import { Places } from "../../ui/faults";
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
