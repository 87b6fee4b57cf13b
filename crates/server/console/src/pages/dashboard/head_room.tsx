// How much more each integration account may ask of Dynamics 365.

import type { ReactNode } from "react";
import type { AccountHeadRoom, Statistics } from "../../api/types";
import { Badge } from "../../ui/notice";
import { Card } from "../../ui/page";
import { Cut } from "../../ui/text";
import styles from "./dashboard.module.css";
import { Gauge } from "./gauge";
import { isOld, throttledWords } from "./model/needs";
import { count, second } from "./model/numbers";

export function HeadRoom({ statistics }: { statistics: Statistics }) {
  const { accounts, until } = statistics;
  return (
    <Card
      title="Head-room"
      lead="What one web server of Dynamics 365 said was left with its last answer. Each of its web servers counts for itself, over five minutes."
    >
      {accounts.length === 0 ? (
        <p className={styles.none}>
          There is no integration account. <a href="#/accounts">Add one</a> to reach Dynamics 365.
        </p>
      ) : (
        <ul className={styles.accounts}>
          {accounts.map((account) => (
            <Account key={account.id} account={account} now={until} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Account({ account, now }: { account: AccountHeadRoom; now: string }) {
  const { requests, execution_seconds, concurrency, wait_until } = account;
  const throttled = throttledWords(account.throttled);
  return (
    <li className={styles.account}>
      <div className={styles.needHead}>
        <a href={`#/accounts/${account.id}`}>
          <Cut>{account.name}</Cut>
        </a>
        {wait_until && (
          <Badge tone="warn" icon="clock">
            Waits until {second(wait_until)}
          </Badge>
        )}
      </div>
      <div className={styles.gauges}>
        <LeftGauge name="Requests" unit="" left={requests} now={now} />
        <LeftGauge name="Execution time" unit=" s" left={execution_seconds} now={now} />
        <ConcurrencyGauge concurrency={concurrency} />
      </div>
      <p className={styles.why}>
        {throttled
          ? `Refused as too much (429) in this time: ${throttled}.`
          : "Nothing was refused as too much (429) in this time."}
      </p>
    </li>
  );
}

function LeftGauge({
  name,
  unit,
  left,
  now,
}: {
  name: string;
  unit: string;
  left: AccountHeadRoom["requests"];
  now: string;
}) {
  if (!left) {
    return <Gauge name={name} told="Not known yet" note="Dynamics 365 tells it with an answer." />;
  }
  const { remaining, limit, at } = left;
  const old = isOld(at, now);
  return (
    <Gauge
      name={name}
      told={`${count(Math.floor(remaining))} of ${count(limit)}${unit} left`}
      value={remaining}
      of={limit}
      low={!old && remaining < limit / 5}
      faded={old}
      note={
        <>
          Read at <time dateTime={at}>{second(at)}</time>
          {old && ", more than five minutes ago: more may be left now"}
        </>
      }
    />
  );
}

function ConcurrencyGauge({ concurrency }: { concurrency: AccountHeadRoom["concurrency"] }) {
  const name = "Requests at once";
  if (!concurrency) return <Gauge name={name} told="None" note="Nobody has consented." />;
  const { in_use, allowed, open, waiting, recommended } = concurrency;
  const notes: ReactNode[] = [`${count(waiting)} waiting`];
  if (open < allowed) notes.push(`${count(open)} allowed for now`);
  if (recommended !== null) notes.push(`Dynamics 365 recommends ${count(recommended)}`);
  return (
    <Gauge
      name={name}
      told={`${count(in_use)} of ${count(allowed)} in use`}
      value={in_use}
      of={allowed}
      low={waiting > 0}
      note={notes.join(" · ")}
    />
  );
}
