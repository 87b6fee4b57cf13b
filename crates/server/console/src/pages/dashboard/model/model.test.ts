// What the dashboard makes of the statistics.

import { describe, expect, it } from "vitest";
import type { Account, AccountHeadRoom, Figures, Point, Statistics } from "../../../api/types";
import { blockName, failureKinds } from "./kinds";
import { isOld, needs, throttledWords } from "./needs";
import { count, share } from "./numbers";
import { bounds, isShort, lastWhole, SPANS, spanOf } from "./spans";

const none = { count: 0, failed: 0, cancelled: 0, failures: {}, latency: null };

function statistics(part: Partial<Statistics> = {}): Statistics {
  const at = ["12:00", "12:01", "12:02"];
  const points: Point[] = at.map((time) => ({ ...none, at: `2026-11-26T${time}:00Z` }));
  return {
    from: "2026-11-26T12:00:00Z",
    until: "2026-11-26T12:02:30Z",
    since: "2026-11-26T09:00:00Z",
    interval: 1,
    calls: none,
    points,
    scenarios: [],
    blocks: [],
    others: { scenarios: null, blocks: null },
    accounts: [],
    ...part,
  };
}

describe("spans", () => {
  it("have a hundred points at most", () => {
    for (const { minutes, interval } of SPANS) expect(minutes / interval).toBeLessThanOrEqual(100);
    expect(spanOf("360").minutes).toBe(360);
    expect(spanOf("7").minutes).toBe(60);
    expect(spanOf(null).minutes).toBe(60);
  });

  it("end where their last point will have ended", () => {
    expect(bounds(statistics()).end.toISOString()).toBe("2026-11-26T12:03:00.000Z");
    expect(bounds(statistics()).starts).toHaveLength(3);
  });

  it("know the last point that is over, and what is not known", () => {
    expect(lastWhole(statistics())?.at).toBe("2026-11-26T12:01:00Z");
    expect(lastWhole(statistics({ since: "2026-11-26T12:02:10Z" }))).toBeUndefined();
    expect(isShort(statistics())).toBe(false);
    expect(isShort(statistics({ since: "2026-11-26T12:00:20Z" }))).toBe(false);
    expect(isShort(statistics({ since: "2026-11-26T12:01:20Z" }))).toBe(true);
  });
});

describe("numbers", () => {
  it("are told in groups of three digits", () => {
    expect(count(12_345)).toBe("12,345");
  });

  it("do not tell a little as nothing, or nearly all as all", () => {
    expect(share(0, 0)).toBe("–");
    expect(share(0, 5)).toBe("0 %");
    expect(share(1, 10_000)).toBe("< 0.1 %");
    expect(share(9_999, 10_000)).toBe("> 99.9 %");
    expect(share(1, 3)).toBe("33 %");
    expect(share(1, 40)).toBe("2.5 %");
    expect(share(5, 5)).toBe("100 %");
  });
});

describe("failures by kind", () => {
  it("are those of steps and of calls, the most first", () => {
    const failing = (failures: Record<string, number>) => ({ ...none, failures }) as Figures;
    const told = failureKinds(
      statistics({
        calls: failing({ crashed: 2 }),
        blocks: [
          { block: "a@1", ...failing({ timeout: 1, crashed: 2 }) },
          { block: "b@1", ...failing({ timeout: 3 }) },
        ],
        others: { scenarios: null, blocks: failing({ conflict: 1 }) },
      }),
    );
    expect(told).toEqual([
      { kind: "timeout", steps: 4, calls: 0 },
      { kind: "crashed", steps: 2, calls: 2 },
      { kind: "conflict", steps: 1, calls: 0 },
    ]);
  });
});

describe("the name of a block", () => {
  it("is told without whom it is from, which stands below", () => {
    const below = "microsoft-dynamics 1.1.0";
    expect(blockName("microsoft-dynamics.search-object@1.1.0")).toEqual(["search-object", below]);
    expect(blockName("greet@1.0.0-dev.2")).toEqual(["greet", "1.0.0-dev.2"]);
    expect(blockName("odd")).toEqual(["odd", ""]);
  });
});

describe("accounts that need something", () => {
  const account = (id: string, part: Partial<Account> = {}) =>
    ({ id, name: id, state: "valid", warnings: [], ...part }) as unknown as Account;
  const known = (id: string, wait: string | null) =>
    ({ id, wait_until: wait }) as unknown as AccountHeadRoom;
  const now = "2026-11-26T12:00:00Z";

  it("are told the worst first", () => {
    const accounts = [
      account("fine"),
      account("soon", { warnings: [{ cause: "secret_expires", message: "expires" }] }),
      account("waits"),
      account("waited"),
      account("over", { warnings: [{ cause: "certificate_expired", message: "over" }] }),
      account("lost", { state: "consent_required", reason: "the consent was withdrawn" }),
    ];
    const room = [known("waits", "2026-11-26T12:00:09Z"), known("waited", "2026-11-26T11:59:00Z")];
    const told = needs(accounts, room, now).map(({ account, title }) => `${account.id}: ${title}`);
    expect(told).toEqual([
      "over: Expired",
      "lost: Consent required",
      "soon: Expires soon",
      "waits: Throttled",
    ]);
  });

  it("are told what Dynamics 365 refused, and when a reading is out of date", () => {
    const all = { requests: 2, execution_time: 0, concurrency: 1, unknown: 0 };
    expect(throttledWords(all)).toBe("2 for requests, 1 for requests at once");
    expect(throttledWords({ ...all, requests: 0, concurrency: 0 })).toBe("");
    expect(isOld("2026-11-26T11:55:01Z", now)).toBe(false);
    expect(isOld("2026-11-26T11:54:59Z", now)).toBe(true);
  });
});
