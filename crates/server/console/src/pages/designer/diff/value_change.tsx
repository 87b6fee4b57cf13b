// One value that differs: what it was and what it is, with the changed part marked.

import { useMemo } from "react";
import { cx } from "../../../ui/class_names";
import text from "../../../ui/text.module.css";
import type { Blocks } from "../model/blocks";
import { fieldsOf, type Value } from "../model/comparison";
import type { Instance } from "../model/document";
import { type Line, marked } from "../model/marked";
import styles from "./value_change.module.css";

export function ValueChange({ value }: { value: Value }) {
  const lines = useMemo(() => marked(value.old, value.new, value.kind), [value]);
  return (
    <div className={styles.value}>
      <h4>{value.label}</h4>
      <div className={styles.lines}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else, and never change places
          <LineShown key={index} line={line} />
        ))}
      </div>
    </div>
  );
}

const SIGNS = {
  same: { sign: "", before: "" },
  removed: { sign: "−", before: "Was: " },
  added: { sign: "+", before: "Is: " },
};

function LineShown({ line }: { line: Line }) {
  if (line.state === "left-out") {
    return (
      <div className={cx(styles.line, styles.leftOut)}>
        <span aria-hidden="true">⋯</span>
        <span>{line.count} lines are the same</span>
      </div>
    );
  }
  const { sign, before } = SIGNS[line.state];
  const Mark = line.state === "removed" ? "del" : "ins";
  return (
    <div className={cx(styles.line, line.state !== "same" && styles[`${line.state}Line`])}>
      <span aria-hidden="true">{sign}</span>
      <span>
        {before && <span className="visually-hidden">{before}</span>}
        {line.pieces.map((piece, index) =>
          piece.changed ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces have nothing else, and never change places
            <Mark key={index}>{piece.text}</Mark>
          ) : (
            piece.text
          ),
        )}
        {line.pieces.every((piece) => piece.text === "") && <i className={text.soft}>empty</i>}
      </span>
    </div>
  );
}

/** All that is known of a block that is on one side alone. */
export function Fields({
  instance,
  blocks,
  removed,
}: {
  instance: Instance;
  blocks: Blocks;
  removed: boolean;
}) {
  const values = useMemo(() => fieldsOf(instance, blocks, removed), [instance, blocks, removed]);
  return values.map((value) => <ValueChange key={value.name} value={value} />);
}
