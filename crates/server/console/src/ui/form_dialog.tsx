// Windows with a form in them.

import { type ReactNode, useId } from "react";
import { faultsByPointer, messageOf } from "../api/problem";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Form } from "./form";
import { Notice } from "./notice";
import type { Work } from "./use_work";

/** A form in a window: its fields, its buttons where every window has them, and what went wrong with the whole of it. */
export function FormDialog({
  title,
  action,
  work,
  disabled = false,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  action: string;
  work: Work;
  /** There is something to be entered before it can be sent. */
  disabled?: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const id = useId();
  const told = work.error !== undefined && faultsByPointer(work.error).size === 0;
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={id} look="primary" busy={work.busy} disabled={disabled}>
            {action}
          </Button>
        </>
      }
    >
      <Form id={id} onSubmit={onSubmit}>
        {told && <Notice tone="bad">{messageOf(work.error)}</Notice>}
        {children}
      </Form>
    </Dialog>
  );
}
