import { type CarillonClient, ClientError, type TokenRequest } from "@carillon/client";

/** The host's own JWT; asked before each attempt, with `isStale` true when the last one was refused. */
export type GetToken = (request: TokenRequest) => Promise<string | null> | string | null;

/** Refusals that another try would not change; the socket then says so itself, or knows the session cookie. */
const REFUSED = new Set([401, 403, 404]);

/** The subprotocol that says who we are: the host's JWT, else a one-time ticket of the client; rejects when it cannot be had now. */
export async function credentialOf(
  getToken: GetToken | undefined,
  client: CarillonClient | null,
  isStale: boolean,
): Promise<string | null> {
  if (getToken) {
    const token = await getToken({ isStale });
    return token ? `bearer.${token}` : null;
  }
  if (!client) return null;
  try {
    const { ticket } = await client.rest.post<{ ticket: string }>("/auth/ticket/");
    return `ticket.${ticket}`;
  } catch (thrown) {
    if (thrown instanceof ClientError && REFUSED.has(thrown.status ?? 0)) return null;
    throw thrown;
  }
}
