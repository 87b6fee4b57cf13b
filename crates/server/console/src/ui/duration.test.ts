// How long something took, in words.

import { expect, test } from "vitest";
import { duration, durationOfMs } from "./duration";

test("has as many digits as mean something", () => {
  const told = [0, 842, 41_318, 99_960, 999_400, 2_050_000, 65_000_000].map(duration);
  expect(told).toEqual(["0 µs", "842 µs", "41.3 ms", "100 ms", "999 ms", "2.05 s", "1 min 5 s"]);
});

test("takes the next unit where it would be rounded up to one", () => {
  expect([999.4, 999.6, 59_960].map(durationOfMs)).toEqual(["999 ms", "1 s", "1 min 0 s"]);
});
