import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.js';

/** The cluster tests: one cluster, one test at a time, minutes instead of seconds. */
export default mergeConfig(
  { ...base, test: {} },
  defineConfig({
    test: {
      root: import.meta.dirname,
      include: ['**/*.test.ts'],
      globalSetup: './setup.ts',
      fileParallelism: false,
      // A machine under load breaks what has deadlines, once.
      retry: 1,
      // Longer than what tests wait for, so that they say what is missing.
      testTimeout: 300_000,
      hookTimeout: 300_000,
    },
  }),
);
