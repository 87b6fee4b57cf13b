// Windows with a form in them.

import type { ReactNode } from "react";
import { faultsByPointer, messageOf } from "../api/problem";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Actions, Form } from "./form";
import { Notice } from "./notice";
import type { Work } from "./use_work";

/** A form in a window: its fields, its button, and what went wrong with the whole of it. */
export function FormDialog({
  title,
  action,
  work,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  action: string;
  work: Work;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const told = work.error !== undefined && faultsByPointer(work.error).size === 0;
  return (
    <Dialog title={title} onClose={onClose}>
      <Form onSubmit={onSubmit}>
        {told && <Notice tone="bad">{messageOf(work.error)}</Notice>}
        {children}
        <Actions>
          <Button type="submit" look="primary" busy={work.busy}>
            {action}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </Actions>
      </Form>
    </Dialog>
  );
}
