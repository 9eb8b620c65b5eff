/** As much of IndexedDB as the outbox uses: one table by client id, an index, answers that come later. */

type Record_ = { clientId: string; owner: string };

/** What outlives a page: pass the same one to the next. */
export class FakeDisk {
  readonly rows = new Map<string, Record_>();
  isVersioned = false;
  /** Refuses to open, as in private mode. */
  isClosed = false;
}

class Request<Result> {
  result!: Result;
  error: unknown = null;
  onsuccess: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onupgradeneeded: (() => void) | null = null;
}

function later<Result>(work: () => Result): Request<Result> {
  const request = new Request<Result>();
  queueMicrotask(() => {
    request.result = work();
    request.onsuccess?.();
  });
  return request;
}

/** A factory over the disk, in the place of `indexedDB`. */
export function fakeDatabase(disk: FakeDisk): IDBFactory {
  const table = {
    put: (row: Record_) => later(() => disk.rows.set(row.clientId, structuredClone(row))),
    delete: (key: string) => later(() => disk.rows.delete(key)),
    count: (key: string) => later(() => (disk.rows.has(key) ? 1 : 0)),
    index: () => ({
      getAll: (owner: string) =>
        later(() => structuredClone([...disk.rows.values()].filter((row) => row.owner === owner))),
    }),
    createIndex: () => undefined,
  };
  const database = {
    transaction: () => {
      const transaction = { objectStore: () => table, oncomplete: null as (() => void) | null };
      queueMicrotask(() => queueMicrotask(() => transaction.oncomplete?.()));
      return transaction;
    },
    createObjectStore: () => table,
    close: () => undefined,
  };
  const open = () => {
    const request = new Request<typeof database>();
    queueMicrotask(() => {
      if (disk.isClosed) {
        request.error = new Error("not here");
        request.onerror?.();
        return;
      }
      request.result = database;
      if (!disk.isVersioned) request.onupgradeneeded?.();
      disk.isVersioned = true;
      request.onsuccess?.();
    });
    return request;
  };
  return { open } as unknown as IDBFactory;
}
