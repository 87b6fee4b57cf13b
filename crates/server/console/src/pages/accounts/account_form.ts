// An account as its form holds it: every field a text, a tick or a choice, as people enter it.

import type { Account, AccountInput, Policy } from "../../api/types";

export type AccountForm = {
  name: string;
  default: boolean;
  clientId: string;
  credential: "secret" | "certificate";
  /** Empty where the stored one stays. */
  secret: string;
  secretExpires: string;
  certificate: Upload | undefined;
  certificateKey: Upload | undefined;
  certificatePassword: string;
  authorizationUrl: string;
  tokenUrl: string;
  apiUrl: string;
  phoneRegion: string;
  policy: PolicyForm;
};

/** A file that was chosen, as the API takes it: a text, or Base64. */
export type Upload = { name: string; content: string };

export type PolicyForm = {
  /** Null: all of them. */
  operations: string[] | null;
  tables: string;
  sensitiveColumns: string;
  maxConcurrent: string;
  requestTimeout: string;
  tokenTimeout: string;
  connectTimeout: string;
  affinityCookie: boolean;
};

/** What a new account begins with; the numbers are the server's own defaults (`Policy` in openapi.json). */
export function emptyForm(isFirst: boolean): AccountForm {
  return {
    name: "",
    default: isFirst,
    clientId: "",
    credential: "secret",
    secret: "",
    secretExpires: "",
    certificate: undefined,
    certificateKey: undefined,
    certificatePassword: "",
    authorizationUrl: "",
    tokenUrl: "",
    apiUrl: "",
    phoneRegion: "",
    policy: {
      operations: null,
      tables: "",
      sensitiveColumns: "",
      maxConcurrent: "52",
      requestTimeout: "30000",
      tokenTimeout: "15000",
      connectTimeout: "5000",
      affinityCookie: false,
    },
  };
}

export function formOf(account: Account): AccountForm {
  const { policy } = account;
  const before = emptyForm(false);
  return {
    ...before,
    name: account.name,
    default: account.default,
    clientId: account.client_id,
    credential: account.credential.kind === "certificate" ? "certificate" : "secret",
    secretExpires:
      account.credential.kind === "certificate" ? "" : (account.credential_expires ?? ""),
    authorizationUrl: account.authorization_url,
    tokenUrl: account.token_url,
    apiUrl: account.api_url,
    phoneRegion: account.phone_region ?? "",
    policy: {
      operations: policy.operations ?? null,
      tables: (policy.tables ?? []).join(", "),
      sensitiveColumns: (policy.sensitive_columns ?? []).join(", "),
      maxConcurrent: String(policy.max_concurrent ?? before.policy.maxConcurrent),
      requestTimeout: String(policy.request_timeout_ms ?? before.policy.requestTimeout),
      tokenTimeout: String(policy.token_timeout_ms ?? before.policy.tokenTimeout),
      connectTimeout: String(policy.connect_timeout_ms ?? before.policy.connectTimeout),
      affinityCookie: policy.affinity_cookie ?? false,
    },
  };
}

/** What is sent to the server. What is empty is left out, so that the server says that it is missing. */
export function inputOf(form: AccountForm): AccountInput {
  const input: Record<string, unknown> = {
    name: form.name,
    default: form.default,
    client_id: form.clientId,
    policy: policyOf(form.policy),
  };
  put(input, "authorization_url", form.authorizationUrl);
  put(input, "token_url", form.tokenUrl);
  put(input, "api_url", form.apiUrl);
  put(input, "phone_region", form.phoneRegion.toUpperCase());
  if (form.credential === "secret") {
    put(input, "client_secret", form.secret);
    put(input, "credential_expires", form.secretExpires);
  } else if (form.certificate) {
    const certificate: Record<string, unknown> = { file: form.certificate.content };
    if (form.certificateKey) certificate.key = form.certificateKey.content;
    put(certificate, "password", form.certificatePassword);
    input.certificate = certificate;
  } else {
    // No file was chosen: what is stored stays, a secret with its last day.
    put(input, "credential_expires", form.secretExpires);
  }
  return input as AccountInput;
}

function put(into: Record<string, unknown>, name: string, text: string): void {
  if (text.trim()) into[name] = text.trim();
}

function policyOf(form: PolicyForm): Policy {
  const tables = names(form.tables);
  return {
    operations: form.operations as NonNullable<Policy["operations"]> | null,
    tables: tables.length ? tables : null,
    sensitive_columns: names(form.sensitiveColumns),
    max_concurrent: number(form.maxConcurrent),
    request_timeout_ms: number(form.requestTimeout),
    token_timeout_ms: number(form.tokenTimeout),
    connect_timeout_ms: number(form.connectTimeout),
    affinity_cookie: form.affinityCookie,
  };
}

function names(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}

/** A text that is no number goes as it is: the server says what it takes. */
function number(text: string): number {
  const value = Number(text);
  return text.trim() && Number.isFinite(value) ? value : (text as unknown as number);
}

/** A file as the API takes it: PEM as text, everything else in Base64. */
export async function uploaded(file: File): Promise<Upload> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  if (text.includes("-----BEGIN ")) return { name: file.name, content: text };
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return { name: file.name, content: btoa(binary) };
}
