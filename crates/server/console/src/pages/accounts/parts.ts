// What each part of the form is given.

import type { AccountForm } from "./account_form";

export type PartProps = {
  form: AccountForm;
  change: (part: Partial<AccountForm>) => void;
  /** What is wrong at a JSON pointer such as `/client_id`. */
  fault: (pointer: string) => string | undefined;
};
