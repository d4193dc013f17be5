import { HttpSign, type NoteTable } from '@weir/contracts';
import { isOutside } from '../address-scope.js';

/** A weak sign that a request is of a bot, and how much it weighs among others. */
interface Sign {
  readonly name: string;
  readonly weight: number;
}

/**
 * Signs of requests that bots make, each of which some working program shows too: only their sum says something. They are
 * those by which studies tell the requests of malware from those of browsers (Perdisci 2010, Nelms 2013, Bortolameotti
 * 2017: what fields are there, what agent, what path, what method, bare addresses); the weights were set so that no two
 * of them suffice, and tried on benign traffic alone.
 */
export const HTTP_SIGNS = [
  { name: "a browser's name without the fields that browsers send", weight: 2 },
  { name: 'the name of a browser of before 2012', weight: 1 },
  { name: 'no name, or one bare word as name of the program', weight: 1.5 },
  { name: 'a post to a script without a page before it', weight: 1.5 },
  { name: 'a bare address instead of a name', weight: 1 },
  { name: 'a program asked for', weight: 1.5 },
  { name: 'a program asked for at a bare address', weight: 1.5 },
  { name: 'an image with a query and no page around it', weight: 1 },
  { name: 'a port where no web server is expected', weight: 0.5 },
  { name: 'a post to a path of random letters', weight: 1.5 },
  { name: 'a path as stagers of attack tools make up', weight: 1.5 },
] as const satisfies readonly Sign[];

const [DISGUISED, OLD, NAMELESS, SCRIPT, BARE, PROGRAM, BARE_PROGRAM, IMAGE, PORT, RANDOM, STAGER] = HTTP_SIGNS.map(
  (_, k) => 1 << k,
) as [number, number, number, number, number, number, number, number, number, number, number];

const SCRIPT_PATH = /\.(php\d?|aspx?|jsp|cgi|pl|do)$/;
/** Programs of Windows, scripts, and builds of bots for small devices, which are named after their processor. */
const PROGRAM_NAME =
  /\.(exe|dll|scr|bin|ps1|vbs|hta|bat|elf|sh|jar|msi)(&|$)|[./](arm\d?|mips(el)?|mpsl|x86(_64)?|i[3-6]86|sh4|ppc|m68k|spc)(&|$)/;
/** No name above is longer, with the dot before it: only so much of the end is looked at. */
const LONGEST_PROGRAM_NAME = 8;
const IMAGE_PATH = /\.(gif|jpe?g|png|ico|bmp)$/;
const NUMERIC_HOST = /^\d+(\.\d+){1,3}\.?(:\d+)?$/;
/** Letters and digits with both cases, as keys are; names of pages have words in them. */
const RANDOM_PATH = /\/(?=[^/]*\d)(?=[^/]*[a-z])(?=[^/]*[A-Z])[A-Za-z0-9]{12,}\/?$/;
const STAGER_PATH = /^\/[A-Za-z0-9]{4}$/;
const SLASH = 0x2f;
const WEB_PORTS: ReadonlySet<number> = new Set([80, 443, 3128, 5000, 8000, 8008, 8080, 8081, 8088, 8888]);
const LONGEST_REQUEST_BYTES = 256;
/** As many bytes of a method and path as a note holds: the end of a longer path is not known. */
const CUT_PATH_BYTES = 120;

/** Whether request `i` cannot be of interest: a whole head with the fields of a browser and the name of a modern one. */
export function isOfBrowser(code: number): boolean {
  const own = HttpSign.whole | HttpSign.acceptLanguage | HttpSign.saysBrowser | HttpSign.saysOldBrowser;
  return (code & own) === (own & ~HttpSign.saysOldBrowser);
}

/** The signs that request `i` shows, as bits by index into HTTP_SIGNS. */
export function signsOf(notes: NoteTable, i: number): number {
  const c = notes.columns;
  const code = c.noteCode[i]!;
  const { data, offsets } = c.noteText;
  const start = offsets[i]!;
  const length = Math.min(offsets[i + 1]! - start, LONGEST_REQUEST_BYTES);
  const text = Buffer.from(data.buffer, data.byteOffset + start, length).toString('latin1');
  const { method, path, host, query } = wordsOf(text);
  let signs = signsOfFields(code);
  // Within a network devices are called by their address, but hardly in disguise.
  const isBare =
    host !== '' && NUMERIC_HOST.test(host) && ((signs & DISGUISED) !== 0 || isOutside(c.serverAddress.bytes, i * 16));
  if (isBare) signs |= BARE;
  if (!WEB_PORTS.has(c.serverPort[i]!)) signs |= PORT;
  return signs | (method === 'POST' ? signsOfPost(code, path) : signsOfGet(code, { path, query, isBare }));
}

/** Method, path, host if it is there, and query if it is there with its question mark, which a note holds in this order. */
function wordsOf(text: string): { method: string; path: string; host: string; query: string } {
  const [method, afterMethod] = wordAt(text, 0);
  const [path, afterPath] = wordAt(text, afterMethod);
  const [third, afterThird] = wordAt(text, afterPath);
  const isNamed = !third.startsWith('?');
  return { method, path, host: isNamed ? third : '', query: text.slice(isNamed ? afterThird : afterPath) };
}

/** The word that begins at `at`, and where the next one does. */
function wordAt(text: string, at: number): [word: string, next: number] {
  const end = text.indexOf(' ', at);
  return end < 0 ? [text.slice(at), text.length] : [text.slice(at, end), end + 1];
}

function signsOfFields(code: number): number {
  const isWhole = (code & HttpSign.whole) !== 0;
  const isDisguised = isWhole && (code & HttpSign.saysBrowser) !== 0 && !(code & HttpSign.acceptLanguage);
  const isNameless = (code & HttpSign.nakedAgent) !== 0 || (isWhole && !(code & HttpSign.userAgent));
  return (isDisguised ? DISGUISED : 0) | (code & HttpSign.saysOldBrowser ? OLD : 0) | (isNameless ? NAMELESS : 0);
}

function signsOfPost(code: number, path: string): number {
  const isWhole = (code & HttpSign.whole) !== 0;
  let signs = 0;
  if (isWhole && !(code & HttpSign.referer) && SCRIPT_PATH.test(path.toLowerCase())) signs |= SCRIPT;
  if (RANDOM_PATH.test(path)) signs |= RANDOM;
  return signs;
}

function signsOfGet(code: number, { path, query, isBare }: { path: string; query: string; isBare: boolean }): number {
  const lower = path.toLowerCase();
  if (endsInProgram(lower) || (query !== '' && endsInProgram(query.toLowerCase())))
    return isBare ? PROGRAM | BARE_PROGRAM : PROGRAM;
  if (isStagerPath(path)) return STAGER;
  const isAlone = (code & HttpSign.whole) !== 0 && !(code & HttpSign.referer);
  return isAlone && code & HttpSign.query && IMAGE_PATH.test(lower) ? IMAGE : 0;
}

/**
 * Four letters or digits whose sum tells a Metasploit or Cobalt Strike server which stage to send (checksum8: 92 for 32 bits,
 * 93 for 64): one word in 128 has such a sum.
 */
function isStagerPath(path: string): boolean {
  if (!STAGER_PATH.test(path)) return false;
  const sum = [...path].reduce((total, letter) => total + letter.charCodeAt(0), -SLASH) & 0xff;
  return sum === 92 || sum === 93;
}

function endsInProgram(text: string): boolean {
  return PROGRAM_NAME.test(text.includes('&') ? text : text.slice(-LONGEST_PROGRAM_NAME));
}

/** Whether a request says to be of a browser, which it is not, and goes to a bare address. */
export function isMasqueraded(signs: number): boolean {
  return (signs & DISGUISED) !== 0 && (signs & BARE) !== 0;
}

/** What signs weigh together. */
export function weightOf(signs: number): number {
  let weight = 0;
  for (let k = 0; k < HTTP_SIGNS.length; k++) if (signs & (1 << k)) weight += HTTP_SIGNS[k]!.weight;
  return weight;
}

/** Whether the request asks for a program by its name, or for a path too long to tell. */
export function namesProgram(notes: NoteTable, i: number, signs: number): boolean {
  const { offsets } = notes.columns.noteText;
  return (signs & PROGRAM) !== 0 || offsets[i + 1]! - offsets[i]! > CUT_PATH_BYTES;
}
