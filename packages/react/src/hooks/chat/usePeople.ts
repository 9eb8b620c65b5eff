import { createPeopleSearch, type PeopleSearch, type PeopleSearchSnapshot } from "@carillon/client";
import { useEffect, useState } from "react";
import { useCarillon } from "../../context.js";
import { useStore } from "./stores.js";

const NOBODY: PeopleSearchSnapshot = {
  q: "",
  status: "idle",
  error: null,
  items: [],
  hasMore: false,
  isLoadingMore: false,
};

/** People whom the reader may write to, found by words; the empty text lists them all. */
export function usePeople(q: string): PeopleSearchSnapshot & { search: PeopleSearch | null } {
  const { client } = useCarillon();
  const [search, setSearch] = useState<PeopleSearch | null>(null);
  useEffect(() => {
    if (!client) return;
    const made = createPeopleSearch(client);
    setSearch(made);
    return () => made.destroy();
  }, [client]);
  useEffect(() => search?.search(q), [search, q]);
  const snapshot = useStore(search, NOBODY);
  return { ...snapshot, search };
}
