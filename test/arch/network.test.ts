/**
 * No telemetry: the few files that can reach another machine, or start a program that could, and what for. Nothing else has the means.
 * That the running editor asks nothing of another machine is shown by test/e2e; the page's policy forbids it every connection.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const files = (dir: string): string[] =>
  readdirSync(path.join(ROOT, dir), { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? files(`${dir}/${e.name}`) : /\.(ts|mjs|py)$/.test(e.name) ? [`${dir}/${e.name}`] : [],
  );
/** Without comments and without what is gone when it runs. */
const code = (file: string) =>
  readFileSync(path.join(ROOT, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '')
    .replace(/^import type .*$/gm, '');
const from = (modules: string) => new RegExp(`(?:\\bfrom|\\bimport\\(?|\\brequire\\()\\s*['"\`](?:${modules})['"\`]`);

const SOCKETS = from('(?:node:)?(?:http|https|http2|net|tls|dgram|dns|dns/promises|inspector|cluster)');
const CLIENTS = from('@platformatic/kafka|undici|ws|axios|got|node-fetch');
/** What hosts bring along; not methods of the same name. */
const GLOBALS = /(?<![.\w]|private |function )fetch\(|(?:globalThis|window|self)\.fetch|sendBeacon|openExternal|createTelemetryLogger/;
const CONNECTIONS = /\bnew (?:WebSocket|WebSocketStream|EventSource|XMLHttpRequest|RTCPeerConnection|WebTransport)\b/;
const PYTHON = /^\s*(?:import|from)\s+(?:urllib|http|socket|requests|ssl|ftplib|smtplib)\b/m;
const PROGRAMS = from('(?:node:)?child_process');

const reaches = (text: string) => [SOCKETS, CLIENTS, GLOBALS, CONNECTIONS, PYTHON].some((pattern) => pattern.test(text));

describe('the network', () => {
  it('is reached from these files only', () => {
    const brokers = ['src/session/places.ts', 'src/sources/kafka/group.ts', 'src/sources/kafka/topicReader.ts', 'src/tap/publisher.ts'];
    const databases = ['src/tracestore/influx/http.ts'];
    const counters = ['src/watch/metrics.ts']; // listens, for `watch --metrics`
    expect(files('src').filter((f) => reaches(code(f)))).toEqual([...brokers, ...databases, ...counters].sort());
  });
  it('is not there for the page', () => {
    expect(files('webview').filter((f) => [SOCKETS, CLIENTS, CONNECTIONS].some((p) => p.test(code(f))))).toEqual([]);
  });
  it('nor are programs, but for tcpdump and spark-submit and the engine inside Spark’s tasks', () => {
    expect([...files('src'), ...files('webview')].filter((f) => PROGRAMS.test(code(f)))).toEqual(['src/cli/tap.ts', 'src/spark/submit.ts']);
    expect(files('src').filter((f) => /\bsubprocess\b/.test(code(f)))).toEqual(['src/spark/jobs/tracenest_engine.py']);
  });
  it('counters are served to this machine only', () => {
    expect(code('src/watch/metrics.ts')).toMatch(/listen\([^)]*'127\.0\.0\.1'/);
  });

  it('would be noticed', () => {
    for (const text of [
      "import { request } from 'node:https'",
      "const { connect } = await import('net')",
      "require('http')",
      'await fetch(address)',
      'void globalThis.fetch(address)',
      'new WebSocket(address)',
      "import { Producer } from '@platformatic/kafka'",
      'import urllib.request',
    ])
      expect(reaches(text), text).toBe(true);
    for (const text of ['this.fetch()', "protocol === 'http'", 'private fetch() {']) expect(reaches(text), text).toBe(false);
  });
});
