const UTF8 = new TextDecoder();

/**
 * A name of Weir's notes as tshark would print it: `\ddd` becomes the byte again, and bytes are read as UTF-8. What is no
 * UTF-8 becomes U+FFFD, so that such bytes are compared by their place alone.
 */
export function plainName(name: string): string {
  if (!name.includes('\\')) return name;
  const bytes = name
    .split(/(\\\d{3})/)
    .flatMap((part) => (/^\\\d{3}$/.test(part) ? [Number(part.slice(1))] : codesOf(part)));
  return UTF8.decode(Uint8Array.from(bytes));
}

function codesOf(ascii: string): number[] {
  return Array.from(ascii, (letter) => letter.charCodeAt(0));
}

/** Escapes of `-T fields`. */
const ESCAPED: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', v: '\v', f: '\f', a: '\x07', b: '\b' };

/** A name as tshark prints it, in the same form: ASCII letters lower case, the root empty. */
export function plainTsharkName(name: string): string {
  if (name === '<Root>') return '';
  return unescaped(name).replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g,
    (_, short?: string, long?: string, letter = '') => {
      const code = short ?? long;
      return code === undefined ? (ESCAPED[letter] ?? letter) : String.fromCodePoint(Number.parseInt(code, 16));
    },
  );
}
