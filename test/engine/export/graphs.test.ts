import { spawnSync } from 'node:child_process';
import Graph from 'graphology';
import { parse as parseGexf } from 'graphology-gexf';
import { parse as parseGraphml } from 'graphology-graphml';
import { describe, expect, it } from 'vitest';
import { exportAs } from '../../../src/engine/export/index.ts';
import type { ExportFormat } from '../../../src/shared/protocol.ts';
import { SOURCE } from './sample.ts';

const text = (format: ExportFormat): string => [...exportAs(SOURCE, format)].join('');
const present = (command: string, ...args: string[]) => spawnSync(command, args).error === undefined;

describe('dot', () => {
  it.skipIf(!present('dot', '-V'))('is laid out by graphviz (skipped where it is not installed)', () => {
    const run = spawnSync('dot', ['-Tjson'], { input: text('dot') });
    expect(run.stderr.toString()).toBe('');
    expect(run.status).toBe(0);
    const { objects, edges } = JSON.parse(run.stdout.toString());
    expect(objects).toHaveLength(4);
    expect(edges).toHaveLength(3);
    expect(objects[3].label).toContain('</name>&<b>');
    expect(edges[1]).toMatchObject({ style: 'dashed', color: 'firebrick' });
    expect(edges[2].constraint).toBe('false');
  });
});

describe.each([
  ['gexf', (xml: string) => parseGexf(Graph, xml)],
  ['graphml', (xml: string) => parseGraphml(Graph, xml)],
] as const)('%s', (format, parse) => {
  const graph = parse(text(format));
  it('is read back by graphology with every node, edge and fact', () => {
    expect(graph.order).toBe(4);
    expect(graph.size).toBe(3);
    expect(graph.getNodeAttribute('s1', 'label')).toBe('gateway');
    const edge = graph.getEdgeAttributes(graph.edge('s1', 's2')!);
    expect(Number(edge['calls'])).toBe(3);
    expect(Number(edge['errors'])).toBe(1);
    expect(Number(edge['p50_ms'])).toBe(5);
    expect(edge['p99_ms'] === undefined || edge['p99_ms'] === '').toBe(true);
  });
  it('keeps hostile names as text', () => {
    expect(String(graph.getNodeAttribute('s3', 'label'))).toContain('</name>&<b>"');
  });
  it.skipIf(!present('xmllint', '--version'))('is well-formed XML by xmllint (skipped where it is not installed)', () => {
    const run = spawnSync('xmllint', ['--noout', '-'], { input: text(format) });
    expect(run.stderr.toString()).toBe('');
  });
});
