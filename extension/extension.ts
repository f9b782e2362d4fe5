/** The extension's entry: builds its objects and connects them. All that is slow happens after activation. */

import { arch, homedir, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands as vscodeCommands, Disposable, window } from 'vscode';
import type { ExtensionContext, LogOutputChannel } from 'vscode';
import { messageNames } from '../protocol/messages.ts';
import type { HelloResult } from '../protocol/messages.ts';
import { socketPath } from '../protocol/socketPath.ts';
import { systemClock } from './clock.ts';
import { registerCommands } from './commands.ts';
import { commandIds } from './commandIds.ts';
import { ConsentPrompt } from './consent.ts';
import { CursorRest } from './cursorRest.ts';
import { Dashboard } from './dashboardPanel.ts';
import { connectDaemon } from './daemonConnection.ts';
import type { DaemonConnectionProps, DaemonLink } from './daemonConnection.ts';
import type { LanguageLink, LanguageLinkProps } from './languageLink.ts';
import { LearningBoard } from './learningBoard.ts';
import { actOnDashboard } from './learningCommands.ts';
import { showLearningNotices } from './learningNotices.ts';
import { OutcomeTracker } from './outcomeTracker.ts';
import { ReportPages } from './reportPages.ts';
import { Snooze } from './snooze.ts';
import { SlowOffer } from './slowOffer.ts';
import { StatusBar } from './statusBar.ts';
import { endDaemon } from './silentDaemon.ts';
import { setSwitchedOff } from './switchedOff.ts';
import { supervise } from './supervisor.ts';
import type { Supervisor } from './supervisor.ts';
import { showTrainingItem } from './trainingItem.ts';
import { Waiting } from './waiting.ts';

/** What `activate` returns, for tests in the extension host. */
export interface IdiomApi {
  /** Milliseconds that `activate` took. */
  readonly activationMs: number;
}

/** What the present link to the daemon lends to the commands; empty while there is none. */
interface Live {
  link: LanguageLink | undefined;
  logFile: string | undefined;
}

let supervisor: Supervisor | undefined;

export function activate(context: ExtensionContext): IdiomApi {
  const startedAtMs = performance.now();
  const live: Live = { link: undefined, logFile: undefined };
  const parts = createParts(context, live);
  const { output, statusBar, board, snooze, tracker } = parts;
  const reports = new ReportPages();
  const connection = connectionProps(context);
  const learning = { link: () => live.link, board };
  const dashboard = new Dashboard({
    ...learning,
    extensionUri: context.extensionUri,
    act: (action, uri, digest) => actOnDashboard(learning, action, uri, digest),
  });

  const isSilent = () => statusBar.link.kind === 'failed' && statusBar.link.isSilent === true;
  supervisor = supervise<DaemonLink>({
    clock: systemClock,
    connect: (signal) => connectDaemon(connection, signal),
    serve: (link, onReady, signal) => serve(parts, link, onReady, signal),
    onState: (state) => {
      output.info(`Daemon: ${state.kind}${'reason' in state ? ` (${state.reason})` : ''}`);
      // The first news of a new link may come a moment before the link counts as connected.
      if (state.kind !== 'connected') board.set({ repositories: [] });
      if (state.kind === 'failed' && state.isSilent === true && !isSilent()) offerRestart();
      statusBar.setLink(state);
    },
    onError: (error) => output.warn(error instanceof Error ? error.message : String(error)),
  });
  const commands = registerCommands({
    context,
    output,
    statusBar,
    tracker,
    consent: parts.consent,
    snooze,
    reports,
    ...learning,
    showDashboard: () => dashboard.show(),
    logFile: () => live.logFile,
    reconnect: async () => {
      if (isSilent()) output.info(await endDaemon(connection));
      supervisor?.retryNow();
    },
  });
  const notices = Disposable.from(
    showLearningNotices(board, context.globalState),
    showTrainingItem(board),
    board.onChange(() => statusBar.redraw()),
  );
  context.subscriptions.push(output, parts.waiting, snooze, statusBar, reports, tracker, parts.cursor);
  context.subscriptions.push(board, dashboard, notices, commands);
  return finishActivation(output, connection, startedAtMs);
}

/** Once for each time that it falls silent; the status bar tells it as long as it lasts. */
function offerRestart(): void {
  const restart = 'Restart';
  void window.showWarningMessage('The Idiom daemon does not answer.', restart).then((chosen) => {
    if (chosen === restart) void vscodeCommands.executeCommand(commandIds.restartEngine);
  });
}

export async function deactivate(): Promise<void> {
  await supervisor?.stop();
}

interface Parts {
  readonly live: Live;
  readonly output: LogOutputChannel;
  readonly statusBar: StatusBar;
  readonly consent: ConsentPrompt;
  readonly tracker: OutcomeTracker;
  readonly cursor: CursorRest;
  readonly board: LearningBoard;
  readonly waiting: Waiting;
  readonly slowOffer: SlowOffer;
  readonly snooze: Snooze;
}

function createParts(context: ExtensionContext, live: Live): Parts {
  const board = new LearningBoard();
  const snooze: Snooze = new Snooze(systemClock, () => statusBar.redraw());
  const statusBar = new StatusBar(
    commandIds.statusMenu,
    () => board.current,
    () => snooze.minutesLeft,
  );
  return {
    live,
    output: window.createOutputChannel('Idiom', { log: true }),
    statusBar,
    consent: new ConsentPrompt(() => live.link, context.globalState),
    tracker: new OutcomeTracker((outcome) => live.link?.notify(messageNames.outcome, outcome)),
    cursor: new CursorRest((params) => live.link?.notify(messageNames.cursor, params)),
    board,
    waiting: new Waiting(systemClock, (isWaiting) => statusBar.setWaiting(isWaiting)),
    slowOffer: new SlowOffer(context.globalState),
    snooze,
  };
}

async function serve(
  { live, output, statusBar, consent, tracker, cursor, board, waiting, slowOffer, snooze }: Parts,
  { socket, hello, isStartedHere }: DaemonLink,
  onReady: () => void,
  signal: AbortSignal,
): Promise<void> {
  live.logFile = hello?.logFile;
  output.info(describeDaemon(hello, isStartedHere));
  // Loaded here, not above: the client library is most of the bundle and activation must be quick.
  const { serveLanguageLink } = await import('./languageLink.ts');
  const props: LanguageLinkProps = {
    socket,
    output,
    onStatus: (status) => {
      statusBar.setDaemon(status);
      consent.onStatus(status).catch((error: unknown) => output.warn(String(error)));
    },
    onSwitches: ({ off }) => {
      setSwitchedOff(off);
      statusBar.redraw();
    },
    onIndex: ({ folders }) => statusBar.setIndex(folders),
    onLearning: (params) => board.set(params),
    isSnoozed: () => snooze.minutesLeft !== undefined,
    onAsked: () => waiting.begin(),
    onAnswered: ({ uri, none }) => {
      statusBar.setAnswer(uri, none);
      slowOffer.onReturned(none);
    },
    onReturned: (document, position, items) => tracker.returned(document, position, items),
  };
  const onLink = (link: LanguageLink) => {
    live.link = link;
    onReady();
    cursor.tell();
  };
  try {
    await serveLanguageLink(props, onLink, signal);
  } finally {
    live.link = undefined;
  }
}

function connectionProps(context: ExtensionContext): DaemonConnectionProps {
  const uid = process.getuid?.();
  return {
    socketPath: socketPath({
      env: process.env,
      platform: platform(),
      uid,
      tmpDir: tmpdir(),
      homeDir: homedir(),
    }),
    daemonFile: join(context.extensionPath, 'dist', 'idiom.mjs'),
    daemonArgs: ['daemon', 'run'],
    execPath: process.execPath,
    env: process.env,
    uid,
    version: (context.extension.packageJSON as { version: string }).version,
    logDir: context.logUri.fsPath,
    clock: systemClock,
  };
}

function finishActivation(
  output: LogOutputChannel,
  { version, socketPath: path }: DaemonConnectionProps,
  startedAtMs: number,
): IdiomApi {
  const activationMs = performance.now() - startedAtMs;
  output.info(`Idiom ${version} on ${platform()}-${arch()}, activated in ${activationMs.toFixed(1)} ms.`);
  output.info(`Daemon socket: ${path}`);
  return { activationMs };
}

function describeDaemon(hello: HelloResult | undefined, isStartedHere: boolean): string {
  const verb = isStartedHere ? 'Started' : 'Joined';
  if (hello === undefined) return `${verb} a daemon that sends no greeting.`;
  return `${verb} daemon ${hello.version}, pid ${hello.pid}.`;
}
