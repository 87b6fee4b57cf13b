// Short messages that pass by: something was done. What must be read stands in the page instead.

import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import { cx } from "./class_names";
import { Icon } from "./icons";
import styles from "./toast.module.css";

type Toast = { id: number; text: string; tone: "good" | "bad" };
type Tell = (text: string, tone?: Toast["tone"]) => void;

const LASTS_MS = 6000;
/** Those before have been read, or never will be; they are not to cover the page. */
const AT_ONCE = 2;
const Told = createContext<Tell>(() => {});
let lastId = 0;

export function Toasts({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const tell = useCallback<Tell>((text, tone = "good") => {
    lastId += 1;
    const id = lastId;
    setToasts((before) => [...before, { id, text, tone }].slice(-AT_ONCE));
    setTimeout(() => setToasts((before) => before.filter((toast) => toast.id !== id)), LASTS_MS);
  }, []);
  return (
    <Told value={tell}>
      {children}
      <div className={styles.toasts} role="status">
        {toasts.map(({ id, text, tone }) => (
          <div key={id} className={cx(styles.toast, tone === "bad" && styles.bad)}>
            <Icon name={tone === "good" ? "check" : "warning"} />
            <span>{text}</span>
          </div>
        ))}
      </div>
    </Told>
  );
}

/** `useToast()("Saved.")` */
export function useToast(): Tell {
  return useContext(Told);
}
