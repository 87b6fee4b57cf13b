// The foot of the navigation: who is signed in, and what concerns them alone.

import type { Session } from "../api/session";
import { Button, LinkButton } from "../ui/button";
import { Cut } from "../ui/text";
import styles from "./shell.module.css";
import { useTheme } from "./theme";

export function Foot({ session, onSignOut }: { session: Session; onSignOut: () => void }) {
  const [theme, toggle] = useTheme();
  return (
    <div className={styles.foot}>
      <div className={styles.who}>
        <Cut className={styles.name}>{session.user.name}</Cut>
        <div className={styles.role}>
          {session.user.role} · version {session.version}
        </div>
      </div>
      <LinkButton look="quiet" icon="key" href="#/password">
        Change password
      </LinkButton>
      <Button look="quiet" icon={theme === "dark" ? "sun" : "moon"} onClick={toggle}>
        {theme === "dark" ? "Light colours" : "Dark colours"}
      </Button>
      <Button look="quiet" icon="exit" onClick={onSignOut}>
        Sign out
      </Button>
    </div>
  );
}
