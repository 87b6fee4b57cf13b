// Tells the console's window how the sign-in ended. By a channel of this origin: a sign-in page may have cut the tie
// between this window and the one that opened it.

const told = document.querySelector("main");
const channel = new BroadcastChannel("patchcord-consent");
channel.postMessage({
  state: new URLSearchParams(location.search).get("state"),
  outcome: told.dataset.outcome,
  reason: told.querySelector("[data-reason]")?.textContent ?? "",
});
channel.close();
// The code works once and has been used: neither history nor bookmark needs it.
history.replaceState(null, "", location.pathname);
