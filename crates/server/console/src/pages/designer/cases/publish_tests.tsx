// Before a scenario is published its tests are run. What fails is told, and forbids nothing.

import { useEffect, useRef } from "react";
import { messageOf } from "../../../api/problem";
import { Notice } from "../../../ui/notice";
import { counted, type Tests } from "./use_tests";

export function PublishTests({ tests }: { tests: Tests }) {
  const { list, running, error, run, reports, outdated } = tests;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || list.length === 0) return;
    begun.current = true;
    run();
  }, [list, run]);
  if (list.length === 0) return null;
  if (running) return <Notice tone="info">{`Running ${testsOf(list.length)} …`}</Notice>;
  if (error !== undefined) {
    return (
      <Notice tone="warn" title="The tests could not be run">
        {messageOf(error)}
      </Notice>
    );
  }
  const { passed, failed } = counted(tests);
  if (outdated || passed + failed === 0) return null;
  if (failed === 0) return <Notice tone="good">{`${allOf(passed)} passed.`}</Notice>;
  const names = list.filter(({ key }) => reports.get(key)?.passed === false);
  return (
    <Notice tone="warn" title={`${failed} of ${testsOf(passed + failed)} failed`}>
      <ul>
        {names.map(({ key, name }) => (
          <li key={key}>{name}</li>
        ))}
      </ul>
      It can be published all the same. Tests in the bar shows what differs.
    </Notice>
  );
}

export function testsOf(count: number): string {
  return count === 1 ? "1 test" : `${count} tests`;
}

export function allOf(count: number): string {
  return count === 1 ? "The test" : `All ${count} tests`;
}
