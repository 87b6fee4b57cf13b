// SAP's CAP as an OData v4 server on SQLite. Everything that is asked of a table is answered by it alone.
//
// SQLite is sql.js, compiled to wasm: the packages that bring a native one fetch it, or compile it, by a script of
// theirs, and no package's script is run here.

import { createServer } from "node:http";
import { join } from "node:path";

import { FOLDER, installed, listen } from "./installed.mjs";

const cds = installed("@sap/cds");
const express = installed("express");

const WHO_AM_I = {
    BusinessUnitId: "2f1d5b0e-6a0c-4e3b-9a55-0d4c1f7e8a01",
    UserId: "2f1d5b0e-6a0c-4e3b-9a55-0d4c1f7e8a02",
    OrganizationId: "2f1d5b0e-6a0c-4e3b-9a55-0d4c1f7e8a03",
};

/** Starts it; its API URL. `accepts` says whether an access token is good. */
export async function odataServer(accepts) {
    cds.root = FOLDER;
    cds.env.runtime.patch_as_upsert = true;
    cds.env.requires.db = { kind: "sqlite", impl: "@cap-js/sqlite", driver: "sql.js", credentials: { url: ":memory:" } };
    cds.env.requires.auth = { kind: "dummy" };
    // Standard output is for one line, and what goes wrong is for the test to say.
    cds.log.Logger = () => ({ trace() {}, debug() {}, log() {}, info() {}, warn() {}, error() {} });
    const model = await cds.load(join(import.meta.dirname, "model.cds"));
    cds.model = cds.compile.for.nodejs(model);
    await cds.connect.to("db");
    await cds.deploy(model).to(cds.db);

    const requests = [];
    const app = express();
    app.get("/control/requests", (_, response) => response.json(requests.splice(0)));
    app.use((request, response, next) => authorise(request, response, next, accepts));
    app.use((request, _, next) => {
        requests.push(`${request.method} ${request.url}`);
        next();
    });
    app.get("/api/data/v9.2/WhoAmI", (_, response) => response.json(WHO_AM_I));
    await cds.serve("all").from(model).in(app);
    return `${await listen(createServer(app))}/api/data/v9.2`;
}

async function authorise(request, response, next, accepts) {
    const [scheme, token] = (request.headers.authorization ?? "").split(" ");
    if (scheme === "Bearer" && token && (await accepts(token))) return next();
    response.status(401).json({ error: { code: "401", message: "the token is none, or good no longer" } });
}
