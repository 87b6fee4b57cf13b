// The blocks that are installed: their versions, and what each is granted.

import { answer, api } from "../../api/client";
import type { Block } from "../../api/types";
import { Icon } from "../../ui/icons";
import { Badge } from "../../ui/notice";
import { Empty, Page, Shown } from "../../ui/page";
import { Table } from "../../ui/table";
import { useLoaded } from "../../ui/use_loaded";
import styles from "./blocks.module.css";

export default function BlocksPage() {
  const blocks = useLoaded(() => answer(api.GET("/v1/blocks")), []);
  return (
    <Page
      title="Blocks"
      lead="What scenarios are made of. A block that comes as a file is a sandboxed program, which may do only what it is granted."
    >
      <Shown loaded={blocks}>
        {(blocks) =>
          blocks.length === 0 ? (
            <Empty icon="block" title="No block yet">
              Install one with the command <code>patchcord block install FILE</code>.
            </Empty>
          ) : (
            <Blocks blocks={blocks} />
          )
        }
      </Shown>
    </Page>
  );
}

function Blocks({ blocks }: { blocks: Block[] }) {
  return (
    <Table
      caption="Blocks"
      rows={[...blocks].sort((a, b) => a.title.localeCompare(b.title))}
      keyOf={(block) => block.id}
      columns={[
        {
          title: "Block",
          cell: (block) => (
            <div className={styles.block}>
              <span className={styles.icon}>
                <Icon name={block.icon} />
              </span>
              <div className={styles.what}>
                <div className={styles.title}>{block.title}</div>
                <div className={styles.id}>{block.id}</div>
              </div>
            </div>
          ),
        },
        {
          title: "What it does",
          cell: (block) => <div className={styles.text}>{block.description}</div>,
        },
        { title: "Versions", cell: (block) => <Versions block={block} /> },
        { title: "Granted", cell: (block) => <Granted block={block} /> },
      ]}
    />
  );
}

function Versions({ block }: { block: Block }) {
  if (block.versions.length === 0) return <Badge tone="neutral">part of Patchcord</Badge>;
  return (
    <div className={styles.badges}>
      {block.versions.map(({ version, missing, signed_by }) => (
        <Badge
          key={version}
          tone={missing.length ? "warn" : "neutral"}
          {...(missing.length ? { icon: "warning" } : {})}
        >
          {version}
          {signed_by ? `, signed by ${signed_by}` : ""}
          {missing.length ? `, needs ${missing.join(", ")}` : ""}
        </Badge>
      ))}
    </div>
  );
}

function Granted({ block }: { block: Block }) {
  if (block.versions.length === 0) return <span className={styles.id}>needs nothing</span>;
  if (block.granted.length === 0) return <span className={styles.id}>nothing</span>;
  return (
    <div className={styles.badges}>
      {block.granted.map((capability) => (
        <Badge key={capability} tone="info">
          {capability}
        </Badge>
      ))}
    </div>
  );
}
