/** Questions in several steps with a way back, as VS Code's own guide has them. */
import * as vscode from 'vscode';

export type Choice<T> = vscode.QuickPickItem & { readonly value: T };
/** The user pressed Back. */
export const BACK = Symbol('back');
export interface Step {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
  readonly placeholder: string;
}

/**
 * One choice. `typed` turns text into a value where free text is allowed, or says what is wrong with it. Undefined: the user gave up.
 */
export function choose<T>(
  { title, step, totalSteps, placeholder }: Step,
  choices: readonly Choice<T>[],
  typed?: (text: string) => Choice<T> | string,
): Promise<T | typeof BACK | undefined> {
  const pick = vscode.window.createQuickPick<Choice<T> | (vscode.QuickPickItem & { readonly value?: undefined })>();
  Object.assign(pick, { title, step, totalSteps, placeholder, ignoreFocusOut: true, matchOnDescription: true });
  pick.items = choices;
  if (step > 1) pick.buttons = [vscode.QuickInputButtons.Back];
  return new Promise((resolve) => {
    const end = (answer: T | typeof BACK | undefined) => {
      resolve(answer);
      pick.dispose();
    };
    pick.onDidTriggerButton(() => end(BACK));
    pick.onDidHide(() => end(undefined));
    pick.onDidChangeValue((text) => {
      if (!typed) return;
      const own = text.trim() === '' ? undefined : typed(text.trim());
      if (own === undefined) pick.items = choices;
      else if (typeof own === 'string') pick.items = [...choices, { label: `$(info) ${own}`, alwaysShow: true }];
      else pick.items = [own, ...choices];
    });
    pick.onDidAccept(() => {
      const item = pick.selectedItems[0];
      if (item && 'value' in item && item.value !== undefined) end(item.value);
    });
    pick.show();
  });
}
