import type { SessionState } from "@carillon/client";
import { useSyncExternalStore } from "react";
import { client } from "./client";

/** Who is signed in, live. */
export function useSession(): SessionState {
  return useSyncExternalStore(client.session.state.subscribe, client.session.state.getSnapshot);
}
