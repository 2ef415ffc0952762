import { describe, expect, it } from 'vitest';
import { OPTIONS, SAMPLE, topic, watched } from './watching.ts';

const records = topic(SAMPLE);

describe('a watch', () => {
  it('goes on where it was killed, as if it had not been', () => {
    for (const algorithm of ['aguilera', 'default']) {
      const whole = watched(records, { algorithm });
      expect(whole.spans).toHaveLength(2028);
      expect(watched(records, { algorithm }, () => true)).toEqual(whole);
    }
  });
});
