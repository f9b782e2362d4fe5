/** Registers every command; what a command does in more than a few lines has a file of its own. */

import { commands, Disposable, Uri, window, workspace } from 'vscode';
import type { ExtensionContext, LogOutputChannel } from 'vscode';
import { messageNames } from '../protocol/messages.ts';
import type { IndexingParams } from '../protocol/messages.ts';
import { chooseBaseModel } from './chooseBaseModel.ts';
import { commandIds } from './commandIds.ts';
import type { CommandId } from './commandIds.ts';
import { forget } from './forget.ts';
import { giveThumbs, pauseLearning } from './learningCommands.ts';
import type { LearningServices } from './learningRequest.ts';
import type { ConsentPrompt } from './consent.ts';
import { examine } from './doctor.ts';
import { explain } from './explain.ts';
import { currentOffer } from './downloadOffer.ts';
import type { OutcomeTracker } from './outcomeTracker.ts';
import { promote, rollBack } from './promote.ts';
import type { ReportDocuments } from './reportDocument.ts';
import { doctorReport, indexReport } from './reportText.ts';
import type { StatusBar } from './statusBar.ts';
import { openTerminal } from './openTerminal.ts';
import { showStatusMenu } from './statusMenu.ts';
import { toggleLearning, toggleSuggestions } from './toggles.ts';
import { cancelTraining, trainNow } from './trainNow.ts';

export interface CommandsProps extends LearningServices {
  readonly context: ExtensionContext;
  readonly output: LogOutputChannel;
  readonly statusBar: StatusBar;
  readonly tracker: OutcomeTracker;
  readonly consent: ConsentPrompt;
  readonly reports: ReportDocuments;
  readonly showDashboard: () => void;
  readonly logFile: () => string | undefined;
  /** Cuts the wait for the next attempt short. */
  readonly reconnect: () => void;
}

export function registerCommands(props: CommandsProps): Disposable {
  const handlers = commandHandlers(props);
  return Disposable.from(
    ...Object.entries(handlers).map(([id, handler]) => commands.registerCommand(id, handler)),
  );
}

/** One handler for each id; the type makes a missing one a compile error. */
function commandHandlers(props: CommandsProps): Record<CommandId, (argument?: unknown) => unknown> {
  const { tracker, statusBar } = props;
  return {
    [commandIds.trigger]: () => commands.executeCommand('editor.action.inlineSuggest.trigger'),
    [commandIds.toggleSuggestions]: toggleSuggestions,
    [commandIds.toggleLearning]: toggleLearning,
    [commandIds.chooseBaseModel]: chooseBaseModel,
    [commandIds.downloadBaseModel]: () => download(props),
    [commandIds.restartEngine]: () => restart(props),
    [commandIds.showLog]: () => showLog(props),
    [commandIds.doctor]: async () => {
      const checks = await examine(props.link(), statusBar.link);
      await props.reports.show('Idiom Doctor', doctorReport(checks));
    },
    [commandIds.explain]: () => explain(props),
    [commandIds.showIndex]: () => props.reports.show('Idiom Index', indexReport(statusBar.index, Date.now())),
    [commandIds.stopIndexing]: () => wishIndexing(props, 'stop'),
    [commandIds.indexAgain]: () => wishIndexing(props, 'again'),
    ...learningHandlers(props),
    [commandIds.openTerminal]: () => openTerminal(props.context.extensionPath),
    [commandIds.openWalkthrough]: () =>
      commands.executeCommand('workbench.action.openWalkthrough', `${props.context.extension.id}#start`),
    [commandIds.openSettings]: () =>
      commands.executeCommand('workbench.action.openSettings', `@ext:${props.context.extension.id}`),
    [commandIds.statusMenu]: () => showStatusMenu(statusBar.view),
    [commandIds.reject]: () => tracker.reject(),
    [commandIds.accepted]: (id) => tracker.accepted(id),
  };
}

type LearningCommandId = (typeof commandIds)[
  | 'trainNow'
  | 'cancelTraining'
  | 'rollBack'
  | 'promote'
  | 'pauseLearning'
  | 'resumeLearning'
  | 'thumbsUp'
  | 'thumbsDown'
  | 'forget'
  | 'showDashboard'];

function learningHandlers(props: CommandsProps): Record<LearningCommandId, (argument?: unknown) => unknown> {
  const { tracker } = props;
  return {
    [commandIds.trainNow]: () => trainNow(props),
    [commandIds.cancelTraining]: () => cancelTraining(props),
    [commandIds.rollBack]: () => rollBack(props),
    [commandIds.promote]: (digest) =>
      promote(props, { digest: typeof digest === 'string' ? digest : undefined }),
    [commandIds.pauseLearning]: () => pauseLearning(props, true),
    [commandIds.resumeLearning]: () => pauseLearning(props, false),
    [commandIds.thumbsUp]: () => giveThumbs(props, 'up', tracker.newestId),
    [commandIds.thumbsDown]: () => giveThumbs(props, 'down', tracker.newestId),
    [commandIds.forget]: () => forget(props),
    [commandIds.showDashboard]: () => props.showDashboard(),
  };
}

async function download({ statusBar, consent }: CommandsProps): Promise<void> {
  const status = statusBar.daemon;
  const found = status === undefined ? undefined : currentOffer(status, consent.lastOffer);
  if (found !== undefined) return consent.ask(found.offer, found.why);
  void window.showInformationMessage(
    status === undefined
      ? 'Idiom has no connection to its daemon yet, so it does not know what to download.'
      : 'There is nothing to download: the chosen base model is on this machine, or is coming already.',
  );
}

async function restart({ link, reconnect }: CommandsProps): Promise<void> {
  const running = link();
  if (running === undefined) return reconnect();
  try {
    await running.request(messageNames.reload);
  } catch (error) {
    void window.showWarningMessage(
      `The engine did not restart: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

/** What comes of it is seen in the status bar. */
async function wishIndexing({ link, output }: CommandsProps, wish: IndexingParams['wish']): Promise<void> {
  const params: IndexingParams = { wish };
  try {
    await link()?.request(messageNames.indexing, params);
  } catch (error) {
    output.warn(
      `The daemon did not take the wish: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function showLog({ output, logFile }: CommandsProps): Promise<void> {
  output.show(true);
  const path = logFile();
  if (path === undefined) return;
  try {
    await window.showTextDocument(await workspace.openTextDocument(Uri.file(path)), { preview: true });
  } catch (error) {
    output.warn(
      `The daemon's log can't be opened: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
