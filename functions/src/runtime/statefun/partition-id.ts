/** Why `id` is none of the partitions 0 to `partitions` − 1 of a function; undefined when it is one. */
export function partitionRefusal(name: string, id: string, partitions: number): string | undefined {
  if (/^(0|[1-9]\d{0,4})$/.test(id) && Number(id) < partitions) return undefined;
  return `"${id}" is no ${name} partition; there are ${partitions}. Give every part the same number of partitions.`;
}

/** The partitions 0 to `partitions` − 1, as ids. */
export function partitionIds(partitions: number): string[] {
  return Array.from({ length: partitions }, (_, n) => String(n));
}

/** Bytes as UTF-8 text, without a copy before. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}
