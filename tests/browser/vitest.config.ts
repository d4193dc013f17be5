import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.js';

/** The page in a real browser, one file at a time: each starts Weir and looks at how fast the page answers. */
export default mergeConfig(
  { ...base, test: {} },
  defineConfig({
    test: {
      root: import.meta.dirname,
      include: ['**/*.test.ts'],
      fileParallelism: false,
      // A machine under load breaks what has deadlines, once.
      retry: 1,
      testTimeout: 180_000,
      hookTimeout: 180_000,
    },
  }),
);
