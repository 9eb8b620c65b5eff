import { createClient } from "@carillon/client";

/** The one client of this page: our own sign-in, with the refresh token in a cookie that no script can read. */
export const client = createClient({ auth: "cookie" });

export interface Account {
  /** The person's id, where the server tells it. */
  id?: string;
  username: string;
  name: string;
  role: string;
  about: string;
}

/** The demo's people; asked without signing in. */
export function fetchAccounts(): Promise<Account[]> {
  return client.rest.get<Account[]>("/demo/accounts/");
}

export interface RingRequest {
  username: string;
  title: string;
  message: string;
  type: string;
  severity: string;
  url: string;
  /** The user name of who acts. */
  actor: string;
  buttons: readonly RingButton[];
}

/** A button in both languages: each recipient reads theirs. */
export interface RingButton {
  name: string;
  label: { fr: string; en: string };
  command: string;
  data: Record<string, unknown>;
  style: "" | "primary";
  done: { fr: string; en: string };
}

/** Makes the server call `notify(…)`. */
export function ring(request: RingRequest): Promise<{ id: string }> {
  return client.rest.post<{ id: string }>("/demo/ring/", request);
}
