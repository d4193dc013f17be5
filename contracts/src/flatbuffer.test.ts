import { describe, expect, it } from 'vitest';
import { FlatbufferTable } from './flatbuffer.js';

/** A table whose only field is the string "weir", and eight bytes behind it that are not part of the buffer. */
function bufferOf(change: (view: DataView) => void = () => undefined): Uint8Array {
  const view = new DataView(new ArrayBuffer(36));
  view.setUint32(0, 12, true); // the table lies at 12
  view.setUint16(4, 6, true); // its vtable: six bytes long,
  view.setUint16(6, 8, true); // for a table of eight bytes,
  view.setUint16(8, 4, true); // of which field 0 lies at byte 4
  view.setInt32(12, 8, true); // the table: its vtable lies 8 bytes before
  view.setUint32(16, 4, true); // field 0: a string 4 bytes on
  view.setUint32(20, 4, true); // of 4 bytes
  new Uint8Array(view.buffer).set(Buffer.from('weirSECRETS!'), 24);
  change(view);
  return new Uint8Array(view.buffer, 0, 28);
}

const text = (change?: (view: DataView) => void) => FlatbufferTable.root(bufferOf(change)).text(0, 100);

describe('a flatbuffer table', () => {
  it('gives what the writer wrote, and nothing for fields left out', () => {
    expect(text()).toBe('weir');
    const table = FlatbufferTable.root(bufferOf());
    expect([table.has(0), table.has(1), table.uint8(1), table.size(7), table.text(9, 1)]).toEqual([
      true,
      false,
      0,
      0,
      '',
    ]);
  });

  it.each<[string, (view: DataView) => void]>([
    ['a string that runs past the buffer', (view) => view.setUint32(20, 5, true)],
    ['a string behind the buffer', (view) => view.setUint32(16, 12, true)],
    ['a table behind the buffer', (view) => view.setUint32(0, 28, true)],
    ['a vtable before the buffer', (view) => view.setInt32(12, 13, true)],
    ['a vtable behind the buffer', (view) => view.setInt32(12, -20, true)],
    ['a field behind the buffer', (view) => view.setUint16(8, 16, true)],
  ])('with %s reads nothing', (_, change) => {
    expect(() => text(change)).toThrow(RangeError);
  });

  it('refuses a string longer than its reader allows', () => {
    expect(() => FlatbufferTable.root(bufferOf()).text(0, 3)).toThrow('string of 4 bytes; at most 3');
  });
});
