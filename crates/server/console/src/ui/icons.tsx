// The console's set of icons, drawn on 24 × 24. A block's manifest names one of them; a name that is not known gets the
// icon of a block.

import type { ReactElement } from "react";

const PATHS: Record<string, ReactElement> = {
  account: <path d="M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7 8a7 7 0 0 1 14 0" />,
  audit: <path d="M7 3h8l4 4v14H7zM15 3v4h4M10 12h6m-6 4h6" />,
  bell: <path d="M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15zm4 3.5h4" />,
  block: <path d="M4 8l8-4 8 4v8l-8 4-8-4zm0 0 8 4 8-4m-8 4v8" />,
  branch: <path d="M6 4v16M6 12c6 0 10-1 10-6m0 0-3 3m3-3 3 3" />,
  check: <path d="m5 12 5 5 9-10" />,
  clock: <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3 3" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  copy: <path d="M9 9h10v11H9zM6 15H5V4h10v2" />,
  create: <path d="M12 5v14M5 12h14" />,
  dashboard: <path d="M4 13h6V4H4zm10 7h6v-9h-6zM4 20h6v-4H4zM14 4v4h6V4z" />,
  delete: <path d="M5 7h14M10 7V4h4v3m-7 0 1 13h8l1-13" />,
  download: <path d="M12 4v11m0 0-4-4m4 4 4-4M5 19h14" />,
  earlier: <path d="m15 6-6 6 6 6" />,
  exit: <path d="M13 4H5v16h8m-3-8h10m0 0-4-4m4 4-4 4" />,
  export: <path d="M12 15V4m0 0L8 8m4-4 4 4M5 13v7h14v-7" />,
  external: <path d="M14 4h6v6m0-6-9 9M10 5H5v14h14v-5" />,
  "fit-width": <path d="M4 5v14M20 5v14M7 12h10m-10 0 3-3m-3 3 3 3m7-3-3-3m3 3-3 3" />,
  fold: <path d="m6 9 6 6 6-6" />,
  globe: (
    <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3 12h18M12 3c3 3 3 15 0 18-3-3-3-15 0-18Z" />
  ),
  import: <path d="M12 4v11m0 0-4-4m4 4 4-4M5 13v7h14v-7" />,
  info: <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-10v6m0-9.5v.5" />,
  key: <path d="M8 15a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm4-4h9v4m-4-4v3" />,
  loop: <path d="M4 11a7 7 0 0 1 12-4l3 3m0-5v5h-5M20 13a7 7 0 0 1-12 4l-3-3m0 5v-5h5" />,
  later: <path d="m9 6 6 6-6 6" />,
  layout: <path d="M4 5h6v5H4zm10 0h6v5h-6zm0 9h6v5h-6zM10 7.5h4M17 10v4" />,
  menu: <path d="M4 7h16M4 12h16M4 17h16" />,
  moon: <path d="M19 14.5A8 8 0 0 1 9.5 5 8 8 0 1 0 19 14.5Z" />,
  move: (
    <path d="M12 3v18M3 12h18M12 3 9 6m3-3 3 3m-3 15-3-3m3 3 3-3M3 12l3-3m-3 3 3 3m15-3-3-3m3 3-3 3" />
  ),
  "next-record": <path d="M4 6h9M4 12h9M4 18h9m4-12 4 6-4 6" />,
  note: <path d="M5 4h14v12l-4 4H5zm10 16v-4h4M8 9h8m-8 4h5" />,
  redo: <path d="m15 5 4 4-4 4m4-4H10a5 5 0 0 0 0 10h3" />,
  route: (
    <path d="M6 20a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM18 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM8 18h6a4 4 0 0 0 0-8h-4a4 4 0 0 1 0-8" />
  ),
  run: <path d="M7 5v14l12-7z" />,
  scenario: <path d="M4 4h6v5H4zm10 11h6v5h-6zM7 9v4a4 4 0 0 0 4 4h3" />,
  "screen-pop": <path d="M3 5h18v11H3zm6 15h6m-3-4v4M12 13V8m0 0-2.5 2.5M12 8l2.5 2.5" />,
  search: <path d="M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4 4" />,
  settings: (
    <path d="M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm0-12v3m0 12v3M3 12h3m12 0h3M5.6 5.6l2.2 2.2m8.4 8.4 2.2 2.2m0-12.8-2.2 2.2m-8.4 8.4-2.2 2.2" />
  ),
  shield: <path d="M12 3 5 6v6c0 4 3 7 7 9 4-2 7-5 7-9V6z" />,
  sorted: <path d="m5 9 7 7 7-7" />,
  sun: (
    <path d="M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm0-14v2m0 16v2M2 12h2m16 0h2M5 5l1.5 1.5m11 11L19 19m0-14-1.5 1.5m-11 11L5 19" />
  ),
  switch: <path d="M4 12h5m0 0 6-6h5m-11 6 6 6h5m-11-6h11" />,
  swap: <path d="M4 8h15m0 0-4-4m4 4-4 4M20 16H5m0 0 4-4m-4 4 4 4" />,
  undo: <path d="M9 5 5 9l4 4M5 9h9a5 5 0 0 1 0 10h-3" />,
  unfold: <path d="m9 6 6 6-6 6" />,
  upload: <path d="M12 15V4m0 0L7 9m5-5 5 5M5 20h14" />,
  update: <path d="m4 20 4-1L19 8l-3-3L5 16zM14 7l3 3" />,
  users: (
    <path d="M9 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7 8a7 7 0 0 1 14 0m0-16a4 4 0 0 1 0 8m2 1.5a7 7 0 0 1 4 6.5" />
  ),
  variable: (
    <path d="M8 4C5 4 6 8 6 10s-2 2-2 2 2 0 2 2-1 6 2 6m8-16c3 0 2 4 2 6s2 2 2 2-2 0-2 2 1 6-2 6m-6-11 4 6m0-6-4 6" />
  ),
  warning: <path d="M12 4 2.5 20h19zm0 6v5m0 2.5v.5" />,
  "zoom-in": <path d="M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4 4M8 11h6m-3-3v6" />,
  "zoom-out": <path d="M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4 4M8 11h6" />,
};

/** A picture beside a text, which says the same: readers of screens skip it. */
export function Icon({ name, size = 18 }: { name: string; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {PATHS[name] ?? PATHS.block}
    </svg>
  );
}
