// What is tried in the designer, or replayed: asked for, heard of while it is under way, and kept until the next.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { isAbort } from "../../../api/client";
import { ApiError } from "../../../api/problem";
import type { Run, RunEvent, TryAnswer, TryRequest } from "../../../api/types";
import { cancelRun } from "../../../run/run_api";
import type { ScenarioDocument } from "../model/document";
import { recordedBy, type Walked } from "../model/replays";
import {
  culprit,
  followed,
  isSame,
  type Marks,
  marksOf,
  type Visit,
  visitsOf,
} from "../model/trial";
import { attempt, newId } from "./trial_api";

const SHOWN_EVERY_MS = 40;

/** What is shown: a trial that is under way or over, or the run of a call. */
export type Shown = Walked & {
  isUnderWay: boolean;
  answer?: TryAnswer | undefined;
  run?: Run | undefined;
  /** The document that was tried. */
  tried?: ScenarioDocument | undefined;
  /** What a replay was answered. */
  answers?: Answers | undefined;
};

/** What a trial is asked for besides the document. */
export type Asked = Partial<
  Pick<TryRequest, "variables" | "locale" | "deadline_ms" | "dry_run" | "replay" | "live_reads">
>;
export type Answers = "recorded" | "live_reads" | "afresh";

export type Trying = {
  shown: Shown | undefined;
  /** The run of a call that is replayed; none where sample values are tried. */
  call: Run | undefined;
  marks: Marks | undefined;
  busy: boolean;
  /** Why there was no trial. */
  error: unknown;
  /** The document that was refused: its places count its blocks. */
  refused: ScenarioDocument | undefined;
  chosen: Visit | undefined;
  choose: (visit: Visit | undefined) => void;
  /** Tries the document as it is on the canvas. */
  run: (asked: Asked) => void;
  /** Walks what is shown once more, from one of its visits on or from its beginning. */
  replay: (from: Visit | undefined, answers: Answers) => void;
  stop: () => void;
  /** Shows the run of a call. */
  show: (run: Run, at: { step: string; visit: number } | undefined) => void;
  /** Shows nothing any more. */
  clear: () => void;
};

export function useTrying(document: ScenarioDocument): Trying {
  const [shown, setShown] = useState<Shown>();
  const [call, setCall] = useState<Run>();
  const [error, setError] = useState<unknown>();
  const [refused, setRefused] = useState<ScenarioDocument>();
  const [chosen, choose] = useState<Visit>();
  const abort = useRef<AbortController>(undefined);
  const busy = shown?.isUnderWay ?? false;
  useEffect(() => () => abort.current?.abort(), []);

  /** What is heard of a trial is shown together: a loop tells of more steps than anybody sees. */
  const follower = (id: string) => {
    let heard: RunEvent[] = [];
    const show = () => {
      const now = heard;
      heard = [];
      setShown((before) =>
        before?.id === id && before.isUnderWay
          ? { ...before, visits: now.reduce(followed, before.visits) }
          : before,
      );
    };
    return (event: RunEvent) => {
      heard.push(event);
      if (heard.length === 1) setTimeout(show, SHOWN_EVERY_MS);
    };
  };
  const begin = async (asked: Asked, first: Omit<Shown, "id" | "isUnderWay">) => {
    const id = newId();
    const signal = new AbortController();
    const before = shown;
    abort.current?.abort();
    abort.current = signal;
    setError(undefined);
    choose(undefined);
    setShown({ ...first, id, isUnderWay: true });
    try {
      const request = { ...asked, document };
      const answer = await attempt(document.name, id, request, follower(id), signal.signal);
      const visits = visitsOf(answer.steps);
      const { rebuilt } = answer;
      const { origin, tried, answers } = first;
      setShown({ id, visits, rebuilt, origin, answer, tried, answers, isUnderWay: false });
      choose(answer.failure ? culprit(visits) : undefined);
    } catch (thrown) {
      if (isAbort(thrown)) return;
      setError(thrown);
      setRefused(document);
      setShown(before?.isUnderWay ? undefined : before);
    }
  };
  const nothing = { visits: [], rebuilt: 0, tried: document };
  const run = (asked: Asked) => begin(asked, nothing);
  const replay = (from: Visit | undefined, answers: Answers) => {
    const replayed = { ...nothing, answers };
    const how = { live_reads: answers === "live_reads" };
    const afresh = answers === "afresh";
    if (!from) {
      if (call) begin({ ...how, replay: { run: call.run, afresh } }, replayed);
      return;
    }
    const at = shown?.visits.findIndex((visit) => isSame(visit, from)) ?? -1;
    if (!shown || at < 0) return;
    const origin = recordedBy(shown, at);
    const visits = shown.visits.slice(0, at);
    const replay = { run: origin.id, from: { step: from.place, visit: from.visit }, afresh };
    begin({ ...how, replay }, { ...replayed, visits, rebuilt: at, origin });
  };
  const halt = () => {
    if (!shown || !busy) return;
    cancelRun(shown.id).catch((thrown) => {
      // It has not begun, or has just ended.
      if (thrown instanceof ApiError && thrown.status === 409) return;
      abort.current?.abort();
      setShown(undefined);
    });
  };
  const show = useCallback((run: Run, at: { step: string; visit: number } | undefined) => {
    const visits = visitsOf(run.steps);
    // The answer of a trial that is under way would take its place.
    abort.current?.abort();
    setError(undefined);
    setCall(run);
    setShown({ id: run.run, visits, rebuilt: 0, run, isUnderWay: false });
    const named = visits.find(({ place, visit }) => place === at?.step && visit === at.visit);
    choose(named ?? (run.failure ? culprit(visits) : undefined));
  }, []);
  const clear = useCallback(() => {
    abort.current?.abort();
    setCall(undefined);
    setShown(undefined);
    setError(undefined);
    choose(undefined);
  }, []);
  const marks = useMemo(() => shown && marksOf(shown.visits, !shown.isUnderWay), [shown]);
  return {
    shown,
    call,
    marks,
    busy,
    error,
    refused,
    chosen,
    choose,
    run,
    replay,
    stop: halt,
    show,
    clear,
  };
}
