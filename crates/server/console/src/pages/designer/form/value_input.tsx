// Any JSON value: text with variables and expressions for most, and the other types for who needs them.

import { useState } from "react";
import { Completed } from "../../../ui/completed";
import styles from "./form.module.css";
import { useForm } from "./form_context";

type Mode = "text" | "number" | "boolean" | "nothing" | "json";

const MODES: [Mode, string][] = [
  ["text", "Text"],
  ["number", "Number"],
  ["boolean", "Yes or no"],
  ["nothing", "Nothing"],
  ["json", "JSON"],
];

function modeOf(value: unknown): Mode {
  if (value === undefined || typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  return value === null ? "nothing" : "json";
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What a text means in a mode; the text itself where it means nothing in it. */
function meant(mode: Mode, text: string): unknown {
  if (mode === "number") return text.trim() && Number.isFinite(Number(text)) ? Number(text) : text;
  if (mode === "boolean") return text === "true";
  if (mode === "nothing") return null;
  if (mode === "json") {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}

export function ValueInput({
  value,
  onChange,
  label,
  id,
  invalid,
  placeholder,
}: {
  value: unknown;
  onChange: (value: unknown) => void;
  /** What it is the value of, for readers of screens. */
  label: string;
  id?: string | undefined;
  invalid?: boolean;
  placeholder?: string;
}) {
  const { complete } = useForm();
  const [entered, setEntered] = useState({ mode: modeOf(value), text: textOf(value) });
  // What was changed elsewhere counts, but `1.` on the way to `1.5` stays as it is typed.
  const current = JSON.stringify(meant(entered.mode, entered.text)) === JSON.stringify(value ?? "");
  const { mode, text } = current ? entered : { mode: modeOf(value), text: textOf(value) };
  const enter = (mode: Mode, text: string) => {
    setEntered({ mode, text });
    onChange(meant(mode, text));
  };
  const name = id ? { id } : { "aria-label": label };
  return (
    <div className={styles.value}>
      {mode === "nothing" && <span className={styles.nothing}>null</span>}
      {mode === "boolean" && (
        <select
          {...name}
          className={styles.select}
          value={text}
          onChange={(event) => enter(mode, event.target.value)}
        >
          <option value="true">Yes</option>
          <option value="false">No</option>
        </select>
      )}
      {mode !== "nothing" && mode !== "boolean" && (
        <Completed
          {...name}
          aria-invalid={invalid ?? false}
          value={text}
          onChange={(text) => enter(mode, text)}
          complete={complete}
          mono={mode === "json"}
          multiline={mode === "json"}
          placeholder={placeholder ?? ""}
        />
      )}
      <select
        className={styles.mode}
        aria-label={`Type of ${label}`}
        value={mode}
        onChange={(event) => {
          const next = event.target.value as Mode;
          enter(next, next === "boolean" ? String(text === "true") : text);
        }}
      >
        {MODES.map(([value, shown]) => (
          <option key={value} value={value}>
            {shown}
          </option>
        ))}
      </select>
    </div>
  );
}
