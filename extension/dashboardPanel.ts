/** The dashboard's tab: fetches what the page asks for, passes on what the daemon tells, runs what is clicked. */

import { randomBytes } from 'node:crypto';
import { env, Range, Uri, ViewColumn, window, workspace } from 'vscode';
import type { Disposable, WebviewPanel } from 'vscode';
import type { DashboardAction, FromDashboard, ToDashboard } from '../protocol/dashboard.ts';
import type { EvalReport } from '../protocol/evalReport.ts';
import { learningMessages } from '../protocol/learning.ts';
import type { DashboardResult, RepositoryLearning } from '../protocol/learning.ts';
import { dashboardHtml } from './dashboardHtml.ts';
import { currentUri, uriOfRoot } from './learningBoard.ts';
import { refusalSentence } from './learningRequest.ts';
import type { LearningServices } from './learningRequest.ts';

export interface DashboardProps extends LearningServices {
  readonly extensionUri: Uri;
  readonly act: (action: DashboardAction, uri: Uri, digest: string | undefined) => Promise<void>;
}

/** The page offers 7, 30 and 90. */
const defaultDays = 30;
const viewType = 'idiom.dashboard';
/** Figures that nobody announces, such as outcomes, are read again this often while the page is in sight. */
const refreshEveryMs = 60_000;

export class Dashboard implements Disposable {
  readonly #props: DashboardProps;
  readonly #subscriptions: readonly Disposable[];
  #panel: WebviewPanel | undefined;
  /** A file or folder of the repository that is shown. */
  #uri: Uri | undefined;
  #root: string | undefined;
  #nDays = defaultDays;
  #lastState = '';
  /** Asked for when the tab opens, so that the figures are there when its page is. */
  #early: Promise<unknown> | undefined;

  constructor(props: DashboardProps) {
    this.#props = props;
    const timer = setInterval(
      () => this.#panel?.visible === true && void this.#sendFigures(),
      refreshEveryMs,
    );
    this.#subscriptions = [
      { dispose: () => clearInterval(timer) },
      props.board.onChange((repositories) => this.#learningChanged(repositories)),
      workspace.onDidGrantWorkspaceTrust(() => void this.#sendFigures()),
      window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: (panel) => Promise.resolve(this.#adopt(panel)),
      }),
    ];
  }

  /** Opens the tab, or brings it to the front, for the repository of the active file. */
  show(): void {
    this.#uri = currentUri() ?? this.#uri;
    if (this.#panel !== undefined) {
      this.#panel.reveal();
      return void this.#sendFigures();
    }
    this.#early = this.#requestFigures().catch(() => undefined);
    this.#adopt(window.createWebviewPanel(viewType, 'Idiom Dashboard', ViewColumn.Active));
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#panel?.dispose();
  }

  #adopt(panel: WebviewPanel): void {
    const { extensionUri } = this.#props;
    const folder = Uri.joinPath(extensionUri, 'dist', 'webview');
    const { webview } = panel;
    this.#panel = panel;
    panel.iconPath = Uri.joinPath(extensionUri, 'media', 'icon.png');
    webview.options = { enableScripts: true, localResourceRoots: [folder] };
    const received = webview.onDidReceiveMessage((message: FromDashboard) => void this.#receive(message));
    panel.onDidDispose(() => {
      received.dispose();
      if (this.#panel === panel) this.#panel = undefined;
    });
    webview.html = dashboardHtml({
      script: webview.asWebviewUri(Uri.joinPath(folder, 'dashboard.js')).toString(),
      style: webview.asWebviewUri(Uri.joinPath(folder, 'dashboard.css')).toString(),
      source: webview.cspSource,
      nonce: randomBytes(16).toString('base64url'),
      language: env.language,
    });
  }

  async #receive(message: FromDashboard): Promise<void> {
    switch (message.kind) {
      case 'ready':
      case 'reload':
        return this.#sendFigures();
      case 'choose':
        this.#uri = uriOfRoot(message.root);
        return this.#sendFigures();
      case 'range':
        this.#nDays = message.nDays;
        return this.#sendFigures();
      case 'report':
        return this.#sendReport(message.digest);
      case 'open':
        return this.#open(message.path, message.line);
      case 'act': {
        if (this.#uri === undefined) return;
        await this.#props.act(message.action, this.#uri, message.digest);
        await this.#sendFigures();
      }
    }
  }

  /** What the loop does is passed on; when it did something, the figures are read again too. */
  #learningChanged(repositories: readonly RepositoryLearning[]): void {
    const learning = repositories.find(({ root }) => root === this.#root);
    if (this.#panel === undefined || learning === undefined) return;
    this.#post({ kind: 'learning', learning });
    const state = [learning.state, learning.serving, learning.awaitsApproval].join(' ');
    if (state === this.#lastState) return;
    this.#lastState = state;
    void this.#sendFigures();
  }

  async #sendFigures(): Promise<void> {
    if (this.#panel === undefined) return;
    this.#uri ??= currentUri();
    const { board } = this.#props;
    const early = this.#early;
    this.#early = undefined;
    try {
      const result = ((await early) ?? (await this.#requestFigures())) as DashboardResult;
      this.#root = result.learning.root;
      const repositories = board.repositories.map(({ root, name }) => ({ root, name }));
      this.#post({ kind: 'dashboard', result, repositories, isTrusted: workspace.isTrusted });
    } catch (error) {
      const action = workspace.isTrusted ? {} : ({ action: 'trust' } as const);
      this.#post({ kind: 'trouble', ...describeTrouble(error), ...action });
    }
  }

  #requestFigures(): Promise<unknown> {
    return this.#request(learningMessages.dashboard, { nDays: this.#nDays });
  }

  async #sendReport(digest: string): Promise<void> {
    try {
      const report = (await this.#request(learningMessages.report, { digest })) as EvalReport | null;
      this.#post({ kind: 'report', digest, report });
    } catch (error) {
      this.#post({ kind: 'trouble', digest, ...describeTrouble(error) });
    }
  }

  async #request(method: string, params: object = {}): Promise<unknown> {
    const link = this.#props.link();
    if (link === undefined) throw new Error('Idiom has no connection to its daemon.');
    if (this.#uri === undefined) throw new Error('No folder is open, so there is no repository to show.');
    return link.request(method, { uri: this.#uri.toString(), ...params });
  }

  async #open(path: string, line: number): Promise<void> {
    if (this.#root === undefined) return;
    try {
      const uri = Uri.joinPath(uriOfRoot(this.#root), path);
      const document = await workspace.openTextDocument(uri);
      await window.showTextDocument(document, {
        selection: new Range(line - 1, 0, line - 1, 0),
        preview: true,
      });
    } catch {
      void window.showInformationMessage(`${path} is not there any more.`);
    }
  }

  #post(message: ToDashboard): void {
    void this.#panel?.webview.postMessage(message);
  }
}

function describeTrouble(error: unknown): { sentence: string; remedy: string } {
  const sentence = refusalSentence(error);
  // The daemon's own sentences come with what to do.
  if (/[.!] \S/.test(sentence)) return { sentence, remedy: '' };
  const isLost = /connection|disposed|closed/i.test(sentence);
  const remedy = isLost
    ? 'Idiom reconnects by itself. Try again in a moment.'
    : 'Try again, or look at the log.';
  return { sentence: sentence.endsWith('.') ? sentence : `${sentence}.`, remedy };
}
