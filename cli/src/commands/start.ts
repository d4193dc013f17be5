import { Analysis } from '../analysis.js';
import { type Call, defineCommand } from '../command.js';
import { DASHBOARD_OPTIONS } from '../dashboard/options.js';
import { runWithDashboard } from '../dashboard/run-embedded.js';
import { UsageError } from '../errors.js';
import { openLog } from '../log/options.js';
import type { OptionTable } from '../options/declaration.js';
import { detectionConfigOf } from '../rules/with-rules.js';
import { ANALYZE_OPTIONS, analyze, DEMO } from './analyze.js';

/** Pace at which the bundled capture replays: eight minutes in two. */
const DEMO_SPEED = '4x';

const START_OPTIONS = {
  dashboard: { type: 'flag', description: 'Serve the dashboard for a file too; it stays until Ctrl-C' },
  'text-only': { type: 'flag', description: 'Print incidents only, without a dashboard' },
  ...ANALYZE_OPTIONS,
  ...DASHBOARD_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

export const start = defineCommand({
  name: 'start',
  usage: '[FILE|-]',
  maxOperands: 1,
  description:
    'Finds incidents as weir analyze does and serves the dashboard while it does. Without any input it replays the ' +
    'capture that comes with Weir in two minutes. A file is only analysed and printed, unless --dashboard is given.',
  options: START_OPTIONS,
  examples: [
    { line: 'weir start', meaning: 'A look around: the bundled capture, with the dashboard.' },
    { line: 'sudo weir start --interface eth0', meaning: 'Live, with the dashboard.' },
    {
      line: 'weir start --dashboard --speed 10x capture.pcap',
      meaning: 'A file, ten times as fast as it was captured.',
    },
    {
      line: 'weir start --interface eth0 --listen 0.0.0.0:8443 --login --tls-cert a.pem --tls-key a.key',
      meaning: 'For others too, with users, passwords and TLS.',
    },
  ],
  run: startRun,
});

type StartCall = Call<typeof START_OPTIONS>;

async function startRun(call: StartCall): Promise<number> {
  const { options, operands, io } = call;
  const isFile = operands.length > 0 && !options.dashboard;
  if (isFile || options.json || options['text-only']) {
    refuseDashboardOptions(options);
    return analyze.run(call as never);
  }
  const isDemo = operands.length === 0 && options.interface === undefined;
  // The pace is told, as batches follow it too.
  const pace = isDemo ? { speed: options.speed ?? DEMO_SPEED } : {};
  const config = await detectionConfigOf(options);
  const { log, close } = openLog(options, io);
  const source = {
    name: operands[0] ?? options.interface ?? DEMO.path,
    kind: 'live',
    progress: () => undefined,
  } as const;
  const analysis = new Analysis({ options, io, log, chosen: { source, isPaced: true } });
  try {
    await runWithDashboard({
      options: { ...options, ...pace, partitions: 1, 'new-run': true },
      operands,
      io,
      log,
      config,
      files: { config: options.config, rules: options.rules },
      fallback: { path: DEMO.path, speed: DEMO_SPEED },
      sink: analysis.sink,
      onProgress: (packets) => analysis.progress(packets),
      ended: ({ packets, warnings }, url) => {
        analysis.finish(packets, warnings);
        if (!io.stop.aborted) io.stderr.write(`\nThe input has ended. The dashboard stays at ${url} until Ctrl-C.\n`);
      },
    });
  } finally {
    analysis.close();
    close();
  }
  return analysis.exitCode();
}

/** Options of the dashboard that have no default, so that it shows whether they were given. */
const DASHBOARD_ONLY = ['dashboard', 'listen', 'login', 'tls-cert', 'tls-key', 'insecure', 'history', 'geoip'] as const;

/** Throws a UsageError for options that would do nothing, as no dashboard is served. */
function refuseDashboardOptions(options: StartCall['options']): void {
  const given = DASHBOARD_ONLY.find((name) => options[name] !== undefined && options[name] !== false);
  if (given === undefined) return;
  const printsOnly = options.json ? '--json' : options['text-only'] ? '--text-only' : undefined;
  const remedy = printsOnly
    ? `Leave out one of --${given} and ${printsOnly}`
    : `Add --dashboard, or leave --${given} out`;
  throw new UsageError(`--${given} is for the dashboard, which is not served for this run. ${remedy}.`);
}
