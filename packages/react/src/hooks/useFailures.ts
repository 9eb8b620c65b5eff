import type { NotificationsStore, WriteFailure } from "@carillon/client";
import { useEffect } from "react";
import { useCarillon } from "../context.js";
import type { RefusedAction } from "../labels.js";

const SENTENCES: Record<string, RefusedAction> = {
  read: "read",
  unread: "unread",
  archive: "archive",
  unarchive: "unarchive",
  snooze: "snooze",
  unsnooze: "unsnooze",
  delete: "remove",
  clear_read: "remove",
  read_all: "readAll",
  restore_unread: "undo",
  press: "press",
};
const TIME = 8000;
/** Answers that are not the host's. */
const OURS = new Set(["not_found", "internal", "unexpected", "bad_answer"]);

/** Why the host's own code refused, in its words, which are for people. */
function saidOf({ action, error }: WriteFailure): string | null {
  return action === "press" && !error.isTransient && !OURS.has(error.code) ? error.message : null;
}

/** Says in a toast which write was refused; the list itself has been put back by then. */
export function useFailures(store: NotificationsStore | null, failure: WriteFailure | null): void {
  const { toasts, labels } = useCarillon();
  useEffect(() => {
    if (!store || !failure) return;
    const action = SENTENCES[failure.action];
    // What nobody asked for by hand, as being seen, fails in silence: it is done again by itself.
    if (action) toasts.show({ text: saidOf(failure) ?? labels.refused[action], time: TIME });
    store.dismissFailure();
  }, [store, failure, toasts, labels]);
}
