/** Returns a chooser between a singular and a plural form, by the rules of `locale`. */
export function pluralOf(locale: string): (count: number, one: string, other: string) => string {
  const rules = new Intl.PluralRules(locale);
  return (count, one, other) => (rules.select(count) === "one" ? one : other);
}

/** A count as a badge shows it, "99+" at most: what is read out is what is seen. */
export function atMost99(count: number): string {
  return count > 99 ? "99+" : String(count);
}
