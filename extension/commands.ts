/** Registers every command; what a command does in more than a few lines has a file of its own. */

import { commands, Disposable, Range, Uri, window, workspace } from 'vscode';
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
import { openPlace } from './reportPages.ts';
import type { ReportPages } from './reportPages.ts';
import { doctorReport, indexReport } from './reportText.ts';
import type { StatusBar } from './statusBar.ts';
import { chooseTraining } from './chooseTraining.ts';
import { openExample } from './openExample.ts';
import type { Snooze } from './snooze.ts';
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
  readonly snooze: Snooze;
  readonly reports: ReportPages;
  readonly showDashboard: () => void;
  readonly logFile: () => string | undefined;
  /** Cuts the wait for the next attempt short, and ends a daemon that does not answer. */
  readonly reconnect: () => Promise<void>;
}

export function registerCommands(props: CommandsProps): Disposable {
  const handlers = commandHandlers(props);
  return Disposable.from(
    ...Object.entries(handlers).map(([id, handler]) => commands.registerCommand(id, handler)),
  );
}

/** One handler for each id; the type makes a missing one a compile error. */
function commandHandlers(props: CommandsProps): Record<CommandId, (...args: unknown[]) => unknown> {
  const { tracker, statusBar } = props;
  return {
    [commandIds.trigger]: () => trigger(props),
    [commandIds.toggleSuggestions]: () => toggleSuggestions(props.link),
    [commandIds.toggleLearning]: () => toggleLearning(props.link),
    [commandIds.acceptLine]: () => commands.executeCommand('editor.action.inlineSuggest.acceptNextLine'),
    [commandIds.snooze]: (minutes) =>
      typeof minutes === 'number' ? props.snooze.start(minutes) : props.snooze.ask(),
    [commandIds.endSnooze]: () => props.snooze.end(),
    [commandIds.chooseBaseModel]: () => chooseBaseModel(statusBar.daemon?.baseModel),
    [commandIds.downloadBaseModel]: () => download(props),
    [commandIds.restartEngine]: () => restart(props),
    [commandIds.showLog]: () => showLog(props),
    [commandIds.doctor]: async () => {
      const checks = await examine(props.link(), statusBar.link);
      await props.reports.show('Idiom Diagnostics', doctorReport(checks));
    },
    [commandIds.explain]: () => explain(props),
    [commandIds.showIndex]: () =>
      props.reports.show('Repository Index', indexReport(statusBar.index, Date.now())),
    [commandIds.stopIndexing]: () => wishIndexing(props, 'stop'),
    [commandIds.indexAgain]: () => wishIndexing(props, 'again'),
    ...learningHandlers(props),
    [commandIds.openTerminal]: () => openTerminal(props.context.extensionPath),
    [commandIds.showRecorded]: () => openTerminal(props.context.extensionPath, 'idiom signals'),
    [commandIds.openExample]: openExample,
    [commandIds.chooseTraining]: chooseTraining,
    [commandIds.openWalkthrough]: () =>
      commands.executeCommand('workbench.action.openWalkthrough', `${props.context.extension.id}#start`),
    [commandIds.openSettings]: () =>
      commands.executeCommand('workbench.action.openSettings', `@ext:${props.context.extension.id}`),
    [commandIds.openPlace]: openPlace,
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
    [commandIds.thumbsUp]: () => giveThumbs(props, 'up', tracker.newest),
    [commandIds.thumbsDown]: () => giveThumbs(props, 'down', tracker.newest),
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
      ? 'Idiom is still starting. Try again in a moment.'
      : status.state === 'downloading'
        ? 'The selected model is being downloaded.'
        : 'Nothing to download: the selected model is installed.',
  );
}

/** What it brings is seen at the cursor; that it brings nothing is said. */
async function trigger({ statusBar }: CommandsProps): Promise<void> {
  const document = window.activeTextEditor?.document;
  if (document === undefined)
    return void window.showInformationMessage('Open a file and place the cursor to get a suggestion.');
  statusBar.announceNext(document.uri.toString());
  await commands.executeCommand('editor.action.inlineSuggest.trigger');
}

/** The status bar follows the load itself. */
async function restart({ link, reconnect }: CommandsProps): Promise<void> {
  const running = link();
  if (running === undefined) return reconnect();
  try {
    await running.request(messageNames.reload);
    window.setStatusBarMessage('$(debug-restart) Idiom: the engine restarts.', 5_000);
  } catch (error) {
    void window.showWarningMessage(
      `The engine did not restart: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

/** How far it is, the status bar's hover tells. */
async function wishIndexing({ link, output }: CommandsProps, wish: IndexingParams['wish']): Promise<void> {
  const params: IndexingParams = { wish };
  try {
    await link()?.request(messageNames.indexing, params);
    const sentence = wish === 'stop' ? 'indexing stopped.' : 'the index is being rebuilt.';
    window.setStatusBarMessage(`$(database) Idiom: ${sentence}`, 5_000);
  } catch (error) {
    output.warn(
      `The daemon did not take the request: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The daemon's, at its end, where the news is; the extension's own where there is no daemon. */
async function showLog({ output, logFile }: CommandsProps): Promise<void> {
  const path = logFile();
  if (path === undefined) return output.show(true);
  try {
    const document = await workspace.openTextDocument(Uri.file(path));
    const end = document.lineAt(document.lineCount - 1).range.end;
    await window.showTextDocument(document, { preview: true, selection: new Range(end, end) });
  } catch (error) {
    output.show(true);
    output.warn(
      `The daemon's log can't be opened: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
