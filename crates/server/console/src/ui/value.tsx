// Values, and texts of requests: short ones in a line, long ones in a box of their own.

import text from "./text.module.css";
import styles from "./value.module.css";

const SHORT = 60;

export function Value({ of, name }: { of: unknown; name: string }) {
  if (of === undefined) return <span className={text.soft}>not set</span>;
  if (of === "") return <span className={text.soft}>empty</span>;
  const isPlain = typeof of === "string" && !isJson(of);
  const short = isPlain ? of : JSON.stringify(of);
  if (short.length <= SHORT && !short.includes("\n")) return <Literal>{short}</Literal>;
  return <Code text={isPlain ? of : JSON.stringify(of, null, 2)} name={name} />;
}

/** Texts stand as they are, but for those that would be taken for a number, `true` or a list. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A text as it is, within others. */
export function Literal({ children }: { children: string }) {
  return <code className={styles.literal}>{children}</code>;
}

/** A text of several lines. */
export function Code({ text, name }: { text: string; name: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached by keyboard
    <section className={styles.code} tabIndex={0} aria-label={name}>
      <pre>{text}</pre>
    </section>
  );
}
