/** Requests to an InfluxDB: writing with patience, asking in chunks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '../api.ts';
import type { InfluxAddress } from './address.ts';
import type { Row } from './point.ts';

const ATTEMPTS = 6;
const why = (e: unknown): string => (e instanceof Error ? (e.cause instanceof Error ? e.cause.message : e.message) : String(e));

/** Tries again while the server is away or busy; what the server refuses is an error at once. */
async function patiently(what: string, request: () => Promise<Response>): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    let problem: string;
    try {
      const response = await request();
      if (response.ok) return response;
      problem = `${response.status} ${(await response.text()).slice(0, 500)}`;
      const { status } = response;
      if (status < 500 && status !== 429) throw new StoreError(`InfluxDB refused ${what}: ${problem}`, status === 401 || status === 403);
    } catch (e) {
      if (e instanceof StoreError) throw e;
      problem = why(e);
    }
    if (attempt === ATTEMPTS) throw new StoreError(`InfluxDB does not take ${what}: ${problem}`);
    await sleep(100 * 2 ** attempt);
  }
}

export async function write(to: InfluxAddress, lines: string): Promise<void> {
  await patiently('points', () => fetch(to.writeUrl, { method: 'POST', headers: to.headers, body: lines }));
}
/** Statements that change something. */
export async function command(to: InfluxAddress, statement: string): Promise<void> {
  const body = new URLSearchParams({ q: statement });
  const response = await patiently(statement, () => fetch(to.queryUrl, { method: 'POST', headers: to.headers, body }));
  const { results } = (await response.json()) as Answer;
  const error = results?.find((r) => r.error)?.error;
  if (error) throw new StoreError(`InfluxDB refused "${statement}": ${error}`);
}

interface Answer {
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly columns: readonly string[]; readonly values: readonly (readonly unknown[])[] }[];
  }[];
  readonly error?: string;
}

/** Rows of a SELECT as they come, in order of time. Throws StoreError. */
export async function* select(from: InfluxAddress, statement: string): AsyncGenerator<Row> {
  const url = `${from.queryUrl}&${new URLSearchParams({ q: statement, chunked: 'true', chunk_size: '5000' })}`;
  const response = await patiently('a question', () => fetch(url, { headers: from.headers }));
  for await (const line of linesOf(response)) {
    const answer = JSON.parse(line) as Answer;
    if (answer.error) throw new StoreError(`InfluxDB could not answer: ${answer.error}`);
    for (const result of answer.results ?? []) {
      if (result.error) throw new StoreError(`InfluxDB could not answer: ${result.error}`);
      for (const { columns, values } of result.series ?? [])
        for (const row of values) yield Object.fromEntries(columns.map((c, i) => [c, row[i]]));
    }
  }
}

/** Chunks are objects of JSON, a line each. */
async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const bytes of response.body ?? []) {
      rest += decoder.decode(bytes, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') yield line;
    }
  } catch (e) {
    throw new StoreError(`InfluxDB broke off its answer: ${why(e)}`);
  }
  if (rest.trim() !== '') yield rest;
}

/** A string of InfluxQL. */
export const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
