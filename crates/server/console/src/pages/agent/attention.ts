// What calls an agent's attention who looks elsewhere: a tone, a notification of the desktop, the title of the window.

import { useEffect, useState } from "react";

let audio: AudioContext | undefined;

/** A browser plays nothing before somebody has pressed something in the page: to be called then. */
export function allowSound(): void {
  audio ??= new AudioContext();
  audio.resume().catch(() => {});
}

/** Two short tones; silent where the browser does not allow any yet. */
export function playTone(): void {
  audio ??= new AudioContext();
  if (audio.state !== "running") return;
  for (const [index, pitch] of [660, 880].entries()) {
    const from = audio.currentTime + index * 0.14;
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, from);
    loudness.gain.exponentialRampToValueAtTime(0.2, from + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, from + 0.13);
    tone.connect(loudness).connect(audio.destination);
    tone.start(from);
    tone.stop(from + 0.14);
  }
}

export function canNotify(): boolean {
  return "Notification" in window && isSecureContext;
}

/** Asks the agent for it, in the browser's own words; whether it is allowed. */
export async function allowNotifications(): Promise<boolean> {
  return canNotify() && (await Notification.requestPermission()) === "granted";
}

export function notify(title: string, body: string): void {
  if (!canNotify() || Notification.permission !== "granted") return;
  // Each takes the place of the one before.
  const shown = new Notification(title, { body, tag: "patchcord-screen-pop" });
  shown.onclick = () => {
    focus();
    shown.close();
  };
}

/** Says in the title how many have come while the page was hidden; gives what counts one. */
export function useUnseen(title: string): () => void {
  const [unseen, setUnseen] = useState(0);
  useEffect(() => {
    const seen = () => document.hidden || setUnseen(0);
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, []);
  useEffect(() => {
    document.title = `${unseen > 0 ? `(${unseen}) ` : ""}${title} · Patchcord`;
  }, [unseen, title]);
  return () => {
    if (document.hidden) setUnseen((before) => before + 1);
  };
}
