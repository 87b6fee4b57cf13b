// Where scenarios can be had as a file.

import { root } from "../../api/client";

export type Which = "published" | "draft";

/** Where what was chosen can be had. */
export function exportAddress(
  chosen: ReadonlyMap<string, Which>,
  { routes = false, blocks = false } = {},
): URL {
  const address = new URL(blocks ? "v1/export.zip" : "v1/export", root);
  for (const [name, which] of chosen) address.searchParams.append("scenario", `${name}@${which}`);
  if (routes) address.searchParams.set("routes", "true");
  return address;
}
