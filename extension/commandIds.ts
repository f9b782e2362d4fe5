/** Every command of the extension by name; the ids are those of package.json, which a test compares. */

import { acceptedCommand } from '../protocol/messages.ts';
import type { StatusAction } from './statusText.ts';

export const commandIds = {
  trigger: 'idiom.trigger',
  toggleSuggestions: 'idiom.toggleSuggestions',
  chooseBaseModel: 'idiom.chooseBaseModel',
  downloadBaseModel: 'idiom.downloadBaseModel',
  restartEngine: 'idiom.restartEngine',
  showLog: 'idiom.showLog',
  doctor: 'idiom.doctor',
  explain: 'idiom.explain',
  showIndex: 'idiom.showIndex',
  stopIndexing: 'idiom.stopIndexing',
  indexAgain: 'idiom.indexAgain',
  toggleLearning: 'idiom.toggleLearning',
  trainNow: 'idiom.trainNow',
  cancelTraining: 'idiom.cancelTraining',
  rollBack: 'idiom.rollBack',
  promote: 'idiom.promote',
  pauseLearning: 'idiom.pauseLearning',
  resumeLearning: 'idiom.resumeLearning',
  thumbsUp: 'idiom.thumbsUp',
  thumbsDown: 'idiom.thumbsDown',
  forget: 'idiom.forget',
  showDashboard: 'idiom.showDashboard',
  openWalkthrough: 'idiom.openWalkthrough',
  openSettings: 'idiom.openSettings',
  openTerminal: 'idiom.openTerminal',
  /** Behind the click on the status bar. */
  statusMenu: 'idiom.statusMenu',
  /** The Escape key, while a suggestion of ours may be on screen. */
  reject: 'idiom.reject',
  /** Of every inline item; runs when it is accepted. */
  accepted: acceptedCommand,
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];

/** Not for the command palette: they make no sense without an event or a click. */
export const hiddenCommands: readonly CommandId[] = [
  commandIds.statusMenu,
  commandIds.reject,
  commandIds.accepted,
];

/** The entries of the status menu. */
export const statusActions: Readonly<
  Record<StatusAction, { readonly label: string; readonly command: CommandId }>
> = {
  download: {
    label: '$(cloud-download) Download a base model ...',
    command: commandIds.downloadBaseModel,
  },
  retryDownload: { label: '$(refresh) Retry the download', command: commandIds.restartEngine },
  useAnother: { label: '$(symbol-class) Choose a base model ...', command: commandIds.chooseBaseModel },
  restart: { label: '$(debug-restart) Restart the engine', command: commandIds.restartEngine },
  toggleSuggestions: {
    label: '$(circle-slash) Turn suggestions on or off ...',
    command: commandIds.toggleSuggestions,
  },
  toggleLearning: {
    label: '$(mortar-board) Turn learning on or off for this folder',
    command: commandIds.toggleLearning,
  },
  showDashboard: { label: '$(dashboard) Show the dashboard', command: commandIds.showDashboard },
  trainNow: { label: '$(play) Train now', command: commandIds.trainNow },
  cancelTraining: { label: '$(debug-stop) Cancel the training', command: commandIds.cancelTraining },
  pauseLearning: { label: '$(debug-pause) Pause learning', command: commandIds.pauseLearning },
  resumeLearning: { label: '$(debug-continue) Resume learning', command: commandIds.resumeLearning },
  explain: { label: '$(question) Why this suggestion', command: commandIds.explain },
  showIndex: { label: '$(database) Show the index', command: commandIds.showIndex },
  stopIndexing: { label: '$(debug-stop) Stop indexing', command: commandIds.stopIndexing },
  indexAgain: { label: '$(refresh) Index again', command: commandIds.indexAgain },
  doctor: { label: '$(pulse) Doctor: what is wrong', command: commandIds.doctor },
  showLog: { label: '$(output) Show the log', command: commandIds.showLog },
  settings: { label: '$(gear) Settings', command: commandIds.openSettings },
  walkthrough: { label: '$(book) Walkthrough', command: commandIds.openWalkthrough },
};
