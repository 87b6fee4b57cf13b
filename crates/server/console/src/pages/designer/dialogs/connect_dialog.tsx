// Connecting by keyboard: from which exit, to which block.

import { useState } from "react";
import { Button } from "../../../ui/button";
import { Dialog } from "../../../ui/dialog";
import { SelectField } from "../../../ui/field";
import { useDesigner } from "../context";
import { exitsOf, titleOf, titles } from "../model/blocks";
import { connect, instanceOf } from "../model/document";

export function ConnectDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { document, blocks, edit } = useDesigner();
  const instance = instanceOf(document, id);
  const exits = instance ? exitsOf(instance, blocks.find(instance.block)) : [];
  const free = exits.find((exit) => !(exit.id in (instance?.exits ?? {})));
  const [exit, setExit] = useState((free ?? exits[0])?.id ?? "");
  const [target, setTarget] = useState(instance?.exits?.[exit] ?? "");
  if (!instance) return null;
  const title = titleOf(instance, blocks);
  const choose = (exit: string) => {
    setExit(exit);
    setTarget(instance.exits?.[exit] ?? "");
  };
  const keep = () => {
    edit((document) => connect(document, id, exit, target || undefined));
    onClose();
  };
  return (
    <Dialog
      title={`Connect ${title}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!exit} onClick={keep}>
            Connect
          </Button>
        </>
      }
    >
      {exits.length === 0 ? (
        <p>A run ends with this block: it has no exit.</p>
      ) : (
        <>
          <SelectField
            label="From the exit"
            value={exit}
            options={exits.map(({ id, title }): [string, string] => [id, title])}
            onChange={choose}
          />
          <SelectField
            label="To the block"
            value={target}
            options={[["", "– not wired –"], ...titles(document, blocks)]}
            onChange={setTarget}
          />
        </>
      )}
    </Dialog>
  );
}
