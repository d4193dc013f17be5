import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import ts from 'typescript';

/** One import of one file: what it names, or undefined when the name is computed and so cannot be read. */
export interface Import {
  readonly file: string;
  readonly line: number;
  readonly specifier: string | undefined;
}

/** Rooms and the rooms each may import. Anything else between rooms is a message. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  'capture-agent': ['contracts'],
  functions: ['contracts'],
  'dashboard/server': ['contracts'],
  'dashboard/web': ['contracts'],
  cli: ['contracts', 'capture-agent', 'functions', 'dashboard/server', 'dashboard/web'],
};

/** Packages by the rooms they publish. */
const ROOM_OF_PACKAGE = new Map(Object.keys(ARROWS).map((room) => [`@weir/${room.replace('/', '-')}`, room]));

/** Parts of a room that are published beside its index. */
const PUBLISHED_PARTS = ['@weir/contracts/dashboard-api'];

const STATEFUN_ADAPTER = 'functions/src/runtime/statefun/';
/** All that contracts may use of the platform: pure calculation. */
const PURE_BUILTINS = ['node:crypto', 'node:buffer'];
const SOURCE = /\.(?:[cm]?[jt]sx?|svelte)$/;
const SKIPPED = new Set(['node_modules', 'dist', 'build', '.svelte-kit', 'coverage']);

/** Every source file of the rooms below `root`, with paths from `root` in `/`. */
export function roomFiles(root: string): string[] {
  const walk = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (SKIPPED.has(entry.name)) return [];
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return walk(path);
      return SOURCE.test(entry.name) ? [relative(root, path).split(sep).join('/')] : [];
    });
  const present = readdirSync(root);
  const folders = new Set(Object.keys(ARROWS).map((room) => room.split('/')[0]!));
  return [...folders].filter((folder) => present.includes(folder)).flatMap((folder) => walk(join(root, folder)));
}

/** The imports of the file `file` below `root`. */
export function importsOf(root: string, file: string): Import[] {
  return readImports(file, readFileSync(join(root, file), 'utf8'));
}

/** Static and dynamic imports, exports from, `import()` types, `require` and `import.meta.resolve` in `text`. */
export function readImports(file: string, text: string): Import[] {
  const code = file.endsWith('.svelte') ? scriptsOf(text) : text;
  const kind = /x$/.test(file) ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true, kind);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const name = importedName(node);
    if (name) {
      const line = source.getLineAndCharacterOfPosition(name.getStart(source)).line + 1;
      found.push({ file, line, specifier: literalText(name, source) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The script parts of a Svelte component, at their lines. */
function scriptsOf(text: string): string {
  let code = '';
  for (const { index, 0: whole, 1: script } of text.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)) {
    const lines = text.slice(0, index + whole.indexOf('>')).split('\n').length - code.split('\n').length;
    code += `${'\n'.repeat(Math.max(lines, 1))}${script}`;
  }
  return code;
}

/** The expression that names what `node` imports, if it imports. */
function importedName(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node)) return node.argument;
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const imports =
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === 'require') ||
    (ts.isPropertyAccessExpression(expression) && expression.getText() === 'import.meta.resolve');
  return imports ? node.arguments[0] : undefined;
}

/** The text of a string, of a type that is one, or of a constant of the file that is one. */
function literalText(node: ts.Node, source: ts.SourceFile): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isLiteralTypeNode(node)) return literalText(node.literal, source);
  if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) return literalText(node.expression, source);
  if (!ts.isIdentifier(node)) return undefined;
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement) || !(statement.declarationList.flags & ts.NodeFlags.Const)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (initializer && name.getText(source) === node.text) return literalText(initializer, source);
    }
  }
  return undefined;
}

/** What is wrong with an import, in words, or undefined when it may stand. */
export function breachOf({ file, specifier }: Import): string | undefined {
  if (specifier === undefined) return 'computes the name of what it imports, so that no test can follow it';
  const from = roomOf(file);
  if (from === undefined) return undefined;
  if (specifier.startsWith('.')) return relativeBreach(from, file, specifier);
  if (/(^|\/)node_modules\//.test(specifier) || /^(\/|file:)/.test(specifier))
    return 'reaches for a file of the machine';
  return packageBreach(from, file, specifier);
}

function relativeBreach(from: string, file: string, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(file), specifier);
  if (target.split('/').includes('node_modules')) return 'reaches into node_modules; import the package by name';
  if (target === from || target.startsWith(`${from}/`)) {
    return undefined;
  }
  return `leaves its room by a path (${target}); import the package of that room, if it may`;
}

function packageBreach(from: string, file: string, specifier: string): string | undefined {
  const [first, second] = specifier.split('/');
  const name = first!.startsWith('@') ? `${first}/${second}` : first!;
  if (name.startsWith('@weir/') || name === 'weir') return roomBreach(from, name, specifier);
  if (name === 'apache-flink-statefun' && !file.startsWith(STATEFUN_ADAPTER)) {
    return `imports the SDK outside ${STATEFUN_ADAPTER}`;
  }
  const isBuiltin = specifier.startsWith('node:');
  if (from === 'contracts' && isBuiltin && !PURE_BUILTINS.includes(specifier) && !file.includes('.test.')) {
    return 'brings I/O or a clock into contracts';
  }
  return undefined;
}

function roomBreach(from: string, name: string, specifier: string): string | undefined {
  const to = ROOM_OF_PACKAGE.get(name);
  if (to === undefined) return `imports ${name}, which is no room`;
  if (specifier !== name && !PUBLISHED_PARTS.includes(specifier))
    return `reaches inside ${name}; import what its index exports`;
  if (to === from || !ARROWS[from]!.includes(to)) return `${from} may not import ${to}`;
  return undefined;
}

/** The room a file belongs to. */
function roomOf(file: string): string | undefined {
  return Object.keys(ARROWS).find((room) => file.startsWith(`${room}/`));
}
