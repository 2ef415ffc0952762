/** Texts of the interface in the user's language. English text is the key, as in vscode.l10n. */
let translations: Readonly<Record<string, string>> = {};

export function setTranslations(strings: Readonly<Record<string, string>>): void {
  translations = strings;
}
/** `t('{0} of {1} match', 8, 476)`. Arguments are put in as they are: format numbers and clean foreign text before. */
export function t(text: string, ...args: readonly (string | number)[]): string {
  const found = Object.hasOwn(translations, text) ? translations[text]! : text;
  return args.length === 0 ? found : found.replace(/\{(\d)\}/g, (hole, n) => String(args[Number(n)] ?? hole));
}
