/** What a person can ask of a repository's learning, as requests of the protocol. The rules are the loop's and the registry's. */

import type { Connection } from 'vscode-languageserver';
import { z } from 'zod';
import { learningMessages } from '../../protocol/learning.ts';
import type { VersionsResult } from '../../protocol/learning.ts';
import type { EvalReport } from '../../protocol/evalReport.ts';
import { IdiomError } from '../base/errors.ts';
import type { LearningLoop } from '../learning/loop.ts';
import type { LearnedRepository } from './describeLearning.ts';
import type { EditorLearning } from './editorLearning.ts';
import type { LearningServices } from './learningServices.ts';
import { answerOrExplain } from './requestFailure.ts';

const uri = z.string().max(4096);
const digest = z.string().regex(/^[0-9a-f]{6,64}$/);
const reason = z.string().trim().min(1).max(2000).optional();
const schemas = {
  repository: z.object({ uri }),
  report: z.object({ uri, digest }),
  promote: z.object({ uri, digest, overrideReason: reason }),
  rollback: z.object({ uri, reason }),
  pause: z.object({ uri, isPaused: z.boolean() }),
};

type Found = LearnedRepository & { readonly services: LearningServices };

export function registerLearning(connection: Connection, learning: EditorLearning): void {
  function on<T extends { uri: string }>(
    message: string,
    schema: z.ZodType<T>,
    answer: (found: Found, params: T) => unknown,
  ): void {
    connection.onRequest(message, (params: unknown) =>
      answerOrExplain(async () => {
        const parsed = schema.parse(params);
        return answer(await learning.find(parsed.uri), parsed);
      }),
    );
  }
  on(learningMessages.versions, schemas.repository, (found) => versionsOf(found));
  on(learningMessages.report, schemas.report, (found, params) => reportOf(found, params.digest));
  on(learningMessages.train, schemas.repository, async (found) => {
    await (await loopOf(found)).ask();
    return null;
  });
  on(learningMessages.cancel, schemas.repository, async (found) => {
    (await loopOf(found)).cancel();
    return null;
  });
  on(learningMessages.promote, schemas.promote, async (found, params) => {
    (await loopOf(found)).promote(params.digest, params.overrideReason);
    return versionsOf(found);
  });
  on(learningMessages.rollback, schemas.rollback, async (found, params) => {
    (await loopOf(found)).rollBack(params.reason);
    return versionsOf(found);
  });
  on(learningMessages.pause, schemas.pause, async (found, params) => {
    (await loopOf(found)).setPaused(params.isPaused);
    return null;
  });
}

const versionsOf = (found: Found): VersionsResult => found.services.versionsOf(found);

function reportOf({ repoId, services }: Found, prefix: string): EvalReport | null {
  const version = services.registry.find(repoId, prefix);
  return services.registry.ground.evalReports.newestOf(version.digest) ?? null;
}

/** @throws IdiomError where there is no loop yet. */
async function loopOf({ repoId, services }: Found): Promise<LearningLoop> {
  await services.loops.opened(repoId);
  const loop = services.loops.of(repoId);
  if (loop !== undefined) return loop;
  throw new IdiomError(
    'wrongUse',
    services.loops.troubleOf(repoId) ?? 'The base model is not loaded yet, and learning needs it.',
    { remedy: 'Try again in a moment.' },
  );
}
