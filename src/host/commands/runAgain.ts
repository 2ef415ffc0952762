import { type Command, current } from './context.ts';

export const runAgain: Command = (context) => current(context).document.analyse();
