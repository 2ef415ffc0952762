import { visibleLines } from '../shared/format.ts';

/** For notifications, where [text](command:...) would become a link that runs the command. */
export const sentence = (text: string): string => visibleLines(text).slice(0, 1000).replaceAll('](', '] (');
