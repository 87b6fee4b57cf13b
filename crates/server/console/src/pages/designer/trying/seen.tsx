// What has just come and is to be seen, wherever its column has been scrolled to.

import { type ReactNode, useEffect, useRef } from "react";

export function Seen({ children }: { children: ReactNode }) {
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => shown.current?.scrollIntoView({ block: "nearest" }), []);
  return <div ref={shown}>{children}</div>;
}
