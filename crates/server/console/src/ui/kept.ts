// What is kept in the browser. It may keep nothing, where somebody has told it so or where it is full: pages work all the same.

/** What was kept, as JSON; undefined where there is nothing that can be read. */
export function kept(key: string, storage = () => localStorage): unknown {
  try {
    return JSON.parse(storage().getItem(key) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

export function keep(key: string, value: unknown, storage = () => localStorage): void {
  try {
    storage().setItem(key, JSON.stringify(value));
  } catch {
    // Then it is forgotten with the page.
  }
}
