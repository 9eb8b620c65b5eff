// Repeatable chance: the same seed, the same choices.

export function seeded(seed) {
  let state = Math.imul(seed + 1, 2_654_435_761) | 0;
  const next = () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit) => Math.floor(next() * limit);
  return { next, below, pick: (items) => items[below(items.length)], some: (items, most) => shuffled(items, below).slice(0, 1 + below(most)) };
}

function shuffled(items, below) {
  const left = [...items];
  return items.map(() => left.splice(below(left.length), 1)[0]);
}

/** Picks one of `[weight, choice]` pairs. */
export function weighted(chance, pairs) {
  let at = chance.next() * pairs.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, choice] of pairs) {
    at -= weight;
    if (at < 0) return choice;
  }
  return pairs.at(-1)[1];
}
