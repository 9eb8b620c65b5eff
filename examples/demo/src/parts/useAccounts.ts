import { useCallback, useEffect, useState } from "react";
import { type Account, fetchAccounts } from "../client";

interface Accounts {
  /** Null while they are on their way. */
  readonly accounts: readonly Account[] | null;
  readonly hasFailed: boolean;
  readonly retry: () => void;
}

/** The demo's people, asked once per language, since what they do is told in words. */
export function useAccounts(language: string): Accounts {
  const [accounts, setAccounts] = useState<readonly Account[] | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: language and attempt ask again
  useEffect(() => {
    let isOver = false;
    fetchAccounts().then(
      (found) => {
        if (isOver) return;
        setAccounts(found);
        setFailed(false);
      },
      () => {
        if (!isOver) setFailed(true);
      },
    );
    return () => {
      isOver = true;
    };
  }, [language, attempt]);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  return { accounts, hasFailed, retry };
}
