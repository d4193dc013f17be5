import { listInterfaces, type NetworkInterface } from '@weir/capture-agent';
import { defineCommand } from '../command.js';
import { ExitCode } from '../errors.js';
import { formatTable } from '../report/table.js';

export const interfaces = defineCommand({
  name: 'interfaces',
  usage: '',
  maxOperands: 0,
  description: 'Lists the interfaces of this machine with their addresses. Capturing on one usually needs root.',
  options: { json: { type: 'flag', description: 'Print one JSON object an interface' } },
  examples: [{ line: 'weir interfaces', meaning: 'Names for --interface.' }],
  run: async ({ options, io }) => {
    const found = listInterfaces();
    if (options.json) {
      for (const item of found) io.stdout.write(`${JSON.stringify(item)}\n`);
    } else {
      const rows = found.map((item) => [item.name, stateOf(item), item.addresses.join(', ')]);
      io.stdout.write(`${formatTable([{ title: 'name' }, { title: 'state' }, { title: 'addresses' }], rows)}\n`);
    }
    return ExitCode.ok;
  },
});

function stateOf({ isUp, isLoopback }: NetworkInterface): string {
  return `${isUp ? 'up' : 'down'}${isLoopback ? ', loopback' : ''}`;
}
