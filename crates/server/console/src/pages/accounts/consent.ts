// Request token: a pop-up in which the user signs in at Entra ID and consents, and how we learn how that ended.

import { answer, api } from "../../api/client";

export type Ending = {
  outcome: "valid" | "refused" | "organisation";
  /** Why not, in a sentence of the server's. */
  reason: string;
};

/** How often it is looked whether the pop-up is still there: nobody tells when it is closed. */
const LOOK_MS = 500;

/** A sign-in that is under way in a pop-up. */
export type SignIn = {
  /** Where people sign in: for a link, should the browser have kept the pop-up back. */
  address: string;
  popup: Window | null;
  /** How it ended; never where the window was closed before the end. */
  ended: Promise<Ending>;
  /** Resolves where the window is not to be seen any more. It may have ended before, or be there still: a page can keep
   * itself from being seen by who opened it. */
  closed: Promise<void>;
  stop: () => void;
};

/** Must be called by the click itself: later a browser opens no pop-up. It shows nothing until it is led on. */
export function openPopup(): Window | null {
  return window.open("", "patchcord-consent", "popup,width=600,height=760");
}

/** Leads the pop-up to the sign-in for an account. */
export async function beginSignIn(
  account: string,
  organisation: boolean,
  popup: Window | null,
): Promise<SignIn> {
  const params = { path: { id: account }, query: { organisation } };
  const link = await answer(api.POST("/v1/accounts/{id}/consent", { params }));
  const state = new URL(link.authorize_url).searchParams.get("state");
  const channel = new BroadcastChannel("patchcord-consent");
  const ended = new Promise<Ending>((resolve) => {
    // The page that Entra ID leads back to says it to every window of the console; the state tells which one is meant.
    channel.onmessage = ({ data }) => {
      if (data.state === state) resolve({ outcome: data.outcome, reason: data.reason });
    };
  });
  if (popup) popup.location.href = link.authorize_url;
  let looking: ReturnType<typeof setInterval> | undefined;
  const closed = new Promise<void>((resolve) => {
    if (popup) looking = setInterval(() => popup.closed && resolve(), LOOK_MS);
  });
  const stop = () => {
    channel.close();
    clearInterval(looking);
  };
  return { address: link.authorize_url, popup, ended, closed, stop };
}
