import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KAFKA_VARIABLES } from './settings.js';
import { TOPIC_PLANS } from './topics.js';

const page = readFileSync(new URL('../../../docs/kafka.md', import.meta.url), 'utf8');

describe('docs/kafka.md', () => {
  it('names every variable with its meaning and default', () => {
    for (const variable of KAFKA_VARIABLES) {
      const fallback = 'fallback' in variable ? `\`${variable.fallback}\` ` : '';
      expect(page).toContain(`| \`${variable.name}\` | ${variable.meaning} | ${fallback}|`);
    }
  });

  it('names every topic with its partitions, size and meaning', () => {
    for (const { name, partitions, settings, meaning } of TOPIC_PLANS) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
      const bytes = settings['max.message.bytes'];
      expect(row).toContain(`| ${partitions} |`);
      expect(row).toContain(bytes === undefined ? '| as the broker |' : `| ${Number(bytes) / 2 ** 20} MiB |`);
      expect(row).toContain(settings['cleanup.policy'] === 'compact' ? '| the last of each key |' : 'MiB a partition');
      expect(row).toContain(`| ${meaning} |`);
    }
  });
});
