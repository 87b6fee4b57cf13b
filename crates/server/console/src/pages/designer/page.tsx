// The scenario designer: one scenario, its palette, its canvas or list, and what is said of each block.

import { answer, api } from "../../api/client";
import type { Account, Block } from "../../api/types";
import type { PageProps } from "../../shell/pages";
import { Page, Shown } from "../../ui/page";
import { useLoaded } from "../../ui/use_loaded";
import { Editor } from "./editor";
import { fetchScenario, type Stored } from "./stored";

export type Opened = {
  stored: Stored;
  blocks: Block[];
  accounts: Account[];
  scenarios: string[];
};

async function opened(name: string): Promise<Opened> {
  const [stored, blocks, accounts, scenarios] = await Promise.all([
    fetchScenario(name),
    answer(api.GET("/v1/blocks")),
    answer(api.GET("/v1/accounts")),
    answer(api.GET("/v1/scenarios")),
  ]);
  const names = scenarios.map((scenario) => scenario.name).filter((other) => other !== name);
  return { stored, blocks, accounts, scenarios: names };
}

/** The run of a call that is to be replayed, and the step that is looked at: `?replay=RUN&step=ID&visit=N`. */
export type Wanted = { run: string; at: { step: string; visit: number } | undefined };

function wanted(query: URLSearchParams): Wanted | undefined {
  const [run, step] = [query.get("replay"), query.get("step")];
  if (!run) return undefined;
  return { run, at: step ? { step, visit: Number(query.get("visit") ?? 1) || 1 } : undefined };
}

export default function DesignerPage({ params, query }: PageProps) {
  const name = params.name ?? "";
  const loaded = useLoaded(() => opened(name), [name]);
  if (loaded.value) {
    const { stored } = loaded.value;
    const shown = `${stored.revision} ${stored.published}`;
    return (
      <Editor key={shown} opened={loaded.value} replayed={wanted(query)} onReload={loaded.reload} />
    );
  }
  return (
    <Page title={name} back={["Scenarios", "#/scenarios"]}>
      <Shown loaded={loaded}>{() => null}</Shown>
    </Page>
  );
}
