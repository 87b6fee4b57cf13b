// A text that is completed while it is typed: names to choose from, which are offered and never forced.

import { type KeyboardEvent, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { cx } from "./class_names";
import styles from "./completed.module.css";
import field from "./field.module.css";

export type Option = {
  /** What is put in. */
  value: string;
  /** What is read, where that is not the value itself. */
  shown?: string;
  hint?: string;
  /** Where the caret goes, counted from the end of what was put in. */
  back?: number;
};

/** What may stand in place of a part of the text. */
export type Completion = { from: number; to: number; options: Option[] };
/** `typed`: whether the text was just typed; otherwise the list is opened to look at what there is. */
export type Complete = (text: string, caret: number, typed: boolean) => Completion | null;

const MOST = 60;

type Props = {
  id?: string;
  "aria-describedby"?: string | undefined;
  "aria-invalid"?: boolean;
  "aria-label"?: string;
  value: string;
  onChange: (value: string) => void;
  complete: Complete;
  multiline?: boolean;
  rows?: number;
  mono?: boolean;
  disabled?: boolean;
  placeholder?: string;
};

/** Where the caret stood when something was asked for, and whether by typing. */
type Asked = { caret: number; typed: boolean };
type Control = HTMLInputElement | HTMLTextAreaElement;

export function Completed({
  value,
  onChange,
  complete,
  multiline,
  rows = 3,
  mono,
  ...rest
}: Props) {
  const listId = useId();
  const control = useRef<Control>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [active, setActive] = useState(-1);
  // Found anew each time: what there is to offer may arrive after the text was typed.
  const offered = asked && offer(complete(value, asked.caret, asked.typed));
  const close = () => setAsked(null);
  const ask = (caret: number | null, typed: boolean) => {
    setAsked({ caret: caret ?? value.length, typed });
    setActive(-1);
  };
  const take = (option: Option) => {
    if (!offered) return;
    const text = value.slice(0, offered.from) + option.value + value.slice(offered.to);
    const caret = offered.from + option.value.length - (option.back ?? 0);
    // At once: what is typed next may come before the next frame.
    flushSync(() => {
      onChange(text);
      close();
    });
    control.current?.focus();
    control.current?.setSelectionRange(caret, caret);
  };
  const keys = (event: KeyboardEvent<Control>) => {
    if (!offered) {
      if (event.key === "ArrowDown" && !multiline) ask(event.currentTarget.selectionStart, false);
      return;
    }
    const count = offered.options.length;
    const chosen = offered.options[active];
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = moves[event.key];
    if (step) setActive((active + step + count + (active < 0 && step < 0 ? 1 : 0)) % count);
    else if (event.key === "Escape") close();
    else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(chosen);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const wiring = {
    ...rest,
    ref: control as never,
    value,
    autoComplete: "off",
    spellCheck: false,
    className: cx(field.control, mono && field.mono),
    "aria-autocomplete": "list" as const,
    "aria-controls": offered ? listId : undefined,
    "aria-activedescendant": offered && active >= 0 ? `${listId}-${active}` : undefined,
    onChange: (event: { target: Control }) => {
      onChange(event.target.value);
      ask(event.target.selectionStart ?? event.target.value.length, true);
    },
    onKeyDown: keys,
    onBlur: close,
  };
  return (
    <div className={styles.completed}>
      {multiline ? (
        <textarea {...wiring} rows={rows} />
      ) : (
        <input
          {...wiring}
          role="combobox"
          aria-expanded={offered !== null}
          onClick={() => ask(control.current?.selectionStart ?? null, false)}
        />
      )}
      {offered && (
        <div className={styles.options} id={listId} role="listbox" aria-label="Suggestions">
          {offered.options.map((option, index) => (
            <div
              key={option.value}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              ref={(shown) => {
                if (index === active) shown?.scrollIntoView({ block: "nearest" });
              }}
              className={cx(styles.option, index === active && styles.active)}
              // Before the field loses the focus, which closes the list.
              onMouseDown={(event) => {
                event.preventDefault();
                take(option);
              }}
            >
              <span>{option.shown ?? option.value}</span>
              {option.hint && <span className={styles.hint}>{option.hint}</span>}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** The first of what was found; nothing where nothing was. */
function offer(found: Completion | null): Completion | null {
  const options = found?.options.slice(0, MOST) ?? [];
  return found && options.length > 0 ? { ...found, options } : null;
}

/** Offers whole texts: what has been typed chooses among them. */
export function wholeText(options: Option[]): Complete {
  return (text, _caret, typed) => {
    const whole = { from: 0, to: text.length };
    const isOne = options.some((option) => option.value === text);
    if (isOne) return typed ? null : { ...whole, options };
    const wanted = text.trim().toLowerCase();
    const fits = ({ value, shown = "", hint = "" }: Option) =>
      `${value} ${shown} ${hint}`.toLowerCase().includes(wanted);
    return { ...whole, options: options.filter(fits) };
  };
}
