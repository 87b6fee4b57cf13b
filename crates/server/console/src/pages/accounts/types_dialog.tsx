// What kind of account is added. There is one kind today; the integration guide begins with this choice.

import { goSaved } from "../../shell/router";
import { Dialog } from "../../ui/dialog";
import { Icon } from "../../ui/icons";
import styles from "./accounts.module.css";

export function TypesDialog({ onClose }: { onClose: () => void }) {
  const choose = () => {
    onClose();
    goSaved("#/accounts/new");
  };
  return (
    <Dialog title="Type of account" onClose={onClose}>
      <button type="button" className={styles.type} onClick={choose}>
        <Icon name="account" size={28} />
        <span>
          <strong>Microsoft Dynamics 365</strong>
          <span className={styles.why}>
            Search, create and update records, with an app registered in Entra ID.
          </span>
        </span>
      </button>
    </Dialog>
  );
}
