/** One store for all who ask for the same thing, alive while somebody listens and a little longer. */
import type { CarillonClient } from "../api.js";
import { type ReadableStore, Store } from "./store.js";

/** A page that changes unsubscribes and subscribes within moments; what was loaded outlives that. */
const LINGER = 10_000;

/** A store that begins with its first listener and rests some time after its last one. */
export abstract class LingeringStore<Snapshot> implements ReadableStore<Snapshot> {
  protected readonly client: CarillonClient;
  protected readonly shown: Store<Snapshot>;
  #subscribers = 0;
  #isAwake = false;
  #lingerTimer: unknown;

  constructor(client: CarillonClient, initial: Snapshot) {
    this.client = client;
    this.shown = new Store(initial);
  }

  getSnapshot = (): Snapshot => this.shown.getSnapshot();

  subscribe = (listener: () => void): (() => void) => {
    const end = this.shown.subscribe(listener);
    this.#subscribers += 1;
    this.client.clock.clearTimeout(this.#lingerTimer);
    if (!this.#isAwake) {
      this.#isAwake = true;
      this.wake();
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      end();
      this.#subscribers -= 1;
      if (this.#subscribers > 0) return;
      this.left();
      this.#lingerTimer = this.client.clock.setTimeout(() => this.#rest(), LINGER);
    };
  };

  /** The first listener came. */
  protected abstract wake(): void;

  /** Nobody has listened for a while. */
  protected abstract rest(): void;

  /** The last listener went, and another may come at once. */
  protected left(): void {}

  #rest(): void {
    if (this.#subscribers > 0) return;
    this.#isAwake = false;
    this.rest();
  }
}

/** What belongs to a client, one for each key; made when it is first asked for. */
export class PerClient<Key, Value> {
  readonly #make: (client: CarillonClient, key: Key) => Value;
  readonly #values = new WeakMap<CarillonClient, Map<Key, Value>>();

  constructor(make: (client: CarillonClient, key: Key) => Value) {
    this.#make = make;
  }

  of(client: CarillonClient, key: Key): Value {
    const values = this.#values.get(client) ?? new Map<Key, Value>();
    this.#values.set(client, values);
    if (!values.has(key)) values.set(key, this.#make(client, key));
    return values.get(key) as Value;
  }

  /** Puts back what was forgotten while somebody still held it, unless another one took its place. */
  keep(client: CarillonClient, key: Key, value: Value): void {
    const values = this.#values.get(client);
    if (values !== undefined && !values.has(key)) values.set(key, value);
  }

  forget(client: CarillonClient, key: Key): void {
    this.#values.get(client)?.delete(key);
  }
}
