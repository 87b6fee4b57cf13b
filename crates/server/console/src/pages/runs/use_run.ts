// A run as it is known: fetched where it has ended, followed while it is under way.

import { useEffect, useState } from "react";
import { listen, type StreamState } from "../../api/events";
import { ApiError } from "../../api/problem";
import type { Run, RunEvent } from "../../api/types";
import { fetchRun } from "../../run/run_api";
import { joined, type Trace, traceOf, withEvent } from "./model/trace";

export type FollowedRun = {
  trace: Trace | undefined;
  /** The run as the API tells it, once it has ended. */
  run: Run | undefined;
  /** When `elapsedUs` of the trace was right, on the clock of `performance`. */
  at: number;
  error: unknown;
  connection: StreamState["name"] | undefined;
};

const NOTHING: FollowedRun = {
  trace: undefined,
  run: undefined,
  at: 0,
  error: undefined,
  connection: undefined,
};

export function useRun(id: string): FollowedRun {
  const [known, setKnown] = useState(NOTHING);
  useEffect(() => {
    let current = true;
    let stop = () => {};
    const change = (how: (before: FollowedRun) => FollowedRun) => current && setKnown(how);
    const take = async () => {
      const run = await fetchRun(id);
      const at = performance.now();
      const underWay = "under_way" in run;
      change((before) => {
        // Its end may have been told while this answer was on its way.
        if (underWay && before.trace?.ended) return before;
        const trace = joined(before.trace, traceOf(run));
        return { ...before, trace, run: underWay ? undefined : run, at };
      });
      return underWay;
    };
    const told = (name: string, event: RunEvent) => {
      const now = performance.now();
      change((before) => {
        const { trace, at } = before;
        if (!trace) return before;
        const next = withEvent(trace, name, event, trace.elapsedUs + (now - at) * 1000);
        return { ...before, trace: next };
      });
      if (name === "run_ended") {
        stop();
        // What was told can stand where the trace could not be kept.
        take().catch(() => {});
      }
      // The stream tells nothing more, and comes to its end; what was missed is fetched as the next one begins.
    };
    const follow = () => {
      stop = listen(`v1/runs/${encodeURIComponent(id)}/events`, {
        onEvent: (name, data) => told(name, data as RunEvent),
        onState: ({ name }) => {
          change((before) => ({ ...before, connection: name }));
          // It may have gone on, or ended, before anybody listened.
          if (name === "listening") {
            take().then(
              (underWay) => underWay || stop(),
              () => {},
            );
          }
        },
        onRefused: () => stop(),
      });
    };
    setKnown(NOTHING);
    take().then(
      (underWay) => underWay && current && follow(),
      (error) => change((before) => ({ ...before, error })),
    );
    return () => {
      current = false;
      stop();
    };
  }, [id]);
  return known;
}

/** Whether there is no such run: it has never been one, or its trace has not been kept. */
export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 422);
}
