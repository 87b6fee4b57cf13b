// Undo and redo: whole documents, as many as a person will want back.

const MOST = 100;
/** Changes of the same thing that follow so closely are one: a word that is typed, a block that is moved by arrow keys. */
const TOGETHER_MS = 1000;

export type History<T> = {
  past: T[];
  present: T;
  future: T[];
  /** What the last change was of, and when. */
  last: { of: string; at: number } | undefined;
};

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], last: undefined };
}

/** Goes on to another document. `of` names what was changed, where changes of it go together. */
export function change<T>(history: History<T>, next: T, of = "", now = Date.now()): History<T> {
  if (next === history.present) return history;
  const { last } = history;
  const together = of !== "" && last?.of === of && now - last.at < TOGETHER_MS;
  const past = together ? history.past : [...history.past, history.present].slice(-MOST);
  return { past, present: next, future: [], last: { of, at: now } };
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  const future = [history.present, ...history.future];
  return { past: history.past.slice(0, -1), present: before, future, last: undefined };
}

export function redo<T>(history: History<T>): History<T> {
  const [after, ...future] = history.future;
  if (after === undefined) return history;
  return { past: [...history.past, history.present], present: after, future, last: undefined };
}
