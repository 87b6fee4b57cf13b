// The integration accounts that need something, and what.

import { Badge } from "../../ui/notice";
import { Card } from "../../ui/page";
import { Cut } from "../../ui/text";
import styles from "./dashboard.module.css";
import type { Need } from "./model/needs";

export function Needs({ needs }: { needs: Need[] }) {
  return (
    <Card title="Accounts needing action">
      <ul className={styles.needs}>
        {needs.map(({ account, tone, title, sentences }) => (
          <li key={account.id}>
            <div className={styles.needHead}>
              <a href={`#/accounts/${account.id}`}>
                <Cut>{account.name}</Cut>
              </a>
              <Badge tone={tone} icon="warning">
                {title}
              </Badge>
            </div>
            {sentences.map((text) => (
              <p key={text} className={styles.why}>
                {text}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </Card>
  );
}
