/** Words that one mask tells of. */
const WORDS_A_MASK = 32;

/** The first `whole` words of bytes: laid over them, or a copy where they do not lie at a multiple of four. */
export function wordsOf(value: Uint8Array, whole: number): Uint32Array {
  if (value.byteOffset % 4 === 0) return new Uint32Array(value.buffer, value.byteOffset, whole);
  return new Uint32Array(new Uint8Array(value.subarray(0, whole * 4)).buffer);
}

/** Words that a block tells of: 32 times 32. */
const BLOCK_WORDS = 1024;

/** Most words that `packWords` makes of `words`. */
export function mostPacked(words: number): number {
  return words + Math.ceil(words / WORDS_A_MASK) + Math.ceil(words / BLOCK_WORDS);
}

/**
 * Writes to the front of `packed` for each block of 1024 words a mask of those of its 32 groups that are not all zero, and
 * for each such group a mask of its words that are not zero, and those. Returns how many words these are.
 */
export function packWords(words: Uint32Array, packed: Uint32Array): number {
  let used = 0;
  for (let block = 0; block < words.length; block += BLOCK_WORDS) {
    const blockMaskAt = used++;
    let blockMask = 0;
    const blockEnd = Math.min(block + BLOCK_WORDS, words.length);
    for (let start = block, group = 0; start < blockEnd; start += WORDS_A_MASK, group++) {
      const end = Math.min(start + WORDS_A_MASK, blockEnd);
      const maskAt = used;
      let mask = 0;
      for (let i = start; i < end; i++) {
        const word = words[i]!;
        if (word === 0) continue;
        if (mask === 0) used++;
        mask |= 1 << (i - start);
        packed[used++] = word;
      }
      if (mask === 0) continue;
      packed[maskAt] = mask;
      blockMask |= 1 << group;
    }
    packed[blockMaskAt] = blockMask;
  }
  return used;
}

/** Puts what `packWords` gave into `words`, which is all zero. Returns whether it was of just as many words. */
export function unpackWords(packed: Uint32Array, words: Uint32Array): boolean {
  let used = 0;
  for (let block = 0; block < words.length; block += BLOCK_WORDS) {
    for (let groups = packed[used++] ?? 0; groups !== 0; groups &= groups - 1) {
      const start = block + lowestBit(groups) * WORDS_A_MASK;
      for (let mask = packed[used++] ?? 0; mask !== 0; mask &= mask - 1)
        words[start + lowestBit(mask)] = packed[used++]!;
    }
  }
  return used === packed.length;
}

function lowestBit(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}
