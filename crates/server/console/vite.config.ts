// How the console is built: relative addresses, hashed names, nothing inline, and each file compressed beforehand, so
// that the server has nothing to compute.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import { languagePlugin } from "./build/language";

const output =
  process.env.PATCHCORD_CONSOLE ?? resolve(import.meta.dirname, "../../../target/console/dist");

function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      const files = readdirSync(output, { recursive: true, withFileTypes: true });
      for (const file of files.filter((file) => /\.(html|js|css|svg)$/.test(file.name))) {
        const path = join(file.parentPath, file.name);
        const bytes = readFileSync(path);
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, quality));
      }
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [compressed(), languagePlugin()],
  build: {
    outDir: output,
    emptyOutDir: true,
    // `xtask console` reads it to weigh each page.
    manifest: "manifest.json",
    target: "es2022",
    // The content security policy allows no `data:` address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
