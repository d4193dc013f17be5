import { NOTE_CODE_RESPONSE, NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { printable, writeText } from './note-text.js';

/** SMB 2 and 3 (MS-SMB2 2.2.1) and SMB 1 (MS-CIFS 2.2.3.1), behind the four bytes of a NetBIOS session (RFC 1002 4.3). */

const SESSION_BYTES = 4;
const SMB2_BYTES = 64;
const SMB1_BYTES = 32;
const SMB1 = 0xff534d42 | 0;
const SMB2 = 0xfe534d42 | 0;
/** In the note's code. */
const IS_SMB1 = 0x100;
/** Bytes of a path or name that a note holds. */
const MAX_NAME_BYTES = 96;
/** Longer names of files are no names of pipes. */
const MAX_PIPE_BYTES = 64;

const Smb2 = { negotiate: 0, sessionSetup: 1, logoff: 2, treeConnect: 3, create: 5 } as const;
const Smb1 = { negotiate: 0x72, sessionSetup: 0x73, treeConnect: 0x75, create: 0xa2 } as const;

/** Whether the payload at `at` begins an SMB message. */
export function isSmbStart(view: DataView, at: number, end: number): boolean {
  if (at + SESSION_BYTES + SMB1_BYTES > end) return false;
  const magic = view.getInt32(at + SESSION_BYTES);
  return magic === SMB2 || magic === SMB1;
}

/** Notes the message that the segment begins with, if it opens a session, a share, or a file at a share's root. */
export function noteSmb(f: Frame): void {
  if (!isSmbStart(f.view, f.payloadAt, f.end)) return;
  const at = f.payloadAt + SESSION_BYTES;
  if (f.view.getInt32(at) === SMB1) noteSmb1(f, at);
  else if (at + SMB2_BYTES <= f.end) noteSmb2(f, at);
}

function noteSmb2(f: Frame, at: number): void {
  const { view } = f;
  const command = view.getUint16(at + 12, true);
  const isResponse = (view.getUint8(at + 16) & 1) !== 0;
  const body = at + SMB2_BYTES;
  if (command === Smb2.create) {
    if (!isResponse) noteCreate(f, command, readName(f, at, body + 44));
    return;
  }
  if (command > Smb2.treeConnect) return;
  write(f, isResponse ? command | NOTE_CODE_RESPONSE : command, isResponse ? view.getInt32(at + 8, true) : 0);
  if (isResponse && command === Smb2.negotiate && body + 6 <= f.end)
    writeText(
      f,
      `0x${view
        .getUint16(body + 4, true)
        .toString(16)
        .padStart(4, '0')}`,
    );
  if (!isResponse && command === Smb2.treeConnect) writeUtf16(f, readName(f, at, body + 4));
}

/** Offset from the header, and length, of a name as SMB 2 gives them at `at`. */
function readName({ view, end }: Frame, header: number, at: number): { at: number; end: number } {
  if (at + 4 > end) return { at: end, end };
  const from = header + view.getUint16(at, true);
  return { at: Math.min(from, end), end: Math.min(from + view.getUint16(at + 2, true), end) };
}

/** Named pipes, and files at the root of a share, are how services are made from afar; all other files are not noted. */
function noteCreate(f: Frame, command: number, name: { at: number; end: number }): void {
  const bytes = name.end - name.at;
  if (bytes < 2 || bytes > MAX_PIPE_BYTES) return;
  for (let i = name.at; i + 1 < name.end; i += 2) if (f.bytes[i] === 0x5c && i > name.at) return;
  write(f, command, 0);
  writeUtf16(f, name);
}

function noteSmb1(f: Frame, at: number): void {
  const { view, bytes } = f;
  const command = bytes[at + 4]!;
  const isResponse = (bytes[at + 9]! & 0x80) !== 0;
  const isUnicode = (view.getUint16(at + 10, true) & 0x8000) !== 0;
  const words = at + SMB1_BYTES;
  if (command === Smb1.create && !isResponse) {
    // 24 words, then a byte count; the name is aligned to two bytes.
    if (isUnicode && words + 52 <= f.end)
      noteCreate(f, command | IS_SMB1, nameAt(f, words + 52, view.getUint16(words + 6, true)));
    return;
  }
  if (command !== Smb1.negotiate && command !== Smb1.sessionSetup && command !== Smb1.treeConnect) return;
  const code = command | IS_SMB1;
  write(f, isResponse ? code | NOTE_CODE_RESPONSE : code, isResponse ? view.getInt32(at + 5, true) : 0);
  if (!isResponse && command === Smb1.treeConnect && words + 11 <= f.end) writeShare(f, { at, words, isUnicode });
}

function nameAt({ end }: Frame, at: number, bytes: number): { at: number; end: number } {
  return { at: Math.min(at, end), end: Math.min(at + bytes, end) };
}

/** The path of a tree connect: behind four words, a byte count and a password whose length is the last word. */
function writeShare(f: Frame, { at, words, isUnicode }: { at: number; words: number; isUnicode: boolean }): void {
  const passwordBytes = f.view.getUint16(words + 7, true);
  const path = words + 11 + passwordBytes;
  if (isUnicode) writeUtf16(f, nameAt(f, path + ((path - at) & 1), MAX_NAME_BYTES));
  else
    for (let i = path; i < Math.min(path + MAX_NAME_BYTES, f.end) && f.bytes[i] !== 0; i++)
      f.text[f.textAt++] = printable(f.bytes[i]!);
}

function write(f: Frame, code: number, status: number): void {
  f.noteKind[f.row] = NoteKind.smb;
  f.noteCode[f.row] = code;
  f.noteValue[f.row] = status;
}

/** UTF-16 in little-endian order up to its zero; what is not printable ASCII becomes a full stop. */
function writeUtf16(f: Frame, { at, end }: { at: number; end: number }): void {
  const limit = Math.min(end, at + MAX_NAME_BYTES);
  for (let i = at; i + 1 < limit; i += 2) {
    const unit = f.view.getUint16(i, true);
    if (unit === 0) return;
    f.text[f.textAt++] = unit < 256 ? printable(unit) : 0x2e;
  }
}
