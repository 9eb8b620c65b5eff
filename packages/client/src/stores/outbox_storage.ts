/** Where unsent messages are kept on this device: IndexedDB, or memory where the browser keeps nothing. */
import type { Quote } from "../protocol.js";
import type { MessageRefusal } from "./conversations_contract.js";

export interface StoredMessage {
  /** Server and person that it belongs to. */
  owner: string;
  clientId: string;
  conversation: number;
  content: string;
  replyTo: Quote | null;
  /** ISO. */
  createdAt: string;
  /** Sorts those of one device. */
  order: number;
  failure: MessageRefusal | null;
}

export interface OutboxStorage {
  /** False for one that forgets with the page. */
  readonly isDurable: boolean;
  /** All of one owner, in order. */
  all(owner: string): Promise<StoredMessage[]>;
  has(clientId: string): Promise<boolean>;
  put(message: StoredMessage): Promise<void>;
  delete(clientId: string): Promise<void>;
}

const DATABASE = "carillon";
const TABLE = "outbox";
const BY_OWNER = "owner";
const SPILL = "carillon-outbox";

/** Keeps messages as long as the page lives. */
export class MemoryStorage implements OutboxStorage {
  readonly isDurable = false;
  readonly #messages = new Map<string, StoredMessage>();

  async all(owner: string): Promise<StoredMessage[]> {
    return inOrder([...this.#messages.values()].filter((message) => message.owner === owner));
  }

  async has(clientId: string): Promise<boolean> {
    return this.#messages.has(clientId);
  }

  async put(message: StoredMessage): Promise<void> {
    this.#messages.set(message.clientId, message);
  }

  async delete(clientId: string): Promise<void> {
    this.#messages.delete(clientId);
  }
}

/** Keeps messages in the browser's database until they are sent. */
export class DatabaseStorage implements OutboxStorage {
  readonly isDurable = true;
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
    // Another tab with a later version of this code must not wait for us.
    database.onversionchange = () => database.close();
  }

  async all(owner: string): Promise<StoredMessage[]> {
    const table = this.#database.transaction(TABLE, "readonly").objectStore(TABLE);
    return inOrder((await answered(table.index(BY_OWNER).getAll(owner))) as StoredMessage[]);
  }

  async has(clientId: string): Promise<boolean> {
    const table = this.#database.transaction(TABLE, "readonly").objectStore(TABLE);
    return (await answered(table.count(clientId))) > 0;
  }

  put(message: StoredMessage): Promise<void> {
    return this.#change((table) => table.put(message));
  }

  delete(clientId: string): Promise<void> {
    return this.#change((table) => table.delete(clientId));
  }

  #change(work: (table: IDBObjectStore) => unknown): Promise<void> {
    const transaction = this.#database.transaction(TABLE, "readwrite");
    work(transaction.objectStore(TABLE));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
  }
}

/** The best storage there is; in private mode, or where the host's page may not store, that of memory. */
export async function openStorage(factory: IDBFactory | undefined = globalThis.indexedDB): Promise<OutboxStorage> {
  if (factory === undefined) return new MemoryStorage();
  try {
    const request = factory.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(TABLE, { keyPath: "clientId" }).createIndex(BY_OWNER, "owner");
    };
    return new DatabaseStorage(await answered(request));
  } catch {
    return new MemoryStorage();
  }
}

/** What a page that goes in this moment could not put into the database in time: kept beside it, for the next page. */
export function spill(messages: readonly StoredMessage[]): void {
  try {
    if (messages.length > 0) localStorage.setItem(SPILL, JSON.stringify([...readSpill(), ...messages]));
  } catch {
    // Where nothing can be kept nothing is.
  }
}

/** Takes back what was spilled for this owner. */
export function unspill(owner: string): StoredMessage[] {
  const all = readSpill();
  const own = all.filter((message) => message.owner === owner);
  if (own.length === 0) return [];
  const left = all.filter((message) => message.owner !== owner);
  if (left.length > 0) localStorage.setItem(SPILL, JSON.stringify(left));
  else localStorage.removeItem(SPILL);
  return own;
}

function readSpill(): StoredMessage[] {
  try {
    const messages: unknown = JSON.parse(localStorage.getItem(SPILL) ?? "[]");
    return Array.isArray(messages) ? messages.filter((one) => typeof one?.clientId === "string") : [];
  } catch {
    return [];
  }
}

function answered<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function inOrder(messages: StoredMessage[]): StoredMessage[] {
  return messages.sort((one, other) => one.order - other.order);
}
