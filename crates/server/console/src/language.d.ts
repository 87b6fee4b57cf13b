// What `build/language.ts` makes from `docs/scenarios.md`.

declare module "virtual:language" {
  /** The functions of expressions: a name, how it is called, and what it gives. */
  export const functions: { name: string; call: string; gives: string }[];
  /** The exits for failures, and when each is taken. */
  export const failures: { exit: string; because: string }[];
}
