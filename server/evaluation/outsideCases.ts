/** The out-of-repository set that comes with Idiom: lines of other people's packages, with the prompts of any base model. */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { IdiomError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { buildPrompt } from '../prompt/buildPrompt.ts';
import { buildMiddle } from '../prompt/buildTraining.ts';
import type { BoundFormat } from '../prompt/fimFormats.ts';
import type { Tokenizer } from '../prompt/promptParts.ts';
import { defaultShares } from '../prompt/tokenBudget.ts';
import type { JudgedCase } from './judgedCase.ts';

const text = z.string().max(100_000);
const lineSchema = z.object({
  case: z.object({
    ...{ id: text, commit: text, path: text, prefix: text, suffix: text, middle: text },
    line: z.int().positive(),
  }),
  parts: z.object({
    ...{ repoName: text, path: text, languageId: text, prefix: text, suffix: text },
    prefixOffset: z.int().nonnegative(),
    snippets: z.array(z.object({ path: text, startLine: z.int(), endLine: z.int(), text })).max(20),
  }),
});

export interface OutsideProps {
  /** `media/taskAdapter/heldOut.jsonl.gz` of the installed package. */
  readonly path: string;
  readonly bound: BoundFormat;
  readonly tokenizer: Tokenizer;
  /** Drawn at random, always the same ones. */
  readonly nCases: number;
}

const maxFileBytes = 50_000_000;
/** As a dataset's own; see DatasetSettings. */
const maxPromptTokens = 415;
const maxMiddleTokens = 96;

/** @throws IdiomError `badFile`. */
export async function readOutsideCases({
  path,
  bound,
  tokenizer,
  nCases,
}: OutsideProps): Promise<JudgedCase[]> {
  const drawn = seededRandom(1).shuffle(readLines(path)).slice(0, nCases);
  const cases: JudgedCase[] = [];
  for (const { case: one, parts } of drawn) {
    const prompt = await buildPrompt(bound, parts, { maxPromptTokens, shares: defaultShares }, tokenizer);
    const middle = await buildMiddle(bound, prompt.heldBack, one.middle, tokenizer);
    const middleTokens = middle.tokens.slice(0, maxMiddleTokens);
    // A package's lines resemble each other: its name stands where a commit would.
    const commit = `outside ${parts.repoName}`;
    cases.push({ case: { ...one, commit }, promptTokens: prompt.tokens, middleTokens });
  }
  return cases;
}

function readLines(path: string): z.infer<typeof lineSchema>[] {
  try {
    return gunzipSync(readFileSync(path), { maxOutputLength: maxFileBytes })
      .toString('utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => lineSchema.parse(JSON.parse(line)));
  } catch (cause) {
    throw new IdiomError('badFile', `The cases in ${path} cannot be read.`, {
      remedy: 'Install Idiom again.',
      cause,
    });
  }
}
