/** The store primitive: a value, its listeners, and one notice per batch of changes. */

/** What `useSyncExternalStore` needs: a stable snapshot and a subscription. */
export interface ReadableStore<Value> {
  getSnapshot(): Value;
  /** Calls `listener` after each change; the returned function ends it. */
  subscribe(listener: () => void): () => void;
}

let depth = 0;
const waiting = new Set<() => void>();

/** Runs `work`, and tells the listeners of every store changed in it once, at its end. */
export function batch<Result>(work: () => Result): Result {
  depth += 1;
  try {
    return work();
  } finally {
    depth -= 1;
    if (depth === 0) flush();
  }
}

function flush(): void {
  for (const notify of [...waiting]) {
    // A listener may have caused a flush of its own, which served some of the others.
    if (waiting.delete(notify)) notify();
  }
}

/** A value that can be set; setting the same value tells nobody. */
export class Store<Value> implements ReadableStore<Value> {
  #value: Value;
  readonly #listeners = new Set<() => void>();

  constructor(initial: Value) {
    this.#value = initial;
  }

  getSnapshot = (): Value => this.#value;

  subscribe = (listener: () => void): (() => void) => {
    // Wrapped, so that the same function subscribed twice is called twice and ended apart.
    const entry = () => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  };

  set(value: Value): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    waiting.add(this.#notify);
    if (depth === 0) flush();
  }

  update(change: Partial<Value>): void {
    this.set({ ...this.#value, ...change });
  }

  readonly #notify = (): void => {
    for (const listener of [...this.#listeners]) listener();
  };
}
