/** Builds the token ids of a prompt from its parts; serving, training and evaluation share this one way. Pure. */

import { cutParts } from './cutParts.ts';
import type { BoundFormat, Piece } from './fimFormats.ts';
import { languageOf } from './language.ts';
import type { Prompt, PromptPart, PromptParts, Tokenizer } from './promptParts.ts';
import type { PromptBudget } from './tokenBudget.ts';

/** The prompt never has more than `budget.maxPromptTokens` tokens: what does not fit is cut at line ends. */
export async function buildPrompt(
  bound: BoundFormat,
  parts: PromptParts,
  budget: PromptBudget,
  tokenizer: Tokenizer,
): Promise<Prompt> {
  const { format } = bound;
  const heldBack = heldBackOf(bound, parts.prefix);
  const clean: PromptParts = {
    ...parts,
    path: shorten(parts.path, budget.maxPromptTokens),
    repoName: shorten(parts.repoName, budget.maxPromptTokens),
    prefix: parts.prefix.slice(0, parts.prefix.length - heldBack.length).toWellFormed(),
    suffix: parts.suffix.toWellFormed(),
  };
  const usesSuffix = format.layout.some((piece) => piece.kind === 'suffix' || piece.kind === 'ifSuffix');
  const cut = await cutParts(
    usesSuffix ? clean : { ...clean, suffix: '' },
    budget,
    tokenizer,
    frameOf(bound, clean),
  );
  const segments = [...beginSegments(bound), ...render(format.layout, bound, cut)];
  const rendered = await tokenizeSegments(segments, bound, tokenizer);
  const tokens = fitHard(rendered, budget.maxPromptTokens);
  const count = (part: PromptPart): number =>
    tokens.filter((each) => each.part === part).reduce((sum, each) => sum + each.tokens.length, 0);
  return {
    tokens: tokens.flatMap((each) => each.tokens),
    stopTokens: bound.stopTokenIds,
    stopTexts: format.stopTexts,
    heldBack,
    nTokensByPart: {
      frame: count('frame'),
      prefix: count('prefix'),
      suffix: count('suffix'),
      snippets: count('snippets'),
    },
    snippets: cut.snippets,
  };
}

/** The end of the prefix that the prompt leaves out; see Prompt.heldBack. */
export function heldBackOf({ format }: BoundFormat, prefix: string): string {
  return format.holdsBackBlank ? (/[ \t\n]$/.exec(prefix)?.[0] ?? '') : '';
}

export type Segment =
  | { readonly kind: 'token'; readonly name: string; readonly part: PromptPart }
  | { readonly kind: 'text'; readonly text: string; readonly part: PromptPart };
export interface Tokenized {
  readonly part: PromptPart;
  readonly tokens: readonly number[];
}

/** Everything of the prompt that is neither prefix nor suffix nor snippet, as texts to count, and special tokens. */
function frameOf(bound: BoundFormat, parts: PromptParts): { texts: string[]; nSpecial: number } {
  const frame = [
    ...beginSegments(bound),
    ...render(bound.format.layout, bound, {
      ...parts,
      prefix: '',
      suffix: parts.suffix.slice(0, 1),
      snippets: [],
    }),
  ];
  return {
    texts: frame.flatMap((each) => (each.kind === 'text' ? each.text : [])),
    nSpecial: frame.filter((each) => each.kind === 'token').length,
  };
}

/** The token that a model wants before everything else, if any. */
export function beginSegments(bound: BoundFormat): Segment[] {
  const name = bound.format.beginTokens.find((each) => each in bound.tokenIds);
  return name === undefined ? [] : [{ kind: 'token', name, part: 'frame' }];
}

/** Lays the pieces out; neighbouring texts become one, because tokens may span a line break and what follows it. */
function render(pieces: readonly Piece[], bound: BoundFormat, parts: PromptParts): Segment[] {
  const segments = pieces.flatMap((piece): Segment[] => {
    switch (piece.kind) {
      case 'token':
        return [{ kind: 'token', name: piece.name, part: 'frame' }];
      case 'text':
        return [{ kind: 'text', text: fill(piece.template, parts, parts.path, ''), part: 'frame' }];
      case 'prefix':
      case 'suffix':
        return [{ kind: 'text', text: parts[piece.kind], part: piece.kind }];
      case 'ifSuffix':
        return parts.suffix.trim() === '' ? [] : render(piece.pieces, bound, parts);
      case 'snippets':
        return renderSnippets(bound, parts);
    }
  });
  return joinTexts(segments);
}

/** The best snippet stands last, next to the code it is for. */
export function renderSnippets(
  bound: BoundFormat,
  parts: Omit<PromptParts, 'prefix' | 'suffix' | 'prefixOffset'>,
): Segment[] {
  return [...parts.snippets].reverse().flatMap(({ path, text }) =>
    bound.format.snippet.flatMap((piece): Segment[] => {
      if (piece.kind === 'token') return [{ kind: 'token', name: piece.name, part: 'snippets' }];
      if (piece.kind !== 'text') return [];
      return [{ kind: 'text', text: fill(piece.template, parts, path, text), part: 'snippets' }];
    }),
  );
}

function fill(
  template: string,
  parts: Pick<PromptParts, 'repoName' | 'languageId'>,
  path: string,
  text: string,
): string {
  const fields = { repoName: parts.repoName, path, text, comment: languageOf(parts.languageId).lineComment };
  return template.replace(/\{(\w+)\}/g, (all, name: string) => fields[name as keyof typeof fields] ?? all);
}

function joinTexts(segments: readonly Segment[]): Segment[] {
  const out: Segment[] = [];
  for (const each of segments) {
    const last = out.at(-1);
    if (each.kind === 'text' && last?.kind === 'text' && (last.part === 'frame' || last.part === each.part)) {
      out[out.length - 1] = { kind: 'text', text: last.text + each.text, part: each.part };
    } else if (each.kind === 'token' || each.text !== '') out.push(each);
  }
  return out;
}

export async function tokenizeSegments(
  segments: readonly Segment[],
  bound: BoundFormat,
  tokenizer: Tokenizer,
): Promise<Tokenized[]> {
  const texts = segments.flatMap((each) => (each.kind === 'text' ? each.text : []));
  const ids = await tokenizer.tokenize(texts);
  let next = 0;
  return segments.flatMap((each): Tokenized[] => {
    if (each.kind === 'text') return [{ part: each.part, tokens: ids[next++] ?? [] }];
    const id = bound.tokenIds[each.name];
    return id === undefined ? [] : [{ part: each.part, tokens: [id] }];
  });
}

/** Counts were taken line by line and may be off by a few; the head of the prefix gives way, then everything. */
function fitHard(segments: readonly Tokenized[], maxTokens: number): Tokenized[] {
  let excess = segments.reduce((sum, each) => sum + each.tokens.length, 0) - maxTokens;
  const order: readonly PromptPart[] = ['snippets', 'suffix', 'prefix', 'frame'];
  let result = [...segments];
  for (const part of excess > 0 ? (['prefix', ...order] as const) : []) {
    const spare = part === 'prefix' ? 32 : 0;
    result = result.map((each) => {
      if (each.part !== part || excess <= 0) return each;
      const nCut = Math.min(excess, Math.max(0, each.tokens.length - spare));
      excess -= nCut;
      return { part, tokens: each.tokens.slice(nCut) };
    });
  }
  return result;
}

/** Long names keep their end, which says most. */
function shorten(name: string, maxPromptTokens: number): string {
  const maxChars = Math.min(160, Math.ceil(maxPromptTokens / 2));
  const oneLine = name.toWellFormed().replaceAll(/[\r\n]/g, ' ');
  return oneLine.length <= maxChars ? oneLine : oneLine.slice(-maxChars).toWellFormed();
}
