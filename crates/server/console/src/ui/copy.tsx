// A button that copies a text.

import { type ReactNode, useState } from "react";
import { Button, type Look } from "./button";
import { useToast } from "./toast";

const TOLD_MS = 2000;

export function CopyButton({
  text,
  name,
  look,
  children = "Copy",
}: {
  text: string | (() => string);
  /** What is copied, for readers of screens: `the request of Find`. */
  name: string;
  look?: Look;
  children?: ReactNode;
}) {
  const [copied, setCopied] = useState(false);
  const tell = useToast();
  // Without https the browser gives a page no clipboard; the text can still be selected.
  if (!navigator.clipboard) return null;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    } catch {
      tell("The browser does not let this page copy.", "bad");
      return;
    }
    setCopied(true);
    setTimeout(() => setCopied(false), TOLD_MS);
  };
  return (
    <Button
      {...(look ? { look } : {})}
      icon={copied ? "check" : "copy"}
      aria-label={`${copied ? "Copied" : "Copy"} ${name}`}
      onClick={copy}
    >
      {copied ? "Copied" : children}
    </Button>
  );
}
