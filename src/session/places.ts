/** What there is to attach to or open: asked before an analysis exists. */
import { Admin } from '@platformatic/kafka';
import { RpcError } from '../shared/rpc.ts';
import { clientOptions, parseConnection } from '../sources/kafka/connection.ts';
import { kafkaProblem } from '../sources/kafka/problem.ts';
import { StoreError } from '../tracestore/api.ts';
import { openStore } from '../tracestore/open.ts';

/** Names of the topics of a broker, in order. Throws in words; RpcError 'refused': with another password it might be answered. */
export async function topics(connection: Readonly<Record<string, unknown>>, password: string): Promise<readonly string[]> {
  const parsed = parseConnection(connection);
  if (typeof parsed === 'string') throw new Error(parsed);
  const admin = new Admin(clientOptions(parsed, 'tracenest', password));
  try {
    return (await admin.listTopics()).sort();
  } catch (error) {
    const { kind, why, next } = kafkaProblem(error);
    throw new RpcError(kind === 'password' ? 'refused' : 'failed', `${why} ${next}`);
  } finally {
    await admin.close();
  }
}

export interface Contents {
  readonly spans: number;
  /** ns since 1970, decimal; null: empty. */
  readonly interval: { readonly fromNs: string; readonly toNs: string } | null;
  readonly tenants: readonly string[];
}
/** What a store holds. Throws StoreError in words; RpcError 'refused': with another secret it might be answered. */
export async function storeContents(url: string, secret?: string): Promise<Contents> {
  const store = openStore(url, 'read', secret);
  try {
    const { spans, interval, tenants } = await store.contents();
    return { spans, tenants, interval: interval && { fromNs: String(interval.fromNs), toNs: String(interval.toNs) } };
  } catch (error) {
    if (error instanceof StoreError && error.isRefusal) throw new RpcError('refused', error.message);
    throw error;
  } finally {
    await store.close();
  }
}
