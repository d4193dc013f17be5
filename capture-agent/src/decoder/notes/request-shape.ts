import { RequestShape } from '@weir/contracts';

/** Bytes of a target or body that are looked at, encoded. */
const MAX_LOOKED_AT_BYTES = 768;
const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;
const FULL_STOP = 0x2e;

/** Bytes that nearly all of the shapes need; two full stops count too, and what was encoded or commented out twice. */
const MARKS = new Uint8Array(256);
for (const mark of '"\'<>;|$(){}`!\\%*') MARKS[mark.charCodeAt(0)] = 1;
/** What needs no such byte: a comparison of numbers, files of the system or of others, names of functions. */
const PLAIN =
  /\b(and|or)\s\(?\d+\s?=|\bunion\s|\/etc\/|\/proc\/|\/bin\/|(php|file|data|expect|phar|zip):\/\/|allow_url_include|auto_prepend_file|invokefunction|order\sby\s\d|&&|\b(cmd|exec|command|shell)=|whoami|classloader|autodiscover\.json|=https?:\/\/169\.254\.|eval-stdin|=https?:\/\/[^&\s]{1,96}\.txt/;

const SQL = [
  /\bunion\s+(all\s+|distinct\s+)?\(?select\b/,
  /['"`)]\s{0,4}(\|\||&&|x?or|and)\s{1,4}\({0,3}['"`]?[\w.]{1,32}['"`]?\){0,3}\s{0,4}(=|<|>|!|like\b|in\b|between\b)/,
  /\b(and|or)\s+\(?(\d+)\s?=\s?\2\b/,
  /['"`)\d]\s?;\s?(drop|insert|update|delete|truncate|exec|declare|shutdown|create|alter)\s/,
  /\b(sleep|benchmark|pg_sleep|extractvalue|updatexml|load_file|group_concat|utl_inaddr\.\w+)\s*\(/,
  /\bwaitfor\s+delay\b|\bxp_cmdshell\b|\binformation_schema\b|\binto\s+(out|dump)file\b|\bsysobjects\b/,
  // Comparisons of MongoDB where a name or a password should stand.
  /\b(pass\w{0,8}|pwd|user\w{0,8}|login|email)\[\$(ne|gt|regex|nin|exists)\]/,
  /['"`)]\s{0,4}order\s+by\s+\d+|\border\s+by\s+\d+\s*(--|#)/,
  /=[^&]{0,64}['"`]\){0,3}\s?(--(\s|$)|#)/,
  /\(\s?select\s+(count|concat|database|version|user|char|ascii|@@|\d)|\b(ascii|ord|substr(ing)?|mid)\(\(?\s?select\b/,
];
const TRAVERSAL = [
  /(\.\.[/\\]){2,}|\/\.\.;\//,
  /\.\.[/\\]+(etc|windows|winnt|proc|boot\.ini|web-inf)\b/,
  /[=/\\](etc[/\\](passwd|shadow|group|hosts)|proc[/\\]self[/\\])/,
  /\b(boot|win|php)\.ini(%00|\0|$|&)/,
  /=(file|gopher|dict|php|phar|expect|zip|data):\/\//,
  // One step is enough where it leads to a file that is no page; overlong UTF-8 hides a step (RFC 3629 10; in lower
  // case C0 reads as E0).
  /\/\.\.\/[^?\s]{0,96}\.(conf|cfg|ini|pem|key|pl|sh|env|properties|yml|sql|bak|inc|lua)\b/,
  /\.\.\/[^&\s]{0,64}(wp-config|web\.config|\.htaccess|config\.php)/,
  /\.\.(\xe0\xaf|\xe1\x9c|\xe0\x80\xaf)/,
  // Into what only a server itself may reach: its cloud's answers about it, and what lies behind Exchange's front door.
  /=https?:\/\/169\.254\.169\.254\b/,
  // A page that is to be taken from elsewhere, as text, so that it is run here.
  /\b(page|file|inc(lude)?|path|template|document)=https?:\/\/[^&\s]{1,96}\.txt\?{0,2}(\s|&|\0|$)/,
  /autodiscover\.json[^\s]{0,96}\/(mapi\/|powershell|ews\/|owa\/|ecp\/)/,
];
const COMMAND = [
  /([;|`\n]|&&|\$\()\s{0,4}(\/(usr\/)?s?bin\/)?(cat|id|whoami|uname|wget|curl|nc|ncat|ba?sh|ping|powershell|cmd|ls|dir|chmod|busybox|tftp|rm|echo|sleep|nslookup|ifconfig|ipconfig|python\d?|perl|env|cd|kill(all)?)\b\s?([\s;|&`$'"</\-)]|\0|$)/,
  /\/bin\/(ba|da|a|z)?sh\b|\bcmd(\.exe)?\s*\/c\b|\bpowershell(\.exe)?\s+-/,
  /\b(wget|curl)\s+(-\S{1,16}\s){0,4}https?:\/\//,
  /\(\)\s*\{/,
  // Commands by which intruders look where they are, as the whole value of a parameter, or its beginning.
  /\b(cmd|exec|command|shell|c|x|0)=(whoami|id|uname|ipconfig|ifconfig|systeminfo|tasklist|net\s(user|view|group|localgroup))(\s|&|$)/,
];
const SCRIPT = [
  /<script\b|<\/script/,
  /<(img|svg|iframe|body|input|details|video|audio)\b[^>]{0,64}\bon\w{1,16}\s?=/,
  /\bjavascript:\s?\w{1,16}\(/,
  /["']\s{0,4}\/?\s{0,4}on(error|load|click|mouseover|focus)\s*=/,
];
const EXPRESSION = [
  /\$\{\s*(jndi|lower|upper|env|sys|java|base64|script|url|dns|date|::-)/,
  /[$#%]\{[^}]{0,64}(\.getclass|getruntime|processbuilder|@java|\bexec\b|\d\s*\*\s*\d)/,
  /<%=?[^%>]{0,32}\d\s*\*\s*\d|__(subclasses|builtins|mro)__|\{%[^}]{0,64}__class__/,
  /\{\{[^}]{0,64}(\d\s*\*\s*'?\d|config|__class__|constructor|request\.|self\.|cycler|lipsum)/,
  /(%u[0-9a-f]{4}){3}|\bgetruntime\s?\(\s?\)\s?\.\s?exec\b|<%[^>]{0,200}\brequest\.getparameter\b/,
  /\bclass\.module\.classloader\b|__globals__|__import__\s*\(|\bognl\b/,
  /<\?php|\b(eval|assert|system|passthru|shell_exec|base64_decode|phpinfo|call_user_func(_array)?|file_put_contents|md5)\s*\(/,
  // Programs that run what is posted to them, left behind by PHPUnit.
  /allow_url_include|auto_prepend_file|invokefunction|\/eval-stdin\.php\b/,
  /<!entity\b|<!doctype\s[^>]{0,64}\[/,
];

const SHAPES: readonly (readonly [shape: number, patterns: readonly RegExp[]])[] = [
  [RequestShape.expression, EXPRESSION],
  [RequestShape.command, COMMAND],
  [RequestShape.traversal, TRAVERSAL],
  [RequestShape.sql, SQL],
  [RequestShape.script, SCRIPT],
];

/** The decoded text of the last part that was looked at; its bytes are in `decoded`. */
const decoded = new Uint8Array(MAX_LOOKED_AT_BYTES);
let decodedBytes = 0;

/**
 * Decodes what lies in `[from, to)` (percent-encoding, RFC 3986 2.1, and plus signs for blanks) and says whether it holds
 * a byte that an attack needs. Cheap: what it is for, few requests have.
 */
export function decodeTarget(bytes: Uint8Array, from: number, to: number): boolean {
  const end = Math.min(to, from + MAX_LOOKED_AT_BYTES);
  let isMarked = false;
  decodedBytes = 0;
  for (let at = from; at < end; at++) {
    let byte = bytes[at]!;
    if (byte === PLUS) byte = SPACE;
    else if (byte === PERCENT && at + 2 < end) {
      const value = hexByte(bytes[at + 1]!, bytes[at + 2]!);
      if (value >= 0) {
        byte = value;
        at += 2;
      }
    }
    isMarked ||= MARKS[byte] !== 0 || isClimbing(byte);
    decoded[decodedBytes++] = byte;
  }
  return isMarked;
}

/** The second of two full stops. */
function isClimbing(byte: number): boolean {
  return byte === FULL_STOP && decodedBytes > 0 && decoded[decodedBytes - 1] === FULL_STOP;
}

/** What decodeTarget has decoded, byte by byte. */
export function decodedTarget(): Uint8Array {
  return decoded.subarray(0, decodedBytes);
}

/**
 * The RequestShape of what decodeTarget has decoded. The shapes are those that public collections of attack rules look for
 * (OWASP Testing Guide 4.2, chapters on input validation), narrowed to what forms and addresses of working sites do not hold.
 */
export function decodedShape(isMarked: boolean): number {
  const text = Buffer.from(decoded.buffer, 0, decodedBytes).toString('latin1').toLowerCase();
  if (!isMarked && !PLAIN.test(text)) return RequestShape.none;
  // Comments stand for blanks in SQL, but for those that MySQL reads; what was encoded twice is decoded once more.
  const plain = unescapeTwice(text)
    .replace(/\/\*!\d{0,6}(.*?)\*\//g, ' $1 ')
    .replace(/\/\*.*?\*\//g, ' ');
  for (const [shape, patterns] of SHAPES) if (patterns.some((pattern) => pattern.test(plain))) return shape;
  return RequestShape.none;
}

function unescapeTwice(text: string): string {
  return text.includes('%')
    ? text.replace(/%([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    : text;
}

function hexByte(high: number, low: number): number {
  const [a, b] = [hexDigit(high), hexDigit(low)];
  return a < 0 || b < 0 ? -1 : a * 16 + b;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
