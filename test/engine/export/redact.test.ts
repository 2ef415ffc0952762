import { describe, expect, it } from 'vitest';
import { exportAs } from '../../../src/engine/export/index.ts';
import { redacted, withoutQueryValues } from '../../../src/engine/export/redact.ts';
import { EXPORT_FORMATS } from '../../../src/shared/protocol.ts';
import { SOURCE } from './sample.ts';

describe('redaction of exports', () => {
  it.each([
    ['/orders', '/orders'],
    ['/orders?', '/orders?'],
    ['/orders?token=abc&x=', '/orders?token=REDACTED&x=REDACTED'],
    ['/orders?abc', '/orders?REDACTED'],
    ['/orders?a=b=c;d=1#frag?e=2', '/orders?a=REDACTED&d=REDACTED'],
  ])('%s', (target, clean) => {
    expect(withoutQueryValues(target)).toBe(clean);
  });

  it('no format holds a value of a query or a password', () => {
    const source = SOURCE;
    const secret = 'hunter2';
    const call = (row: number) =>
      Object.create(source.call(row), { protocol: { value: 'http/1' }, target: { value: `http://u:${secret}@h/p?token=${secret}&n=1` } });
    const text = (redact: boolean, format: (typeof EXPORT_FORMATS)[number]) => {
      const made = { ...source, call };
      const parts = [...exportAs(redact ? redacted(made) : made, format)];
      return parts.map((p) => (typeof p === 'string' ? p : Buffer.from(p).toString('latin1'))).join('');
    };
    expect(text(false, 'csv')).toContain(secret);
    for (const format of EXPORT_FORMATS) expect(text(true, format).includes(secret), format).toBe(false);
    expect(text(true, 'otlp')).toContain('token=REDACTED&n=REDACTED');
  });
});
