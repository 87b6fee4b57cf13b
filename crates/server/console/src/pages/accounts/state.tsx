// The state of an account, at a glance and in full.

import { sentence } from "../../api/problem";
import type { Account } from "../../api/types";
import { Badge } from "../../ui/notice";
import { daysUntil } from "../../ui/text";
import styles from "./accounts.module.css";

/** From so many days before its end, an expiry is told in the list. */
const SOON_DAYS = 30;

/** `Ann Example (ann@example.org)`, as far as that is known. */
export function consentingUser(account: Account): string | undefined {
  const identity = account.identity;
  if (!identity) return undefined;
  const { full_name, user_name, user_id } = identity;
  if (full_name && user_name) return `${full_name} (${user_name})`;
  return full_name ?? user_name ?? user_id;
}

export function organisation(account: Account): string | undefined {
  const identity = account.identity;
  if (!identity) return undefined;
  return identity.organization_name ?? identity.organization_id;
}

/** Days until the first of credential and consent ends, where that is soon. */
function soonest(account: Account): number | undefined {
  const ends = [account.credential.expires, account.token?.likely_until];
  const days = ends.filter((end) => end != null).map(daysUntil);
  const first = Math.min(...days);
  return first <= SOON_DAYS ? first : undefined;
}

export function StateBadges({ account }: { account: Account }) {
  const isValid = account.state === "valid";
  const days = soonest(account);
  return (
    <span className={styles.badges}>
      <Badge tone={isValid ? "good" : "bad"} icon={isValid ? "check" : "warning"}>
        {isValid ? "Valid" : "Consent required"}
      </Badge>
      {days !== undefined && (
        <Badge tone="warn" icon="clock">
          {days < 0 ? "Expired" : days === 1 ? "Expires in 1 day" : `Expires in ${days} days`}
        </Badge>
      )}
    </span>
  );
}

/** Why consent is required, or who has given it; then what will soon stand in the way. */
export function stateSentences(account: Account): string[] {
  const first =
    account.state === "valid"
      ? consentingUser(account) &&
        `As ${consentingUser(account)}${organisation(account) ? ` in ${organisation(account)}` : ""}.`
      : sentence(account.reason ?? "Press Request token and sign in");
  const warnings = account.warnings.map((warning) => sentence(warning.message));
  return first ? [first, ...warnings] : warnings;
}
