import { describe, expect, it } from 'vitest';
import { contentOf, TOPIC_FORMATS } from '../../src/sources/kafka/formats.ts';

describe('records of a topic', () => {
  it.each(TOPIC_FORMATS)('%s: a record that is something else is refused in words of ours, never in its own', (format) => {
    for (const json of ['"WORDS OF A STRANGER"', '["WORDS OF A STRANGER"]', '{"WORDS OF A STRANGER": 1}', '1', 'null', '{']) {
      const record = { partition: 0, offset: 0n, timestampMs: 0, key: null, value: new TextEncoder().encode(json) };
      const content = contentOf(record, format);
      expect(content.kind).toBe('bad');
      expect(JSON.stringify(content)).not.toContain('STRANGER');
    }
  });
});
