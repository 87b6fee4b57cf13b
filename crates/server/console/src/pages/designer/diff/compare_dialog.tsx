// Two documents of a scenario beside each other: as a picture with a list beside it, or as the list alone.

import { useMemo, useState } from "react";
import { answer, api } from "../../../api/client";
import { Button, IconButton } from "../../../ui/button";
import { Dialog } from "../../../ui/dialog";
import { SelectField } from "../../../ui/field";
import { Shown } from "../../../ui/page";
import { Segments } from "../../../ui/segments";
import { useLoaded } from "../../../ui/use_loaded";
import { useDesigner } from "../context";
import { compare, counts, type Side } from "../model/comparison";
import type { Editing } from "../use_editing";
import { ChangeList, type Chosen } from "./change_list";
import styles from "./diff.module.css";
import { Picture } from "./picture";
import { choices, fetchSide, type Pair, type Which } from "./sides";
import { Legend } from "./states";

type View = "picture" | "list";

export default function CompareDialog({
  editing,
  first,
  onGoBack,
  onClose,
}: {
  editing: Editing;
  /** What is compared at first. */
  first: Pair;
  /** Publishes a version again; absent where that is not to be offered. */
  onGoBack?: (version: number) => void;
  onClose: () => void;
}) {
  const { blocks } = useDesigner();
  const { name } = editing.document;
  const [pair, setPair] = useState(first);
  const versions = useLoaded(
    () => answer(api.GET("/v1/scenarios/{name}/versions", { params: { path: { name } } })),
    [name],
  );
  const sides = useLoaded(
    () => Promise.all([fetchSide(pair.from, editing, blocks), fetchSide(pair.to, editing, blocks)]),
    [pair],
  );
  const options = choices(editing, versions.value ?? []);
  const back = /^\d+$/.test(pair.from) ? Number(pair.from) : undefined;
  const select = (label: string, side: keyof Pair) => (
    <SelectField
      label={label}
      value={pair[side]}
      options={options}
      onChange={(which) => setPair({ ...pair, [side]: which as Which })}
    />
  );
  return (
    <Dialog
      title="What differs"
      size="full"
      onClose={onClose}
      actions={
        <>
          {onGoBack && back !== undefined && back !== editing.stored.published && (
            <Button onClick={() => onGoBack(back)}>Go back to version {back}</Button>
          )}
          <Button look="primary" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <div className={styles.compare}>
        <div className={styles.pair}>
          {select("From", "from")}
          <IconButton
            icon="swap"
            label="Compare the other way round"
            onClick={() => setPair({ from: pair.to, to: pair.from })}
          />
          {select("To", "to")}
        </div>
        <Shown loaded={sides}>
          {([old, now]) => <Compared key={`${pair.from} ${pair.to}`} old={old} now={now} />}
        </Shown>
      </div>
    </Dialog>
  );
}

function Compared({ old, now }: { old: Side; now: Side }) {
  const { blocks } = useDesigner();
  const comparison = useMemo(() => compare(old, now, blocks), [old, now, blocks]);
  const [view, setView] = useState<View>(() =>
    matchMedia("(max-width: 45rem)").matches ? "list" : "picture",
  );
  const [chosen, setChosen] = useState<Chosen>();
  const shared = { old, now, comparison, blocks };
  return (
    <>
      <div className={styles.above}>
        <Segments
          label="View"
          options={[
            ["picture", "Canvas"],
            ["list", "List"],
          ]}
          chosen={view}
          onChoose={setView}
        />
        <Legend counts={counts(comparison)} />
      </div>
      <div className={styles.views} data-view={view}>
        {view === "picture" && (
          <div className={styles.picture}>
            <Picture
              {...shared}
              chosen={typeof chosen === "object" ? chosen.block : undefined}
              onChoose={(block) => setChosen(block ? { block } : undefined)}
            />
          </div>
        )}
        <section className={styles.beside} aria-label="What differs">
          <ChangeList {...shared} chosen={chosen} onChoose={setChosen} />
        </section>
      </div>
    </>
  );
}
