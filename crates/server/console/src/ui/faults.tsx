// What a request was refused for: in a sentence, and by the places of what was sent.

import { ApiError, messageOf, type Place, sentence } from "../api/problem";
import styles from "./faults.module.css";
import { Notice } from "./notice";

/** Nothing, where there is no error. */
export function Faults({ error }: { error: unknown }) {
  if (error === undefined) return null;
  const places = error instanceof ApiError ? error.places : [];
  return (
    <Notice tone="bad" title={messageOf(error)}>
      {places.length > 0 && <Places places={places} />}
    </Notice>
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
