// Values of variables, and texts of requests: short ones in a line, long ones in a box of their own.

import { useState } from "react";
import { Button } from "../../../ui/button";
import styles from "./trying.module.css";

const SHORT = 60;

export function Value({ of, name }: { of: unknown; name: string }) {
  if (of === undefined) return <span className={styles.soft}>not set</span>;
  const text = typeof of === "string" ? of : JSON.stringify(of, null, 2);
  if (text === "") return <span className={styles.soft}>empty</span>;
  const short = text.length <= SHORT ? text : JSON.stringify(of);
  if (short.length <= SHORT && !short.includes("\n"))
    return <code className={styles.value}>{typeof of === "string" ? text : short}</code>;
  return <Code text={text} name={name} />;
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

/** JSON with line breaks; anything else as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function Copy({ text, name }: { text: string; name: string }) {
  const [copied, setCopied] = useState(false);
  // Without https the browser gives a page no clipboard; the text can still be selected.
  if (!navigator.clipboard) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <Button
      look="quiet"
      icon={copied ? "check" : "copy"}
      aria-label={`${copied ? "Copied" : "Copy"} ${name}`}
      onClick={copy}
    >
      {copied ? "Copied" : "Copy"}
    </Button>
  );
}
