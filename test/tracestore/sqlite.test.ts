import { SqliteStore } from '../../src/tracestore/sqlite/store.ts';
import { storeSuite } from './suite.ts';

storeSuite('the embedded store', async () => new SqliteStore(':memory:'));
