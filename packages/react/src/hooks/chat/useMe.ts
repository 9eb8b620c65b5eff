import type { Person } from "@carillon/client";
import { useSyncExternalStore } from "react";
import { useCarillon } from "../../context.js";

const never = () => () => {};

/** The signed-in person; null until it is known. */
export function useMe(): Person | null {
  const state = useCarillon().client?.session.state;
  return useSyncExternalStore(
    state?.subscribe ?? never,
    () => state?.getSnapshot().person ?? null,
    () => null,
  );
}
