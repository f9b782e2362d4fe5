/** Idiom's item in the status bar: draws what statusText.ts says for the active editor. A click opens statusMenu.ts. */

import { commands, MarkdownString, StatusBarAlignment, ThemeColor, window, workspace } from 'vscode';
import type { Disposable, StatusBarItem, TextDocument } from 'vscode';
import type { RepositoryLearning } from '../protocol/learning.ts';
import type { FolderIndex, StatusParams } from '../protocol/messages.ts';
import { isServedScheme } from './documentFilter.ts';
import { silenceOf } from './silence.ts';
import type { Silence } from './silence.ts';
import { describeStatus } from './statusText.ts';
import type { StatusView } from './statusText.ts';
import { hasSuggestions, learningOf } from './suggestionSettings.ts';
import type { LinkState } from './supervisor.ts';

const priority = 100;
/** A step of the walkthrough waits for it. */
const modelReadyKey = 'idiom.isModelReady';
/** The tooltip tells ages, so it grows old. */
const redrawEveryMs = 30_000;

export class StatusBar implements Disposable {
  readonly #item: StatusBarItem;
  readonly #subscriptions: readonly Disposable[];
  #link: LinkState = { kind: 'connecting' };
  #daemon: StatusParams | undefined;
  #index: readonly FolderIndex[] = [];
  #isWaiting = false;
  /** Why the newest request of a document brought nothing, by its URI. */
  #lastSilence: { readonly uri: string; readonly silence: Silence } | undefined;
  /** A person asked for a suggestion there by command. */
  #announced: string | undefined;
  #drawn = '';
  readonly #loop: () => RepositoryLearning | undefined;
  readonly #snoozedMinutes: () => number | undefined;

  /** `loop`: the learning loop of the active file's repository; call `redraw` when it has changed. */
  constructor(
    menuCommand: string,
    loop: () => RepositoryLearning | undefined,
    snoozedMinutes: () => number | undefined,
  ) {
    this.#loop = loop;
    this.#snoozedMinutes = snoozedMinutes;
    this.#item = window.createStatusBarItem('idiom.status', StatusBarAlignment.Right, priority);
    this.#item.name = 'Idiom';
    this.#item.command = menuCommand;
    const timer = setInterval(() => this.#draw(), redrawEveryMs);
    this.#subscriptions = [
      { dispose: () => clearInterval(timer) },
      window.onDidChangeActiveTextEditor(() => this.#draw()),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('idiom')) this.#draw();
      }),
      workspace.onDidGrantWorkspaceTrust(() => this.#draw()),
    ];
    this.#draw();
    this.#item.show();
  }

  get link(): LinkState {
    return this.#link;
  }

  /** The daemon's last status over the present link. */
  get daemon(): StatusParams | undefined {
    return this.#daemon;
  }

  /** What the daemon last told of the indexes over the present link. */
  get index(): readonly FolderIndex[] {
    return this.#index;
  }

  get view(): StatusView {
    const document = window.activeTextEditor?.document;
    return describeStatus({
      link: this.#link,
      daemon: this.#daemon,
      suggestions: isOn(document) ? 'on' : 'off',
      learning: learningOf(document),
      index: this.#index,
      isWaiting: this.#isWaiting,
      snoozedMinutes: this.#snoozedMinutes(),
      silence:
        document !== undefined && this.#lastSilence?.uri === document.uri.toString()
          ? this.#lastSilence.silence
          : undefined,
      loop: this.#loop(),
      nowMs: Date.now(),
    });
  }

  setLink(link: LinkState): void {
    this.#link = link;
    // The first status of a new link may come a moment before the link counts as connected.
    if (link.kind !== 'connected') {
      this.#daemon = undefined;
      this.#index = [];
    }
    this.#draw();
  }

  setDaemon(status: StatusParams): void {
    this.#daemon = status;
    const isReady = status.state === 'ready' || status.state === 'thinking';
    void commands.executeCommand('setContext', modelReadyKey, isReady);
    this.#draw();
  }

  setIndex(index: readonly FolderIndex[]): void {
    this.#index = index;
    this.#draw();
  }

  /** A person has waited for a suggestion for a while. */
  setWaiting(isWaiting: boolean): void {
    this.#isWaiting = isWaiting;
    this.#draw();
  }

  /** Of the next answer in this document, say why when it brings nothing. */
  announceNext(uri: string): void {
    this.#announced = uri;
  }

  /** `none`: why a request in this document brought nothing; undefined for a suggestion. */
  setAnswer(uri: string, none: string | undefined): void {
    const silence = none === undefined ? undefined : silenceOf(none);
    if (none !== undefined && silence === undefined) return;
    this.#lastSilence = silence === undefined ? undefined : { uri, silence };
    if (this.#announced === uri && silence !== undefined)
      window.setStatusBarMessage(`$(info) No suggestion here: ${silence.reason}`, 8_000);
    this.#announced = undefined;
    this.#draw();
  }

  redraw(): void {
    this.#draw();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#item.dispose();
  }

  /** Each answer comes by here, so an unchanged view is not sent to the window again. */
  #draw(): void {
    const { view } = this;
    const key = JSON.stringify(view);
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.#item.text = view.text;
    this.#item.tooltip = tooltip(view);
    this.#item.backgroundColor = background[view.tone];
    this.#item.accessibilityInformation = {
      label: [view.label, ...view.tooltip].join('. '),
      role: 'button',
    };
  }
}

const background = {
  normal: undefined,
  warning: new ThemeColor('statusBarItem.warningBackground'),
  error: new ThemeColor('statusBarItem.errorBackground'),
} as const;

/** With no editor open, or one that is no code, whether it would suggest in a new file. */
function isOn(document: TextDocument | undefined): boolean {
  if (document !== undefined && isServedScheme(document.uri.scheme)) return hasSuggestions(document);
  return workspace.getConfiguration('idiom').get('enabled', true);
}

function tooltip(view: StatusView): MarkdownString {
  const text = new MarkdownString();
  view.tooltip.forEach((sentence, index) => {
    if (index > 0) text.appendMarkdown('\n\n');
    text.appendText(sentence);
  });
  text.appendMarkdown('\n\n');
  text.appendText('Click for actions.');
  return text;
}
