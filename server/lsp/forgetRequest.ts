/** `idiom/forget`: an editor, or the command line, asks the daemon to forget; the loop hears of it. */

import type { CancellationToken, Connection } from 'vscode-languageserver';
import { z } from 'zod';
import { learningMessages } from '../../protocol/learning.ts';
import type { ForgetResult } from '../../protocol/learning.ts';
import { countForgotten, forget, nothingForgotten, sumForgotten } from '../learning/forget.ts';
import type { ForgetProps } from '../learning/forget.ts';
import { answerOrExplain } from './requestFailure.ts';

export interface ForgetServices extends Omit<ForgetProps, 'signal'> {
  /** The repository that a file or folder belongs to. */
  repoIdOf(uri: string): Promise<string>;
  /**
   * Tells the loop of the repository, if one runs here. `isRetraining`: the champion is gone, so a training is wanted.
   * @returns whether one was begun.
   */
  tellLoop(repoId: string, adapters: readonly string[], isRetraining: boolean): boolean;
}

const forgetSchema = z.object({
  uri: z.string().max(10_000),
  path: z.string().min(1).max(10_000).optional(),
  sinceMs: z.number().optional(),
  untilMs: z.number().optional(),
  isDryRun: z.boolean().optional(),
});

/** @param services undefined where nothing is recorded, so that there is nothing to forget. */
export function registerForget(connection: Connection, services: () => ForgetServices | undefined): void {
  connection.onRequest(learningMessages.forget, (params: unknown, token: CancellationToken) =>
    answerOrExplain(async () => {
      const asked = forgetSchema.parse(params);
      const found = services();
      const abort = new AbortController();
      const cancellation = token.onCancellationRequested(() => abort.abort());
      try {
        return found === undefined
          ? sumForgotten(nothingForgotten, false)
          : await answer(found, asked, abort.signal);
      } finally {
        cancellation.dispose();
      }
    }),
  );
}

async function answer(
  services: ForgetServices,
  asked: z.infer<typeof forgetSchema>,
  signal: AbortSignal,
): Promise<ForgetResult> {
  const { path, sinceMs, untilMs } = asked;
  const scope = {
    repoId: await services.repoIdOf(asked.uri),
    path: path?.replace(/\/+$/, ''),
    sinceMs,
    untilMs,
  };
  const props = { ...services, signal };
  const isDryRun = asked.isDryRun === true;
  const forgotten = await (isDryRun ? countForgotten(props, scope) : forget(props, scope));
  const { datasets, adapters, champions } = forgotten;
  const isTold = !isDryRun && datasets.length + adapters.length > 0;
  return sumForgotten(forgotten, isTold && services.tellLoop(scope.repoId, adapters, champions.length > 0));
}
