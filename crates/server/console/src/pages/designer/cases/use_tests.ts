// The tests that are kept with the scenario on the screen, and how they went when they were last run against it.

import { useCallback, useEffect, useMemo, useState } from "react";
import { answer, api } from "../../../api/client";
import type { CaseReport, TestCase } from "../../../api/types";
import { type Loaded, useLoaded } from "../../../ui/use_loaded";
import { useWork } from "../../../ui/use_work";
import type { ScenarioDocument } from "../model/document";
import { fetchCases, type Kept, onCasesChanged } from "./kept";

/** A test, known by its name and its place among those of that name. */
export type Test = { key: string; name: string; nth: number; of: TestCase };

export type Tests = {
  loaded: Loaded<Kept>;
  list: Test[];
  /** How each went, by its key; none before they are run. */
  reports: ReadonlyMap<string, CaseReport>;
  /** Whether the scenario has changed since they were run. */
  outdated: boolean;
  running: boolean;
  error: unknown;
  /** Runs all of them against the document as it is on the screen. */
  run: () => void;
};

export type Counted = { passed: number; failed: number; notRun: number };

export function counted({ list, reports }: Pick<Tests, "list" | "reports">): Counted {
  const known = list.flatMap(({ key }) => reports.get(key) ?? []);
  const passed = known.filter((report) => report.passed).length;
  return { passed, failed: known.length - passed, notRun: list.length - known.length };
}

type Ran = { reports: ReadonlyMap<string, CaseReport>; of: ScenarioDocument };

export function useTests(document: ScenarioDocument): Tests {
  const { name } = document;
  const loaded = useLoaded(() => fetchCases(name), [name]);
  const { reload, value } = loaded;
  useEffect(() => onCasesChanged(name, reload), [name, reload]);
  const list = useMemo(() => keyed(value?.cases ?? [], (one) => one.name), [value]);
  const [ran, setRan] = useState<Ran>();
  const { run: work, busy, error } = useWork();
  const run = useCallback(() => {
    work(async () => {
      const params = { path: { name } };
      const body = { document: document as never };
      const { reports } = await answer(api.POST("/v1/scenarios/{name}/test", { params, body }));
      const all = keyed(reports, (report) => report.name);
      setRan({ reports: new Map(all.map(({ key, of }) => [key, of])), of: document });
      // Somebody else may have changed them since they were listed.
      reload();
    });
  }, [work, name, document, reload]);
  return {
    loaded,
    list,
    reports: ran?.reports ?? NONE,
    outdated: ran !== undefined && ran.of !== document,
    running: busy,
    error,
    run,
  };
}

const NONE: ReadonlyMap<string, CaseReport> = new Map();

function keyed<T>(
  all: T[],
  nameOf: (one: T) => string,
): { key: string; name: string; nth: number; of: T }[] {
  const seen = new Map<string, number>();
  return all.map((of) => {
    const name = nameOf(of);
    const nth = seen.get(name) ?? 0;
    seen.set(name, nth + 1);
    return { key: `${nth} ${name}`, name, nth, of };
  });
}
