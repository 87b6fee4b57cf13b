// What proves that a changing request comes from this page, as the session tells it.

let token = "";

export function keepCsrf(told: string): void {
  token = told;
}

export function csrfHeaders(): Record<string, string> {
  return token ? { "X-CSRF-Token": token } : {};
}
