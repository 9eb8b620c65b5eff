/** Where the rows of a long list stand: measured heights where they are known, guesses where not. */

export interface Keyed {
  readonly key: string;
}

/** The places of one array of rows. Finding and moving cost next to nothing, however many there are. */
export class Places {
  readonly count: number;
  readonly #heights: Float64Array;
  readonly #tops: Float64Array;
  readonly #keys: string[] = [];
  readonly #index = new Map<string, number>();
  /** Tops up to this index are right. */
  #valid = 0;

  constructor(rows: readonly Keyed[], heightOf: (index: number) => number) {
    this.count = rows.length;
    this.#heights = new Float64Array(rows.length);
    this.#tops = new Float64Array(rows.length + 1);
    for (let index = 0; index < rows.length; index += 1) {
      this.#heights[index] = heightOf(index);
      const { key } = rows[index] as Keyed;
      this.#keys.push(key);
      this.#index.set(key, index);
    }
  }

  indexOf(key: string): number {
    return this.#index.get(key) ?? -1;
  }

  keyAt(index: number): string {
    return this.#keys[index] ?? "";
  }

  set(index: number, height: number): void {
    if (this.#heights[index] === height) return;
    this.#heights[index] = height;
    this.#valid = Math.min(this.#valid, index);
  }

  /** Where row `index` begins; `count` gives the end of the last. */
  top(index: number): number {
    this.#settle();
    return this.#tops[index] ?? 0;
  }

  get total(): number {
    return this.top(this.count);
  }

  /** The row at `offset`; the first or last one beyond the ends. */
  at(offset: number): number {
    this.#settle();
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#tops[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #settle(): void {
    for (let index = this.#valid; index < this.count; index += 1) {
      this.#tops[index + 1] = (this.#tops[index] as number) + (this.#heights[index] as number);
    }
    this.#valid = this.count;
  }
}
