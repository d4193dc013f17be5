import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.js';

/** Tests that look at how fast the page is: one at a time, after all others. */
const FIGURES = ['first-run.test.ts', 'latency.test.ts', 'load.test.ts'];

const shared = {
  root: import.meta.dirname,
  // A machine under load breaks what has deadlines, once.
  retry: 1,
  testTimeout: 180_000,
  hookTimeout: 180_000,
};

/** The page in a real browser. Each file starts a Weir of its own. */
export default mergeConfig(
  { ...base, test: {} },
  defineConfig({
    test: {
      projects: [
        {
          extends: true,
          test: {
            ...shared,
            name: 'page',
            include: ['**/*.test.ts'],
            exclude: FIGURES,
            maxWorkers: 2,
            sequence: { groupOrder: 0 },
          },
        },
        {
          extends: true,
          test: {
            ...shared,
            name: 'figures',
            include: FIGURES,
            fileParallelism: false,
            sequence: { groupOrder: 1 },
          },
        },
      ],
    },
  }),
);
