// Asks the server for a trial, and listens to it from its beginning.

import { answer, api } from "../../../api/client";
import { listen } from "../../../api/events";
import type { RunEvent, TryAnswer, TryRequest } from "../../../api/types";
import type { ScenarioDocument } from "../model/document";

/** How long the trial waits for its listener, which need not come: the answer tells everything as well. */
const LISTENS_WITHIN_MS = 1500;

/** A random UUID. `crypto.randomUUID` is there with https alone. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte, at) => {
    const shaped = at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte;
    return shaped.toString(16).padStart(2, "0");
  });
  return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Tries a scenario. `tell` hears of each step as it happens. */
export async function attempt(
  scenario: string,
  id: string,
  asked: Omit<Partial<TryRequest>, "run" | "document"> & { document: ScenarioDocument },
  tell: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<TryAnswer> {
  const stop = await listening(id, tell);
  try {
    // What is left out has its default at the server.
    const body = { ...asked, run: id } as unknown as TryRequest;
    const params = { path: { name: scenario } };
    return await answer(api.POST("/v1/scenarios/{name}/try", { params, body, signal }));
  } finally {
    stop();
  }
}

/** Listens to a trial that is about to begin. Answers what ends that, once it is heard or will not be. */
function listening(id: string, tell: (event: RunEvent) => void): Promise<() => void> {
  return new Promise((resolve) => {
    const stop = listen(`v1/runs/events?trial=${id}`, {
      onEvent: (name, data) => {
        // The stream ends with the trial, and would be opened anew.
        if (name === "run_ended" || name === "missed") stop();
        tell(data as RunEvent);
      },
      onState: ({ name }) => {
        if (name !== "connecting") resolve(stop);
      },
      onRefused: () => resolve(stop),
    });
    setTimeout(() => resolve(stop), LISTENS_WITHIN_MS);
  });
}

/** Walks a trial that has just been once more, asking nobody, and makes a test case of it. */
export async function caseOfTrial(id: string, document: ScenarioDocument): Promise<TryAnswer> {
  const body = { document, replay: { run: id }, case: true } as unknown as TryRequest;
  const params = { path: { name: document.name } };
  return answer(api.POST("/v1/scenarios/{name}/try", { params, body }));
}
