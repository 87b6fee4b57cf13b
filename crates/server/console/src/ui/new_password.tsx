// A password that is chosen: entered twice, because it cannot be seen.

import { useState } from "react";
import { TextField } from "./field";

export type ChosenPassword = ReturnType<typeof useNewPassword>;

export function useNewPassword() {
  const [value, setValue] = useState("");
  const [again, setAgain] = useState("");
  const [differs, setDiffers] = useState(false);
  /** Whether both entries are the same; where not, the second one says so. */
  const agrees = () => {
    setDiffers(value !== again);
    return value === again;
  };
  const clear = () => {
    setValue("");
    setAgain("");
  };
  return { value, setValue, again, setAgain, differs, agrees, clear };
}

export function NewPassword({
  password,
  label = "Password",
  error,
}: {
  password: ChosenPassword;
  label?: string;
  error: string | undefined;
}) {
  return (
    <>
      <TextField
        label={label}
        hint="At least 12 characters. Several words are easy to remember and hard to guess."
        type="password"
        name="new-password"
        autoComplete="new-password"
        value={password.value}
        onChange={password.setValue}
        error={error}
        required
      />
      <TextField
        label={`${label} again`}
        type="password"
        name="new-password-again"
        autoComplete="new-password"
        value={password.again}
        onChange={password.setAgain}
        error={password.differs ? "The two entries differ." : undefined}
        required
      />
    </>
  );
}
