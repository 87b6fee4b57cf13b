// The packages, which are not beside these programs but where `npm ci` put them: `PATCHCORD_CLIENTS`.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const FOLDER = join(process.env.PATCHCORD_CLIENTS, "servers");

/** An installed package. */
export const installed = createRequire(join(FOLDER, "package.json"));

/** A file of an installed package that is a module. */
export const installedModule = (path) => import(pathToFileURL(join(FOLDER, "node_modules", path)));

/** Starts `app` on a free port of loopback; its origin. */
export function listen(server) {
    return new Promise((resolve, reject) => {
        server.on("error", reject);
        server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${server.address().port}`));
    });
}
