// The screen pops of one sitting: what came, newest first, and where to go on listening.

import type { AgentEvent } from "../../api/types";
import { keep, kept } from "../../ui/kept";

export type Pop = AgentEvent & { event: string; arrivedAt: string };

/** As many as the server keeps. */
export const KEPT = 32;
const OF_WINDOW = () => sessionStorage;

/** With one more. What is told twice, by a connection that was lost too soon, is one. */
export function withPop(pops: Pop[], pop: Pop): Pop[] {
  if (pops.some(({ event }) => event === pop.event)) return pops;
  return [pop, ...pops].slice(0, KEPT);
}

/** The address of a record, where it is one that a browser may be led to. */
export function linkOf({ url }: Pick<AgentEvent, "url">): string | undefined {
  if (!url || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return protocol === "https:" || protocol === "http:" ? href : undefined;
}

/** Capitals and small letters are the same in a login. */
function keyOf(login: string): string {
  return `patchcord.agent.pops.${login.toLowerCase()}`;
}

/** What came in this window before it was loaded anew. */
export function keptPops(login: string): Pop[] {
  const pops = kept(keyOf(login), OF_WINDOW);
  return Array.isArray(pops) ? (pops as Pop[]) : [];
}

export function keepPops(login: string, pops: Pop[]): void {
  keep(keyOf(login), pops, OF_WINDOW);
}
