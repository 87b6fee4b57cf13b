// What has happened since the list of runs was fetched. It is told, and moves nothing under the mouse.

import { useEffect, useState } from "react";
import { listen } from "../../api/events";
import type { RunEvent } from "../../api/types";

/** Past so many nobody counts any more, and the server need not tell each. */
const MOST = 500;

export type News = {
  /** Runs that have begun or ended since. */
  count: number;
  /** There are more than were counted. */
  more: boolean;
  /** Results of the runs that have ended since, by id. */
  ended: ReadonlyMap<string, Pick<RunEvent, "result" | "failure" | "elapsed_ms">>;
};

const NONE: News = { count: 0, more: false, ended: new Map() };

/** Listens while `wanted` holds; begins anew with each `round`. */
export function useNews(wanted: boolean, round: number): News {
  const [news, setNews] = useState(NONE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each round it is counted anew
  useEffect(() => {
    setNews(NONE);
    if (!wanted) return;
    const changed = new Set<string>();
    const ended = new Map(NONE.ended);
    let more = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // At most once a second, however many calls there are.
    const tell = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setNews({ count: changed.size, more, ended: new Map(ended) });
      }, 1000);
    };
    const stop = listen("v1/runs/events", {
      onEvent: (name, data) => {
        const event = data as RunEvent;
        if (name === "run_began" && event.run) changed.add(event.run);
        else if (name === "run_ended" && event.run) {
          changed.add(event.run);
          ended.set(event.run, event);
        } else if (name === "missed") more = true;
        else return;
        if (changed.size >= MOST) more = true;
        if (more) stop();
        tell();
      },
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [wanted, round]);
  return news;
}
