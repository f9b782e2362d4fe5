/** Cuts prefix, suffix and snippets to a token budget, at line ends, so that the head of the prompt stays while typing. */

import type { Snippet } from '../retrieval/snippet.ts';
import type { PromptParts, Tokenizer } from './promptParts.ts';
import { headAnchors, headStepChars, roundWant, splitBudget } from './tokenBudget.ts';
import type { PromptBudget } from './tokenBudget.ts';

/** No tokenizer needs more characters than this for a token of code on average; bounds what is counted at all. */
const maxCharsPerToken = 8;
/** Special tokens and path around a snippet, beyond its text. */
const snippetFrameTokens = 16;
const minSnippetLines = 3;

/** @param frame what the prompt has besides the parts: texts to count, and the number of special tokens. */
export async function cutParts(
  parts: PromptParts,
  budget: PromptBudget,
  tokenizer: Tokenizer,
  frame: { readonly texts: readonly string[]; readonly nSpecial: number },
): Promise<PromptParts> {
  const { maxPromptTokens } = budget;
  const maxChars = maxPromptTokens * maxCharsPerToken;
  const anchors = headAnchors(parts.prefix, parts.prefixOffset, headStepChars(maxPromptTokens), maxChars);
  const blocks = anchors.map((at, i) => parts.prefix.slice(at, anchors[i + 1]));
  const suffixLines = linesOf(parts.suffix.slice(0, maxChars));
  const snippets = parts.snippets.map((snippet) => ({
    ...snippet,
    text: withLineEnd(snippet.text.toWellFormed()),
  }));

  const groups = [frame.texts, blocks, suffixLines, snippets.map((snippet) => snippet.text)];
  const [frameCounts = [], blockCounts = [], lineCounts = [], snippetCounts = []] = await countGroups(
    groups,
    tokenizer,
  );
  const costs = snippetCounts.map((count) => count + snippetFrameTokens);
  const wants = {
    prefix: roundWant(sum(blockCounts), maxPromptTokens),
    suffix: roundWant(sum(lineCounts), maxPromptTokens),
    snippets: sum(costs),
  };
  const grants = splitBudget(maxPromptTokens - sum(frameCounts) - frame.nSpecial, budget.shares, wants);
  return {
    ...parts,
    prefix: parts.prefix.slice(chooseHead(anchors, blockCounts, grants.prefix)),
    suffix: suffixLines.slice(0, countFitting(lineCounts, grants.suffix)).join(''),
    snippets: keepSnippets(snippets, costs, grants.snippets),
  };
}

/** The earliest anchor from which everything fits; the last one if nothing does. */
function chooseHead(anchors: readonly number[], counts: readonly number[], grantTokens: number): number {
  let total = 0;
  let head = anchors.at(-1) ?? 0;
  for (let i = anchors.length - 1; i >= 0; i--) {
    total += counts[i] ?? 0;
    if (total > grantTokens) break;
    head = anchors[i] ?? 0;
  }
  return head;
}

function countFitting(counts: readonly number[], grantTokens: number): number {
  let total = 0;
  const firstTooMany = counts.findIndex((count) => (total += count) > grantTokens);
  return firstTooMany === -1 ? counts.length : firstTooMany;
}

/** Whole snippets, best first, as long as they fit; the first that does not is cut at a line end if enough remains. */
function keepSnippets(
  snippets: readonly Snippet[],
  costs: readonly number[],
  grantTokens: number,
): Snippet[] {
  const kept: Snippet[] = [];
  let left = grantTokens;
  for (const [i, snippet] of snippets.entries()) {
    const cost = costs[i] ?? 0;
    if (cost <= left) {
      kept.push(snippet);
      left -= cost;
      continue;
    }
    const lines = linesOf(snippet.text);
    const share = Math.max(0, left - snippetFrameTokens) / Math.max(1, cost - snippetFrameTokens);
    const nLines = Math.floor(lines.length * share);
    if (nLines >= minSnippetLines) {
      const text = lines.slice(0, nLines).join('');
      kept.push({ ...snippet, text, endLine: Math.min(snippet.endLine, snippet.startLine + nLines - 1) });
    }
    break;
  }
  return kept;
}

async function countGroups(
  groups: readonly (readonly string[])[],
  tokenizer: Tokenizer,
): Promise<number[][]> {
  const counts = (await tokenizer.tokenize(groups.flat())).map((tokens) => tokens.length);
  let start = 0;
  return groups.map((group) => counts.slice(start, (start += group.length)));
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
const withLineEnd = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
