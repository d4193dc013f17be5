import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (room: string) => fileURLToPath(new URL(`./${room}/src/index.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests read the sources, so that a stale build cannot pass them.
    alias: {
      '@weir/contracts/dashboard-api': fileURLToPath(
        new URL('./contracts/src/dashboard-api/index.ts', import.meta.url),
      ),
      '@weir/contracts': source('contracts'),
      '@weir/capture-agent': source('capture-agent'),
      '@weir/functions': source('functions'),
      '@weir/dashboard-server': source('dashboard/server'),
    },
  },
  test: {
    include: ['*/src/**/*.test.ts', 'dashboard/*/src/**/*.test.ts', 'tests/**/*.test.ts', 'scripts/**/*.test.ts'],
    // These need a browser and a container engine, and take turns: they have settings of their own.
    exclude: ['**/node_modules/**', 'tests/browser/**', 'tests/cluster/**'],
    // All processors: the default leaves one idle, which on two is half.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
