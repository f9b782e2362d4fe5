/** Passwords, connection strings, commands, prose and personal data, as they stand in configuration, code and notes. */

import type { Draw, Kind } from './plant.ts';
import { s } from './plant.ts';

type Row = readonly [name: string, path: string, write: (draw: Draw) => string];

const strings: readonly Row[] = [
  [
    'Redis address',
    'src/cache.ts',
    (d) => `const cache = connect('redis://:${s(d.plain())}@${d.host()}:6379/0');\n`,
  ],
  [
    'AMQP address',
    'app/queue.py',
    (d) => `BROKER = "amqp://${d.user()}:${s(d.plain())}@${d.host()}:5672/jobs"\n`,
  ],
  [
    'PostgreSQL address',
    'deploy/app.env.sample',
    (d) => `DATABASE_URL=postgres://${d.user()}:${s(d.password())}@${d.host()}:5432/shop\n`,
  ],
  ['MySQL address', 'conf/db.ini', (d) => `url = mysql://${d.user()}:${s(d.plain())}@${d.host()}/shop\n`],
  [
    'MongoDB address',
    'src/db.js',
    (d) => `mongoose.connect("mongodb+srv://${d.user()}:${s(d.plain())}@cluster0.ab1cd.mongodb.net/shop");\n`,
  ],
  [
    'HTTP address',
    'scripts/get.sh',
    (d) => `git clone https://${d.user()}:${s(d.plain())}@git.example.org/shop.git\n`,
  ],
  [
    'address with a token',
    'scripts/get2.sh',
    (d) => `git clone https://${s(d.hex(40))}@github.com/acme/shop.git\n`,
  ],
  ['FTP address', 'tools/up.pl', (d) => `my $u = "ftp://${d.user()}:${s(d.plain())}@${d.host()}/in";\n`],
  ['LDAP address', 'conf/auth.yml', (d) => `server: ldaps://cn=reader:${s(d.plain())}@${d.host()}:636\n`],
  [
    'JDBC',
    'src/App.java',
    (d) => `var url = "jdbc:mysql://${d.host()}/shop?user=${d.user()}&password=${s(d.plain())}";\n`,
  ],
  [
    'JDBC for SQL Server',
    'conf/app.properties',
    (d) => `url=jdbc:sqlserver://${d.host()};databaseName=shop;user=${d.user()};password=${s(d.plain())};\n`,
  ],
  [
    'ADO.NET',
    'src/Startup.cs',
    (d) =>
      `var c = "Server=${d.host()};Database=Shop;User Id=${d.user()};Password=${s(d.plain())};Encrypt=True";\n`,
  ],
  [
    'ADO.NET, Pwd',
    'web.config.xml',
    (d) =>
      `<add name="Shop" connectionString="Data Source=${d.host()};Uid=${d.user()};Pwd=${s(d.plain())};" />\n`,
  ],
  [
    'Azure storage',
    'src/Blob.cs',
    (d) =>
      `var c = "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${s(`${d.b64(86)}==`)};EndpointSuffix=core.windows.net";\n`,
  ],
  [
    'Azure service bus',
    'src/bus.ts',
    (d) =>
      `const c = 'Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${s(`${d.b64(43)}=`)}';\n`,
  ],
  [
    'SAS address',
    'docs/files.md',
    (d) =>
      `https://shop.blob.core.windows.net/in/a.csv?sv=2022-11-02&sr=b&sp=r&sig=${s(`${d.b62(42)}%3D`)}\n`,
  ],
  [
    'signed S3 address',
    'notes/links.txt',
    (d) => `https://b.s3.amazonaws.com/a?X-Amz-Expires=3600&X-Amz-Signature=${s(d.hex(64))}\n`,
  ],
  [
    'token in a query',
    'src/api.go',
    (d) => `resp, err := http.Get("https://api.example.org/v1/items?access_token=${s(d.b62(32))}")\n`,
  ],
  [
    'key in a query',
    'src/map.html',
    (d) => `<script src="https://maps.example.org/js?key=${s(d.url(39))}&v=3"></script>\n`,
  ],
  [
    'Bearer header',
    'app/me.py',
    (d) => `def whoami(session):\n    headers = {"Authorization": "Bearer ${s(d.b62(32))}"}\n`,
  ],
  [
    'Bearer in curl',
    'docs/api.md',
    (d) => `curl -H "Authorization: Bearer ${s(d.url(40))}" https://api.example.org/me\n`,
  ],
  [
    'Basic header',
    'src/basic.ts',
    (d) =>
      `headers.set('Authorization', 'Basic ${s(Buffer.from(`${d.user()}:${d.plain()}`).toString('base64'))}');\n`,
  ],
  ['Token header', 'app/http.rb', (d) => `req["Authorization"] = "Token ${s(d.hex(40))}"\n`],
  ['API key header', 'src/h.kt', (d) => `request.header("X-Api-Key", "${s(d.b62(32))}")\n`],
  ['session cookie', 'tests/load.js', (d) => `const headers = { Cookie: 'sessionid=${s(d.b36(32))}' };\n`],
];

const code: readonly Row[] = [
  [
    'YAML, bare',
    'deploy/app.yaml',
    (d) => `database:\n  host: db.example.org\n  password: ${s(d.password())}\n  pool: 4\n`,
  ],
  ['YAML, letters alone', 'deploy/d.yaml', (d) => `db:\n  password: ${s(d.anyLetters(12))}\n  port: 1\n`],
  ['Python, letters alone', 'app/letters.py', (d) => `DB_PASSWORD = "${s(d.anyLetters(14))}"\n`],
  ['YAML, quoted', 'deploy/b.yml', (d) => `smtp:\n  password: "${s(d.password())}"\n`],
  ['YAML, block', 'deploy/c.yml', (d) => `password: >-\n  ${s(d.plain())}\nname: b\n`],
  [
    'INI with a comment',
    'conf/my.ini',
    (d) => `[client]\nuser = root\npassword = ${s(d.plain())}   ; since spring\n`,
  ],
  ['TOML', 'conf/app.toml', (d) => `[db]\npassword = '${s(d.password())}'\n`],
  [
    'properties',
    'src/main/resources/application.properties',
    (d) => `spring.datasource.password=${s(d.password())}\n`,
  ],
  ['env.sample', 'env.sample', (d) => `PORT=80\nDB_PASSWORD=${s(d.password())}\n`],
  ['XML element', 'conf/server.xml', (d) => `<server>\n  <password>${s(d.plain())}</password>\n</server>\n`],
  ['XML attribute', 'conf/users.xml', (d) => `<user name="ann" password="${s(d.plain())}" roles="all"/>\n`],
  ['XML pair', 'app.config', (d) => `<add key="SmtpPassword" value="${s(d.plain())}" />\n`],
  ['JSON', 'conf/app.json', (d) => `{ "user": "ann", "password": "${s(d.password())}" }\n`],
  ['JSON pair', 'task.json', (d) => `{"name": "DB_PASSWORD", "value": "${s(d.plain())}"}\n`],
  [
    'Dockerfile ENV',
    'deploy/Dockerfile',
    (d) => `FROM python:3.12\nENV DB_PASSWORD=${s(d.plain())}\nRUN make\n`,
  ],
  ['Dockerfile ENV with a blank', 'Dockerfile', (d) => `FROM node\nENV DB_PASSWORD ${s(d.plain())}\n`],
  ['Dockerfile ARG', 'build/Dockerfile', (d) => `ARG NPM_TOKEN=${s(d.b36(32))}\n`],
  [
    'compose, map',
    'docker-compose.yml',
    (d) => `    environment:\n      MYSQL_ROOT_PASSWORD: ${s(d.password())}\n`,
  ],
  ['compose, list', 'compose.yaml', (d) => `    environment:\n      - POSTGRES_PASSWORD=${s(d.plain())}\n`],
  [
    'Kubernetes data',
    'k8s/db.yaml',
    (d) =>
      `kind: Secret\ndata:\n  password: ${s(Buffer.from(d.password() + d.digits(3)).toString('base64'))}\n`,
  ],
  ['Kubernetes env', 'k8s/pod.yaml', (d) => `env:\n  - name: DB_PASSWORD\n    value: "${s(d.plain())}"\n`],
  [
    'Terraform default',
    'main.tf',
    (d) => `variable "db_password" {\n  type    = string\n  default = "${s(d.password())}"\n}\n`,
  ],
  ['Terraform value', 'prod.tfvars', (d) => `db_password = "${s(d.password())}"\n`],
  ['Ansible', 'group_vars/all', (d) => `ansible_become_pass: ${s(d.password())}\n`],
  ['SQL CREATE USER', 'db/users.sql', (d) => `CREATE USER ann IDENTIFIED BY '${s(d.password())}';\n`],
  ['SQL ROLE', 'db/roles.sql', (d) => `ALTER ROLE ann WITH LOGIN PASSWORD '${s(d.password())}';\n`],
  ['PGPASSWORD', 'scripts/dump.sh', (d) => `PGPASSWORD=${s(d.plain())} pg_dump -U app shop\n`],
  [
    'PGPASSWORD in Python',
    'tools/dump.py',
    (d) => `subprocess.run("PGPASSWORD=${s(d.plain())} pg_dump shop", shell=True)\n`,
  ],
  ['mysql -p', 'scripts/in.sh', (d) => `mysql -u root -p${s(d.plain())} shop < in.sql\n`],
  ['curl -u', 'scripts/ping.sh', (d) => `curl -s -u ${d.user()}:${s(d.plain())} https://api.example.org/\n`],
  ['sshpass', 'scripts/push.sh', (d) => `sshpass -p '${s(d.password())}' scp a ann@${d.host()}:\n`],
  ['redis-cli -a', 'scripts/flush.sh', (d) => `redis-cli -h cache -a ${s(d.plain())} flushall\n`],
  [
    'docker login',
    'ci/login.sh',
    (d) => `docker login -u ${d.user()} -p ${s(d.plain())} registry.example.org\n`,
  ],
  ['--password', 'ci/up.sh', (d) => `twine upload --username ann --password ${s(d.plain())} dist/*\n`],
  ['--password=', 'ci/up2.sh', (d) => `wget --user=ann --password=${s(d.plain())} https://x.example.org\n`],
  ['chpasswd', 'setup.sh', (d) => `echo "ann:${s(d.plain())}" | chpasswd\n`],
  ['sudo -S', 'setup2.sh', (d) => `echo ${s(d.plain())} | sudo -S apt update\n`],
  ['net user', 'setup.bat', (d) => `net user ann ${s(d.plain())} /add\n`],
  ['PowerShell', 'setup.ps1', (d) => `$pw = ConvertTo-SecureString "${s(d.plain())}" -AsPlainText -Force\n`],
  ['shell export', 'profile.sh', (d) => `export ADMIN_PASSWORD='${s(d.password())}'\n`],
  ['shell default', 'start.sh', (d) => `PASSWORD="\${DB_PASSWORD:-${s(d.plain())}}"\n`],
  ['netrc', 'conf/netrc', (d) => `machine api.example.org login ann password ${s(d.plain())}\n`],
  ['pgpass', 'conf/pgpass', (d) => `${d.host()}:5432:shop:ann:${s(d.plain())}\n`],
  [
    '?? fallback',
    'src/conf.ts',
    (d) => `const password = process.env.DB_PASSWORD ?? '${s(d.password())}';\n`,
  ],
  ['|| fallback', 'src/conf.js', (d) => `const pass = process.env.PASS || "${s(d.password())}";\n`],
  ['or fallback', 'app/conf.py', (d) => `PASSWORD = os.environ.get("DB_PASSWORD") or "${s(d.password())}"\n`],
  ['second argument', 'app/conf2.py', (d) => `PASSWORD = os.getenv("DB_PASSWORD", "${s(d.password())}")\n`],
  [
    'unwrap_or',
    'src/conf.rs',
    (d) => `let p = env::var("DB_PASSWORD").unwrap_or("${s(d.plain())}".into());\n`,
  ],
  ['Rust const', 'src/c.rs', (d) => `pub const DB_PASSWORD: &str = "${s(d.password())}";\n`],
  ['C define', 'src/wifi.h', (d) => `#define WIFI_PASSWORD "${s(d.password())}"\n`],
  ['C# attribute', 'src/Tests.cs', (d) => `[Credentials(User = "ann", Password = "${s(d.password())}")]\n`],
  ['C# verbatim', 'src/D.cs', (d) => `private string password = @"${s(d.plain())}";\n`],
  ['Go field', 'cmd/db.go', (d) => `cfg := mysql.Config{User: "app", Passwd: "${s(d.password())}"}\n`],
  ['Java setter', 'src/Db.java', (d) => `dataSource.setPassword("${s(d.password())}");\n`],
  ['builder', 'src/Db.kt', (d) => `builder.username("app").password("${s(d.password())}").build()\n`],
  ['Ruby hash', 'config/db.rb', (d) => `DB = { user: 'app', password: '${s(d.password())}' }\n`],
  ['PHP array', 'config/db.php', (d) => `return ['user' => 'app', 'password' => '${s(d.password())}'];\n`],
  ['PHP define', 'wp-conf.php', (d) => `define('DB_PASSWORD', '${s(d.password())}');\n`],
  [
    'Python argument',
    'app/db.py',
    (d) => `conn = connect(host="db", user="app", password="${s(d.password())}")\n`,
  ],
  ['positions in a call', 'app/sign.py', (d) => `client.login("ann", "${s(`${d.b62(10)}7!`)}")\n`],
  ['pair of requests', 'app/r.py', (d) => `requests.get(url, auth=("ann", "${s(`${d.b62(9)}4#`)}"))\n`],
  ['name with an ending', 'src/p.ts', (d) => `const passwordProd = '${s(d.password())}';\n`],
  ['name with a beginning', 'app/p.py', (d) => `OLD_ADMIN_PASSWORD_2 = '${s(d.password())}'\n`],
  ['API_KEY_LIVE', 'app/k.py', (d) => `API_KEY_LIVE = "${s(d.b62(24))}"\n`],
  ['clientSecret', 'src/k.json', (d) => `{ "clientSecret": "${s(d.hex(32))}" }\n`],
  ['German', 'src/d.py', (d) => `passwort = "${s(d.password())}"\n`],
  ['Spanish', 'src/e.js', (d) => `const contraseña = '${s(d.password())}';\n`],
  ['Portuguese', 'src/f.php', (d) => `$senha = '${s(d.password())}';\n`],
  ['French', 'src/g.rb', (d) => `mot_de_passe = '${s(d.password())}'\n`],
  ['Polish', 'src/h.java', (d) => `String haslo = "${s(d.password())}";\n`],
  ['Russian', 'src/i.py', (d) => `пароль = "${s(d.password())}"\n`],
  ['Chinese', 'conf/j.yml', (d) => `密码: ${s(d.password())}\n`],
  ['auth', 'src/auth.ts', (d) => `const auth = '${s(d.b62(20))}';\n`],
  ['pin', 'conf/door.yml', (d) => `pin: "${s(d.of('123456789', 1) + d.digits(5))}"\n`],
  ['Makefile', 'Makefile', (d) => `DB_PASS ?= ${s(strong(d))}\n`],
  ['R', 'src/db.R', (d) => `password <- "${s(strong(d))}"\n`],
  ['Visual Basic', 'src/Db.vb', (d) => `Dim pwd As String = "${s(strong(d))}"\n`],
  ['list of values', 'app/list.py', (d) => `user, password = "joe", "${s(strong(d))}"\n`],
  ['choice', 'src/choice.js', (d) => `const password = isProd ? load('a') : "${s(strong(d))}";\n`],
  [
    'choice in lines',
    'src/choice.ts',
    (d) => `const password = isProd\n  ? load()\n  : '${s(strong(d))}';\n`,
  ],
  ['sum', 'src/sum.js', (d) => `const password = "Ab3" + "${s(strong(d))}";\n`],
  ['property list', 'app/Info.plist', (d) => `<key>Password</key>\n\t<string>${s(strong(d))}</string>\n`],
  ['here document', 'a.tf', (d) => `  db_password = <<-EOT\n    ${s(strong(d))}\n  EOT\n`],
  ['Redis', 'conf/redis.conf', (d) => `requirepass\t${s(strong(d))}\n`],
  ['WPA', 'conf/wpa.conf', (d) => `network={\n  ssid="home"\n  psk="${s(strong(d))}"\n}\n`],
  ['SNMP', 'conf/router.cfg', (d) => `snmp-server community ${s(strong(d))} RO\n`],
  ['net use', 'in.bat', (d) => `net use Z: \\\\srv\\share /user:joe ${s(strong(d))}\n`],
  ['PDO', 'web/db.php', (d) => `$db = new PDO($dsn, 'root', '${s(strong(d))}');\n`],
  ['Oracle', 'src/Ora.java', (d) => `var u = "jdbc:oracle:thin:scott/${s(strong(d))}@//h:1521/x";\n`],
  [
    'table',
    'docs/table.md',
    (d) => `| User | Password |\n|------|----------|\n| ann | \`first\` |\n| joe | ${s(strong(d))} |\n`,
  ],
  ['words', 'conf/words.yml', (d) => `password: ${s(phrase(d))}\n`],
  ['UUID in .npmrc', 'conf/npmrc', (d) => `//registry.example.org/:_authToken=${s(uuid(d))}\n`],
  ['UUID in settings', 'conf/heroku.env', (d) => `HEROKU_API_KEY=${s(uuid(d))}\n`],
  ['UUID in code', 'src/uuid.ts', (d) => `const authToken = '${s(uuid(d))}';\n`],
  ['salt', 'src/salt.go', (d) => `const salt = "${s(d.b62(22))}"\n`],
];

/** With signs that no language gives a meaning inside quotes. */
function strong(d: Draw): string {
  const word = d.pick(['Tr0ub4dor', 'P4nther', 'Kestr3l', 's3cr3tSauce']);
  return d.pick([() => `${word}${d.pick(['&', '!', '%'])}${d.digits(1)}${d.letters(2)}`, () => d.b62(14)])();
}

function phrase(d: Draw): string {
  const words = d.random.shuffle(['correct', 'horse', 'battery', 'staple', 'orange', 'meadow', 'kettle']);
  return words.slice(0, 3 + d.random.int(2)).join('-');
}

function uuid(d: Draw): string {
  return `${d.hex(8)}-${d.hex(4)}-4${d.hex(3)}-a${d.hex(3)}-${d.hex(12)}`;
}

const prose: readonly Row[] = [
  [
    'comment on an old password',
    'src/todo.ts',
    (d) => `// the old password was ${s(d.password())}, remove it\nrun();\n`,
  ],
  ['comment in Python', 'app/todo.py', (d) => `# log in as admin, password is ${s(d.password())}\nrun()\n`],
  ['comment in C', 'src/todo.c', (d) => `/* pw: ${s(d.password())} */\n`],
  ['README', 'README.md', (d) => `Use the password \`${s(d.password())}\` for the demo account.\n`],
  [
    'README table',
    'docs/accounts.md',
    (d) => `| user | password |\n| --- | --- |\nThe shared password for staging: ${s(d.password())}\n`,
  ],
  ['said behind it', 'docs/wiki.md', (d) => `Log in with ann and ${s(d.password())} as password.\n`],
  [
    'notebook output',
    'nb/run.ipynb',
    (d) => `{"outputs": [{"text": ["password: ${s(d.password())}\\n"]}]}\n`,
  ],
  ['notebook source', 'nb/a.ipynb', (d) => `{"source": ["api_key = \\"${s(d.b62(32))}\\"\\n"]}\n`],
  ['change log', 'CHANGES.txt', (d) => `- changed the root password to ${s(d.password())}\n`],
  ['log line', 'logs/sample.txt', (d) => `12:01 INFO login user=ann password=${s(d.plain())} ok\n`],
];

const personal: readonly Row[] = [
  [
    'e-mail address',
    'src/team.ts',
    (d) => `const owner = '${s(`${d.letters(5)}.${d.letters(7)}@${d.letters(6)}.com`)}';\n`,
  ],
  [
    'e-mail in prose',
    'docs/team.md',
    (d) => `Ask ${s(`${d.letters(4)}_${d.letters(6)}@${d.letters(7)}-mail.co.uk`)} first.\n`,
  ],
  [
    'e-mail in a dump',
    'data/people.sql',
    (d) =>
      `INSERT INTO people VALUES (1, 'Ann', '${s(`${d.letters(8)}${d.digits(2)}@${d.letters(5)}.org`)}');\n`,
  ],
  ['Visa card', 'tests/pay.py', (d) => `CARD = "${s(cardOf(d, '4', 16))}"\n`],
  [
    'Mastercard, in groups',
    'docs/pay.md',
    (d) => `Paid with ${s(cardOf(d, '53', 16).replace(/(.{4})(?=.)/g, '$1 '))} on Monday.\n`,
  ],
  ['American Express', 'tests/pay.json', (d) => `{ "number": "${s(cardOf(d, '37', 15))}" }\n`],
];

function cardOf(draw: Draw, start: string, length: number): string {
  const digits = start + draw.digits(length - 1 - start.length);
  const sum = Array.from(digits)
    .reverse()
    .map(Number)
    .reduce((all, digit, i) => all + (i % 2 === 0 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit), 0);
  return digits + String((10 - (sum % 10)) % 10);
}

const switches: readonly Row[] = [
  [
    'scanner switched off for a file',
    'src/off.ts',
    (d) => `/* secretlint-disable */\nconst x = 'glpat-${s(d.url(20))}';\n`,
  ],
  [
    'scanner switched off for a line',
    'src/off2.ts',
    (d) => `const x = 'ghp_${s(d.b62(36))}'; // secretlint-disable-line\n`,
  ],
  [
    'scanner switched off for the next line',
    'src/off3.py',
    (d) => `# secretlint-disable-next-line\nx = 'AKIA${s(d.b32(16))}'\n`,
  ],
  [
    'other scanners switched off',
    'src/off4.py',
    (d) => `password = '${s(d.password())}'  # nosec gitleaks:allow pragma: allowlist secret\n`,
  ],
];

const toKind = ([name, path, write]: Row): Kind => ({ name, path, write });
export const settingKinds: readonly Kind[] = [...strings, ...code, ...prose, ...personal].map(toKind);
export const switchKinds: readonly Kind[] = switches.map(toKind);
