// What a test expects, in words.

import type { ReactNode } from "react";
import type { TestCase } from "../../../api/types";
import { Facts } from "../../../ui/text";
import styles from "./cases.module.css";
import { useNaming } from "./naming";
import { expectations, pairs } from "./words";

export function Expectations({ of }: { of: TestCase }) {
  const naming = useNaming();
  const brought = pairs(of.variables);
  const facts = expectations(of, naming).map(([what, told]): [string, ReactNode] => [
    what,
    <Lines key={what} of={told} way={what === "Way"} />,
  ]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached by keyboard
    <section className={styles.expected} aria-label="What the test expects" tabIndex={0}>
      <Facts
        of={[
          ["The call brings", <Lines key="" of={brought.length ? brought : ["nothing"]} />],
          ...facts,
        ]}
      />
    </section>
  );
}

function Lines({ of, way }: { of: string[]; way?: boolean }) {
  return (
    <ul className={way ? styles.way : styles.told}>
      {of.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines may be alike, and never change their order
        <li key={index}>{line}</li>
      ))}
    </ul>
  );
}
