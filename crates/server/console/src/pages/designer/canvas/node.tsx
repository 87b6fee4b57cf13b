// A block on the canvas: what it is, what is wrong with it, and a handle for each exit.

import { Handle, type Node, type NodeProps, Position, useUpdateNodeInternals } from "@xyflow/react";
import { memo, useEffect } from "react";
import { cx } from "../../../ui/class_names";
import { Icon } from "../../../ui/icons";
import { Cut } from "../../../ui/text";
import type { Exit } from "../model/blocks";
import { sizeOf } from "../model/layout";
import type { Mark } from "../model/trial";
import { StateIcon } from "../trying/state_icon";
import styles from "./canvas.module.css";

export type BlockNode = Node<
  {
    title: string;
    kind: string;
    icon: string;
    exits: (Exit & { wired: boolean })[];
    errors: number;
    warnings: number;
    problems: string;
    start: boolean;
    unknown: boolean;
    /** How it stands in the trial that is shown, and in words. */
    mark: Mark | undefined;
    trial: string;
  },
  "block"
>;

/** The one handle at which wires end. */
export const IN = "in";

export const BlockNodeView = memo(function BlockNodeView(props: NodeProps<BlockNode>) {
  const { id, data, selected } = props;
  const exits = data.exits.map((exit) => exit.id).join();
  const update = useUpdateNodeInternals();
  // Wires end where the canvas has seen the handles: it looks again when an exit has come or gone.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the exits are what is waited for
  useEffect(() => update(id), [update, id, exits]);
  const look = data.errors ? styles.wrong : data.warnings ? styles.doubtful : undefined;
  const { mark, trial } = data;
  const walked = mark ? styles[`trial_${mark.state}`] : trial && styles.unreached;
  return (
    <div
      className={cx(styles.node, look, walked, selected && styles.selected)}
      ref={(shown) => shown?.style.setProperty("width", `${sizeOf(data.exits.length).width}px`)}
    >
      <Handle type="target" id={IN} position={Position.Top} className={styles.in ?? ""} />
      {mark && (
        <span className={styles.walked} title={trial}>
          <StateIcon state={mark.state} size={14} />
          {mark.visits > 1 && `×${mark.visits}`}
        </span>
      )}
      <div className={styles.head}>
        <span className={styles.icon}>
          <Icon name={data.icon} size={16} />
        </span>
        <div className={styles.names}>
          <Cut className={styles.title}>{data.title}</Cut>
          <div className={styles.below}>
            <Cut className={cx(styles.kind, data.unknown && styles.unknown)}>{data.kind}</Cut>
            {data.start && <span className={styles.start}>Start</span>}
          </div>
        </div>
        {(data.errors > 0 || data.warnings > 0) && (
          <span className={styles.mark} title={data.problems}>
            <Icon name="warning" size={14} />
            {data.errors || data.warnings}
          </span>
        )}
      </div>
      <ul className={styles.exits}>
        {data.exits.map((exit) => (
          <li key={exit.id} className={cx(styles.exit, exit.failure && styles.failure)}>
            <span title={`${exit.title}: ${exit.description}`}>{exit.title}</span>
            <Handle
              type="source"
              id={exit.id}
              position={Position.Bottom}
              className={cx(styles.out, exit.wired && styles.wired)}
            />
          </li>
        ))}
        {data.exits.length === 0 && <li className={styles.ends}>Ends the run</li>}
      </ul>
    </div>
  );
});
