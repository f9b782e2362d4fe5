/** How many tokens each part of a prompt gets, and where the far end of the prefix is cut. Pure arithmetic. */

export interface PartTokens {
  readonly prefix: number;
  readonly suffix: number;
  readonly snippets: number;
}

export interface PromptBudget {
  /** Everything counted: special tokens, paths, snippets, prefix and suffix. */
  readonly maxPromptTokens: number;
  /** Shares of what special tokens and paths leave; they add up to 1. */
  readonly shares: PartTokens;
}

export const defaultShares: PartTokens = { prefix: 0.5, suffix: 0.15, snippets: 0.35 };
/** Of a prompt that was cut to what can be read in time: the lines before the cursor first, snippets only where they leave room. */
const shortShares: PartTokens = { prefix: 0.9, suffix: 0.1, snippets: 0 };
/** From here on snippets are worth more than lines that are far away. */
const minTokensForSnippets = 384;

export const sharesInTime = (maxPromptTokens: number): PartTokens =>
  maxPromptTokens < minTokensForSnippets ? shortShares : defaultShares;

/**
 * Grants each part its share of `totalTokens`, or what it wants if that is less; what is left over flows to the prefix,
 * then to the suffix, then to the snippets. Grants never add up to more than `totalTokens`.
 */
export function splitBudget(totalTokens: number, shares: PartTokens, wanted: PartTokens): PartTokens {
  const total = Math.max(0, totalTokens);
  const grants = {
    prefix: Math.min(wanted.prefix, Math.floor(total * shares.prefix)),
    suffix: Math.min(wanted.suffix, Math.floor(total * shares.suffix)),
    snippets: Math.min(wanted.snippets, Math.floor(total * shares.snippets)),
  };
  let left = total - grants.prefix - grants.suffix - grants.snippets;
  for (const part of ['prefix', 'suffix', 'snippets'] as const) {
    const more = Math.min(left, wanted[part] - grants[part]);
    grants[part] += more;
    left -= more;
  }
  return grants;
}

/**
 * What a part wants, rounded up to an eighth of the budget. Without it, each typed token would take one from the
 * snippets, which stand at the head of the prompt, and the KV cache of the earlier prompt would be lost.
 */
export function roundWant(nTokens: number, maxPromptTokens: number): number {
  const step = Math.max(16, Math.floor(maxPromptTokens / 8));
  return Math.ceil(nTokens / step) * step;
}

/**
 * Distance of the places where a prefix may begin, in characters of the document: a power of two, half a character to
 * a token of the budget. The prompt begins at the first line start after a multiple of it, counted from the start of the
 * document, so its head stays where it is until about that many characters have been typed.
 */
export function headStepChars(maxPromptTokens: number): number {
  return Math.max(32, 2 ** Math.floor(Math.log2(Math.max(1, maxPromptTokens / 2))));
}

/**
 * Offsets into `prefix` where a prompt may begin, ascending, the last before its end; 0 is one of them when the
 * prefix starts at the start of the document. At most `maxChars` before the end are considered.
 * @param prefixOffset characters of the document before `prefix`.
 */
export function headAnchors(
  prefix: string,
  prefixOffset: number,
  stepChars: number,
  maxChars: number,
): number[] {
  const anchors = new Set<number>();
  const earliest = Math.max(0, prefix.length - maxChars);
  const firstMultiple = Math.ceil((prefixOffset + earliest) / stepChars);
  for (let multiple = firstMultiple; ; multiple++) {
    const at = multiple * stepChars - prefixOffset;
    if (at > prefix.length) break;
    anchors.add(snapToLineStart(prefix, at, stepChars));
  }
  if (anchors.size === 0) anchors.add(earliest === 0 ? 0 : snapToLineStart(prefix, earliest, stepChars));
  return [...anchors].filter((at) => at < prefix.length || prefix.length === 0);
}

/** The first line start at or after `at`, if one comes within a step; else `at` itself, not inside a surrogate pair. */
function snapToLineStart(text: string, at: number, stepChars: number): number {
  if (at === 0 || text[at - 1] === '\n') return at;
  const lineEnd = text.indexOf('\n', at);
  if (lineEnd !== -1 && lineEnd - at < stepChars && lineEnd + 1 < text.length) return lineEnd + 1;
  return isInsidePair(text, at) ? at + 1 : at;
}

function isInsidePair(text: string, at: number): boolean {
  return /[\uD800-\uDBFF]/.test(text[at - 1] ?? '') && /[\uDC00-\uDFFF]/.test(text[at] ?? '');
}
