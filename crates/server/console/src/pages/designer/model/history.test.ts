import { describe, expect, it } from "vitest";
import { begin, change, redo, undo } from "./history";

describe("undo", () => {
  it("goes back and forth, and forgets what was undone when something else is done", () => {
    let history = change(change(begin(1), 2), 3);
    history = undo(history);
    expect(history.present).toBe(2);
    expect(redo(history).present).toBe(3);
    expect(redo(change(history, 4)).present).toBe(4);
    expect(undo(undo(undo(history))).present).toBe(1);
  });

  it("takes what is typed in one go as one change", () => {
    const typed = change(change(begin("a"), "ab", "title", 0), "abc", "title", 500);
    expect(undo(typed).present).toBe("a");
    const later = change(change(begin("a"), "ab", "title", 0), "abc", "title", 5000);
    expect(undo(later).present).toBe("ab");
  });

  it("keeps a hundred documents", () => {
    let history = begin(0);
    for (let count = 1; count <= 300; count += 1) history = change(history, count);
    for (let count = 0; count < 300; count += 1) history = undo(history);
    expect(history.present).toBe(200);
  });
});
