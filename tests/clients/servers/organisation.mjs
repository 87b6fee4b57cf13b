// An organisation of other hands: oidc-provider where Entra ID would be and an OData v4 server (SAP's CAP) where the
// Web API of Dynamics 365 would be, each on its own port of loopback.
//
// Configured, never patched. What Dataverse has beyond OData and the tests cannot do without is a route of its own
// here: WhoAmI, and that a bearer token is asked for. Says where it listens in one line of JSON; ends with its input.

import { identityProvider } from "./identity_provider.mjs";
import { odataServer } from "./odata_server.mjs";

const settings = JSON.parse(process.env.ORGANISATION ?? "{}");
const provider = await identityProvider(settings);
const api = await odataServer(provider.accepts);
await provider.serve(new URL(api).origin);
console.log(JSON.stringify({ ...provider.setup, api_url: api }));

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
