/** Four characters as a signed 32-bit integer in network order, as DataView.getInt32 reads them. */
export function word(text: string): number {
  return new DataView(Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer).getInt32(0);
}
