/** Names that tell of a secret, in the languages that people name things in. */

/** Whatever stands behind one of these is meant to be known to few. */
const passwordWords =
  'pass[-_ ]?word|passwd|passwort|pass[-_ ]?phrase|pass[-_ ]?code|pwd|(?:require|user|db|root|admin|sql|smtp|ftp|mail|ssh|http|proxy|login|bind|store|key|ldap|sudo|wifi)pass(?![a-z])|masterauth|kennwort|contrase(?:ñ|n)a|senha|mot[-_ ]?de[-_ ]?passe|wachtwoord|has[lł]o|l[öo]senord|adgangskode|salasana|parola|[şs]ifre|jelsz[oó]|heslo|пароль|密码|密碼|口令|パスワード|비밀번호';
/** Short words count where they are words: between other letters they are part of `bypass` or `pinned`. */
const shortPasswordWords = 'pass|pw|pin|psw|passw|psk';
const secretWords =
  'secret|token|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|priv[-_ ]?key|shared[-_ ]?(?:access[-_ ]?)?(?:key|signature)|account[-_ ]?key|pre-?shared[-_ ]?key|encryption[-_ ]?key|signing[-_ ]?key|auth[-_ ]?key|license[-_ ]?key|master[-_ ]?key|credential|mnemonic|bearer|authorization|webhook|geheim|segredo|secreto|jeton|schl(?:ü|ue)ssel|токен|ключ|секрет|密钥|密鑰|令牌|秘密|トークン';
const shortSecretWords =
  'key|auth|otp|totp|mfa|2fa|seed|salt|cookie|session|sas|sid|dsn|psk|cred|creds|jwt|clave|chiave|cl[ée]|sig|oauth2?|hmac';

/** A sign at the beginning of a line is a diff's; elsewhere it may be Base64's. */
const notInside = '(?<![A-Za-z0-9/]|[^\\n]\\+)';
const shortWord = (words: string) =>
  `${notInside}(?:${words})(?![a-z0-9+/])|(?<=[a-z])(?:${words.split('|').map(capital).join('|')})(?![a-z+/])|${notInside}(?:${words.toUpperCase()})(?![A-Za-z+/])`;
const capital = (each: string) => each.replace(/^[a-z]/, (letter) => letter.toUpperCase());

const anyPassword = new RegExp(`(?:${passwordWords})`, 'gi');
const anyShortPassword = new RegExp(shortWord(shortPasswordWords), 'g');
const anyTelling = new RegExp(`${passwordWords}|${secretWords}`, 'i');
const anyShortTelling = new RegExp(shortWord(`${shortPasswordWords}|${shortSecretWords}`));

export function isTelling(line: string): boolean {
  return anyTelling.test(line) || anyShortTelling.test(line);
}

/** Where a password's name ends, in order. */
export function* passwordNames(text: string): Generator<{ readonly start: number; readonly end: number }> {
  for (const each of [anyPassword, anyShortPassword]) {
    for (const match of text.matchAll(each)) {
      // `/etc/passwd`
      if (text[match.index - 1] !== '/') yield { start: match.index, end: match.index + match[0].length };
    }
  }
}
