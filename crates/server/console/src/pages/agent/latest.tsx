// The screen pop that is for now, and those that were before it.

import { runAddress } from "../../run/addresses";
import { LinkButton } from "../../ui/button";
import { Icon } from "../../ui/icons";
import { Card } from "../../ui/page";
import { Table } from "../../ui/table";
import { Cut, Facts, Moment } from "../../ui/text";
import styles from "./agent.module.css";
import { linkOf, type Pop } from "./pops";

export function Latest({
  pop,
  opens,
  onOpen,
}: {
  pop: Pop;
  /** Records open by themselves, in a window of their own. */
  opens: boolean;
  onOpen: (link: string) => void;
}) {
  const link = linkOf(pop);
  return (
    <section className={styles.latest} aria-label="Screen pop">
      <div className={styles.mark}>
        <Icon name="screen-pop" size={40} />
      </div>
      <div className={styles.what}>
        <p className={styles.arrived} role="status">
          Call of <Moment at={pop.arrivedAt} />
        </p>
        <h2 className={styles.table}>
          <Cut>{pop.entity_set}</Cut>
        </h2>
        <Facts
          of={[
            ["Record", <code key="id">{pop.id}</code>],
            ["Scenario", pop.scenario],
            [
              "Run",
              <a key="run" href={runAddress(pop.run)}>
                What the scenario did
              </a>,
            ],
          ]}
        />
      </div>
      {link ? (
        <LinkButton
          className={styles.open}
          look="primary"
          icon="external"
          href={link}
          target="_blank"
          rel="noopener noreferrer"
          onClick={(event) => {
            // Into the window that the next record will take over.
            if (!opens) return;
            event.preventDefault();
            onOpen(link);
          }}
        >
          Open record
        </LinkButton>
      ) : (
        <p className={styles.why}>
          Where Dynamics 365 shows this record is not known: the name of its table could not be
          found out, or the integration accounts lead to several organisations.
        </p>
      )}
    </section>
  );
}

export function History({ pops }: { pops: Pop[] }) {
  return (
    <Card title="Before that">
      <Table
        caption="Earlier screen pops"
        rows={pops}
        keyOf={(pop) => pop.event}
        columns={[
          { title: "Call", narrow: true, cell: (pop) => <Moment at={pop.arrivedAt} /> },
          { title: "Table", cell: (pop) => pop.entity_set },
          {
            title: "Scenario",
            cell: (pop) => <Cut className={styles.scenario}>{pop.scenario}</Cut>,
          },
          {
            title: "Record",
            narrow: true,
            cell: (pop) => {
              const link = linkOf(pop);
              if (!link) return <code>{pop.id}</code>;
              return (
                <a
                  href={link}
                  target="_blank"
                  rel="noopener noreferrer"
                  aria-label={`Open record ${pop.id}`}
                >
                  Open record
                </a>
              );
            },
          },
        ]}
      />
    </Card>
  );
}
