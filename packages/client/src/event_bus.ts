/** Hands events to those who asked for one type of them, whatever the topic. */
import type { EventData, EventFrame, EventType } from "./protocol.js";

type Listener = (event: EventFrame) => void;

export class EventBus {
  readonly #listeners = new Map<string, Set<Listener>>();

  on<Type extends EventType>(type: Type, listener: (event: EventFrame<Type, EventData[Type]>) => void): () => void {
    const entry = ((event: EventFrame<Type, EventData[Type]>) => listener(event)) as Listener;
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(entry));
    return () => void listeners.delete(entry);
  }

  emit(event: EventFrame): void {
    for (const listener of [...(this.#listeners.get(event.type) ?? [])]) listener(event);
  }
}
