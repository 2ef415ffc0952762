/** Text that came out of packets, for the workbench's own widgets. */
import { visibleText } from '../shared/format.ts';

/** For quick picks and the status bar, where $(name) would become an icon. */
export const label = (text: string, max?: number): string => visibleText(text, max).replaceAll('$(', '\\$(');
