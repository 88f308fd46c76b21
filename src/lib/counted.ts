/** How often, in words of the number's own form: `1 token`, `1,204 tokens`. */
export type Counted = (
  count: number,
  /** By the plural rules of the language; `#` stands for the number. `other` is for those without a form of their own. */
  forms: Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string },
) => string;

/**
 * A browser takes tens of milliseconds to find its first plural rules: not before a number is counted.
 *
 * @param locale as BCP 47 names it @see https://cldr.unicode.org/index/cldr-spec/plural-rules
 */
export function countedIn(locale: string): Counted {
  let rules: Intl.PluralRules | undefined;
  let numbers: Intl.NumberFormat | undefined;
  return (count, forms) => {
    rules ??= new Intl.PluralRules(locale);
    numbers ??= new Intl.NumberFormat(locale);
    return (forms[rules.select(count)] ?? forms.other).replace('#', numbers.format(count));
  };
}
