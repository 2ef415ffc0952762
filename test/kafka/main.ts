/** A broker to try things with: `npm run kafka [PORT]`, until Ctrl+C. Its data is gone afterwards. */
import { startKafka } from './broker.ts';

const port = Number(process.argv[2] ?? 9092);
const broker = await startKafka({}, { port });
console.log(`A Kafka broker listens at ${broker.bootstrap}; topics are made when they are written to. Ctrl+C ends it.`);
const { promise, resolve } = Promise.withResolvers<void>();
process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
await promise;
await broker.stop();
