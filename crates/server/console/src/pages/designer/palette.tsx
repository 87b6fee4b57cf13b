// The palette: every block by category, dragged onto the canvas or added with a press.

import { useState } from "react";
import type { Block } from "../../api/types";
import { TextField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { Cut } from "../../ui/text";
import { useDesigner } from "./context";
import { palette, shortTitle } from "./model/blocks";
import styles from "./palette.module.css";

/** Under this type a block's id travels from the palette to the canvas. */
export const DRAGGED = "application/x-patchcord-block";

export function Palette({ onAdded }: { onAdded?: () => void }) {
  const { blocks, addBlock } = useDesigner();
  const [search, setSearch] = useState("");
  const groups = palette(blocks.all, search);
  const add = (block: Block) => {
    addBlock(block.id);
    onAdded?.();
  };
  return (
    <div className={styles.palette}>
      <TextField
        label="Find a block"
        type="search"
        value={search}
        onChange={setSearch}
        placeholder="search, variable, …"
      />
      {groups.length === 0 && <p className={styles.none}>No block is called that.</p>}
      {groups.map(([category, members]) => (
        <section key={category} aria-label={category}>
          <h3 className={styles.category}>{category}</h3>
          <ul className={styles.list}>
            {members.map((block) => (
              <li key={block.id}>
                <button
                  type="button"
                  className={styles.block}
                  draggable
                  title={block.description}
                  aria-label={`Add ${block.title}. ${block.description}`}
                  onClick={() => add(block)}
                  onDragStart={(event) => {
                    event.dataTransfer.setData(DRAGGED, block.id);
                    event.dataTransfer.effectAllowed = "copy";
                  }}
                >
                  <Icon name={block.icon} size={16} />
                  <Cut>{shortTitle(block)}</Cut>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
