import { defineConfig } from 'vitest/config';

/** Tests against real servers (Kafka, InfluxDB, Spark): one file at a time, patient. */
export default defineConfig({
  test: {
    include: ['test/kafka/**/*.test.ts', 'test/influx/**/*.test.ts', 'test/spark/**/*.test.ts'],
    // Shared, noisy machines: what fails twice is broken.
    retry: 1,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
