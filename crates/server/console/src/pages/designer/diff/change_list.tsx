// What differs, as a list: everything that the picture shows, for keyboards, readers of screens and small windows.

import { useEffect, useId, useRef } from "react";
import { cx } from "../../../ui/class_names";
import { Icon } from "../../../ui/icons";
import { Badge } from "../../../ui/notice";
import { Cut } from "../../../ui/text";
import { type Blocks, exitTitle, subtitleOf, titleOf } from "../model/blocks";
import type { ComparedBlock, Comparison, Side } from "../model/comparison";
import { instanceOf, type ScenarioDocument } from "../model/document";
import styles from "./diff.module.css";
import { StateBadge } from "./states";
import { Fields, ValueChange } from "./value_change";

/** What was chosen: the id of a block, or the scenario itself. */
export type Chosen = { block: string } | "settings" | undefined;

type Props = {
  old: Side;
  now: Side;
  comparison: Comparison;
  blocks: Blocks;
  chosen: Chosen;
  onChoose: (chosen: Chosen) => void;
};

export function ChangeList(props: Props) {
  const { comparison } = props;
  const differing = comparison.blocks.filter((one) => one.state !== "same");
  const moved = differing.filter((one) => one.state === "moved");
  const others = differing.filter((one) => one.state !== "moved");
  if (differing.length + comparison.settings.length === 0) return <p>Nothing differs.</p>;
  return (
    <ul className={styles.list} aria-label="What differs">
      {comparison.settings.length > 0 && <SettingsEntry {...props} />}
      {others.map((block) => (
        <BlockEntry key={block.id} {...props} block={block} />
      ))}
      {moved.length > 0 && (
        <li className={styles.entry}>
          <div className={styles.moves}>
            <StateBadge state="moved" />
            <span>
              {moved.map((one) => named(props.now.document, one.id, props.blocks)).join(", ")}
            </span>
          </div>
          <p className={styles.soft}>Elsewhere on the canvas. No run notices it.</p>
        </li>
      )}
    </ul>
  );
}

function SettingsEntry({ comparison, chosen, onChoose }: Props) {
  const open = chosen === "settings";
  return (
    <Entry
      title="Settings of the scenario"
      about=""
      badge={<StateBadge state="changed" />}
      icon="scenario"
      open={open}
      onToggle={() => onChoose(open ? undefined : "settings")}
    >
      {comparison.settings.map((value) => (
        <ValueChange key={value.name} value={value} />
      ))}
    </Entry>
  );
}

function BlockEntry({
  block,
  old,
  now,
  blocks,
  chosen,
  onChoose,
}: Props & { block: ComparedBlock }) {
  const { id, state, values, wires, moved } = block;
  const instance = block.new ?? block.old;
  if (!instance || state === "same") return null;
  const open = typeof chosen === "object" && chosen.block === id;
  return (
    <Entry
      title={titleOf(instance, blocks)}
      about={subtitleOf(instance, blocks)}
      badge={<StateBadge state={state} />}
      icon={blocks.find(instance.block)?.icon ?? "warning"}
      open={open}
      onToggle={() => onChoose(open ? undefined : { block: id })}
    >
      {(state === "added" || state === "removed") && (
        <Fields instance={instance} blocks={blocks} removed={state === "removed"} />
      )}
      {values.map((value) => (
        <ValueChange key={value.name} value={value} />
      ))}
      {wires.length > 0 && (
        <ul className={styles.wires} aria-label="Wires">
          {wires.map((wire) => {
            const gone = wire.state === "removed";
            const side = gone ? old : now;
            const exit = exitTitle(gone ? block.old : block.new, wire.exit, blocks);
            return (
              <li key={`${wire.state} ${wire.exit}`}>
                <Badge tone={gone ? "bad" : "good"} icon={gone ? "delete" : "create"}>
                  {gone ? "Wire removed" : "Wire added"}
                </Badge>
                <span>
                  {exit} → {named(side.document, wire.to, blocks)}
                </span>
              </li>
            );
          })}
        </ul>
      )}
      {moved && <p className={styles.soft}>Elsewhere on the canvas, too.</p>}
    </Entry>
  );
}

function named(document: ScenarioDocument, id: string, blocks: Blocks): string {
  const instance = instanceOf(document, id);
  if (!instance) return id;
  const title = titleOf(instance, blocks);
  const alike = document.blocks.filter((one) => titleOf(one, blocks) === title);
  return alike.length > 1 ? `${title} (${id})` : title;
}

function Entry({
  title,
  about,
  badge,
  icon,
  open,
  onToggle,
  children,
}: {
  title: string;
  about: string;
  badge: React.ReactNode;
  icon: string;
  open: boolean;
  onToggle: () => void;
  children: React.ReactNode;
}) {
  const entry = useRef<HTMLLIElement>(null);
  const body = useId();
  // It may have been chosen in the picture, and stand out of sight.
  useEffect(() => {
    if (open) entry.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  return (
    <li ref={entry} className={cx(styles.entry, open && styles.open)}>
      <button
        type="button"
        className={styles.head}
        aria-expanded={open}
        aria-controls={body}
        onClick={onToggle}
      >
        <Icon name={icon} />
        <span className={styles.names}>
          <Cut className={styles.title}>{title}</Cut>
          {about && <Cut className={styles.soft}>{about}</Cut>}
        </span>
        {badge}
      </button>
      <div id={body} className={styles.body} hidden={!open}>
        {open && children}
      </div>
    </li>
  );
}
