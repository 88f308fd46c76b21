/** How often, in words of the number's own form: `1 token`, `1,204 tokens`. */
export type Counted = (
  count: number,
  /** By the plural rules of the language; `#` stands for the number. `other` is for those without a form of their own. */
  forms: Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string },
) => string;

/** @param locale as BCP 47 names it @see https://cldr.unicode.org/index/cldr-spec/plural-rules */
export function countedIn(locale: string): Counted {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (count, forms) =>
    (forms[rules.select(count)] ?? forms.other).replace('#', numbers.format(count));
}
