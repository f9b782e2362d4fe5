/** `idiom/switch` and `idiom/switches`: what a person switches off by command, told to each editor whose repositories it concerns. */

import type { Connection } from 'vscode-languageserver';
import { z } from 'zod';
import { messageNames } from '../../protocol/messages.ts';
import type { SwitchesParams } from '../../protocol/messages.ts';
import { DisposableStore } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { switches } from '../store/switchedOff.ts';
import type { Choices } from './choices.ts';
import type { EditorDocuments } from './editorDocuments.ts';
import { answerOrExplain } from './requestFailure.ts';

const switchSchema = z.object({
  uri: z.string().max(10_000),
  what: z.enum(switches),
  isOff: z.boolean(),
});

export function registerSwitches(
  connection: Connection,
  documents: EditorDocuments,
  choices: Choices,
  send: (params: SwitchesParams) => void,
): Disposable {
  const disposables = new DisposableStore();
  let told = '[]';
  const tell = () => {
    const off = documents.folders.homes.flatMap(({ root, repoId }) =>
      root === undefined
        ? []
        : switches.filter((what) => choices.isOff(repoId, what)).map((what) => ({ root, what })),
    );
    const text = JSON.stringify(off);
    if (text !== told) send({ off });
    told = text;
  };
  connection.onRequest(messageNames.switch, (params: unknown) =>
    answerOrExplain(async () => {
      const { uri, what, isOff } = switchSchema.parse(params);
      choices.set((await documents.learning.homeOf(uri)).repoId, what, isOff);
      return null;
    }),
  );
  disposables.add(documents.folders.onHome(tell));
  disposables.add(
    choices.onChange(() => {
      tell();
      void documents.settingsChanged();
    }),
  );
  return disposables;
}
