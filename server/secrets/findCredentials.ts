/** Finds credentials by the form that protocols and commands give them: addresses, headers, queries, options. */

import { isExpression, isPlaceholder, textOfBase64 } from './placeholders.ts';
import { isBeyondDoubt, randomBits } from './randomness.ts';
import type { SecretRange } from './scrubSecrets.ts';

interface Form {
  /** Its last group is the secret, and ends the match. */
  readonly pattern: RegExp;
  readonly isSecret: (value: string, match: RegExpExecArray) => boolean;
  /** Cheap to look for; a text without it has no match. */
  readonly needs?: RegExp;
  /** Nothing else has this form; or what has it may be none. Left out, the value's letters decide. */
  readonly isCertain?: boolean;
}

const isSet = (value: string) => value.length >= 4 && !isPlaceholder(value);
const isMixed = (value: string) =>
  isSet(value) &&
  !isExpression(value) &&
  ((/\p{L}/u.test(value) && /[\d!@#$%^&*?+~]/.test(value)) || randomBits(value) >= 12);
const isRandom = (value: string) =>
  isSet(value) &&
  value.length >= 8 &&
  !isPlaceholder(plainPart(value)) &&
  randomBits(value) >= (/\d/.test(value) ? 7 : 14);
/** What Base64 says behind a user's name, if it says something. */
const plainPart = (value: string) => /:(.*)$/s.exec(textOfBase64(value) ?? '')?.[1] ?? value;

const forms: readonly Form[] = [
  // scheme://user:password@host (RFC 3986, 3.2.1); passwords that were not encoded have other signs, too.
  {
    pattern:
      /(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/[^\s"'`<>:@/]{0,100}:([^\s"'`<>]{2,100}?)(?=@[\w.[\]{}$-]{1,100})/g,
    needs: /:\/\/[^\s"'`<>]{1,201}@/,
    isSecret: (value) =>
      isSet(value) &&
      !/^\d{1,5}(?:\/|$)|^(?:p|pass(?:wd|word)?|pw|pwd|secret|token|port)$|^\w{1,3}$/i.test(value),
  },
  // scheme://token@host
  {
    pattern: /(?<![A-Za-z0-9])https?:\/\/([A-Za-z0-9_-]{16,100})(?=(?::x-oauth-basic)?@)/g,
    needs: /:\/\/[A-Za-z0-9_-]{16,100}(?::x-oauth-basic)?@/,
    isSecret: (value) => isRandom(value) || /^[0-9a-f]{32,}$/.test(value),
  },
  // Addresses of hooks: whoever knows the last part can call them.
  {
    pattern:
      /https:\/\/(?:web)?hooks?\.[\w.-]{1,80}\/[\w/.-]{1,200}\/([A-Za-z0-9_-]{5,100})(?=\/?(?:[\s"'`>)?]|<\/|$))/g,
    needs: /:\/\/(?:web)?hooks?\./,
    isSecret: (value, match) => isSet(value) && (/\d/.test(value) || /\/\d{4,}\//.test(match[0])),
  },
  // The number of an account, then a key.
  {
    pattern: /(?<![\w.-])(?:[0-9]\/)?((?:\d{10,20}\/)?\d{10,20}:[0-9a-f]{32,64})(?![0-9a-zA-Z])/g,
    needs: /\d:[0-9a-f]{32}/,
    isSecret: (value) => !isPlaceholder(value.slice(value.indexOf(':') + 1)),
  },
  // Authorization (RFC 9110, 11.6.2), and the token alone behind its scheme.
  {
    pattern:
      /\b(?:Bearer|bearer|BEARER|ApiKey|Token token=|JWT|SSWS|GenieKey|Key)[ :]{1,2}["']?([A-Za-z0-9._~+/=-]{12,2000})/g,
    isSecret: isRandom,
  },
  {
    pattern:
      /\bauthorization["'\]]{0,2}\s{0,3}[:=,]\s{0,3}["'`]?(?:[A-Za-z-]{2,20} )?([A-Za-z0-9._~+/=:-]{8,2000})/gi,
    isSecret: isRandom,
  },
  { pattern: /\b[Bb]asic ["']?([A-Za-z0-9+/]{8,200}={0,2})/g, isSecret: isUserAndPassword },
  // JWT (RFC 7519): the header of every one begins with {" in Base64.
  {
    pattern: /(?<![A-Za-z0-9_-])(eyJ[A-Za-z0-9_-]{10,4000}(?:\.[A-Za-z0-9_-]{4,8000}){1,4})/g,
    isSecret: () => true,
    isCertain: true,
  },
  // Query strings, and connection strings in pairs.
  {
    pattern:
      /[?&;"'](?:access_?token|auth|authtoken|auth_token|token|api_?key|apikey|key|sig|signature|secret|client_secret|password|passwd|pwd|pass|code|X-Amz-Signature|X-Goog-Signature|refresh_token|id_token|sas|jwt|session|subscription-key|AccountKey|SharedAccessKey|SharedAccessSignature|sharedSecret)=([^\s"'`<>&;#]{4,400})/gi,
    isSecret: (value, match) =>
      isMixed(value) &&
      (/pass|pwd/i.test(match[0]) ||
        isRandom(value.replace(/%\w\w/g, '')) ||
        (/^[0-9a-f]{16,}$/i.test(value) && randomBits(value) > 2)),
  },
  {
    pattern:
      /;\s?(?:Password|Pwd|AccountKey|SharedAccessKey|SharedSecret|User Password|Client Secret)\s?=\s?([^\s"'`<>;{}]{4,200})/gi,
    isSecret: isMixed,
  },
  {
    pattern: /otpauth:\/\/[^\s"'`<>]{1,200}?[?&]secret=([A-Za-z2-7]{8,128})/g,
    isSecret: () => true,
    isCertain: true,
  },
  // Options: curl -u user:password, mysql -ppassword, sshpass -p, redis-cli -a, docker login -p, openssl -passin.
  {
    pattern:
      /\b(?:curl|http|wget|httpie)\b[^\n]{0,200}?\s(?:-u|--user|--proxy-user|-a|--auth|-U)[ =]?["']?[^\s:"'$]{1,60}:([^\s"'`$]{3,100})/g,
    needs: /\s-(?:u|-user|-proxy-user|a|-auth|U)[ =]?["']?\w/,
    isSecret: isSet,
  },
  {
    pattern:
      /\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|mysqlimport|mysqlcheck)\b[^\n]{0,200}?\s-p["']?([^\s"'`]{4,100})/g,
    isSecret: isSet,
  },
  {
    pattern:
      /\b(?:sshpass|redis-cli|docker|podman|helm|az|ldapsearch|ldapadd|mongo|mongosh|mongodump|psql|sqlcmd|isql|bcp|smbclient|xfreerdp|plink|7z|zip|unzip|rar|unrar|pdftk|qpdf|ansible|ftp|lftp|mosquitto_pub|mosquitto_sub|rabbitmqadmin|vncviewer|keytool|jarsigner|nmcli|iwconfig|wpa_passphrase)\b[^\n]{0,200}?\s(?:-p|-a|-P|-w|-pw|-storepass|-keypass|\/p:|--pass)[ =]?["']?([^\s"'`$-][^\s"'`]{5,100})/g,
    needs: /\s(?:-p|-a|-P|-w|-pw|-storepass|-keypass|\/p:|--pass)[ =]?["']?[^\s"'`$-]/,
    isSecret: isMixed,
  },
  { pattern: /(?<=[\s"'=])pass:([^\s"'`$\\]{4,100})/g, isSecret: isMixed },
  {
    pattern: /\bhtpasswd\b[^\n]{0,80}?\s-\w{0,3}b\w{0,3}\s+\S{1,80}\s+\S{1,60}\s+["']?([^\s"'`$]{4,100})/g,
    isSecret: isSet,
  },
  { pattern: /\bnet user \S{1,60} ([^\s"'`$/*]{4,100})/gi, isSecret: isMixed },
  {
    pattern: /\bnet use\b[^\n]{0,200}?\/user:\S{1,60}[ \t]{1,5}["']?([^\s"'`$/*]{4,100})/gi,
    needs: /\/user:/i,
    isSecret: isMixed,
  },
  {
    pattern:
      /\bnet use[ \t]{1,5}(?:\w:[ \t]{1,5})?\\\\\S{1,100}[ \t]{1,5}["']?([^\s"'`$/*]{4,100})(?=["']?[ \t]{1,5}\/user:)/gi,
    needs: /\/user:/i,
    isSecret: isMixed,
  },
  // Oracle: user/password@host.
  {
    pattern:
      /(?:\bjdbc:oracle:\w{3,5}:|\b(?:sqlplus|expdp|impdp|sqlldr)[ \t]{1,5}(?:-\w{1,9}[ \t]{1,5}){0,3}["']?)[\w$#]{1,60}\/([^\s"'`@]{4,100})(?=@)/gi,
    isSecret: isMixed,
  },
  // Network devices and SNMP (https://www.net-snmp.org/docs/man/snmpd.conf.html).
  {
    pattern:
      /\b(?:snmp-server[ \t]{1,5}community|r[ow]community6?|enable[ \t]{1,5}(?:secret|password)(?:[ \t]{1,5}\d)?)[ \t]{1,5}["']?([^\s"'`]{4,100})/gi,
    isSecret: isMixed,
  },
  {
    pattern: /\becho ["']?[a-z_][\w.-]{0,31}:([^\s"'`$]{4,100})(?=["']?\s{0,3}\|\s{0,3}(?:sudo )?chpasswd)/g,
    needs: /chpasswd/,
    isSecret: isSet,
  },
  {
    pattern:
      /\becho ["']?([^\s"'`$]{4,100})["']?\s{0,3}\|\s{0,3}(?:sudo -S|docker login|passwd|cryptsetup|gpg|su\b)/g,
    isSecret: isSet,
  },
  // SQL: IDENTIFIED BY 'x', WITH PASSWORD 'x'.
  {
    pattern:
      /\bidentified\s{1,5}(?:with\s{1,5}\S{1,40}\s{1,5})?(?:by|as)\s{1,5}(?:password\s{1,5})?["'`]([^"'`\n]{4,100})/gi,
    isSecret: isSet,
  },
  // netrc: machine HOST login NAME password SECRET.
  { pattern: /\blogin\s{1,5}\S{1,60}\s{1,5}password\s{1,5}([^\s"'`\\]{4,100})/g, isSecret: isSet },
  // age, and the private numbers of a JSON Web Key (RFC 7518, 6).
  { pattern: /(AGE-SECRET-KEY-[A-Z0-9]{20,80})/g, isSecret: () => true, isCertain: true },
  {
    pattern: /["'](?:d|p|q|dp|dq|qi|k)["']\s{0,3}:\s{0,3}["']([A-Za-z0-9_-]{20,1200})["']/g,
    isSecret: (value) => randomBits(value) >= 18,
  },
  // Two texts in a call that signs in; .htpasswd, /etc/shadow and pgpass lines.
  {
    pattern:
      /\b(?:log_?in|sign_?in|auth\w{0,12}|connect\w{0,10}|bind|credentials?|basic_?auth|set_?credentials|NetworkCredential|UsernamePassword\w{0,20}|create_?user\w{0,10}|register|PDO|mysqli|get_?connection)\(\s{0,10}(?:[^\n()"'`]{0,60},\s{0,4})?["'`][^"'`\n]{1,80}["'`]\s{0,2},\s{0,10}(?:["'`][^"'`\n]{0,60}["'`]\s{0,2},\s{0,10})?[bur@$]?["'`]([^"'`\n\s]{6,100})/gi,
    isSecret: isStrongArgument,
  },
  {
    pattern:
      /\bauth\s{0,2}[=:]\s{0,2}[([]\s{0,3}["'][^"'\n]{1,60}["']\s{0,2},\s{0,3}["']([^"'\n\s]{6,100})/gi,
    isSecret: isStrongArgument,
  },
  {
    pattern: /(?<=[:\s'"])(\$(?:1|2[aby]?|5|6|y|apr1|argon2\w{1,2})\$[A-Za-z0-9./$=,+-]{20,200})/g,
    isSecret: () => true,
    // A hash is no password.
    isCertain: false,
  },
  {
    pattern: /^[+\w.*-]{1,80}:(?:\d{1,5}|\*):[\w.*-]{1,60}:[\w.*-]{1,60}:([^\s:]{4,100})$/gm,
    isSecret: isMixed,
  },
];

function isUserAndPassword(value: string): boolean {
  const text = Buffer.from(value, 'base64').toString('latin1');
  return (
    /^[\x20-\x7e\xa0-\xff]{1,80}:[\x20-\x7e\xa0-\xff]{3,120}$/.test(text) &&
    isSet(text.slice(text.indexOf(':') + 1))
  );
}

function isStrongArgument(value: string): boolean {
  return isMixed(value) && /\d/.test(value) && (/[!@#$%^&*?+~]/.test(value) || randomBits(value) >= 6);
}

export function findCredentials(text: string, _path: string): SecretRange[] {
  const found: SecretRange[] = [];
  for (const { pattern, isSecret, needs, isCertain } of forms) {
    if (needs?.test(text) === false) continue;
    for (const match of text.matchAll(pattern)) {
      const value = match[1] ?? '';
      if (!isSecret(value, match)) continue;
      const start = match.index + match[0].lastIndexOf(value);
      found.push({ start, end: start + value.length, isCertain: isCertain ?? isBeyondDoubt(value) });
    }
  }
  return found;
}
