/**
 * How likely it is that a person chose a name: from how often one character follows another in English and in names that
 * programmers gave. Letters, digits and the hyphen, in this order, for rows (first character) and columns (second). Each
 * entry is −log2 of the probability that the second follows the first, in sixths of a bit, as a digit of DIGITS: A is 0,
 * `-` is 63. Counted in 10,166 words of English documentation, pairs of them joined, and 174,892 names of published
 * packages at the same weight, with two added to each count. Of such names the mean is 3.8 bits, and of one in a hundred
 * more than 5.3; of random letters 6.2.
 */
const CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789-';
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-';
const TABLE = [
  'udUb2pc4f4oUcV8Y8SWQinosix8888888888i',
  'RlknUuszWhzQprUi8XZnUw1yh5884x888888a',
  'V1jqWy4Vg6XXszMp8aeQg466p88888888888i',
  'UigfMiksRtefmoXk4cajdsqzp8886y888888a',
  'XjaWhimvqw0acUphsPTaskocs48864888888W',
  'XwmoVXy0MxyXoqRo4Zeeb6xzb68804888848g',
  'aogjOmecS14bibclyUakZutnvy88y8888888Z',
  'OoomNtu0UyzklrTppclVfyv0i748x6868888a',
  'giXbbgb843uXcMXf2gXV0g8o8i8188888888g',
  'YvrsTpwyettvi1coftFxcum0z233p3033333s',
  'YkkdLnjsSoyhoidkykVihum5m07346636616R',
  'UspgOqv1O0tXsuUi8taeasv8a68848888888b',
  'OcllOxy6UyxdcuUUysesfy02r8886888w888b',
  'XtZWUdSxawmotjak4rVQglz3r58886888888Y',
  'hibYypg6muiZXOcc8Qccajfo058888888888f',
  'SunlRvtgW4uSpuUb8Rgae4v4l68848888888a',
  'oointwsvmuwQoqrmuddlFtowwwxxwuxxxxxxi',
  'TsfgLpm0V0jkdmUl6gYbhlu6g88868888888a',
  'doZfRmpbW0odinbarlWQcmn0j88874888888W',
  'WugoPouaQu4kmuWl8WYeiys4c68888888888T',
  'gcfiWmY8W85WaSsb8VWRv88h848888888888v',
  'RsnvIsiwP410pxfy8uooU422086xrxy25728g',
  'QtjlOqscQ2risXWm3aWnu0uzy6665y666666f',
  'hrbmWsunXrziethS1pjNruyii043x000d535P',
  'bgcfcfioeqtadZeO0hUbmpjyxt8648888888R',
  'WqpsIstoTsojmtVqynmnevstdgyxxxuyyyyyf',
  'iiiiiiiiiiiihcigiiiiihieiiWXagefgghdX',
  'lmlklmmmmimmmmmmmmllmmmlamZWahigcgOdX',
  'jicdglijjcomhmjcojhhmmkkooailjkbkojoK',
  'mmibninnmjmnlmniommmkmlmoohiTmmmcmkhK',
  'hiiiijjkicjiiijjjijigiiikkbihiiiihiiL',
  'iiiiiiiiihiiiiigiiihgiiiiicahghcYiceQ',
  'mnnnnnnnnninnnnnnmnmnmnnnnfmilHjinmmV',
  'gggggggggggggggggggggggggddffgffggggW',
  'gjijjijjjjjjjMjjjjejjjijjjgghiigfihjW',
  'ggggggggggggggggggggggggggcdgeggggefW',
  'acTbcchhcgobafkWtaTXdhgp2y85468888888',
];

const STEPS_PER_BIT = 6;

/** Bits of each pair of character codes below 128; −1 where one is not among CHARACTERS. */
const BITS = new Float32Array(128 * 128).fill(-1);
for (let first = 0; first < CHARACTERS.length; first++)
  for (let second = 0; second < CHARACTERS.length; second++)
    BITS[CHARACTERS.charCodeAt(first) * 128 + CHARACTERS.charCodeAt(second)] =
      DIGITS.indexOf(TABLE[first]![second]!) / STEPS_PER_BIT;

/**
 * Surprise of the label `name[start, end)`, in lower case: mean of −log2 of the probability of each character after the one
 * before. About 3.8 for a chosen name, 6.2 for random letters; 0 where no two characters of a name follow each other.
 * Unit: bit a character.
 */
export function surpriseBits(name: Uint8Array, start: number, end: number): number {
  let sum = 0;
  let pairs = 0;
  for (let k = start + 1; k < end; k++) {
    const bits = BITS[(name[k - 1]! & 127) * 128 + (name[k]! & 127)]!;
    if (bits < 0) continue;
    sum += bits;
    pairs++;
  }
  return pairs === 0 ? 0 : sum / pairs;
}
