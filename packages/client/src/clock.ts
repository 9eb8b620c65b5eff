/** Time and chance, in one place so that tests can move both. */

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** A number in [0, 1). */
  random(): number;
  setTimeout(work: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The real clock, with whatever parts the caller replaces; globals are read at each call, so fake timers work. */
export function createClock(parts: Partial<Clock> = {}): Clock {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    setTimeout: (work, milliseconds) => globalThis.setTimeout(work, milliseconds),
    clearTimeout: (timer) => globalThis.clearTimeout(timer as ReturnType<typeof globalThis.setTimeout>),
    ...parts,
  };
}
