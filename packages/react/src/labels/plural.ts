/** Returns a chooser between a singular and a plural form, by the rules of `locale`. */
export function pluralOf(locale: string): (count: number, one: string, other: string) => string {
  const rules = new Intl.PluralRules(locale);
  return (count, one, other) => (rules.select(count) === "one" ? one : other);
}
