// The host and the credentials of the test, the only things that the documents leave open.
import { createClient } from "@carillon/client";

/** A JWT, put here by the test before the page begins. */
const { token = "" } = globalThis as { token?: string };

export const getToken = () => token;
export const client = createClient({ getToken });
