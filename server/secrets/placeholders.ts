/** What stands where a secret would stand and is none: stand-ins, variables, templates, names and words of code. */

/** Anywhere in a value: text that tells its reader to put something else there, or that a program fills in. */
const standIn =
  /example|sample|placeholder|change[-_ ]?(?:me|it|this)|dummy|your[-_ ]|my[-_](?:pass|secret|token|key)|replace[-_ ]|insert[-_ ]|redacted|x{4}|^x{3}|x{3}$|\*\*\*|\.\.\.|…|•|<[a-z/%$[{]|\$[{(]|\{\{|\}\}|#\{|(?<![A-Za-z0-9])%[sdv](?![A-Za-z0-9])|%\(|\{[\w.:]{0,30}\}|\\u\{/i;
/** The whole value, a small number behind it allowed. */
const commonWord =
  /^(?:the|my|your|a|an|some|bad|wrong|new|old|valid|invalid|fake|test|default|this_is_)?[-_ ]?(?:pass|pass-?word|passwd|passphrase|pwd|pw|secret|token|key|keys|auth|api-?key|test|testing|tests|user|username|admin|root|guest|login|value|foo|bar|baz|foobar|abc|none|null|nil|true|false|undefined|string|str|bytes|text|required|optional|hidden|number|object|boolean|any|empty|unset|postgres|mysql|redis|rabbitmq|localhost|keyword|name|latin-?1|utf-?8|ascii|base64|md5|sha|bcrypt|argon2\w*|pbkdf2\w*|scrypt|[hre]s(?:256|384|512)|aes\w*|oauth|bearer|basic|digest)s?[-_]?(?:\d{0,3}|1234|12345|123456)$/i;
const variable =
  /^(?:\$\w|%\w+%$|@[\w.]+$|!(?:Ref|Sub|secret|vault)\b|&\w+$|\*\w+$|vault:|enc:|ENC\[|env[:.(]|op:\/\/)/;

/** Values that a person or program fills in later, or words that are no secret of anybody. */
export function isPlaceholder(value: string): boolean {
  return standIn.test(value) || commonWord.test(value) || variable.test(value) || isRepetitive(value);
}

/** `aaaa`, `1111-1111`, `abababab`: hardly any different letters. */
function isRepetitive(value: string): boolean {
  return new Set(value.slice(0, 80)).size <= Math.min(3, value.length / 3);
}

/** Words, paths, calls, versions: what code has in quotes or behind `=` a thousand times. */
export function isCodeWord(value: string): boolean {
  return isExpression(value) || isSlug(value);
}

/** Paths, calls, members, versions. */
export function isExpression(value: string): boolean {
  if (/^[./~]|^\w{1,12}:\/\/|^[A-Za-z]:\\|^--?[a-z]/.test(value)) return true;
  if (
    /^[\p{L}\p{M}_$][\p{L}\p{M}\w$]*(?:(?:\.|::|->|\?\.)[\p{L}_$][\w$]*){1,8}(?:\(.{0,80}\)?)?[;,]?$/u.test(
      value,
    )
  )
    return true;
  if (/[([]/.test(value) && /^[\w.$:<>]{1,80}[([].{0,200}[)\]][;,]?$/.test(value)) return true;
  if (/^v?\d{1,4}(?:\.\d{1,4}){1,3}(?:[-+][\w.]{1,20})?$/.test(value)) return true;
  return false;
}

/** Words with a small number behind them, as in `int16-slice` or `user_2`: a name. */
function isSlug(value: string): boolean {
  if (value.length > 100 || !/[-_.:/]/.test(value)) return false;
  return value
    .split(/[-_.:/]/)
    .every((part) => /^(?:\p{L}*\d{0,2}|\d{1,4})$/u.test(part) && !/\p{Ll}\p{Lu}.*\p{Ll}\p{Lu}/u.test(part));
}

/** The text, if it is Base64 of UTF-8 text; random bytes almost never are. */
export function textOfBase64(value: string): string | undefined {
  if (value.length % 4 === 1) return undefined;
  try {
    const text = utf8.decode(Buffer.from(value, 'base64'));
    const nPlain = text.match(/[\P{C}\s]/gu)?.length ?? 0;
    return text.length >= 4 && nPlain > text.length * minPlainShare ? text : undefined;
  } catch {
    return undefined;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const minPlainShare = 0.8;
