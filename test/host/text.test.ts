import { expect, it } from 'vitest';
import { visibleLog } from '../../src/host/log.ts';
import { sentence } from '../../src/host/sentence.ts';

it('a notification holds no link of a stranger, no hidden character and no end of its own length', () => {
  // What VS Code takes for a link in a notification.
  const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)\3)?\)/i;
  for (const text of ['[x](command:workbench.action.quit)', '[a](https://example.invalid)', '[[x](command:a)', '[x](command:a "t")']) {
    expect(text).toMatch(LINK);
    expect(sentence(`${text} is not in this workspace`)).not.toMatch(LINK);
  }
  expect(sentence('a\u202eb\u0007\nc')).toBe('a\\u202eb\\u0007\nc');
  expect(sentence('x'.repeat(1e6)).length).toBeLessThanOrEqual(1000);
});

it('the log shows what hides', () => {
  const written: string[] = [];
  const write = (text: string) => written.push(text);
  const log = visibleLog({ info: write, warn: write, error: write, show: () => {}, dispose: () => {} } as never);
  log.info('a\u001b[2Jb');
  log.warn('a\u202eb');
  log.error('first\nsecond\u200b');
  expect(written).toEqual(['a\\u001b[2Jb', 'a\\u202eb', 'first\nsecond\\u200b']);
});
