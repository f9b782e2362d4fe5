/** Leveled log lines with a tag and fields; writing them somewhere is the sink's task. */

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';
export type LogTag =
  | 'daemon'
  | 'lsp'
  | 'engine'
  | 'model'
  | 'completion'
  | 'retrieval'
  | 'signals'
  | 'store'
  | 'git'
  | 'cli'
  | 'learning';
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface LogSink {
  write(level: LogLevel, line: string): void;
}

/** Fields, not sentences; code text only at trace, and then through a function so that it is not built otherwise; where fields fail, there is no line. */
export interface Logger {
  trace(tag: LogTag, message: string, fields: () => LogFields | Promise<LogFields>): void;
  debug(tag: LogTag, message: string, fields?: LogFields): void;
  info(tag: LogTag, message: string, fields?: LogFields): void;
  warn(tag: LogTag, message: string, fields?: LogFields): void;
  error(tag: LogTag, message: string, fields?: LogFields): void;
}

const order: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

/** `minLevel` is asked for each line, so that it can change while the daemon runs. */
export function createLogger(sink: LogSink, minLevel: () => LogLevel, nowMs: () => number): Logger {
  const isOn = (level: LogLevel) => order.indexOf(level) >= order.indexOf(minLevel());
  function write(level: LogLevel, tag: LogTag, message: string, fields?: LogFields): void {
    if (!isOn(level)) return;
    sink.write(level, formatLine(nowMs(), level, tag, message, fields));
  }
  return {
    trace(tag, message, fields) {
      if (!isOn('trace')) return;
      const made = fields();
      if (!(made instanceof Promise)) return write('trace', tag, message, made);
      made.then(
        (each) => write('trace', tag, message, each),
        () => undefined,
      );
    },
    debug: (tag, message, fields) => write('debug', tag, message, fields),
    info: (tag, message, fields) => write('info', tag, message, fields),
    warn: (tag, message, fields) => write('warn', tag, message, fields),
    error: (tag, message, fields) => write('error', tag, message, fields),
  };
}

export const silentLogger: Logger = createLogger(
  { write: () => undefined },
  () => 'error',
  () => 0,
);

function formatLine(
  atMs: number,
  level: LogLevel,
  tag: LogTag,
  message: string,
  fields: LogFields = {},
): string {
  const parts = [new Date(atMs).toISOString(), level.padEnd(5), `[${tag}]`, message];
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    parts.push(`${key}=${typeof value === 'string' && /[\s="]/.test(value) ? JSON.stringify(value) : value}`);
  }
  return parts.join(' ').replaceAll('\n', '\\n');
}
