const MOST_EDITS = 3;

/** `Did you mean X?` for the nearest of `known`, or an empty string when nothing is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const nearest = known.map((name) => ({ name, edits: editDistance(word, name) })).sort((a, b) => a.edits - b.edits)[0];
  const isNear = nearest && nearest.edits <= Math.min(MOST_EDITS, Math.floor(word.length / 2));
  return isNear ? `Did you mean ${nearest.name}?` : '';
}

/** Fewest single-letter insertions, deletions and replacements that turn `a` into `b`. Levenshtein 1965. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
