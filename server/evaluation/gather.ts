/** Gathers what a judgement needs beside adapters and scorers: the three sets, regression cases, and who parses. */

import type { BaseModelInfo } from '../llama/engine.ts';
import { chooseFimFormat } from '../prompt/fimFormats.ts';
import type { Tokenizer } from '../prompt/promptParts.ts';
import { taskAdapterFiles } from '../registry/taskAdapter.ts';
import { grammarOf } from '../retrieval/languages.ts';
import { createSyntaxReader } from '../retrieval/syntax.ts';
import { frozenCases } from './frozenCases.ts';
import type { JudgeProps } from './judge.ts';
import type { JudgedCase } from './judgedCase.ts';
import { readOutsideCases } from './outsideCases.ts';
import { readRegressionFile } from './regressionFile.ts';
import type { RegressionCase } from './regressionFile.ts';
import type { HasSyntaxError } from './runRegression.ts';

export interface GatherProps {
  readonly repo: { readonly repoId: string; readonly root: string; readonly name: string };
  readonly info: BaseModelInfo;
  readonly tokenizer: Tokenizer;
  /** Ground state of this user. */
  readonly dataFolder: string;
  /** What comes with Idiom. */
  readonly mediaFolder: string;
  /** Held out from the candidate's training: `evaluation` of its dataset. */
  readonly cases: readonly JudgedCase[];
  readonly nFrozen?: number;
  readonly nOutside?: number;
}

export type Gathered = Pick<JudgeProps, 'sets' | 'regression' | 'hasSyntaxError' | 'prompting'>;

/** As many as tell a loss of 2 % from none; each is scored twice, and the champion's scores are known from last time. */
const defaultOutside = 64;
const defaultFrozen = 24;

/** @throws IdiomError `wrongUse` for a regression file with errors, and those of frozenCases and readOutsideCases. */
export async function gather(props: GatherProps): Promise<Gathered> {
  const { repo, info, tokenizer, cases } = props;
  // First, as it is what a person may have to mend.
  const regression = readRegressionFile(repo.root);
  const bound = chooseFimFormat(info);
  const path = taskAdapterFiles(props.mediaFolder).heldOut;
  const outside = await readOutsideCases({
    ...{ path, bound, tokenizer },
    nCases: props.nOutside ?? defaultOutside,
  });
  const frozen = frozenCases(
    {
      ...{ dataFolder: props.dataFolder, repoId: repo.repoId, baseDigest: info.digest },
      nCases: props.nFrozen ?? defaultFrozen,
    },
    cases,
  );
  return {
    sets: { repository: cases, frozen, outside },
    regression,
    hasSyntaxError: await syntaxOf(regression),
    prompting: { bound, tokenizer, repoName: repo.name },
  };
}

/** Grammars take time to load, so only those that are asked for are. */
async function syntaxOf(regression: readonly RegressionCase[]): Promise<HasSyntaxError> {
  const parsed = regression.filter((each) => each.mustParse);
  if (parsed.length === 0) return () => undefined;
  const reader = await createSyntaxReader();
  await reader.prepare(parsed.flatMap((each) => grammarOf(each.path) ?? []));
  return (path, text) => reader.hasError(path, text);
}
