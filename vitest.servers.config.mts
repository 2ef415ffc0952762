import { defineConfig } from 'vitest/config';

/** Tests against real servers (Kafka, InfluxDB, Spark): one file at a time, patient. */
export default defineConfig({
  test: {
    include: ['test/kafka/**/*.test.ts', 'test/influx/**/*.test.ts', 'test/spark/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
