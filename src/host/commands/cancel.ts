import { type Command, current } from './context.ts';

/** Cancel Analysis: what was found so far stays. */
export const cancel: Command = (context) => current(context).document.cancel();
