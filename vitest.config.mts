import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These run in other hosts: the VS Code extension host, the real workbench, and against real servers.
    exclude: ['test/vscode/**', 'test/e2e/**', 'test/kafka/**', 'test/influx/**', 'test/spark/**', 'node_modules/**'],
    // Shared, noisy machines: what fails twice is broken.
    retry: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'threads',
  },
});
