/** A file of what was kept says so itself, in a place its format has for it; a file of everything says nothing. */
import { parquetMetadata } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { exportAs } from '../../../src/engine/export/index.ts';
import { SAMPLE_KEY, sampleNote } from '../../../src/engine/export/sampled.ts';
import type { ExportSource } from '../../../src/engine/export/source.ts';
import type { ExportFormat } from '../../../src/shared/protocol.ts';
import { SOURCE } from './sample.ts';

const KEPT: ExportSource = {
  ...SOURCE,
  summary: { ...SOURCE.summary, transactions: 5000, kept: { calls: 2, transactions: 120, sample: 0.02 } },
};
const note = sampleNote(KEPT.summary);
const text = (format: ExportFormat, source = KEPT): string => [...exportAs(source, format)].join('');

describe('a file of a sample', () => {
  it('is called one in words', () => {
    expect(note).toMatch(/^Holds 120 of 5,000 transactions: .* uniform sample of 2\.0\s%/);
    expect(sampleNote(SOURCE.summary)).toBe('');
  });
  it('OTLP: an attribute of every resource', () => {
    for (const { resource } of JSON.parse(text('otlp')).resourceSpans)
      expect(resource.attributes).toContainEqual({ key: SAMPLE_KEY, value: { stringValue: note } });
  });
  it('Zipkin: a tag of every first span, and of no other', () => {
    for (const span of JSON.parse(text('zipkin'))) expect(span.tags[SAMPLE_KEY]).toBe(span.parentId === undefined ? note : undefined);
  });
  it('Chrome trace: other data', () => expect(JSON.parse(text('chrome')).otherData[SAMPLE_KEY]).toBe(note));
  it('DOT: a comment in the first line', () => expect(text('dot').split('\n')[0]).toBe(`// ${note}`));
  it('GraphML: a description before the keys, as its schema orders', () => {
    expect(text('graphml')).toMatch(/xsd">\n\s*<desc>Holds 120 of [^<]*<\/desc>\n\s*<key /);
  });
  it('GEXF: the description in its meta data', () =>
    expect(text('gexf')).toMatch(/<meta[^>]*>[\s\S]*<description>Holds 120 of [\s\S]*<\/meta>/));
  it('CSV: a column more', () => {
    const [head, ...lines] = text('csv').trimEnd().split('\r\n');
    expect(head).toMatch(/,sampled$/);
    for (const line of lines) expect(line).toMatch(/,true$/);
  });
  it('Parquet: key-value meta data', () => {
    const bytes = Buffer.concat([...exportAs(KEPT, 'parquet')] as Uint8Array[]);
    const { key_value_metadata } = parquetMetadata(new Uint8Array(bytes).buffer);
    expect(key_value_metadata).toContainEqual({ key: SAMPLE_KEY, value: note });
  });
  it('Markdown: a sentence', () => expect(text('markdown')).toContain('120 of 5,000 transactions'));
  it('nothing where everything was kept', () => {
    for (const format of ['otlp', 'zipkin', 'chrome', 'dot', 'graphml', 'gexf', 'csv', 'markdown'] as const)
      expect(text(format, SOURCE)).not.toMatch(/tracenest\.sample|uniform sample|,sampled/);
  });
});
