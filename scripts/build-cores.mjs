/**
 * Compiles the cores of decoder and flow function (AssemblyScript) to WebAssembly. Their constants come from the built
 * contracts and layouts, so this runs after `tsc -b`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as decode from '../capture-agent/dist/decoder/core-layout.js';
import * as entropy from '../capture-agent/dist/decoder/entropy.js';
import { MAX_NOTE_BYTES } from '../capture-agent/dist/decoder/frame.js';
import { EtherType } from '../capture-agent/dist/decoder/link.js';
import { Look } from '../capture-agent/dist/decoder/look.js';
import { FOLLOWED_SLOTS, Follow } from '../capture-agent/dist/decoder/notes/followed-flows.js';
import { ROUTER_ADVERTISEMENT } from '../capture-agent/dist/decoder/notes/router-advertisement.js';
import { Visit } from '../capture-agent/dist/decoder/notes/visit.js';
import { TUNNEL_PORT } from '../capture-agent/dist/decoder/tunnels.js';
import { LinkType } from '../capture-agent/dist/sources/source.js';
import * as contracts from '../contracts/dist/index.js';
import * as flow from '../functions/dist/flow/core-layout.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {Record<string, Record<string, number>>} Codes */
/** @typedef {Record<string, import('../contracts/dist/index.js').PlacedTable>} Tables */

const { NetworkLayer, NoteKind, PayloadGuess, Protocol, TcpFlag, ConformanceBreach: Breach } = contracts;

const CORES = [
  {
    folder: 'capture-agent/decode-core',
    codes: {
      ...{
        Breach,
        Follow,
        LinkType,
        Look,
        NetworkLayer,
        NoteKind,
        PayloadGuess,
        Protocol,
        TcpFlag,
        TUNNEL_PORT,
        Visit,
      },
      ...{ EtherType, Icmpv6: { routerAdvertisement: ROUTER_ADVERTISEMENT } },
      ...{
        AmplifierMessage: contracts.AmplifierMessage,
        HttpSign: contracts.HttpSign,
        LoginProtocol: contracts.LoginProtocol,
        Note: { response: contracts.NOTE_CODE_RESPONSE },
        RpcInterface: contracts.RpcInterface,
        RpcRefusal: contracts.RpcRefusal,
      },
    },
    tables: { RAW: decode.RAW, PACKETS: decode.PACKETS, BLOCK: decode.BLOCK },
    sizes: { BYTES_CAPACITY: decode.BLOCK_BYTES, MAX_NOTE_BYTES },
    numbers: {
      ...{ MAX_ENTROPY_BYTES: entropy.MAX_ENTROPY_BYTES, MIN_ENTROPY_BYTES: entropy.MIN_ENTROPY_BYTES },
      FOLLOWED_SLOTS,
    },
  },
  {
    folder: 'functions/flow-core',
    codes: {
      ...{
        FlowEvent: contracts.FlowEvent,
        FlowOutcome: contracts.FlowOutcome,
        FlowRecordKind: contracts.FlowRecordKind,
      },
      ...{ NetworkLayer, NoteKind, PayloadGuess, Protocol, TcpFlag },
    },
    tables: { PACKETS: flow.PACKETS, ACTIVITY: flow.ACTIVITY, NOTES: flow.NOTES, RECORDS: flow.RECORDS },
    sizes: { PACKETS_AT: flow.PACKETS_AT, MAX_NOTE_BYTES: flow.MAX_NOTE_BYTES },
    numbers: { FIRST_PACKETS: contracts.FIRST_PACKETS, END_OF_TIME_S: contracts.END_OF_TIME_S },
  },
];

/** @param {string} name @param {number} value @param {'i32' | 'i64' | 'usize'} type */
const constant = (name, value, type) => `export const ${name}: ${type} = ${value};`;

/** @param {Codes} codes */
function codeLines(codes) {
  return Object.entries(codes).flatMap(([group, values]) =>
    Object.entries(values).map(([name, value]) => constant(`${group}_${name}`, value, 'i32')),
  );
}

/** @param {Tables} tables */
function tableLines(tables) {
  return Object.entries(tables).flatMap(([table, { capacity, columns, size }]) => [
    constant(`${table}_CAPACITY`, capacity, 'i32'),
    constant(`${table}_SIZE`, size, 'usize'),
    ...columns.flatMap(({ name, offset, dataOffset }) => [
      constant(`${table}_${name}`, offset, 'usize'),
      ...(dataOffset === undefined ? [] : [constant(`${table}_${name}_data`, dataOffset, 'usize')]),
    ]),
  ]);
}

/** @param {string} folder */
function compile(folder) {
  mkdirSync(join(folder, 'build'), { recursive: true });
  const compiler = join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
  const outFile = `build/${folder.split(/[\\/]/).pop()}.wasm`;
  const options = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '--use', 'abort='];
  const command = [compiler, 'index.ts', '--outFile', outFile, ...options];
  const result = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  process.stderr.write(result.stdout + result.stderr);
  if (result.status !== 0) process.exit(1);
}

for (const { folder, codes, tables, sizes, numbers } of CORES) {
  const lines = [
    ...Object.entries(sizes).map(([name, value]) => constant(name, value, 'usize')),
    ...Object.entries(numbers).map(([name, value]) => constant(name, value, name.endsWith('_S') ? 'i64' : 'i32')),
    ...codeLines(codes),
    ...tableLines(tables),
  ];
  const path = join(root, folder);
  writeFileSync(join(path, 'generated.ts'), `// Written by scripts/build-cores.mjs.\n${lines.join('\n')}\n`);
  compile(path);
}
