import type { Frame } from '../frame.js';
import { writeText } from './note-text.js';

/** Bytes of a response that are searched for its fields. */
const MAX_HEAD_BYTES = 2048;
const MAX_TYPE_BYTES = 40;

/** Media types of programs (IANA registry, and what servers write in practice). */
const PROGRAM_TYPE =
  /^application\/(x-ms(download|dos-program|i)|x-(dosexec|executable|elf|sharedlib)|vnd\.microsoft\.portable-executable|hta)\b/;
/** `Content-Disposition` names a program (RFC 6266 4.1). */
const PROGRAM_NAME =
  /\ncontent-disposition:[^\n]*filename\*?=[^\n;]*\.(exe|dll|scr|ps1|vbs|hta|bat|msi|elf)"?\s*[;\r\n]/;
/** How a program of Windows begins in Base64 (RFC 4648): the letters MZ and what follows them. */
const ENCODED_PROGRAM = 'TVqQAA';
const CONTENT_TYPE = /\ncontent-type:\s*([^\s;]+)/;

/** Writes into the note of a response that it brings a program, and as what: by its first bytes, type or file name. */
export function noteProgram(f: Frame): void {
  const end = Math.min(f.end, f.payloadAt + MAX_HEAD_BYTES);
  const { bytes } = f;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset + f.payloadAt, end - f.payloadAt).toString('latin1');
  const bodyAt = head.indexOf('\r\n\r\n');
  const fields = (bodyAt < 0 ? head : head.slice(0, bodyAt + 2)).toLowerCase();
  const type = CONTENT_TYPE.exec(fields)?.[1] ?? '-';
  const body = bodyAt < 0 ? '' : head.slice(bodyAt + 4, bodyAt + 80);
  const program = programOf(body, type);
  const named = PROGRAM_TYPE.test(type) || PROGRAM_NAME.test(fields) ? 'exe' : '';
  if (body.startsWith(ENCODED_PROGRAM)) writeText(f, 'exe base64');
  else if (program || named)
    writeText(f, `${program || named} ${type.replace(/[^\x21-\x7e]/g, '.').slice(0, MAX_TYPE_BYTES)}`);
}

/** What the first bytes of a body are the beginning of: a Windows or Unix program, or a script of a shell; empty for none. */
function programOf(body: string, type: string): string {
  // The letters alone might begin a text: the header of a program is not text (PE specification, MS-DOS stub).
  if (body.startsWith('MZ') && body.slice(2, 32).includes('\0')) return 'exe';
  if (body.startsWith('\x7fELF')) return 'elf';
  return /^#!\s?\/(usr\/)?bin\//.test(body) && !type.startsWith('application/octet') ? 'script' : '';
}
